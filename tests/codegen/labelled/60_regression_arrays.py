import ee

Image = ee.Image
image = Image("LANDSAT/LC08/C02/T1_TOA/LC08_044034_20140318")
red = getattr(image, "select")("B4")  # by name
series = (
    ee.ImageCollection("LANDSAT/LC08/C02/T1_TOA")  # all of them
    # in one place
    .filterBounds(ee.Geometry.Point([-122, 37]))

    # by time
    .sort("system:time_start")
    .select(["B4", "B5"])
)
array = series.toArray()
axis = {"bands": 1, "images": 0}
fitted = array.arraySlice(axis["bands"], 0, 1).matrixSolve(array.arraySlice(axis["bands"], 1, 2))
coefficients = fitted.arrayProject([0]).arrayFlatten([["slope"]])
diagonal = ee.Array([[1, 0], [0, 1]]).multiply(ee.Array.identity(2))
row = diagonal.slice(0, 0, 1).project([1]).toList()
table = ee.Dictionary.fromLists(["a", "b"], row)
both = ee.Number(table.get("a")).add(table.getNumber("b"))
kernel = ee.Kernel.fixed(weights=[[1, 2, 1]])
edges = red.convolve(kernel).addBands(srcImg=coefficients)
