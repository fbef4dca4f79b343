import ee

USE_MANY = False


def load(kind, asset=None):
    asset = asset or "COPERNICUS/S2_SR_HARMONIZED"
    if kind == "image":
        return ee.Image(asset)
    elif kind == "collection":
        return ee.ImageCollection(asset)
    return ee.FeatureCollection(asset)


def bands_of(data):
    return data.select(["B4"])


aoi = None
region = aoi or ee.Geometry.Point([0, 0]).buffer(10)
one = bands_of(load("image"))
many = bands_of(load("collection"))
best = many.mosaic() if USE_MANY else one.clip(region)
match "max":
    case "max":
        reducer = ee.Reducer.max()
    case _:
        reducer = ee.Reducer.min()
if (factor := ee.Number(3)) is not None:
    best = best.multiply(factor)
value = best.reduceRegion(reducer, region, 10)
