var lake = ee.Geometry.Point([29.1, -2.0]).buffer(20000);
var images = ee.ImageCollection('LANDSAT/LC08/C02/T1_L2').filterBounds(lake).filterDate('2021-01-01', '2021-02-01');
var count = images.size();
var best = ee.Algorithms.If(count.gt(0), images.sort('CLOUD_COVER').first(), ee.Image(0));
var image = ee.Image(best).clip(lake);
var label = ee.String(ee.Algorithms.If({
  condition: count,
  trueCase: ee.String('found ').cat(count.format()),
  falseCase: 'nothing'
}));
print(label, image);
var flagged = images.map(function(scene) {
  var cover = ee.Number(scene.get('CLOUD_COVER'));
  return ee.Algorithms.If(cover.lt(10), scene.set('clear', 1), scene.set('clear', 0));
});
print(flagged.aggregate_sum('clear'));
