var START = '2020-01-01', END = '2020-12-31';
var maskClouds = function(image) {
  var qa = image.select('QA_PIXEL');
  var cloud = qa.bitwiseAnd(1 << 3).eq(0);
  var shadow = qa.bitwiseAnd(1 << 4).eq(0);
  var mask = cloud.and(shadow);
  return image.updateMask(mask);
};
var scaleFactors = image => {
  const optical = image.select('SR_B.').multiply(0.0000275).add(-0.2);
  return image.addBands(optical, null, true);
};
var collection = ee.ImageCollection('LANDSAT/LC08/C02/T1_L2');
collection = collection.filterDate(START, END);
collection = collection.map(maskClouds).map(scaleFactors);
var composite = collection.median();
composite = composite.select(['SR_B4', 'SR_B3', 'SR_B2']);
Map.addLayer(composite, {min: 0, max: 0.3});
