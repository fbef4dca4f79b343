var scenes = {
  before: ee.Image('COPERNICUS/S2_SR_HARMONIZED/20200701T103629_20200701T103631_T32ULC'),
  after: ee.Image('COPERNICUS/S2_SR_HARMONIZED/20200901T103629_20200901T103631_T32ULC')
};
var indices = {};
for (var key in scenes) {
  var scene = scenes[key].divide(10000);
  indices[key] = scene.normalizedDifference(['B8', 'B12']).rename('NBR');
}
scenes.mask = scenes.after.select('SCL').neq(6);
var change = indices.before.subtract(indices['after']).updateMask(scenes.mask);
Map.addLayer(change, {min: -0.5, max: 0.5}, 'dNBR');
var burnt = change.gt(0.27);
Object.keys(indices).forEach(function(name) {
  Map.addLayer(indices[name], {}, name);
});
Export.image.toAsset({image: burnt, description: 'burnt', assetId: 'users/someone/burnt', scale: 20});
