"""Worked values of fitting an image to a region and a size."""

from tests.ee_emulator.worked import Worked

_BOX = [10.02, 0.01, 10.18, 0.09]


def _fitted(ee, **size):  # type: ignore[no-untyped-def]
    """The lattice of a constant image fitted to a box of 0.16 by 0.08 degrees."""
    image = ee.Image.constant(1).setDefaultProjection("EPSG:4326", [0.1, 0, 0, 0, -0.1, 0])
    region = ee.Geometry.Rectangle(_BOX, None, False)
    return ee.Image(ee.apply("Image.clipToBoundsAndScale", {"input": image, "geometry": region, **size}))


WORKED = [
    Worked(
        "Image.clipToBoundsAndScale",
        lambda ee: _fitted(ee, maxDimension=32),
        {"bands": [{"dimensions": [32, 16], "crs_transform": [0.005, 0, 10.02, 0, -0.005, 0.09]}]},
        "reference: by hand from the description: the longer side of 0.16 degrees has 32 pixels",
    ),
    Worked(
        "Image.clipToBoundsAndScale",
        lambda ee: _fitted(ee, width=8, height=8),
        {"bands": [{"dimensions": [8, 8], "crs_transform": [0.02, 0, 10.02, 0, -0.01, 0.09]}]},
        "reference: by hand from the description: 0.16 by 0.08 degrees over 8 by 8 pixels",
    ),
    Worked(
        "Image.clipToBoundsAndScale",
        lambda ee: _fitted(ee, scale=5565.974539663679),
        {"bands": [{"dimensions": [4, 2], "crs_transform": [0.05, 0, 10.0, 0, -0.05, 0.1]}]},
        "reference: by hand: 0.05 degrees on the equator, on multiples of it around the box",
    ),
]
