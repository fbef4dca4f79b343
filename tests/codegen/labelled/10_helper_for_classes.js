var BANDS = ['B4', 'B8'];
function pick(data) {
  return data.select(BANDS);
}
function summer(data, year) {
  return data.filter(ee.Filter.calendarRange(year, year, 'year'));
}
var images = ee.ImageCollection('LANDSAT/LC08/C02/T1_TOA');
var fields = ee.FeatureCollection('users/someone/fields');
var one = ee.Image('LANDSAT/LC08/C02/T1_TOA/LC08_044034_20140318');
var few = pick(summer(images, 2019));
var single = pick(one);
var picked = summer(fields, 2019);
print(few.size(), single.bandNames(), picked.size());
print(pick(fields).first());
