"""Places of pixels on another lattice: what converting every pixel says."""

from __future__ import annotations

import numpy as np
import pytest
from affine import Affine

from ee_emulator.raster.grid import Grid
from ee_emulator.raster.placing import centres_on
from ee_emulator.raster.projection import Projection, lattice_coordinates

UTM = Projection("EPSG:32650", Affine(10, 0, 500_000, 0, -10, 3_400_000))
SINUSOIDAL = Projection("SR-ORG:6974", Affine(463.3, 0, 0, 0, -463.3, 0))


@pytest.mark.parametrize(
    ("projection", "grid"),
    [
        (UTM, Grid("EPSG:3857", Affine(11, 0, 13_024_400, 0, -11, 3_597_000), 300, 257)),
        (UTM, Grid("EPSG:4326", Affine(1e-4, 0, 117, 0, -1e-4, 30.7), 401, 90)),
        (UTM, Grid("EPSG:32651", Affine(30, 5, 0, -5, -30, 3_400_000), 120, 300)),
        (SINUSOIDAL, Grid("EPSG:32650", Affine(500, 0, 300_000, 0, -500, 3_400_000), 500, 500)),
        (Projection("EPSG:4326", Affine(0.25, 0, -180, 0, -0.25, 90)), Grid("EPSG:3857", Affine.scale(5e4), 256, 256)),
        (UTM, Grid("EPSG:4326", Affine(1, 0, -180, 0, -1, 90), 360, 180)),
    ],
)
def test_places_are_those_of_converting_each_pixel(projection: Projection, grid: Grid) -> None:
    columns, rows = centres_on(projection, grid)
    expected = lattice_coordinates(projection, grid.crs, *grid.centres())
    for found, true in zip((columns, rows), expected, strict=True):
        np.testing.assert_allclose(found, true, rtol=0, atol=1e-6)
        np.testing.assert_array_equal(np.floor(found + 1e-9), np.floor(true + 1e-9))
