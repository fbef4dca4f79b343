const aoi = ee.Geometry.Rectangle([100, 13, 101, 14]);
const load = (id, {from = '2020-01-01', to = '2021-01-01', within = aoi, masked = true} = {}) => {
  let images = ee.ImageCollection(id).filterDate(from, to).filterBounds(within);
  if (masked) images = images.map(image => image.updateMask(image.select(0).gt(0)));
  return images;
};
function reduce(images, reducer = ee.Reducer.median(), bands) {
  const image = images.reduce(reducer);
  return bands ? image.select(bands) : image;
}
const a = load('LANDSAT/LC08/C02/T1_TOA');
const b = load('LANDSAT/LE07/C02/T1_TOA', {from: '2005-01-01', masked: false, within: aoi.buffer(1000)});
const early = reduce(b, ee.Reducer.percentile([30]));
const late = reduce(a, undefined, ['B4_median']);
print(early.bandNames(), late.bandNames());
