import ee

YEARS = range(2018, 2021)
aoi = ee.Geometry.BBox(20, -5, 21, -4)
base = ee.ImageCollection("LANDSAT/LC08/C02/T1_L2").filterBounds(aoi)
yearly = [base.filterDate(f"{year}-01-01", f"{year}-12-31").median() for year in YEARS]
by_year = {year: image.select("SR_B5") for year, image in zip(YEARS, yearly)}
stack = ee.Image.cat(list(by_year.values()))
changes = [later.subtract(earlier) for earlier, later in zip(yearly, yearly[1:])]
largest = changes[0]
for change in changes[1:]:
    largest = largest.max(change)
names = ee.List([str(year) for year in by_year])
renamed = stack.rename(names)
bands = {name: renamed.select(name) for name in ("2018", "2019")}
mask = bands["2018"].gt(bands["2019"]).And(largest.gt(0))
tasks = [
    ee.batch.Export.image.toAsset(image=image, description=f"y{year}", assetId=f"users/someone/{year}", region=aoi)
    for year, image in by_year.items()
]
