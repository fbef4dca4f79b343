var rain = ee.ImageCollection('UCSB-CHG/CHIRPS/DAILY').filterDate('2019-01-01', '2019-02-01').select('precipitation');
var first = ee.List([ee.Image(0).select([0], ['precipitation']).toFloat()]);
var accumulate = function(image, list) {
  var previous = ee.Image(ee.List(list).get(-1));
  var added = image.add(previous).set('system:time_start', image.get('system:time_start'));
  return ee.List(list).add(added);
};
var cumulative = ee.ImageCollection(ee.List(rain.iterate(accumulate, first)));
var longest = ee.Number(ee.List([3, 1, 2]).iterate(function(n, best) {
  return ee.Number(n).max(best);
}, 0));
print(cumulative.size(), longest);
print(ui.Chart.image.series(cumulative, ee.Geometry.Point([36, 0]), ee.Reducer.first(), 5000));
