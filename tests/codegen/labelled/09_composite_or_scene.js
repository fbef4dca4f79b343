var useComposite = true;
var region = ee.Geometry.Polygon([[[10, 50], [11, 50], [11, 51], [10, 51]]]);
var source;
if (useComposite) {
  source = ee.ImageCollection('COPERNICUS/S2_SR_HARMONIZED').filterBounds(region);
} else {
  source = ee.Image('COPERNICUS/S2_SR_HARMONIZED/20210601T103629_20210601T103631_T32ULC');
}
var picked = source.select(['B4', 'B3', 'B2']);
var shown = useComposite ? picked.median() : picked;
Map.addLayer(shown.clip(region), {max: 3000}, 'true colour');
print(picked);
