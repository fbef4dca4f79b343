import ee


def build(asset, *, cloud=20, region=None):
    images = ee.ImageCollection(asset)
    if region is None:
        return images
    images = images.filterBounds(region)
    return images.filter(ee.Filter.lt("CLOUDY_PIXEL_PERCENTAGE", cloud))


def unused():
    return ee.Image(1).add(2)


def export(image, name, region):
    try:
        task = ee.batch.Export.image.toAsset(
            image=image, description=name, assetId=f"users/someone/{name}", region=region, scale=10
        )
        task.start()
    except Exception as error:
        print("failed:", error)
        return None
    return task


def main():
    towns = {"Bonn": ee.Geometry.Point([7.1, 50.7]), "Ulm": ee.Geometry.Point([10.0, 48.4])}
    for name, town in towns.items():
        region = town.buffer(2000).bounds()
        images = build("COPERNICUS/S2_SR_HARMONIZED", region=region, cloud=5)
        if name == "nowhere":
            continue
        export(images.median().visualize(bands=["B4", "B3", "B2"], max=3000), name, region)
    everything = build("COPERNICUS/S2_SR_HARMONIZED")
    return everything.size()


if __name__ == "__main__":
    total = main()
