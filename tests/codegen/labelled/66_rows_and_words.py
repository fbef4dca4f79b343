import ee


def facts(feature):
    area = feature.geometry().area()
    return [feature.get("name"), area.round()]


plots = ee.FeatureCollection("users/someone/plots").toList(10)
table = plots.map(lambda item: facts(ee.Feature(item)))
lookup = ee.Dictionary({"a": 1, "b": 2}).map(lambda key, value: {"key": key, "double": ee.Number(value).multiply(2)})
names = table.map(lambda row: ee.List(row).get(0)).iterate(lambda name, so_far: ee.String(so_far).cat(name), "")
words = {}
for key in ("x", "y"):
    words[key] = ee.String(key).toUpperCase()
text = words["x"].cat(ee.String(names))
