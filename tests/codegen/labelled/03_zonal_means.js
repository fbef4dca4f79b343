var districts = ee.FeatureCollection('FAO/GAUL/2015/level1').filter(ee.Filter.eq('ADM0_NAME', 'Ghana'));
var dem = ee.Image('USGS/SRTMGL1_003');
var slope = ee.Terrain.slope(dem);
var stack = dem.addBands(slope);
var withMeans = districts.map(function(district) {
  var means = stack.reduceRegion({
    reducer: ee.Reducer.mean(),
    geometry: district.geometry(),
    scale: 1000,
    maxPixels: 1e9
  });
  var height = ee.Number(means.get('elevation')).round();
  return district.set(means).set({height: height, steep: ee.Number(means.get('slope')).gt(5)});
});
Export.table.toDrive({collection: withMeans, description: 'means', fileFormat: 'CSV'});
print(withMeans.first());
