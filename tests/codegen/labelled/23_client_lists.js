var ids = ['LC08_044034_20140318', 'LC08_044034_20140403', 'LC08_044034_20140419'];
var images = ids.map(function(id) {
  return ee.Image('LANDSAT/LC08/C02/T1_TOA/' + id).select('B5');
});
var total = images.reduce(function(sum, image) {
  return sum.add(image);
}, ee.Image(0));
var mean = total.divide(images.length);
var spread = images
    .map(function(image) { return image.subtract(mean).pow(2); })
    .reduce(function(a, b) { return a.max(b); });
images.forEach(function(image, i) {
  Map.addLayer(image, {max: 0.5}, ids[i]);
});
var bright = images.filter(function(image, i) { return i > 0; });
var stack = ee.Image.cat(bright);
print(stack, spread.sqrt());
