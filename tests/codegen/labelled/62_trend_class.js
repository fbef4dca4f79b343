// Sums within a class; the view waits for clicks.
class Trend {
  constructor(images) { this.images = images; }
  get sum() {
    const start = ee.Image(0);
    return ee.Image(this.images.iterate((image, sum) => {
      const bands = image.bandNames().map(name => ee.String(name).cat('_x'));
      return image.rename(bands).add(sum);
    }, start));
  }
  shown(kind) {
    let image;
    switch (kind) {
      case 'root':
        image = this.sum.sqrt();
        break;
      case 'log':
        image = this.sum.log();
        break;
      default:
        image = ee.ImageCollection([this.sum]);
    }
    return image.select(0);
  }
  watch() {
    Map.onClick(coords => Map.addLayer(this.sum.sample(ee.Geometry.Point(coords))));
    return this;
  }
  unused() { return this.images.size(); }
}
const trend = new Trend(ee.ImageCollection('MODIS/061/MOD13A1').select('NDVI').limit(3)).watch();
print(trend.shown('root'));
trend.shown('').size().evaluate(size => print(ee.Number(size)));
