const [RED, NIR, ...rest] = ['B4', 'B8', 'B3', 'B2'];
const bands = [RED, NIR, ...rest];
const image = ee.Image('COPERNICUS/S2_SR_HARMONIZED/20210601T103629_20210601T103631_T32ULC').select(bands);
const classes = {
  water: ee.Geometry.Point([7.1, 51.2]),
  forest: ee.Geometry.Point([7.2, 51.3]),
  town: ee.Geometry.Point([7.3, 51.4])
};
const features = [];
let number = 0;
for (const name in classes) {
  features.push(ee.Feature(classes[name].buffer(100), {'class': number}));
  number += 1;
}
const samples = ee.FeatureCollection(features);
const training = image.sampleRegions({collection: samples, properties: ['class'], scale: 10}).randomColumn('random', 1);
const parts = {
  train: training.filter(ee.Filter.lt('random', 0.7)),
  test: training.filter(ee.Filter.gte('random', 0.7))
};
const {train, test} = parts;
const classifier = ee.Classifier.smileRandomForest(50).train(train, 'class', bands);
const classified = image.classify(classifier);
const matrix = test.classify(classifier).errorMatrix('class', 'classification');
print(matrix.accuracy(), matrix.kappa());
Map.addLayer(classified, {min: 0, max: 2, palette: ['blue', 'green', 'red']}, `classes: ${number}`);
