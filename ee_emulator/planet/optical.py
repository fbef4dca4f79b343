"""Surface reflectance with clouds: Landsat 8 and 9, Sentinel-2, and MODIS products.

Spectra mix four surfaces (vegetation, soil, water, built) with the seasons; clouds and their shadows cover part of
every scene and are set in its quality band. Typical reflectances are rounded from the USGS spectral library's classes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from affine import Affine
from numpy.typing import NDArray

from ee_emulator.catalog.base import BandSpec, Bounds, ImageAsset
from ee_emulator.planet.assets import Collection, FieldImage, in_time, meets, milliseconds, span, to_degrees, utm_crs
from ee_emulator.planet.cities import CITIES, PlanetCity
from ee_emulator.planet.fields import KM_PER_DEGREE_LAT, Fields
from ee_emulator.planet.gridded import WORLD
from ee_emulator.planet.noise import fractal, text_key, uniform

Array = NDArray[Any]
Painted = dict[str, tuple[Array, Any]]

# Reflectance of vegetation, soil, water and built surface by spectral region.
_SURFACES: Mapping[str, tuple[float, float, float, float]] = {
    "coastal": (0.025, 0.10, 0.050, 0.11),
    "blue": (0.030, 0.11, 0.055, 0.12),
    "green": (0.070, 0.15, 0.060, 0.14),
    "red": (0.040, 0.20, 0.040, 0.16),
    "edge1": (0.110, 0.22, 0.035, 0.17),
    "edge2": (0.290, 0.24, 0.030, 0.18),
    "edge3": (0.380, 0.25, 0.030, 0.19),
    "nir": (0.450, 0.28, 0.025, 0.21),
    "vapour": (0.460, 0.29, 0.022, 0.21),
    "swir1": (0.220, 0.36, 0.012, 0.25),
    "swir2": (0.110, 0.30, 0.008, 0.23),
}
_CLOUD, _SHADOW = 0.55, 0.35


def _season(day: date) -> float:
    """0 in mid-January, 1 in mid-July: a parabola, which needs no cosine."""
    phase = ((day.timetuple().tm_yday - 15) % 365) / 365.0
    return 1.0 - (2.0 * phase - 1.0) ** 2


def _reflectance(region: str, fields: Fields, season: float, grain: Array) -> Array:
    vegetation, soil, water, built = _SURFACES[region]
    leaves = fields.greenness * (0.35 + 0.65 * (season + (1.0 - season) * fields.warmth**2))
    bare = np.maximum(1.0 - leaves - fields.water - fields.built, 0.0)
    mixed = leaves * vegetation + bare * soil + fields.water * water + fields.built * built
    return mixed * (0.92 + 0.16 * grain)


def _temperature(fields: Fields, season: float) -> Array:
    """Surface temperature, kelvin: climate, season, height, and the heat of sealed ground."""
    climate = 256.0 + 34.0 * fields.warmth + (30.0 - 18.0 * fields.warmth) * season - 14.0 * fields.elevation
    return climate + 7.0 * fields.built + 3.0 * fields.industry - 3.0 * fields.greenness - 4.0 * fields.water


@dataclass(frozen=True)
class _Sky:
    """Clouds of one scene."""

    seed: int
    cover: float

    def masks(self, lon: Array, lat: Array) -> tuple[Array, Array]:
        """Where there is cloud and where its shadow, which falls north-west."""
        x, y = lon * 92.0, lat * KM_PER_DEGREE_LAT
        low = 0.78 - 0.55 * self.cover
        cloud = fractal(x, y, 14.0, self.seed, octaves=4) > low
        shadow = fractal(x + 1.2, y - 1.0, 14.0, self.seed, octaves=4) > low + 0.01
        return cloud, shadow & ~cloud


def _sky(key: str, warmth: float) -> _Sky:
    seed = text_key(key) % 1_000_003
    return _Sky(seed, float(uniform(seed, 5)) ** (1.4 - 0.7 * warmth))


def _scene_extent(city: PlanetCity, half_km: float) -> Bounds:
    dx, dy = half_km / city.km_per_degree, half_km / KM_PER_DEGREE_LAT
    return city.lon - dx, city.lat - dy, city.lon + dx, city.lat + dy


def _lattice(city: PlanetCity, side: float, half_km: float) -> tuple[str, Affine, tuple[int, int]]:
    """A UTM lattice of `side` metres about a city, aligned to the zone's origin at 60 m."""
    crs = utm_crs(city.lon, city.lat)
    x, y = to_degrees(crs).transform(city.lon, city.lat, direction="INVERSE")
    west, north = (round(v / 6_000.0) * 6_000.0 for v in (x - half_km * 1000, y + half_km * 1000))
    size = int(2 * half_km * 1000 // side)
    return crs, Affine(side, 0.0, west, 0.0, -side, north), (size, size)


# Landsat ----------------------------------------------------------------------------------------------------------

_LANDSAT = {"SR_B1": "coastal", "SR_B2": "blue", "SR_B3": "green", "SR_B4": "red", "SR_B5": "nir"}
_LANDSAT |= {"SR_B6": "swir1", "SR_B7": "swir2"}
_QA_CLEAR, _QA_WATER, _QA_CLOUD, _QA_SHADOW = 21_824, 21_952, 22_280, 23_888
"""Usual values of QA_PIXEL: bit 3 is cloud, bit 4 cloud shadow, bit 6 clear, bit 7 water."""
_MISSIONS = {"LC08": (8, date(2013, 4, 11), 0), "LC09": (9, date(2021, 10, 31), 8)}
_HALF_SCENE_KM = 92.5


def _landsat_scene(city: PlanetCity, mission: str, day: date) -> FieldImage:
    crs, transform, size = _lattice(city, 30.0, _HALF_SCENE_KM)
    path, row = _path_row(city)
    index = f"{mission}_{path:03d}{row:03d}_{day:%Y%m%d}"
    sky, season = _sky(index, min(max((52.0 - city.lat) / 34.0, 0.0), 1.0)), _season(day)

    def paint(fields: Fields, lon: Array, lat: Array) -> Painted:
        cloud, shadow = sky.masks(lon, lat)
        grain = fractal(lon * 92.0, lat * KM_PER_DEGREE_LAT, 0.12, sky.seed + 1, octaves=1)
        clear = np.True_
        painted: Painted = {}
        for band, region in _LANDSAT.items():
            ground = _reflectance(region, fields, season, grain)
            seen = np.where(cloud, _CLOUD + 0.1 * grain, np.where(shadow, ground * _SHADOW, ground))
            painted[band] = ((seen + 0.2) / 0.0000275, clear)
        kelvin = np.where(cloud, 262.0, _temperature(fields, season) + grain)
        painted["ST_B10"] = ((kelvin - 149.0) / 0.00341802, clear)
        surface = np.where(fields.water > 0.5, _QA_WATER, _QA_CLEAR)
        painted["QA_PIXEL"] = (np.where(cloud, _QA_CLOUD, np.where(shadow, _QA_SHADOW, surface)), clear)
        painted["QA_RADSAT"] = (np.zeros(lon.shape), clear)
        return painted

    bands = tuple(BandSpec(n, "uint16", crs, transform, size) for n in (*_LANDSAT, "ST_B10", "QA_PIXEL", "QA_RADSAT"))
    properties = {
        **span(day, day),
        "SPACECRAFT_ID": f"LANDSAT_{_MISSIONS[mission][0]}",
        "WRS_PATH": path,
        "WRS_ROW": row,
        "CLOUD_COVER": round(100.0 * sky.cover, 2),
        "DATE_ACQUIRED": day.isoformat(),
    }
    extent = _scene_extent(city, _HALF_SCENE_KM)
    return FieldImage(f"LANDSAT/{mission}/C02/T1_L2/{index}", bands, properties, extent, day.year, paint)


def _path_row(city: PlanetCity) -> tuple[int, int]:
    """Near the real WRS-2 path and row: paths go west by about 1.545°, rows south by about 1.435°."""
    path = round(123.0 - (city.lon + 0.35 * (city.lat - 30.0) / 1.435 - 113.5) / 1.545)
    return (path - 1) % 233 + 1, round(39.0 - (city.lat - 30.3) / 1.435)


def _days(first: date, every: int, offset: int, start_ms: float | None, end_ms: float | None) -> Iterable[date]:
    last = date(2025, 1, 1)
    day = first + timedelta(days=offset)
    if start_ms is not None and start_ms > milliseconds(day):
        behind = int((start_ms - milliseconds(day)) // 86_400_000)
        day += timedelta(days=(behind // every) * every)
    while day < last and (end_ms is None or milliseconds(day) < end_ms):
        if in_time(milliseconds(day), start_ms, end_ms):
            yield day
        day += timedelta(days=every)


def _landsat(mission: str) -> Collection:
    _, first, offset = _MISSIONS[mission]

    def make(where: Bounds | None, start_ms: float | None, end_ms: float | None) -> Iterable[ImageAsset]:
        for city in CITIES:
            if meets(_scene_extent(city, _HALF_SCENE_KM), where):
                shift = (offset + text_key(city.id)) % 16
                for day in _days(first, 16, shift, start_ms, end_ms):
                    yield _landsat_scene(city, mission, day)

    return Collection(f"LANDSAT/{mission}/C02/T1_L2", make)


# Sentinel-2 -------------------------------------------------------------------------------------------------------

_S2_BANDS: Mapping[str, tuple[str, float]] = {
    "B1": ("coastal", 60.0),
    "B2": ("blue", 10.0),
    "B3": ("green", 10.0),
    "B4": ("red", 10.0),
    "B5": ("edge1", 20.0),
    "B6": ("edge2", 20.0),
    "B7": ("edge3", 20.0),
    "B8": ("nir", 10.0),
    "B8A": ("nir", 20.0),
    "B9": ("vapour", 60.0),
    "B11": ("swir1", 20.0),
    "B12": ("swir2", 20.0),
}
_HALF_TILE_KM = 54.9
_SCL_SHADOW, _SCL_VEGETATION, _SCL_BARE, _SCL_WATER, _SCL_CLOUD = 3, 4, 5, 6, 9


def _sentinel_scene(city: PlanetCity, day: date) -> FieldImage:
    tile = f"T{int((city.lon + 180) // 6) + 1}{_letters(city)}"
    index = f"{day:%Y%m%d}T030000_{day:%Y%m%d}T030500_{tile}"
    sky, season = _sky(index, min(max((52.0 - city.lat) / 34.0, 0.0), 1.0)), _season(day)

    def paint(fields: Fields, lon: Array, lat: Array) -> Painted:
        cloud, shadow = sky.masks(lon, lat)
        grain = fractal(lon * 92.0, lat * KM_PER_DEGREE_LAT, 0.06, sky.seed + 1, octaves=1)
        painted: Painted = {}
        for band, (region, _) in _S2_BANDS.items():
            ground = _reflectance(region, fields, season, grain)
            seen = np.where(cloud, _CLOUD + 0.1 * grain, np.where(shadow, ground * _SHADOW, ground))
            painted[band] = (seen * 10_000.0, np.True_)
        ground_class = np.where(fields.greenness > 0.4, _SCL_VEGETATION, _SCL_BARE)
        ground_class = np.where(fields.water > 0.5, _SCL_WATER, ground_class)
        painted["SCL"] = (np.where(cloud, _SCL_CLOUD, np.where(shadow, _SCL_SHADOW, ground_class)), np.True_)
        painted["QA60"] = (np.where(cloud, 1024, 0), np.True_)
        painted["MSK_CLDPRB"] = (np.where(cloud, 90.0, 5.0 * grain), np.True_)
        return painted

    sides = {name: ("uint16", side) for name, (_, side) in _S2_BANDS.items()}
    sides |= {"SCL": ("uint8", 20.0), "QA60": ("uint16", 60.0), "MSK_CLDPRB": ("uint8", 20.0)}
    lattices = {side: _lattice(city, side, _HALF_TILE_KM) for side in (10.0, 20.0, 60.0)}
    bands = tuple(BandSpec(name, dtype, *lattices[side]) for name, (dtype, side) in sides.items())
    properties = {**span(day, day), "MGRS_TILE": tile[1:], "CLOUDY_PIXEL_PERCENTAGE": round(100.0 * sky.cover, 3)}
    extent = _scene_extent(city, _HALF_TILE_KM)
    return FieldImage(f"COPERNICUS/S2_SR_HARMONIZED/{index}", bands, properties, extent, day.year, paint)


def _letters(city: PlanetCity) -> str:
    alphabet = "ABCDEFGHJKLMNPQRSTUV"
    key = text_key(city.id)
    return "CDEFGHJKLMNPQRSTUVWX"[int((city.lat + 80) // 8)] + alphabet[key % 20] + alphabet[key // 20 % 20]


def _sentinel() -> Collection:
    def make(where: Bounds | None, start_ms: float | None, end_ms: float | None) -> Iterable[ImageAsset]:
        for city in CITIES:
            if meets(_scene_extent(city, _HALF_TILE_KM), where):
                # Surface reflectance over China begins in December 2018.
                for day in _days(date(2018, 12, 14), 5, text_key(city.id) % 5, start_ms, end_ms):
                    yield _sentinel_scene(city, day)

    return Collection("COPERNICUS/S2_SR_HARMONIZED", make)


# MODIS ------------------------------------------------------------------------------------------------------------

_SINUSOIDAL = "SR-ORG:6974"


def _modis(asset_id: str, every: int, side: float, dtypes: Mapping[str, str]) -> Collection:
    transform = Affine(side, 0.0, -20_015_109.354, 0.0, -side, 10_007_554.677)
    bands = tuple(BandSpec(name, dtype, _SINUSOIDAL, transform) for name, dtype in dtypes.items())

    def scene(day: date) -> FieldImage:
        season = _season(day)

        def paint(fields: Fields, lon: Array, lat: Array) -> Painted:
            grain = fractal(lon * 92.0, lat * KM_PER_DEGREE_LAT, 1.0, 501, octaves=1)
            red, nir = (_reflectance(region, fields, season, grain) for region in ("red", "nir"))
            blue = _reflectance("blue", fields, season, grain)
            land = fields.water < 0.5
            return {
                "NDVI": (10_000.0 * (nir - red) / (nir + red), land),
                "EVI": (25_000.0 * (nir - red) / (nir + 6.0 * red - 7.5 * blue + 1.0), land),
                "SummaryQA": (np.zeros(lon.shape), np.True_),
                "LST_Day_1km": (_temperature(fields, season) / 0.02, np.True_),
                "LST_Night_1km": ((_temperature(fields, season) - 9.0) / 0.02, np.True_),
                "QC_Day": (np.zeros(lon.shape), np.True_),
            }

        properties = span(day, day + timedelta(days=every))
        return FieldImage(f"{asset_id}/{day:%Y_%m_%d}", bands, properties, WORLD, day.year, paint)

    def make(where: Bounds | None, start_ms: float | None, end_ms: float | None) -> Iterable[ImageAsset]:
        for year in range(2001, 2025):
            for number in range(0, 366, every):
                day = date(year, 1, 1) + timedelta(days=number)
                if day.year == year and in_time(milliseconds(day), start_ms, end_ms):
                    yield scene(day)

    return Collection(asset_id, make)


def collections() -> list[Collection]:
    """All optical collections."""
    return [
        _landsat("LC08"),
        _landsat("LC09"),
        _sentinel(),
        _modis("MODIS/061/MOD13Q1", 16, 231.65635826, {"NDVI": "int16", "EVI": "int16", "SummaryQA": "uint8"}),
        _modis(
            "MODIS/061/MOD11A2",
            8,
            926.62543306,
            {"LST_Day_1km": "uint16", "LST_Night_1km": "uint16", "QC_Day": "uint8"},
        ),
    ]
