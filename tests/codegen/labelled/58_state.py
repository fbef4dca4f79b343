import ee

state = None


def remember(image):
    global state
    state = image
    return image


def counter():
    total = ee.Number(0)

    def add(n):
        nonlocal total
        total = total.add(n)
        return total

    return add


landsat = remember(ee.Image("LANDSAT/LC08/C02/T1_TOA/LC08_044034_20140318"))
bands = {"NIR": landsat.select("B5"), "RED": landsat.select("B4")}
savi = landsat.expression("1.5 * (NIR - RED) / (NIR + RED + L)", {**bands, "L": ee.Image(0.5)})
remember(savi)
masked = state.updateMask(bands["NIR"].gt(0))
count = counter()
count(1)
final = count(ee.Number(2))
chosen = ee.Image(ee.Algorithms.If(condition=final.gt(2), trueCase=masked, falseCase=landsat))
