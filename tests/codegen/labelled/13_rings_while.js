// Rings around a town, each twice as wide as the last.
var centre = ee.Geometry.Point(30.5, -1.9);
var rings = [];
var radius = 1000;
var inner = centre;
while (radius <= 8000) {
  var outer = centre.buffer(radius);
  rings.push(ee.Feature(outer.difference(inner, 1), {radius: radius}));
  inner = outer;
  radius *= 2;
}
var collection = ee.FeatureCollection(rings);
var population = ee.ImageCollection('WorldPop/GP/100m/pop').filterBounds(inner).mosaic();
var sums = population.reduceRegions({collection: collection, reducer: ee.Reducer.sum(), scale: 100});
print(sums.aggregate_array('sum'));
Map.addLayer(collection);
