var countries = ee.FeatureCollection('USDOS/LSIB_SIMPLE/2017');
var label = ui.Label('Click the map');
function unused(feature) {
  var area = feature.geometry().area().divide(1e6);
  return feature.set('area', area);
}
function show(point) {
  var hit = countries.filterBounds(point);
  Map.addLayer(hit, {color: 'red'}, 'hit');
}
Map.onClick(function(coords) {
  var point = ee.Geometry.Point([coords.lon, coords.lat]);
  show(point);
});
var button = ui.Button({
  label: 'Reset',
  onClick: function() { Map.layers().reset(); Map.addLayer(countries); }
});
var panel = ui.Panel([label, button], ui.Panel.Layout.flow('vertical'));
ui.root.insert(0, panel);
countries.size().evaluate(function(n) {
  label.setValue(ee.String('n').cat(String(n)));
});
show(ee.Geometry.Point([8, 47]));
