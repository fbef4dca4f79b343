import ee

count = ee.List([1, 2, 3]).size().getInfo()
scale = ee.Number(10).multiply(3).getInfo()
image = ee.Image(scale)
sizes = [ee.Number(n) for n in range(count)]


def describe(thing):
    if isinstance(thing, ee.Image):
        return thing.bandNames()
    if isinstance(thing, ee.Number):
        return thing.format("%d")
    return ee.String("?")


labels = [describe(thing) for thing in (image, ee.Number(count), "plain")]
text = ee.List(labels).join(", ")
