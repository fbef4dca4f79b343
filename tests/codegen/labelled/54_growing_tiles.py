import ee

zone = ee.Geometry.Point([9, 45])
count = 0
while count < 3:
    zone = zone.buffer(100 * 2**count)
    if count > 5:
        break
    count += 1
else:
    zone = zone.simplify(10)
hull = zone.bounds()
tiles = []
todo = [hull]
while todo:
    tile = todo.pop()
    centre = tile.centroid(1)
    tiles.append(ee.Feature(centre.buffer(50), {"tile": len(tiles)}))
    if len(tiles) < 3:
        todo.append(centre.buffer(500).bounds())
grid = ee.FeatureCollection(tiles)
areas = grid.map(lambda tile: tile.set("area", tile.geometry().area()))
image = ee.Image(0)
for name in iter(["a", "b"]):
    image = image.addBands(ee.Image(1).rename(name))
    continue
sums = image.reduceRegions(collection=areas, reducer=ee.Reducer.sum(), scale=10)
