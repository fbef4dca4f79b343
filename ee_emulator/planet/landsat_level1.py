"""Landsat 8 and 9 before atmospheric correction: reflectance at the top of the atmosphere, and raw counts.

Both are made from the surface of the level-2 scene: a haze that grows towards blue lies over it. The constants of
calibration are the missions' published ones (USGS, Landsat 8 Data Users Handbook, section 5), so that
`Landsat.TOA` of a raw scene gives the reflectance of the `T1_TOA` one.
"""

import math
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import numpy as np
from affine import Affine
from numpy.typing import NDArray

from ee_emulator.catalog.base import BandSpec, Bounds, ImageAsset
from ee_emulator.planet.assets import Collection, FieldImage
from ee_emulator.planet.fields import Fields

Array = NDArray[Any]
Painted = Mapping[str, tuple[Array, Any]]

_HAZE = {"B1": 0.085, "B2": 0.065, "B3": 0.035, "B4": 0.018, "B5": 0.006, "B6": 0.002, "B7": 0.001}
_CLEARNESS = {"B1": 0.80, "B2": 0.85, "B3": 0.90, "B4": 0.93, "B5": 0.96, "B6": 0.97, "B7": 0.97}
_IRRADIANCE = {"B1": 1895.33, "B2": 2004.57, "B3": 1820.75, "B4": 1549.49, "B5": 951.76, "B6": 247.55, "B7": 85.46}
_IRRADIANCE |= {"B8": 1723.8, "B9": 366.97}
"""Solar irradiance at the top of the atmosphere, W/m²/µm."""
_THERMAL = {"B10": (774.8853, 1321.0789), "B11": (480.8883, 1201.1442)}
"""K1 (W/m²/sr/µm) and K2 (kelvin) of the thermal bands."""
_REFLECTANCE_MULT, _REFLECTANCE_ADD = 2.0e-5, -0.1
_RADIANCE_MULT, _RADIANCE_ADD = 3.342e-4, 0.1
"""Scaling of counts: of the reflective bands to reflectance, of the thermal ones to radiance."""


def _toa(level2: FieldImage, fields: Fields, lon: Array, lat: Array) -> dict[str, tuple[Array, Any]]:
    """Reflectance, brightness temperature (kelvin) and quality of the scene."""
    surface = level2.paint(fields, lon, lat)
    painted: dict[str, tuple[Array, Any]] = {}
    for band, haze in _HAZE.items():
        reflectance = surface[f"SR_{band}"][0] * 0.0000275 - 0.2
        painted[band] = (reflectance * _CLEARNESS[band] + haze, np.True_)
    painted["B8"] = ((painted["B2"][0] + painted["B3"][0] + painted["B4"][0]) / 3.0, np.True_)
    cloud = ((surface["QA_PIXEL"][0].astype(np.int64) >> 3) & 1).astype(np.float64)
    painted["B9"] = (0.0015 + 0.02 * cloud, np.True_)
    ground = surface["ST_B10"][0] * 0.00341802 + 149.0
    painted["B10"], painted["B11"] = (ground - 2.5, np.True_), (ground - 3.5, np.True_)
    return painted | {name: surface[name] for name in ("QA_PIXEL", "QA_RADSAT")}


def _counts(toa: Painted, sine: float) -> dict[str, tuple[Array, Any]]:
    """Raw counts: reflectance falls with the sun's height, temperature becomes radiance by Planck's law."""
    counts = {name: toa[name] for name in ("QA_PIXEL", "QA_RADSAT")}
    for band in _IRRADIANCE:
        counts[band] = ((toa[band][0] * sine - _REFLECTANCE_ADD) / _REFLECTANCE_MULT, np.True_)
    for band, (k1, k2) in _THERMAL.items():
        radiance = k1 / (np.exp(k2 / toa[band][0]) - 1.0)
        counts[band] = ((radiance - _RADIANCE_ADD) / _RADIANCE_MULT, np.True_)
    return counts


def _sun_elevation(lat: float, day: date) -> float:
    """Degrees above the horizon at the overpass, about two hours before noon."""
    declination = math.radians(23.44 * math.sin(2 * math.pi * (day.timetuple().tm_yday - 80) / 365.25))
    hour, place = math.radians(-30.0), math.radians(lat)
    sine = math.sin(place) * math.sin(declination) + math.cos(place) * math.cos(declination) * math.cos(hour)
    return round(math.degrees(math.asin(sine)), 6)


def _calibration(lat: float, day: date) -> dict[str, Any]:
    """The constants that a raw scene carries in its metadata."""
    distance = round(1.0 - 0.01672 * math.cos(math.radians(0.9856 * (day.timetuple().tm_yday - 4))), 7)
    answer: dict[str, Any] = {
        "SENSOR_ID": "OLI_TIRS",
        "SUN_ELEVATION": _sun_elevation(lat, day),
        "SUN_AZIMUTH": 140.0,
        "EARTH_SUN_DISTANCE": distance,
    }
    for band, irradiance in _IRRADIANCE.items():
        number = band[1:]
        per_reflectance = irradiance / (math.pi * distance**2)
        answer[f"REFLECTANCE_MULT_BAND_{number}"] = _REFLECTANCE_MULT
        answer[f"REFLECTANCE_ADD_BAND_{number}"] = _REFLECTANCE_ADD
        answer[f"RADIANCE_MULT_BAND_{number}"] = round(_REFLECTANCE_MULT * per_reflectance, 9)
        answer[f"RADIANCE_ADD_BAND_{number}"] = round(_REFLECTANCE_ADD * per_reflectance, 5)
    for band, (k1, k2) in _THERMAL.items():
        number = band[1:]
        answer |= {f"K1_CONSTANT_BAND_{number}": k1, f"K2_CONSTANT_BAND_{number}": k2}
        answer |= {f"RADIANCE_MULT_BAND_{number}": _RADIANCE_MULT, f"RADIANCE_ADD_BAND_{number}": _RADIANCE_ADD}
    return answer


def _bands(level2: FieldImage, dtype: str) -> tuple[BandSpec, ...]:
    """The level-2 lattice; the panchromatic band has half its pixels' side."""
    crs, transform, size = level2.bands[0].crs, level2.bands[0].transform, level2.bands[0].dimensions
    assert size is not None
    fine, fine_size = transform @ Affine.scale(0.5), (2 * size[0], 2 * size[1])
    names = [f"B{number}" for number in range(1, 12)]
    reflective = [
        BandSpec(n, dtype, crs, fine if n == "B8" else transform, fine_size if n == "B8" else size) for n in names
    ]
    return (*reflective, *(BandSpec(n, "uint16", crs, transform, size) for n in ("QA_PIXEL", "QA_RADSAT")))


def _scene(level2: FieldImage, collection_id: str) -> FieldImage:
    index = level2.id.rpartition("/")[2]
    day = date.fromisoformat(level2.properties["DATE_ACQUIRED"])
    calibration = _calibration((level2.bounds[1] + level2.bounds[3]) / 2, day)
    sine = math.sin(math.radians(calibration["SUN_ELEVATION"]))
    raw = not collection_id.endswith("_TOA")

    def paint(fields: Fields, lon: Array, lat: Array) -> Painted:
        toa = _toa(level2, fields, lon, lat)
        return _counts(toa, sine) if raw else toa

    properties = {**level2.properties, **calibration}
    bands = _bands(level2, "uint16" if raw else "float32")
    return FieldImage(f"{collection_id}/{index}", bands, properties, level2.bounds, level2.year, paint)


def collections(level2: Iterable[Collection]) -> list[Collection]:
    """`T1` and `T1_TOA` beside each `T1_L2` collection."""
    return [
        _beside(collection, collection.id.removesuffix("_L2") + suffix)
        for collection in level2
        for suffix in ("", "_TOA")
    ]


def _beside(level2: Collection, collection_id: str) -> Collection:
    def make(where: Bounds | None, start_ms: float | None, end_ms: float | None) -> Iterable[ImageAsset]:
        for scene in level2.make(where, start_ms, end_ms):
            assert isinstance(scene, FieldImage)
            yield _scene(scene, collection_id)

    return Collection(collection_id, make)
