var image = ee.Image('LANDSAT/LC08/C02/T1_TOA/LC08_044034_20140318').select(['B2', 'B3', 'B4']);
var region = ee.Geometry.Rectangle([-122.5, 37.5, -122, 38]);
var means = image.reduceRegion({reducer: ee.Reducer.mean(), geometry: region, scale: 300, bestEffort: true});
var centred = image.subtract(ee.Image.constant(means.values(image.bandNames())));
var arrays = centred.toArray();
var covariance = ee.Array(arrays.reduceRegion({
  reducer: ee.Reducer.centeredCovariance(), geometry: region, scale: 300, bestEffort: true
}).get('array'));
var eigens = covariance.eigen();
var vectors = eigens.slice(1, 1);
var values = eigens.slice(1, 0, 1).project([0]);
var components = ee.Image(vectors)
    .matrixMultiply(arrays.toArray(1))
    .arrayProject([0])
    .arrayFlatten([['pc1', 'pc2', 'pc3']]);
var table = ee.Array.cat([values.toList(), [0, 0, 0]]);
Map.addLayer(components, {}, 'components');
print(values.divide(values.reduce(ee.Reducer.sum(), [0]).get([0])), table);
