function collector() {
  var images = [];
  return {
    add: function(image) { images.push(image); return this; },
    build: function() { return ee.ImageCollection(images); }
  };
}
var optical = collector();
var radar = collector();
optical.add(ee.Image('users/someone/red')).add(ee.Image('users/someone/blue').select(0));
radar.add(ee.Image('users/someone/vv').log10());
var both = optical.build().merge(radar.build());
var compositor = (function() {
  var region = ee.Geometry.Point([2, 48]).buffer(1000);
  return function(collection) { return collection.mosaic().clip(region); };
})();
Map.addLayer(compositor(both));
Map.addLayer(optical.build().first());
