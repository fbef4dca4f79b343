var method = 'reduceRegion';
var image = ee['Image']('USGS/SRTMGL1_003');
var chain = image
    // first the band
    ['select']('elevation')
    /* then
       smooth it */
    .convolve(ee.Kernel['gaussian']({radius: 3}))
    // and mask
    .updateMask(image.gt(0) /* land */);
var picked = chain[method](ee.Reducer.mean(), ee.Geometry.Point([11, 47]), 30);
var value = picked['get']('elevation');
var rounded = (ee.Number(/* metres */ value)).round();
print(rounded);
var sample = image['sample']({region: ee.Geometry.Rectangle([10, 46, 11, 47]), numPixels: 10});
Export['table']['toAsset'](sample, 'sample', 'users/someone/sample');
