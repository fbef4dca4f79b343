const F = ee.Filter;
const region = null || ee.Geometry.Rectangle([0, 0, 1, 1]);
function mask(image) {
  return image.updateMask(image.select(0).gt(0));
}
const x = ee.ImageCollection('LANDSAT/LC08/C02/T1_TOA')
    .filterDate('2014-01-01', '2015-01-01')
    .filterBounds(region)
    .filter(F.lt('CLOUD_COVER', 50))
    // two filters in a row
    .filter(F.neq('WRS_ROW', 34))
    .filterMetadata('SUN_ELEVATION', 'greater_than', 20)
    .sort('CLOUD_COVER')
    .limit(20)
    .filterDate('2014-03-01', '2014-09-01')
    .select(['B4', 'B5'])
    .map(image => image.clip(region))
    .map(mask)
    .reduce(ee.Reducer.median())
    .rename(['red', 'nir'])
    .normalizedDifference(['nir', 'red'])
    .rename('ndvi')
    .clamp(-1, 1).add(1).divide(2).multiply(255).round().toByte()
    .focalMode(1)
    .unmask(0)
    .gt(100)
    .selfMask()
    .toInt()
    .reduceToVectors({geometry: region, scale: 30})
    .filter(F.gt('count', 3))
    .limit(100)
    .sort('count')
    .first()
    .geometry().centroid(1).coordinates().get(0);
for (const part of ['x', 'again']) {
  print(part, ee.Number(x).format());
}
