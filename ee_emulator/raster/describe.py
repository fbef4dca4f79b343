"""What `getInfo()` shows of an image."""

from typing import Any

import shapely

from ee_emulator.raster.values import Band, Image
from ee_emulator.values import Geometry


def describe_image(image: Image) -> dict[str, Any]:
    """An image's JSON: bands with type, lattice and size, properties, id."""
    answer: dict[str, Any] = {
        "type": "Image",
        "bands": [{"id": name} | _describe_band(band) for name, band in image.bands.items()],
    }
    properties = {
        key: value for key, value in image.properties.items() if key not in ("system:bands", "system:band_names")
    }
    # Set by hand they say the same as those of an asset: aazuspan/eerepr's fixture `constant_image`.
    name, version = properties.pop("system:id", image.id), properties.pop("system:version", image.version)
    if name is not None:
        answer["id"] = name
    if version is not None:
        answer["version"] = version
    outline = footprint(image)
    if outline is not None:
        properties["system:footprint"] = outline
    if properties:
        answer["properties"] = properties
    return answer


def describe_bands(image: Image) -> dict[str, Any]:
    """The property `system:bands`: what each band is, by name."""
    return {name: _describe_band(band) for name, band in image.bands.items()}


def footprint(image: Image) -> Geometry | None:
    """The property `system:footprint`: the ring around a stored image, the shape of a computed one.

    geetools, tests/test_ImageCollection/test_aggregate_array.yml holds both it and `system:bands` of Sentinel-2 scenes.
    """
    shape = image.footprint
    if shape is None:
        return None
    stored = image.id is not None or "system:id" in image.properties
    if stored and isinstance(shape, shapely.Polygon) and not shape.interiors:
        return Geometry(shapely.LinearRing(shape.exterior))
    return Geometry(shape, geodesic=False)


def _describe_band(band: Band) -> dict[str, Any]:
    t = band.projection.transform
    described: dict[str, Any] = {"data_type": band.type.describe()}
    if band.dimensions is not None:
        described["dimensions"] = list(band.dimensions)
    return described | {"crs": band.projection.crs, "crs_transform": [t.a, t.b, t.c, t.d, t.e, t.f]}
