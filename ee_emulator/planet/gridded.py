"""Population, lights, built-up surface and urban form: yearly or epochal grids at their real scales."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

import numpy as np
from affine import Affine
from numpy.typing import NDArray

from ee_emulator.catalog.base import BandSpec, Bounds, ImageAsset
from ee_emulator.planet.assets import Collection, FieldImage, Painter, in_time, meets, span
from ee_emulator.planet.fields import Fields
from ee_emulator.planet.noise import fractal

Array = NDArray[Any]
CHINA: Bounds = (73.4, 17.9, 135.2, 53.7)
WORLD: Bounds = (-180.0, -85.0, 180.0, 85.0)
MOLLWEIDE = "ESRI:54009"
_TRUE = np.True_


def _all(values: Mapping[str, Array]) -> dict[str, tuple[Array, Any]]:
    return {name: (value, _TRUE) for name, value in values.items()}


def people_per_km2(fields: Fields, lon: Array, lat: Array) -> Array:
    """Residents per km²; blocks differ from one another more than built form shows."""
    uneven = 0.35 + 1.3 * fractal(lon * 92.0, lat * 110.57, 1.8, 301)
    return 38_000.0 * fields.density**2 * uneven + 120.0 * fields.greenness * (1.0 - fields.elevation)


def _worldpop(fields: Fields, lon: Array, lat: Array) -> dict[str, tuple[Array, Any]]:
    # People in a pixel of 3 arc seconds: its area shrinks with the cosine of latitude (a rational fit, 17–54° N).
    radians = lat * 0.017453292519943295
    cosine = 1.0 - radians**2 / 2 + radians**4 / 24 - radians**6 / 720
    area = (0.000833333333 * 110.57) * (0.000833333333 * 111.32) * cosine
    return {"population": (people_per_km2(fields, lon, lat) * area, fields.water < 0.5)}


def _ghs_pop(fields: Fields, lon: Array, lat: Array) -> dict[str, tuple[Array, Any]]:
    smoothed = 0.8 * people_per_km2(fields, lon, lat) + 6_000.0 * fields.built**2
    return _all({"population_count": smoothed * 0.01})


def _built_surface(fields: Fields, lon: Array, lat: Array) -> dict[str, tuple[Array, Any]]:
    share = np.minimum(0.75 * fields.built, 1.0)
    work = share * np.minimum(0.10 + 0.8 * fields.industry + 0.25 * fields.commerce, 1.0)
    return _all({"built_surface": share * 10_000.0, "built_surface_nres": work * 10_000.0})


def _built_height(fields: Fields, lon: Array, lat: Array) -> dict[str, tuple[Array, Any]]:
    return _all({"built_height": 90.0 * fields.height})


def _urban_form(fields: Fields, lon: Array, lat: Array) -> dict[str, tuple[Array, Any]]:
    buildings = np.minimum(0.45 * fields.built * (0.5 + 0.9 * fractal(lon * 92.0, lat * 110.57, 0.6, 302)), 0.9)
    return _all({"road_density": 22.0 * fields.roads, "building_density": buildings})


def radiance(fields: Fields, lon: Array, lat: Array) -> Array:
    """Night-time radiance, nW/cm²/sr: commerce and wealth shine, factories too."""
    lit = 6.0 * fields.density + 70.0 * fields.commerce * (0.3 + fields.affluence) + 22.0 * fields.industry
    return lit + 9.0 * fields.roads * fields.affluence + 0.25


def _viirs(fields: Fields, lon: Array, lat: Array) -> dict[str, tuple[Array, Any]]:
    lights = radiance(fields, lon, lat)
    flicker = fractal(lon * 92.0, lat * 110.57, 1.5, 303)
    background = lights < 0.45
    coverage = 60.0 + 120.0 * fractal(lon, lat, 2.0, 304)
    return _all(
        {
            "average": lights,
            "average_masked": np.where(background, 0.0, lights),
            "cf_cvg": coverage,
            "cvg": coverage * 2.2,
            "maximum": lights * (1.3 + 1.1 * flicker),
            "median": lights * (0.90 + 0.08 * flicker),
            "median_masked": np.where(background, 0.0, lights * (0.90 + 0.08 * flicker)),
            "minimum": lights * (0.35 + 0.3 * flicker),
        }
    )


def _bands(crs: str, transform: Affine, dtypes: Mapping[str, str]) -> tuple[BandSpec, ...]:
    return tuple(BandSpec(name, dtype, crs, transform) for name, dtype in dtypes.items())


def _degrees(side: float) -> Affine:
    return Affine(side, 0.0, -180.0, 0.0, -side, 90.0)


_MOLLWEIDE_100 = Affine(100.0, 0.0, -18_041_000.0, 0.0, -100.0, 9_000_000.0)
_POPULATION = _bands("EPSG:4326", _degrees(0.000833333333), {"population": "float32"})
_VIIRS_TYPES = dict.fromkeys(("average", "average_masked"), "float32") | dict.fromkeys(("cf_cvg", "cvg"), "uint16")
_VIIRS_TYPES |= dict.fromkeys(("maximum", "median", "median_masked", "minimum"), "float32")
_VIIRS = _bands("EPSG:4326", _degrees(15.0 / 3600.0), dict(sorted(_VIIRS_TYPES.items())))

Period = tuple[str, int, date, date]
"""Index, year of the fields, first and last day."""


def _years(first: int, last: int, index: Callable[[int], str]) -> list[Period]:
    return [(index(y), y, date(y, 1, 1), date(y + 1, 1, 1)) for y in range(first, last + 1)]


def _epochs(years: Iterable[int]) -> list[Period]:
    return [(str(y), y, date(y, 1, 1), date(y + 1, 1, 1)) for y in years]


def _collection(
    asset_id: str,
    periods: list[Period],
    bands: tuple[BandSpec, ...],
    paint: Painter,
    bounds: Bounds,
    extra: Mapping[str, Any] | None = None,
) -> Collection:
    def make(where: Bounds | None, start_ms: float | None, end_ms: float | None) -> Iterable[ImageAsset]:
        for index, year, start, end in periods:
            properties = {**span(start, end), **(extra or {})}
            if meets(bounds, where) and in_time(properties["system:time_start"], start_ms, end_ms):
                yield FieldImage(f"{asset_id}/{index}", bands, properties, bounds, year, paint)

    return Collection(asset_id, make)


def collections(user_assets: str) -> list[Collection]:
    """All gridded collections; `user_assets` is the folder of those that are no official data set."""
    lights = {"V21": _years(2013, 2021, lambda y: f"{y}0101"), "V22": _years(2022, 2024, lambda y: f"{y}0101")}
    ghsl = "JRC/GHSL/P2023A/"
    surface = {"built_surface": "uint16", "built_surface_nres": "uint16"}
    return [
        _collection(
            "WorldPop/GP/100m/pop",
            _years(2000, 2020, lambda y: f"CHN_{y}"),
            _POPULATION,
            _worldpop,
            CHINA,
            {"country": "CHN"},
        ),
        _collection(
            ghsl + "GHS_POP",
            _epochs(range(1975, 2031, 5)),
            _bands(MOLLWEIDE, _MOLLWEIDE_100, {"population_count": "float32"}),
            _ghs_pop,
            WORLD,
        ),
        _collection(
            ghsl + "GHS_BUILT_S",
            _epochs(range(1975, 2031, 5)),
            _bands(MOLLWEIDE, _MOLLWEIDE_100, surface),
            _built_surface,
            WORLD,
        ),
        _collection(
            ghsl + "GHS_BUILT_H",
            _epochs([2018]),
            _bands(MOLLWEIDE, _MOLLWEIDE_100, {"built_height": "float32"}),
            _built_height,
            WORLD,
        ),
        *(
            _collection(f"NOAA/VIIRS/DNB/ANNUAL_{version}", periods, _VIIRS, _viirs, WORLD)
            for version, periods in lights.items()
        ),
        _collection(
            f"{user_assets}/urban_form",
            _years(2015, 2024, str),
            _bands("EPSG:4326", _degrees(0.0009), {"road_density": "float32", "building_density": "float32"}),
            _urban_form,
            CHINA,
        ),
    ]
