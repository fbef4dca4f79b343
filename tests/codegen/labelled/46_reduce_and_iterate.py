from functools import partial, reduce

import ee


def scale(image, factor=0.0001, offset=0):
    return image.multiply(factor).add(offset)


def add(total, image):
    return ee.Image(total).add(image)


modis = ee.ImageCollection("MODIS/061/MOD13Q1").limit(5)
scaled = modis.select("NDVI").map(scale)
half = modis.select("EVI").map(partial(scale, factor=0.5))
stack = reduce(add, [scale(ee.Image(1)), ee.Image(2), ee.Image(3)])
total = scaled.iterate(lambda image, sum_so_far: add(sum_so_far, image), ee.Image(0))
rest = ee.Image(total).subtract(stack)
