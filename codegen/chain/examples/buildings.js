var BUILT = 500; // square metres of a cell of 10,000 that count as built on

// The centre of Wuhan.
var region = ee.Geometry.Point([114.30, 30.59]).buffer(6000);

// Built-up surface of 2020 in square metres, and building height of 2018 in metres, a cell of 100 m each.
var surface = ee.ImageCollection('JRC/GHSL/P2023A/GHS_BUILT_S')
  .filterDate('2020-01-01', '2021-01-01').first().select('built_surface').clip(region);
var height = ee.ImageCollection('JRC/GHSL/P2023A/GHS_BUILT_H').first().select('built_height').clip(region);

// Heights where the ground is built on.
var buildings = height.updateMask(surface.gte(BUILT)).rename('height');

Map.centerObject(region, 13);
Map.addLayer(buildings, {min: 0, max: 30, palette: ['ffffcc', 'fd8d3c', '800026']}, 'building height');
print('built-up share', surface.divide(10000).reduceRegion({
  reducer: ee.Reducer.mean(), geometry: region, scale: 100
}).get('built_surface'));
print('mean height in m', buildings.reduceRegion({
  reducer: ee.Reducer.mean(), geometry: region, scale: 100
}).get('height'));
