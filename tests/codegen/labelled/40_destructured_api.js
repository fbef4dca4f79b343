(function() {
  const log = print, M = Map;
  const {Image: I, ImageCollection: C, Reducer: {mean, stdDev}} = ee;
  const pairs = Object.entries({ndvi: 'NDVI', evi: 'EVI'});
  const modis = C('MODIS/061/MOD13A2').filterDate('2019-01-01', '2020-01-01');
  const reducer = mean().combine({reducer2: stdDev(), sharedInputs: true});
  const results = [];
  for (const [key, band] of pairs) {
    if (band === 'none') continue;
    const reduced = modis.select(band).reduce(reducer);
    results.push(reduced);
    log(key, reduced.bandNames());
  }
  let [first, second = I(0)] = results;
  [first, second] = [second, first];
  M.addLayer(first.subtract(second));
  let n = 0;
  let smooth = first;
  do {
    smooth = smooth.focalMean(n + 1);
    n++;
  } while (n < 2);
  M.addLayer(smooth);
  modis.size().evaluate(size => log(I(size)));
})();
