import ee

start = ee.Date("2020-01-01")
dates = ee.List.sequence(0, 11).map(lambda n: start.advance(n, "month"))
grid = ee.List.sequence(0, 3).map(
    lambda x: ee.List.sequence(0, 3).map(
        lambda y: ee.Feature(ee.Geometry.Point([ee.Number(x), ee.Number(y)]).buffer(1000), {"x": x, "y": y})
    )
)
cells = ee.FeatureCollection(grid.flatten())
rain = ee.ImageCollection("UCSB-CHG/CHIRPS/DAILY")


def monthly(date):
    date = ee.Date(date)
    image = rain.filterDate(date, date.advance(1, "month")).sum()

    def per_cell(cell):
        value = image.reduceRegion(ee.Reducer.mean(), cell.geometry(), 5000).get("precipitation")
        return cell.set({"rain": value, "month": date.format("YYYY-MM")})

    return cells.map(per_cell)


table = ee.FeatureCollection(dates.map(monthly)).flatten()
label = ee.String("rows: ").cat(ee.Algorithms.If(table.size().gt(10), "many", "few"))
ee.batch.Export.table.toCloudStorage(collection=table, description="rain", bucket="somewhere")
