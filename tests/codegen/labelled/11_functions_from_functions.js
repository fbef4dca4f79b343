function bitMask(band, bit) {
  return function(image) {
    var clear = image.select(band).bitwiseAnd(1 << bit).eq(0);
    return image.updateMask(clear);
  };
}
function keep(property, value) {
  var filter = ee.Filter.eq(property, value);
  return {
    filter: filter,
    apply: function(collection) { return collection.filter(filter); }
  };
}
var raw = ee.ImageCollection('LANDSAT/LC09/C02/T1_L2').filterDate('2022-01-01', '2023-01-01');
var path = keep('WRS_PATH', 196);
var noClouds = path.apply(raw).map(bitMask('QA_PIXEL', 3));
var noShadows = noClouds.map(bitMask('QA_PIXEL', 4));
var saved = ee.FeatureCollection('users/someone/scenes').filter(path.filter);
print(noShadows.size());
print(saved.size());
