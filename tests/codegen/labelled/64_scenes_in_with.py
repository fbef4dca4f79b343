import ee


class Scene:
    def __init__(self, name):
        self.image = ee.Image(name)

    def __enter__(self):
        return self.image.select(0)

    def __exit__(self, *error):
        ee.Image.constant(1).abs()
        return False


def two():
    from math import sqrt as ee  # hides the module

    return ee(4)


def sum_of(images):
    if not images:
        return ee.Image(0)
    return sum_of(images[1:]).add(images[0])


def pieces():
    yield ee.Image(1)
    yield from [ee.Image(2), ee.Image(3)]


result = ee.List([4, two()])
result = result.reduce(ee.Reducer.max())
result = ee.Number(result)
result = ee.Image.constant(result.getInfo())
with Scene("USGS/SRTMGL1_003") as band:
    result = result.add(band).clip(ee.Geometry.Point([1, 2]).buffer(10))
total = sum_of(list(pieces()))
final = result.subtract(total)
