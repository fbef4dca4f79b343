var histogram = ee.Dictionary(ee.Image('ESA/WorldCover/v200/2021').reduceRegion({
  reducer: ee.Reducer.frequencyHistogram(),
  geometry: ee.Geometry.Point([5, 45]).buffer(2000),
  scale: 10
}).get('Map'));
var names = ee.Dictionary({'10': 'trees', '30': 'grass', '40': 'crops'});
var total = ee.Number(histogram.values().reduce(ee.Reducer.sum()));
var shares = histogram.map(function(key, value) {
  return ee.Number(value).divide(total).multiply(100);
});
var known = histogram.keys().filter(ee.Filter.inList('item', names.keys()));
var renamed = known.map(function(key) {
  return [names.get(key), shares.get(key)];
});
var report = ee.Dictionary(renamed.flatten());
print(report.set('total', total).remove(['crops'], true));
