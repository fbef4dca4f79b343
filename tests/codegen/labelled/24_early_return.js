function composite(images, region, method) {
  if (!region) {
    return images.median();
  }
  var local = images.filterBounds(region);
  if (method === 'mosaic') {
    return local.mosaic();
  }
  switch (method) {
    case 'max':
      return local.max();
    case 'min':
      return local.min();
  }
  return local.mean().clip(region);
}
var s2 = ee.ImageCollection('COPERNICUS/S2_SR_HARMONIZED').filterDate('2020-01-01', '2020-06-01');
var box = ee.Geometry.BBox(-1, 51, 0, 52);
var whole = composite(s2);
var part = composite(s2, box, 'max');
Map.addLayer(whole.select('B4'), {}, 'whole');
Map.addLayer(part.select('B4'), {}, 'part');
