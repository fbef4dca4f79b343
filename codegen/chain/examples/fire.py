"""Severity of the forest fire on Jinyun Mountain in August 2022."""

import ee

ee.Initialize()

CLASSES = {"unburnt": (-1, 0.1), "low": (0.1, 0.27), "moderate": (0.27, 0.66), "high": (0.66, 2)}
"""dNBR from and below, after Key and Benson (2006)."""


def load_region() -> ee.Geometry:
    """Jinyun Mountain and its surroundings."""
    region: ee.Geometry = ee.Geometry.Point([106.38, 29.83]).buffer(6000)
    return region


def clear(scene: ee.Image) -> ee.Image:
    """A scene in reflectance, without clouds and their shadows."""
    clouds = scene.select("QA_PIXEL").bitwiseAnd(0b11000).eq(0)
    bands = scene.select(["SR_B5", "SR_B7"]).multiply(0.0000275).add(-0.2)
    cleared: ee.Image = bands.updateMask(clouds).copyProperties(scene, ["system:time_start"])
    return cleared


def load_scenes(region: ee.Geometry, start: str | ee.Date, end: str | ee.Date) -> ee.ImageCollection:
    """Clear Landsat 8 scenes of a period."""
    scenes = ee.ImageCollection("LANDSAT/LC08/C02/T1_L2").filterBounds(region).filterDate(start, end)
    cleared: ee.ImageCollection = scenes.map(clear)
    return cleared


def burn_ratio(scenes: ee.ImageCollection) -> ee.Image:
    """Normalised burn ratio of the median scene."""
    return scenes.median().normalizedDifference(["SR_B5", "SR_B7"]).rename("NBR")


def severity(region: ee.Geometry) -> ee.Image:
    """dNBR: the burn ratio of the summer before less that of the autumn after."""
    before = burn_ratio(load_scenes(region, "2022-06-01", "2022-08-21"))
    after = burn_ratio(load_scenes(region, "2022-08-27", "2022-11-01"))
    return before.subtract(after).rename("dNBR").clip(region)


def areas(change: ee.Image, region: ee.Geometry) -> ee.Dictionary:
    """Hectares of each class."""
    hectares = ee.Image.pixelArea().divide(10_000)
    classes = [
        change.gte(low).And(change.lt(high)).multiply(hectares).rename(name) for name, (low, high) in CLASSES.items()
    ]
    image: ee.Image = ee.Image.cat(classes)
    return image.reduceRegion(reducer=ee.Reducer.sum(), geometry=region, scale=90, maxPixels=100_000_000)


def monthly(region: ee.Geometry) -> ee.Dictionary:
    """Mean burn ratio by month; months without a clear scene are left out."""

    def of_month(month: ee.ComputedObject) -> ee.Feature:
        start = ee.Date.fromYMD(2022, ee.Number(month), 1)
        scenes = load_scenes(region, start, start.advance(1, "month"))
        empty = ee.Image([0, 0]).rename(["SR_B5", "SR_B7"]).updateMask(0)
        ratio = burn_ratio(scenes.merge(ee.ImageCollection([empty])))
        mean = ratio.reduceRegion(reducer=ee.Reducer.mean(), geometry=region, scale=300).get("NBR")
        one: ee.Feature = ee.Feature(None, {"month": start.format("YYYY-MM"), "NBR": mean})
        return one

    months = ee.FeatureCollection(ee.List.sequence(1, 12).map(of_month)).filter(ee.Filter.notNull(["NBR"]))
    course: ee.Dictionary = ee.Dictionary.fromLists(months.aggregate_array("month"), months.aggregate_array("NBR"))
    return course


def main() -> dict[str, ee.ComputedObject]:
    """The map, the areas of the classes, and the year's course."""
    region = load_region()
    change = severity(region)
    return {"burn severity": change, "hectares": areas(change, region), "monthly NBR": monthly(region)}


if __name__ == "__main__":
    found = main()
    print(found["hectares"].getInfo())
    print(found["monthly NBR"].getInfo())
