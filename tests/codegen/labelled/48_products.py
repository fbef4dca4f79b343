from dataclasses import dataclass

import ee


@dataclass
class Product:
    collection: ee.ImageCollection
    band: str
    mask: object = None

    def clean(self):
        images = self.collection.select(self.band)
        if self.mask:
            images = images.map(self.mask)
        return images


def threshold(limit):
    def apply(image):
        return image.updateMask(image.gte(limit))

    return apply


def products():
    yield Product(ee.ImageCollection("MODIS/061/MOD13Q1"), "NDVI", threshold(0))
    yield Product(ee.ImageCollection("MODIS/061/MOD11A2"), band="LST_Day_1km")


def debug(product):
    sample = product.collection.first().toDictionary()
    return ee.Dictionary(sample).keys()


means = [product.clean().mean() for product in products()]
first, *others = means
joined = first.addBands(others)
warm = joined.select("LST_Day_1km").multiply(0.02).subtract(ee.Image(273.15))
