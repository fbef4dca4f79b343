var landsat = ee.Image('LANDSAT/LC08/C02/T1_TOA/LC08_044034_20140318');
var evi = landsat.expression(
    '2.5 * (NIR - RED) / (NIR + 6 * RED - 7.5 * BLUE + 1)', {
      NIR: landsat.select('B5'),
      RED: landsat.select('B4'),
      BLUE: landsat.select('B2')
    }).rename('EVI');
var water = ee.Image().expression({
  expression: '(g - s) / (g + s)',
  map: {g: landsat.select('B3'), s: landsat.select('B6')}
});
var isWater = landsat.expression("b('B3') > b('B5')");
var both = ee.Image.cat(evi, water, isWater);
Map.addLayer(both);
