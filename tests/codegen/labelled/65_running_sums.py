import ee


def series(kind):
    if kind:
        data = ee.ImageCollection("MODIS/061/MOD13A1")
        data = data.select("NDVI")
    else:
        data = ee.FeatureCollection("users/someone/stations")
        data = data.select(["ndvi"])
    return data.sort("system:time_start")


def running(image, before):
    before = ee.List(before)
    last = ee.Image(before.get(-1))
    names = image.bandNames().map(lambda name: ee.String(name).replace("a", "b"))
    return before.add(last.add(image.rename(names)))


stack = series(True).toBands()
raster = series(False).reduceToImage(["ndvi"], ee.Reducer.mean())
images = ee.ImageCollection("MODIS/061/MOD11A1").limit(4)
sums = ee.List(images.iterate(running, [ee.Image(0)]))
attempts = 0
picked = sums.get(0)
while attempts < 2:
    picked = ee.Image(picked).max(ee.Image(sums.get(attempts)))
    attempts += 1
points = ee.FeatureCollection("users/someone/points")
counted = points.map(
    lambda point: ee.FeatureCollection(
        sums.map(lambda image: point.set("n", ee.Image(image).bandNames().size()))
    ).first()
)
final = stack.addBands(picked)
