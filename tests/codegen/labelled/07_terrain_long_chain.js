// One chain of 34 links over a terrain model, with comments in between.
var region = ee.Geometry.Rectangle([6, 45, 8, 47]);
var odd = ee.Image('USGS/SRTMGL1_003')
    .select('elevation')
    .toFloat()
    .unmask(0)
    .max(0)
    .min(4000)   // nothing in the Alps is higher than 4810
    .divide(4000)
    .add(1)
    .log()
    .exp()
    .subtract(1)
    .sqrt()
    // shape of the curve
    .pow(2)
    .multiply(10)
    .round()
    .divide(10)
    .abs()
    .sin()
    .asin()
    .cos()
    .acos()
    .multiply(2)
    .add(0.5)
    .floor()
    .toInt()
    .eq(1)
    .not()
    .selfMask()
    .unmask(0)
    .focalMax(2)
    .focalMin(2)
    .rename('odd')
    .toByte()
    .clip(region);
Map.addLayer(odd);
var shade = ee.Terrain.hillshade(odd);
Map.addLayer(shade, {}, 'shade');
