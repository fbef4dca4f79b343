// The same variable is a collection, an image, a dictionary and a number.
var data = ee.ImageCollection('UCSB-CHG/CHIRPS/PENTAD');
data = data.filterDate('2010-01-01', '2011-01-01');
print(data.size());
data = data.sum();
Map.addLayer(data, {max: 2000}, 'rain');
data = data.reduceRegion({
  reducer: ee.Reducer.mean(),
  geometry: ee.Geometry.Point([36.8, -1.3]),
  scale: 5000
});
data = data.get('precipitation');
data = ee.Number(data);
data = data.divide(365);
print('per day', data.format('%.2f'));
