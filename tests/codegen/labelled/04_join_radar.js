var F = ee.Filter;
var and = F.and;
var s1 = ee.ImageCollection('COPERNICUS/S1_GRD').filter(F.eq('instrumentMode', 'IW'));
var s2 = ee.ImageCollection('COPERNICUS/S2_SR_HARMONIZED').filterDate('2022-01-01', '2022-03-01');
var near = F.maxDifference({difference: 86400000, leftField: 'system:time_start', rightField: 'system:time_start'});
var over = F.intersects({leftField: '.geo', rightField: '.geo', maxError: 10});
var joined = ee.Join.saveFirst('radar').apply(s2, s1, and(near, over));
var pairs = joined.map(function(element) {
  var optical = ee.Image(element);
  var radar = ee.Image(element.get('radar'));
  return optical.addBands(radar['select']('VV'));
});
print('Pairs', pairs.size());
print(ee.Image(pairs.first()).bandNames());
