"""What `getInfo()` shows of an image."""

from typing import Any

from ee_emulator.raster.values import Band, Image


def describe_image(image: Image) -> dict[str, Any]:
    """An image's JSON: bands with type, lattice and size, properties, id."""
    answer: dict[str, Any] = {
        "type": "Image",
        "bands": [_describe_band(name, band) for name, band in image.bands.items()],
    }
    properties = dict(image.properties)
    # Set by hand they say the same as those of an asset: aazuspan/eerepr's fixture `constant_image`.
    name, version = properties.pop("system:id", image.id), properties.pop("system:version", image.version)
    if name is not None:
        answer["id"] = name
    if version is not None:
        answer["version"] = version
    if properties:
        answer["properties"] = properties
    return answer


def _describe_band(name: str, band: Band) -> dict[str, Any]:
    t = band.projection.transform
    described: dict[str, Any] = {"id": name, "data_type": band.type.describe()}
    if band.dimensions is not None:
        described["dimensions"] = list(band.dimensions)
    return described | {"crs": band.projection.crs, "crs_transform": [t.a, t.b, t.c, t.d, t.e, t.f]}
