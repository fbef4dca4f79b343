"""Landsat: calibration of raw scenes, a simple cloud score, the best scenes of each place, and a simple composite."""

import math
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.arithmetic import per_band
from ee_emulator.raster.collection import ImageCollection
from ee_emulator.raster.folds.numbers import quantiles
from ee_emulator.raster.pixel_type import FLOAT, NAMED, cast_values
from ee_emulator.raster.projection import COMPOSITE
from ee_emulator.raster.reducer import Reducer, Samples
from ee_emulator.raster.series_nodes import Answer, PixelSeries, Stack
from ee_emulator.raster.values import Band, Image, named
from ee_emulator.registry import algorithm
from ee_emulator.values import Date

BYTE = NAMED["uint8"]

# Mean solar irradiance, W/(m²·µm), and the constants of the thermal bands: Chander, Markham and Helder (2009), Remote
# Sensing of Environment 113, 893-903, tables 2 to 5 and 7. Scenes that bring their own figures do not need them.
IRRADIANCE: dict[str, dict[str, float]] = {
    "LANDSAT_4": {"1": 1983, "2": 1795, "3": 1539, "4": 1028, "5": 219.8, "7": 83.49},
    "LANDSAT_5": {"1": 1983, "2": 1796, "3": 1536, "4": 1031, "5": 220.0, "7": 83.44},
    "LANDSAT_7": {"1": 1997, "2": 1812, "3": 1533, "4": 1039, "5": 230.8, "7": 84.90, "8": 1362},
}
THERMAL: dict[str, tuple[float, float]] = {
    "LANDSAT_4": (671.62, 1284.30),
    "LANDSAT_5": (607.76, 1260.56),
    "LANDSAT_7": (666.09, 1282.71),
}


class Line(NamedTuple):
    """A linear calibration: `slope` · DN + `intercept`."""

    slope: float
    intercept: float


def _number(properties: Mapping[str, Any], key: str) -> float | None:
    value = properties.get(key)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _line(properties: Mapping[str, Any], kind: str, suffix: str) -> Line | None:
    """`KIND_MULT_BAND_n` and `KIND_ADD_BAND_n`."""
    slope = _number(properties, f"{kind}_MULT_BAND_{suffix}")
    return None if slope is None else Line(slope, _number(properties, f"{kind}_ADD_BAND_{suffix}") or 0.0)


def _suffix(name: str) -> str | None:
    """What a band is called in the metadata: B1 is BAND_1, B6_VCID_1 is BAND_6_VCID_1; None for a band of flags."""
    return name[1:] if name[:1] == "B" and name[1:2].isdigit() else None


def _radiance(properties: Mapping[str, Any], suffix: str) -> Line | None:
    found = _line(properties, "RADIANCE", suffix)
    if found is not None:
        return found
    # Metadata of before 2012 have the range instead.
    keys = (f"LMAX_BAND{suffix}", f"LMIN_BAND{suffix}", f"QCALMAX_BAND{suffix}", f"QCALMIN_BAND{suffix}")
    high, low, most, least = (_number(properties, key) for key in keys)
    if high is None or low is None or most is None or least is None or most == least:
        return None
    slope = (high - low) / (most - least)
    return Line(slope, low - slope * least)


def _linear(band: Band, line: Line) -> Band:
    return per_band([band], lambda v: v.astype(np.float64) * line.slope + line.intercept, FLOAT)


@algorithm("Landsat.calibratedRadiance")
def calibrated_radiance(image: Image) -> Image:
    """Each band as radiance, W/(m²·sr·µm), by the factors in the metadata; bands without factors stay (ours).

    Raises:
        EarthEngineError: No band has factors.
    """
    bands = dict(image.bands)
    for name, band in image.bands.items():
        suffix = _suffix(name)
        line = None if suffix is None else _radiance(image.properties, suffix)
        bands[name] = band if line is None else _linear(band, line)
    if bands == image.bands:
        raise EarthEngineError("Missing required metadata property: RADIANCE_MULT_BAND_n.")
    return image.computed().with_bands(bands)


@algorithm("Landsat.TOA")
def toa(input: Image) -> Image:
    """Reflectance at the top of the atmosphere, and temperature of the thermal bands in K; bands of flags stay.

    Factors come from the metadata, with those of Chander et al. (2009) where a scene of Landsat 4 to 7 lacks them.

    Raises:
        EarthEngineError: The metadata do not allow it for any band.
    """
    calibrated = {name: _calibrated(input, name) for name in input.bands}
    if not any(calibrated.values()):
        raise EarthEngineError("Image is not a Landsat scene or is missing calibration metadata.")
    return input.computed().with_bands({name: calibrated[name] or band for name, band in input.bands.items()})


def _calibrated(image: Image, name: str) -> Band | None:
    suffix = _suffix(name)
    if suffix is None:
        return None
    properties, band = image.properties, image.bands[name]
    sun = _sun(properties)
    reflectance = _line(properties, "REFLECTANCE", suffix)
    if reflectance is not None and sun is not None:
        return _linear(band, Line(reflectance.slope / sun, reflectance.intercept / sun))
    radiance = _radiance(properties, suffix)
    if radiance is None:
        return None
    spacecraft = str(properties.get("SPACECRAFT_ID", properties.get("SPACECRAFT", "")))
    constants = _thermal_constants(properties, suffix, spacecraft)
    if constants is not None:
        first, second = constants
        return per_band([band], lambda v: _temperature(v, radiance, first, second), FLOAT)
    irradiance = IRRADIANCE.get(spacecraft, {}).get(suffix)
    if irradiance is None or sun is None:
        return None
    factor = math.pi * _sun_distance(properties) ** 2 / (irradiance * sun)
    return _linear(band, Line(radiance.slope * factor, radiance.intercept * factor))


def _sun(properties: Mapping[str, Any]) -> float | None:
    """Sine of the sun's elevation, as of a horizontal surface."""
    elevation = _number(properties, "SUN_ELEVATION")
    return None if elevation is None or elevation <= 0 else math.sin(math.radians(elevation))


def _thermal_constants(properties: Mapping[str, Any], suffix: str, spacecraft: str) -> tuple[float, float] | None:
    first, second = (_number(properties, f"K{k}_CONSTANT_BAND_{suffix}") for k in (1, 2))
    if first is not None and second is not None:
        return first, second
    return THERMAL.get(spacecraft) if suffix.startswith("6") else None


def _temperature(values: NDArray[Any], line: Line, first: float, second: float) -> NDArray[Any]:
    """Planck's law solved for the temperature."""
    radiance = values.astype(np.float64) * line.slope + line.intercept
    return np.asarray(second / np.log(first / radiance + 1))


def _sun_distance(properties: Mapping[str, Any]) -> float:
    """Distance of the sun in astronomical units, from the metadata or from the day of the year."""
    given = _number(properties, "EARTH_SUN_DISTANCE")
    if given is not None:
        return given
    from ee_emulator.series.times import days_of_year

    start = properties.get("system:time_start", 0)
    day = days_of_year([start.ms if isinstance(start, Date) else float(start)])[0]
    return float(1 - 0.01672 * math.cos(math.radians(0.9856 * (day - 4))))


# Clouds -----------------------------------------------------------------------------------------------------------

_TM = ("B1", "B2", "B3", "B4", "B5", "B7")
SENSORS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "OLI_TIRS": (("B2", "B3", "B4", "B5", "B6", "B7"), ("B10",)),
    "ETM": (_TM, ("B6_VCID_1", "B6")),
    "TM": (_TM, ("B6",)),
}
"""Blue, green, red, near and two shortwave infrared bands, and the thermal one under the names that it may have."""


@algorithm("Landsat.simpleCloudScore")
def simple_cloud_score(image: Image) -> Image:
    """The image with a band `cloud`: how much a pixel is like a cloud, 0 to 100.

    The least of five rescaled measures: brightness in blue, in the visible and in the infrared bands, coolness, and
    not being snow; their ranges are those of the "SimpleCloudScore" example of Earth Engine's Code Editor. Fractions of
    the score are cut off (ours).

    Raises:
        EarthEngineError: The sensor is not known, or a band is missing.
    """
    visible, thermal = _spectral_bands(image)
    bands = [*visible, thermal]
    cloud = per_band(bands, _cloud_score, BYTE)
    return image.computed().with_bands(named([*image.bands, "cloud"], [*image.bands.values(), cloud]))


def _spectral_bands(image: Image) -> tuple[list[Band], Band]:
    sensor = str(image.properties.get("SENSOR_ID", "")).removesuffix("+")
    if sensor not in SENSORS:
        raise EarthEngineError("Image is not a Landsat scene or is missing SENSOR_ID metadata.")
    names, thermal = SENSORS[sensor]
    found = next((name for name in thermal if name in image.bands), thermal[0])
    return [image.band(name) for name in names], image.band(found)


def _thermal_bands(image: Image) -> set[str]:
    landsat_8 = image.properties.get("SENSOR_ID") == "OLI_TIRS"
    return {name for name in image.bands if name in ("B10", "B11") or (name.startswith("B6") and not landsat_8)}


def _cloud_score(*bands: NDArray[Any]) -> NDArray[Any]:
    blue, green, red, near, short, shorter, temperature = (b.astype(np.float64) for b in bands)
    total = green + short
    snow = np.divide(green - short, total, out=np.zeros_like(total), where=total != 0)
    measures = (
        (blue, 0.1, 0.3),
        (red + green + blue, 0.2, 0.8),
        (near + short + shorter, 0.3, 0.8),
        (temperature, 300.0, 290.0),
        (snow, 0.8, 0.6),
    )
    score = np.minimum.reduce([(value - clear) / (cloud - clear) for value, clear, cloud in measures])
    return np.asarray(np.clip(score, 0, 1) * 100)


# Collections ------------------------------------------------------------------------------------------------------


@algorithm("Landsat.pathRowLimit")
def path_row_limit(collection: ImageCollection, max_scenes_per_path_row: int, max_scenes_total: int) -> ImageCollection:
    """The least cloudy scenes of each path and row, and at most so many that overlap.

    Earth Engine counts the total for each tile that is computed. Here a scene is left out if so many better ones meet
    its footprint: near enough, and the same for every tile (ours).
    """

    def chosen() -> list[Image]:
        images = collection.images()
        ranked = sorted(range(len(images)), key=lambda k: _cloudiness(images[k]))
        cells: defaultdict[tuple[Any, Any], int] = defaultdict(int)
        kept: list[int] = []
        for k in ranked:
            cell = images[k].properties.get("WRS_PATH"), images[k].properties.get("WRS_ROW")
            if cells[cell] < max_scenes_per_path_row and _covering(images, kept, k) < max_scenes_total:
                cells[cell] += 1
                kept.append(k)
        return [images[k] for k in sorted(kept)]

    return ImageCollection(chosen, collection.properties)


def _cloudiness(image: Image) -> float:
    cover = _number(image.properties, "CLOUD_COVER")
    return math.inf if cover is None else cover


def _covering(images: list[Image], kept: list[int], new: int) -> int:
    """How many of the chosen scenes meet a new one."""
    outline = images[new].footprint
    others = (images[k].footprint for k in kept)
    return sum(outline is None or other is None or other.intersects(outline) for other in others)


@algorithm("Landsat.simpleComposite")
def simple_composite(
    collection: ImageCollection, percentile: int, cloud_score_range: int, max_depth: int, as_float: bool
) -> Image:
    """A percentile of each spectral band over the least cloudy raw scenes of each pixel.

    Scenes are calibrated and scored; at each pixel those count whose score is at most `cloudScoreRange` above the
    least one. Bytes are reflectance · 255 or K - 100, rounded.

    Raises:
        EarthEngineError: No scenes, ones that cannot be calibrated or scored, or a percentile beyond 0 to 100.
    """
    scenes = path_row_limit(collection, max_depth, len(collection.images())).images()
    if not scenes:
        raise EarthEngineError("The image collection is empty.")
    if not 0 <= percentile <= 100:
        raise EarthEngineError(f"Percentiles lie between 0 and 100, got {percentile}.")
    scored = [simple_cloud_score(toa(scene)) for scene in scenes]
    names = [name for name in scored[0].names if _suffix(name) is not None]
    layers = [[image.band("cloud"), *(image.band(name) for name in names)] for image in scored]
    thermal = _thermal_bands(scenes[0])
    scales = [None if as_float else (1.0, -100.0) if name in thermal else (255.0, 0.0) for name in names]
    middle = Reducer("percentile", ("p",), quantiles([percentile / 100]))

    def solve(stack: Stack) -> list[Answer]:
        score = np.where(stack.valid[0], stack.values[0], np.inf)
        clear = stack.valid[0] & (score <= score.min(axis=0) + cloud_score_range)
        answers = []
        for b, scale in enumerate(scales, 1):
            values, known = middle.apply(Samples((stack.values[b],), (clear & stack.valid[b],)))[0]
            answers.append((_scaled(values, scale), np.broadcast_to(known, values.shape)))
        return answers

    node, kind = PixelSeries(layers, solve), FLOAT if as_float else BYTE
    return Image({name: Band(node, kind, COMPOSITE, k) for k, name in enumerate(names)})


def _scaled(values: NDArray[Any], scale: tuple[float, float] | None) -> NDArray[Any]:
    if scale is None:
        return values.astype(np.float32)
    return cast_values(np.floor(values * scale[0] + scale[1] + 0.5), BYTE)


@algorithm("Landsat.translateMetadata")
def translate_metadata(input: Image) -> Image:
    """Nothing; Earth Engine keeps it for old scripts."""
    return input
