function log(x, label) {
  print(label, x);
  return x;
}
function tap(f) {
  return function(x) { f(x); return x; };
}
function identity(x) { return x; }
var show = tap(function(image) { Map.addLayer(image); });
var dem = log(ee.Image('USGS/SRTMGL1_003'), 'dem');
var aspect = show(ee.Terrain.aspect(dem));
var basins = log(ee.FeatureCollection('WWF/HydroSHEDS/v1/Basins/hybas_5'), 'basins');
var painted = identity(basins).filter(ee.Filter.gt('UP_AREA', 1e5)).style({width: 1});
var blended = identity(aspect).blend(painted);
show(blended);
log(blended.reduceRegion({
  reducer: log(ee.Reducer.mode(), 'reducer'), geometry: identity(ee.Geometry.Point([10, 47])), scale: 90
}), 'mode');
