var site = ee.Geometry.Rectangle([-120.5, 38.0, -120.3, 38.2]);
var modis = ee.ImageCollection('MODIS/061/MOD13Q1').filterDate('2015-01-01', '2020-01-01').select('NDVI');
var scaled = modis.map(function(img) {
  return img.multiply(0.0001).copyProperties(img, ['system:time_start']);
});
var chart = ui.Chart.image.series({
  imageCollection: scaled, region: site, reducer: ee.Reducer.mean(), scale: 250
}).setOptions({title: 'NDVI'});
print(chart);
var months = ee.List.sequence(1, 12);
var monthly = months.map(function(m) {
  var month = ee.Number(m);
  return scaled.filter(ee.Filter.calendarRange(month, month, 'month')).mean().set('month', month);
});
var climatology = ee.ImageCollection(monthly);
print(ui.Chart.image.series(climatology, site, ee.Reducer.median(), 250, 'month'));
