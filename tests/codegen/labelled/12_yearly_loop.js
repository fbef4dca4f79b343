var all = ee.ImageCollection([]);
for (var year = 2015; year <= 2018; year++) {
  var start = ee.Date.fromYMD(year, 1, 1);
  var yearly = ee.ImageCollection('MODIS/061/MOD13A1')
      .filterDate(start, start.advance(1, 'year'))
      .select('NDVI')
      .mean()
      .set('year', year);
  all = all.merge(ee.ImageCollection([yearly]));
}
print(all.size());
var trend = all.map(function(image) {
  return ee.Image.constant(image.get('year')).toFloat().addBands(image);
}).reduce(ee.Reducer.linearFit());
Map.addLayer(trend.select('scale'), {min: -50, max: 50}, 'trend');
