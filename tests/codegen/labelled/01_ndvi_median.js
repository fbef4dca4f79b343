// Median NDVI of one summer around a point.
var point = ee.Geometry.Point([7.6, 51.9]);
var region = point.buffer(5000)   // metres
    // the bounding box
    .bounds();
var collection = ee.ImageCollection('COPERNICUS/S2_SR_HARMONIZED')
    .filterBounds(region)
    /* one summer */ .filterDate('2021-06-01', '2021-09-01')
    // not too cloudy
    .filter(ee.Filter.lt('CLOUDY_PIXEL_PERCENTAGE', 20));

function addNdvi(image) {
  var ndvi = image.normalizedDifference(['B8', 'B4']).rename('NDVI');
  return image.addBands(ndvi);
}

var median = collection.map(addNdvi).select('NDVI').median();
var image = median.clip(region);
Map.centerObject(region, 11);
Map.addLayer(image, {min: 0, max: 1}, 'NDVI');
print('Scenes', collection.size());
