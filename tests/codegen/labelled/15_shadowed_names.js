var image = ee.Image('USGS/SRTMGL1_003');
var lights = ee.ImageCollection('NOAA/VIIRS/DNB/MONTHLY_V1/VCMSLCFG');

function brighten(ee) {
  // here ee is an image
  return ee.multiply(2).add(image);
}
function firstOf(image) {
  return image.first().select('avg_rad');   // a collection under the name image
}
function local() {
  var ee = {Image: function(x) { return x; }};
  return ee.Image(image).abs();    // not the constructor
}
var bright = brighten(firstOf(lights));
var plain = local();
{
  let image = plain.sqrt();
  Map.addLayer(image, {}, 'root');
}
Map.addLayer(image, {}, 'terrain');
var print = function(x) { Map.addLayer(x, {}, 'printed'); };
print(bright);
