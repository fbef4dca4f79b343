"""Elevation models: one simulated relief behind the ids of several, each at its real scale and extent."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
from affine import Affine
from numpy.typing import NDArray

from ee_emulator.catalog.base import BandSpec, Bounds
from ee_emulator.planet.assets import SIMULATED, FieldImage, milliseconds
from ee_emulator.planet.fields import KM_PER_DEGREE_LAT, Fields
from ee_emulator.planet.noise import fractal

Array = NDArray[Any]
SECOND = 1.0 / 3600.0
HIGHEST_M = 4_600.0
"""Elevation, in metres, where the hidden field is 1: the Tibetan plateau."""


def metres(fields: Fields, lon: Array, lat: Array) -> Array:
    """Elevation above the sea: a broad rise towards the west, hills of kilometres, and lower ground at water."""
    gx, gy = lon * 92.0, lat * KM_PER_DEGREE_LAT
    hills = fractal(gx, gy, 6.0, 901, octaves=5)
    rough = 30.0 + 900.0 * fields.elevation
    return 5.0 + HIGHEST_M * fields.elevation + rough * hills * (1.0 - 0.9 * fields.water) - 4.0 * fields.water


def _model(asset_id: str, band: str, side: float, bounds: Bounds, start: date, end: date) -> FieldImage:
    """An elevation model on a lattice of degrees whose corner is the extent's."""
    west, south, east, north = bounds
    size = round((east - west) / side), round((north - south) / side)
    spec = BandSpec(band, "int16", "EPSG:4326", Affine(side, 0.0, west, 0.0, -side, north), size)

    def paint(fields: Fields, lon: Array, lat: Array) -> Mapping[str, tuple[Array, Any]]:
        return {band: (metres(fields, lon, lat), np.True_)}

    properties = {
        "system:time_start": milliseconds(start),
        "system:time_end": milliseconds(end),
        "simulated": SIMULATED,
    }
    return FieldImage(asset_id, (spec,), properties, bounds, 2000, paint)


def models() -> list[FieldImage]:
    """The elevation models."""
    shuttle = date(2000, 2, 11), date(2000, 2, 22)
    return [
        _model("USGS/SRTMGL1_003", "elevation", SECOND, (-180.0, -56.0, 180.0, 60.0), *shuttle),
        _model("CGIAR/SRTM90_V4", "elevation", 3 * SECOND, (-180.0, -60.0, 180.0, 60.0), *shuttle),
        _model(
            "USGS/GMTED2010", "be75", 7.5 * SECOND, (-180.0, -56.0, 180.0, 84.0), date(2010, 1, 1), date(2011, 1, 1)
        ),
    ]
