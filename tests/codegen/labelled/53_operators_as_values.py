import ee

numbers = ee.List([1, 4, 9]).map(ee.Number)
images = list(map(ee.Image, ["USGS/SRTMGL1_003", "CGIAR/SRTM90_V4"]))
dem, other = images
apply = lambda f, *args, **kwargs: f(*args, **kwargs)
blurred = apply(dem.focalMedian, 2, units="pixels")
steps = [ee.Terrain.slope, ee.Terrain.aspect]
layers = [step(other) for step in steps]
masks = ee.ImageCollection(layers).map(lambda image: image.gt(10)).map(ee.Image.selfMask)
reducers = dict(mean=ee.Reducer.mean, max=ee.Reducer.max)
steepest = masks.reduce(reducers["max"]())
change = blurred.subtract(dem)
