from contextlib import contextmanager

import ee


@contextmanager
def region_of(asset):
    yield ee.FeatureCollection(asset).geometry()


def image_or_default(asset):
    try:
        if not asset:
            raise ValueError("no asset")
        image = ee.Image(asset)
    except ValueError:
        image = ee.Image.constant(0)
    finally:
        scale = 30
    return image, scale


with region_of("users/someone/aoi") as region:
    image, scale = image_or_default("USGS/SRTMGL1_003")
    clipped = image.clip(region)
other, _ = image_or_default("")
stack = clipped.addBands(other, overwrite=True)
try:
    value = ee.Number(2).add(3).getInfo()
except ee.EEException as error:
    value = 0
with open("report.txt", "w") as report:
    report.write(str(value))
table = stack.sample(region=region, scale=scale, numPixels=10)
