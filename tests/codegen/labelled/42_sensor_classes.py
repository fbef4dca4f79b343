import ee


class Sensor:
    """Images of one sensor."""

    bands = ["B4", "B8"]

    def __init__(self, collection, region=None):
        self.collection = collection
        if region is not None:
            self.collection = self.collection.filterBounds(region)

    @property
    def count(self):
        return self.collection.size()

    @staticmethod
    def index(image):
        return image.normalizedDifference(["B8", "B4"])

    def indices(self):
        return self.collection.select(self.bands).map(self.index)

    @classmethod
    def of(cls, asset, **options):
        return cls(ee.ImageCollection(asset), **options)


class Masked(Sensor):
    def indices(self):
        return super().indices().map(lambda image: image.updateMask(image.gt(0)))


area = ee.Geometry.Point([6, 51]).buffer(3000)
plain = Sensor.of("COPERNICUS/S2_SR_HARMONIZED", region=area)
masked = Masked.of("COPERNICUS/S2_HARMONIZED")
total = plain.count.add(masked.count)
mean = plain.indices().mean()
best = masked.indices().max()
difference = best.subtract(mean)
