var years = ee.List.sequence(2018, 2020);
var months = ee.List.sequence(1, 12);
var temperature = ee.ImageCollection('ECMWF/ERA5/MONTHLY').select('mean_2m_air_temperature');
var monthly = years.map(function(y) {
  return months.map(function(m) {
    var date = ee.Date.fromYMD(y, m, 1);
    var image = temperature.filterDate(date, date.advance(1, 'month')).first();
    return ee.Image(image).subtract(273.15).set('month', m, 'year', y);
  });
}).flatten();
var celsius = ee.ImageCollection.fromImages(monthly);
var sites = ee.FeatureCollection([
  ee.Feature(ee.Geometry.Point([10, 50]), {name: 'a'}),
  ee.Feature(ee.Geometry.Point([11, 51]), {name: 'b'})
]);
var table = celsius.map(image => {
  return sites.map(site => site.set(
      't', image.reduceRegion(ee.Reducer.first(), site.geometry(), 1000).get('mean_2m_air_temperature')));
}).flatten();
print(table.limit(5));
