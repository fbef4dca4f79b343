import ee


def combine(pair):
    primary = ee.Image(pair.get("primary"))
    secondary = ee.Image(pair.get("secondary"))
    return primary.addBands(secondary.rename("et"))


def within(days):
    return ee.Filter.maxDifference(
        difference=days * 86400000, leftField="system:time_start", rightField="system:time_start"
    )


gpp = ee.ImageCollection("MODIS/061/MOD17A2H").select("Gpp").filterDate("2020-01-01", "2021-01-01")
et = ee.ImageCollection("MODIS/061/MOD16A2").select("ET").filterDate("2020-01-01", "2021-01-01")
joined = ee.Join.inner().apply(primary=gpp, secondary=et, condition=within(4))
wue = ee.ImageCollection(joined.map(combine)).map(lambda image: image.expression("b('Gpp') / b('et')"))
same = ee.Join.saveAll(matchesKey="same", ordering="system:time_start").apply(et, et, within(1))
matched = same.map(lambda image: image.set("n", ee.List(image.get("same")).size()))
print(wue.size(), matched)
