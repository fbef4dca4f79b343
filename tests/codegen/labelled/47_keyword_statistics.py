import ee


def stats(image, region, /, *reducers, scale=100, **options):
    combined = reducers[0]
    for reducer in reducers[1:]:
        combined = combined.combine(reducer2=reducer, sharedInputs=True)
    return image.reduceRegion(reducer=combined, geometry=region, scale=scale, **options)


regions = {
    "north": ee.Geometry.Rectangle([0, 10, 1, 11]),
    "south": ee.Geometry.Rectangle([0, -11, 1, -10]),
}
images = dict(dem=ee.Image("USGS/SRTMGL1_003"), slope=None)
images["slope"] = ee.Terrain.slope(images["dem"])
results = {}
for name, region in regions.items():
    for key, image in images.items():
        results[name, key] = stats(image, region, ee.Reducer.mean(), ee.Reducer.stdDev(), scale=1000, maxPixels=1e9)
north = ee.Number(results["north", "dem"].get("elevation_mean"))
features = [ee.Feature(regions[name], result) for (name, _), result in results.items()]
settings = {"collection": ee.FeatureCollection(features), "description": "stats", "fileFormat": "CSV"}
ee.batch.Export.table.toDrive(**settings)
