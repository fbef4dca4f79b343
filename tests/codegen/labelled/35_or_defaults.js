var options = {scale: 500};
var region = options.region || ee.Geometry.Rectangle([5, 51, 6, 52]);
var scale = options.scale || 30;
function series(collection, reducer, where) {
  reducer = reducer || ee.Reducer.mean();
  where = where || region;
  var masked = options.mask ? collection.map(function(i) { return i.selfMask(); }) : collection;
  return ui.Chart.image.series(masked, where, reducer, scale);
}
var lst = ee.ImageCollection('MODIS/061/MOD11A2').filterDate('2020', '2021').select('LST_Day_1km');
print(series(lst));
print(series(lst, ee.Reducer.max(), region.centroid(1)));
var dem = scale > 100 ? ee.Image('CGIAR/SRTM90_V4') : ee.Image('USGS/SRTMGL1_003');
Map.addLayer(dem.gt(100));
