import ee

ee.Initialize()
roi = ee.Geometry.Rectangle([5, 50, 6, 51])
s2 = (
    ee.ImageCollection("COPERNICUS/S2_SR_HARMONIZED")
    .filterBounds(roi)
    # one clear summer
    .filter(ee.Filter.And(ee.Filter.date("2021-06-01", "2021-09-01"), ee.Filter.lt("CLOUDY_PIXEL_PERCENTAGE", 20)))
)
ndvi = s2.map(lambda image: image.normalizedDifference(["B8", "B4"]).copyProperties(image, ["system:time_start"]))
best = ndvi.max()
greened = best.gt(0.4).And(best.lt(0.9)).Not()
ee.batch.Export.image.toDrive(image=greened.clip(roi), description="ndvi", region=roi, scale=10)
