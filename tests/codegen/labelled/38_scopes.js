let image = ee.Image('NASA/NASADEM_HGT/001').select('elevation');
const layers = [];
for (let i = 0; i < 2; i++) {
  let image = ee.Image.random(i).multiply(100);
  layers.push(image);
}
if (layers.length) {
  const image = layers[0].add(layers[1]);
  Map.addLayer(image, {}, 'noise');
} else {
  let image = ee.Image.pixelArea();
  Map.addLayer(image, {}, 'area');
}
function parse(text) {
  try {
    return ee.Geometry(JSON.parse(text));
  } catch (error) {
    return ee.Geometry.Point([0, 0]);
  }
}
Map.addLayer(image.clip(parse('no json')), {}, 'terrain');
function high() {
  if (layers) { var inner = image.gt(1000); }
  return inner;   // `var` belongs to the function
}
print(high());
