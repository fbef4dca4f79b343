import ee

image = ee.Image("USGS/SRTMGL1_003")


def smooth(ee, radius=2):
    return ee.focalMean(radius)


def wrapped():
    class ee:  # hides the import within this function
        @staticmethod
        def Image(value):
            return value

    return ee.Image(image).sqrt()


def relabel(image):
    image = image.rename("height")
    return image


def shadow_loop():
    total = ee.Image(0)
    for image in [ee.Image(1), ee.Image(2)]:
        total = total.add(image)
    return total


scaled = [image.multiply(k) for k in range(2)]
result = smooth(relabel(image)).add(wrapped())
squares = [ee * ee for ee in range(3)]
rest = shadow_loop().subtract(image)
positive = (lambda image: image.abs())(ee.Image(-4))
