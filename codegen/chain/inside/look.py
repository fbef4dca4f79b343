"""A look at a result: images and shapes become `picture.png`, everything else is printed as JSON."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import Any

import ee

PIXELS = 640
PALETTE = ["440154", "3b528b", "21918c", "5ec962", "fde725"]
"""Viridis, dark to bright."""
COLOURS = 3
STYLE = ("bands", "gain", "bias", "min", "max", "gamma", "palette", "opacity")
MOST_ROWS = 1_000


def main(given: dict[str, Any]) -> None:
    """Looks at `expression`, an object of `type`, in a `style`."""
    expression = given["expression"]
    shown = ee.deserializer.decodeCloudApi(json.loads(expression) if isinstance(expression, str) else expression)
    kind = given["type"].removeprefix("ee.")
    if kind in ("Image", "ImageCollection"):
        image = ee.Image(shown) if kind == "Image" else ee.ImageCollection(shown).mosaic()
        picture(image, region_of(image, shown, kind), given.get("style") or {})
    elif kind in ("Feature", "FeatureCollection", "Geometry"):
        features = ee.FeatureCollection(shown if kind == "FeatureCollection" else [ee.Feature(shown)])
        rows = features.limit(MOST_ROWS).getInfo()["features"]
        print(json.dumps([row["properties"] for row in rows]))
        drawn = features.style(color="2c7fb8", fillColor="2c7fb855", width=2)
        picture(drawn, features.geometry(), {}, is_drawn=True)
    else:
        print(json.dumps(ee.data.computeValue(shown)))


def region_of(image: ee.Image, shown: Any, kind: str) -> ee.Geometry:
    """The footprint; an image without end is looked at nowhere."""
    whole = ee.ImageCollection(shown).geometry() if kind == "ImageCollection" else image.geometry()
    if whole.isUnbounded().getInfo():
        raise ValueError("The image has no bounds: clip it to the region that it is about.")
    return whole


def picture(image: ee.Image, region: ee.Geometry, style: dict[str, Any], is_drawn: bool = False) -> None:
    """Leaves a picture of a region."""
    drawn = image if is_drawn else image.visualize(**styled(image, region, style))
    box = region.bounds(maxError=1)
    url = drawn.getThumbURL({"region": box, "dimensions": PIXELS, "crs": "EPSG:3857", "format": "png"})
    with urllib.request.urlopen(url) as answer:  # noqa: S310 - the sandbox knows one address
        Path("picture.png").write_bytes(answer.read())


def styled(image: ee.Image, region: ee.Geometry, style: dict[str, Any]) -> dict[str, Any]:
    """The style with what it lacks: bands, a stretch from the 2nd to the 98th percentile, a palette."""
    known = {name: style[name] for name in STYLE if style.get(name) not in (None, [], "")}
    bands: Any = known.get("bands") or image.bandNames().getInfo()
    bands = bands.split(",") if isinstance(bands, str) else list(bands)
    bands = bands[:COLOURS] if len(bands) >= COLOURS else bands[:1]
    known["bands"] = bands
    if not {"min", "max", "gain"} & set(known):
        found = image.select(bands).reduceRegion(
            reducer=ee.Reducer.percentile([2, 98]), geometry=region, scale=scale_of(region), bestEffort=True
        )
        values = [value for value in found.getInfo().values() if value is not None]
        known["min"], known["max"] = (min(values), max(values)) if values else (0, 1)
        if known["min"] == known["max"]:
            known["max"] = known["min"] + 1
    if len(bands) == 1 and "palette" not in known and "gamma" not in known:
        known["palette"] = PALETTE
    return known


def scale_of(region: ee.Geometry) -> float:
    """Metres of a pixel of the picture, at least 10."""
    area: Any = region.area(maxError=100).getInfo()
    return float(max(10.0, (float(area) ** 0.5) / PIXELS * 2))
