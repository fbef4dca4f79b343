function grow(image, times) {
  if (times === 0) return image;
  return grow(image.focal_max(1), times - 1);
}
var walk = function(list, i, found) {
  if (i >= list.length) return found;
  found.push(ee.Feature(list[i], {i: i}));
  return walk(list, i + 1, found);
};
var water = ee.Image('JRC/GSW1_4/GlobalSurfaceWater').select('occurrence');
var grown = grow(water.gt(50), 3);
var sites = walk([ee.Geometry.Point([1, 2]), ee.Geometry.Point([3, 4])], 0, []);
var table = ee.FeatureCollection(sites);
print(grown.reduceRegions(table, ee.Reducer.first(), 30));
