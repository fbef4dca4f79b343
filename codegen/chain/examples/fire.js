// Jinyun Mountain and its surroundings.
var region = ee.Geometry.Point([106.38, 29.83]).buffer(6000);

// A scene in reflectance, without clouds and their shadows.
function clear(scene) {
  var clouds = scene.select('QA_PIXEL').bitwiseAnd(24).eq(0);
  var bands = scene.select(['SR_B5', 'SR_B7']).multiply(0.0000275).add(-0.2);
  return bands.updateMask(clouds).copyProperties(scene, ['system:time_start']);
}

// Normalised burn ratio of the median of a period's clear Landsat 8 scenes.
function burnRatio(start, end) {
  var scenes = ee.ImageCollection('LANDSAT/LC08/C02/T1_L2').filterBounds(region).filterDate(start, end).map(clear);
  return scenes.median().normalizedDifference(['SR_B5', 'SR_B7']);
}

// dNBR: the burn ratio of the summer before less that of the autumn after.
var change = burnRatio('2022-06-01', '2022-08-21').subtract(burnRatio('2022-08-27', '2022-11-01'))
  .rename('dNBR').clip(region);

// Hectares from a moderate severity on, after Key and Benson (2006).
var burnt = change.gte(0.27).multiply(ee.Image.pixelArea()).divide(10000).reduceRegion({
  reducer: ee.Reducer.sum(), geometry: region, scale: 90, maxPixels: 1e8
});

Map.centerObject(region, 12);
Map.addLayer(change, {min: -0.1, max: 0.66, palette: ['1a9850', 'ffffbf', 'd73027', '67001f']}, 'burn severity');
print('hectares of moderate and high severity', burnt.get('dNBR'));
