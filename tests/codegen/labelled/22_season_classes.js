class Season {
  constructor(collection, region) {
    this.region = region;
    this.images = collection.filterBounds(region);
  }
  static named(id, region) {
    return new Season(ee.ImageCollection(id), region);
  }
  between(start, end) {
    return this.images.filterDate(start, end);
  }
  composite(start, end) {
    return this.between(start, end).median().clip(this.region);
  }
  get count() {
    return this.images.size();
  }
}
class Greenness extends Season {
  composite(start, end) {
    return super.composite(start, end).normalizedDifference(['B8', 'B4']);
  }
}
const area = ee.Geometry.Rectangle([9, 48, 9.5, 48.5]);
const season = Season.named('COPERNICUS/S2_SR_HARMONIZED', area);
const green = new Greenness(season.images, area);
Map.addLayer(season.composite('2021-03-01', '2021-06-01'), {max: 3000});
Map.addLayer(green.composite('2021-06-01', '2021-09-01'), {max: 1});
print(season.count);
