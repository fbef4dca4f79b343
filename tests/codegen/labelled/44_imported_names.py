import ee as earth
from ee import Filter, Image, Reducer
from ee import ImageCollection as IC

F = Filter
both = F.Or(F.eq("WRS_PATH", 195), Filter.neq("WRS_ROW", 27))
l8 = IC("LANDSAT/LC08/C02/T1_L2").filter(both)


def hides(image):
    Image = image.select("SR_B4")
    return Image.rename("red")


def first_of(ee):
    """`ee` is a collection here."""
    return ee.first()


red = hides(Image(first_of(l8)))
mean = Reducer.mean
values = red.reduceRegion(reducer=mean(), geometry=earth.Geometry.Point([8, 47]), scale=30)
filters = dict(date=F.date, bounds=F.bounds)
l9 = IC("LANDSAT/LC09/C02/T1_L2").filter(filters["date"]("2022-01-01", "2022-02-01"))
merged = l8.merge(l9)
number = earth.Number(values.get("red"))
