"""Heights of the buildings in the centre of Wuhan."""

import ee

ee.Initialize()

BUILT = 500  # square metres of a cell of 10,000 that count as built on


def load_region() -> ee.Geometry:
    """The centre of Wuhan."""
    region: ee.Geometry = ee.Geometry.Point([114.30, 30.59]).buffer(6000)
    return region


def load_layers(region: ee.Geometry) -> tuple[ee.Image, ee.Image]:
    """Built-up surface of 2020 in square metres, and building height of 2018 in metres, a cell of 100 m each."""
    surface = ee.ImageCollection("JRC/GHSL/P2023A/GHS_BUILT_S").filterDate("2020-01-01", "2021-01-01").first()
    height = ee.ImageCollection("JRC/GHSL/P2023A/GHS_BUILT_H").first()
    return surface.select("built_surface").clip(region), height.select("built_height").clip(region)


def mask_unbuilt(surface: ee.Image, height: ee.Image) -> ee.Image:
    """Heights where the ground is built on."""
    return height.updateMask(surface.gte(BUILT)).rename("height")


def summarise(surface: ee.Image, buildings: ee.Image, region: ee.Geometry) -> ee.Dictionary:
    """Built-up share of the area, and mean height of what is built."""
    cell = 100
    share = surface.divide(cell * cell).reduceRegion(ee.Reducer.mean(), region, cell).get("built_surface")
    mean = buildings.reduceRegion(ee.Reducer.mean(), region, cell).get("height")
    return ee.Dictionary({"built-up share": share, "mean height in m": mean})


def main() -> dict[str, ee.ComputedObject]:
    """The map, and what it amounts to."""
    region = load_region()
    surface, height = load_layers(region)
    buildings = mask_unbuilt(surface, height)
    return {"building height": buildings, "statistics": summarise(surface, buildings, region)}


if __name__ == "__main__":
    print(main()["statistics"].getInfo())
