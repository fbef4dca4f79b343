"""Remote-sensing indices from a cloud-free composite of the year, by Landsat 8 and 9 or by Sentinel-2."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import ee
import numpy as np

from assets.extraction.errors import ExtractionError
from assets.extraction.job import Extraction, Job, stream_table
from assets.extraction.requests import fetch_raster, fetch_value
from assets.extraction.sources import Found, find, in_year, over, provenance, to_grid
from lake.streams import INDICES

MODIS_LST = "MODIS/061/MOD11A2"
_KELVIN_TO_CELSIUS = -273.15
_EVI_LIMIT = 1.5


@dataclass(frozen=True)
class Sensor:
    """How one sensor's scenes become clear, scaled bands.

    Attributes:
        collections: Asset ids, all with the same bands.
        bands: Band of the sensor for each of ours.
        quality: Bands that `clear` needs.
        clear: From a scene to the mask of its usable pixels.
        scale: Reflectance = number · scale + offset.
        offset: See `scale`.
    """

    collections: tuple[str, ...]
    bands: Mapping[str, str]
    quality: tuple[str, ...]
    clear: Callable[[ee.Image], ee.Image]
    scale: float
    offset: float


def landsat_clear(scene: ee.Image) -> ee.Image:
    """Usable pixels of a Landsat Collection 2 scene.

    QA_PIXEL's bits 0 to 5 are fill, dilated cloud, cirrus, cloud, cloud shadow and snow (snow is weather, not the
    city: ours); QA_RADSAT is not 0 where a band is saturated or hidden by terrain.
    """
    spoilt = scene.select("QA_PIXEL").bitwiseAnd(0b111111)
    usable: ee.Image = spoilt.eq(0).And(scene.select("QA_RADSAT").eq(0))
    return usable


def sentinel2_clear(scene: ee.Image) -> ee.Image:
    """Usable pixels of a Sentinel-2 scene: classes 4 vegetation, 5 bare, 6 water and 7 unclassified of SCL.

    Left out are no data, saturated, dark, shadow, three of cloud, and snow.
    """
    classes = scene.select("SCL")
    usable: ee.Image = classes.gte(4).And(classes.lte(7))
    return usable


SENSORS: Mapping[str, Sensor] = {
    "landsat": Sensor(
        collections=("LANDSAT/LC08/C02/T1_L2", "LANDSAT/LC09/C02/T1_L2"),
        bands={
            "blue": "SR_B2",
            "green": "SR_B3",
            "red": "SR_B4",
            "nir": "SR_B5",
            "swir1": "SR_B6",
            "swir2": "SR_B7",
            "thermal": "ST_B10",
        },
        quality=("QA_PIXEL", "QA_RADSAT"),
        clear=landsat_clear,
        scale=0.0000275,
        offset=-0.2,
    ),
    "sentinel2": Sensor(
        collections=("COPERNICUS/S2_SR_HARMONIZED",),
        bands={"blue": "B2", "green": "B3", "red": "B4", "nir": "B8", "swir1": "B11", "swir2": "B12"},
        quality=("SCL",),
        clear=sentinel2_clear,
        scale=0.0001,
        offset=0.0,
    ),
}
_THERMAL_SCALE, _THERMAL_OFFSET = 0.00341802, 149.0
"""ST_B10 to kelvin."""

Bands = Mapping[str, ee.Image]


def _normalised(first: ee.Image, second: ee.Image) -> ee.Image:
    return first.subtract(second).divide(first.add(second))


def _evi(b: Bands) -> ee.Image:
    """Huete et al. 2002; masked near its pole, which bright ground with little red comes close to."""
    denominator = b["nir"].add(b["red"].multiply(6.0)).subtract(b["blue"].multiply(7.5)).add(1.0)
    evi = b["nir"].subtract(b["red"]).multiply(2.5).divide(denominator)
    return evi.updateMask(evi.abs().lte(_EVI_LIMIT))


def _savi(b: Bands) -> ee.Image:
    """Huete 1988, with L = 0.5."""
    return b["nir"].subtract(b["red"]).multiply(1.5).divide(b["nir"].add(b["red"]).add(0.5))


FORMULAS: Mapping[str, tuple[tuple[str, ...], Callable[[Bands], ee.Image]]] = {
    "ndvi": (("nir", "red"), lambda b: _normalised(b["nir"], b["red"])),  # Rouse et al. 1974
    "evi": (("nir", "red", "blue"), _evi),
    "savi": (("nir", "red"), _savi),
    "ndwi": (("green", "nir"), lambda b: _normalised(b["green"], b["nir"])),  # McFeeters 1996
    "mndwi": (("green", "swir1"), lambda b: _normalised(b["green"], b["swir1"])),  # Xu 2006
    "ndbi": (("swir1", "nir"), lambda b: _normalised(b["swir1"], b["nir"])),  # Zha et al. 2003
    "bsi": (
        ("swir1", "red", "nir", "blue"),
        lambda b: _normalised(b["swir1"].add(b["red"]), b["nir"].add(b["blue"])),  # Rikimaru et al. 2002
    ),
    "nbr": (("nir", "swir2"), lambda b: _normalised(b["nir"], b["swir2"])),  # Key and Benson 2006
    "lst": (("thermal",), lambda b: b["thermal"]),
}
"""For each index the bands that it needs and its expression."""


def extract_indices(job: Job) -> Extraction:
    """The nine indices of a year.

    The median of all clear observations of each band at native scale, the indices of that composite, and their means
    over 100 m. Surface temperature is Landsat's own; with Sentinel-2, which has no thermal band, MODIS's at 1 km.
    An index whose bands the catalogue lacks is null, and the metadata say so.

    Raises:
        ExtractionError: There is no scene at all.
    """
    sensor = SENSORS[job.session.indices_sensor]
    found = [(name, _scenes(job, name)) for name in sensor.collections]
    used = [(scenes, there) for name, scenes in found if (there := find(job, name, scenes)).indices]
    if not used:
        raise ExtractionError(
            f"{job.title}: there is no scene of {' or '.join(sensor.collections)}. Sentinel-2's surface reflectance "
            "over China begins in December 2018; AEF_ECON_INDICES_SENSOR=landsat reaches back to 2013."
        )
    scenes = used[0][0]
    for more, _ in used[1:]:
        scenes = scenes.merge(more)
    bands = _available(job, sensor, scenes)
    images = index_images(sensor, scenes, bands)
    sources = [(there, str(job.year)) for _, there in used]
    if "thermal" not in sensor.bands:
        temperature, modis = _modis_temperature(job)
        if temperature is not None:
            images["lst"] = temperature
            sources.append((modis, str(job.year)))
    return _extraction(job, images, sources, _notes(sensor, bands, images, used))


def _scenes(job: Job, collection: str) -> ee.ImageCollection:
    return in_year(over(job, collection), job.year)


def _available(job: Job, sensor: Sensor, scenes: ee.ImageCollection) -> tuple[str, ...]:
    """Ours of the sensor's bands that the scenes have."""
    names = fetch_value(job, scenes.first().bandNames())
    missing = [name for name in sensor.quality if name not in names]
    if missing:
        raise ExtractionError(
            f"{job.title}: the scenes of {' and '.join(sensor.collections)} have no band {', '.join(missing)}, without "
            f"which clouds cannot be told; they have {', '.join(names)}."
        )
    return tuple(ours for ours, theirs in sensor.bands.items() if theirs in names)


def index_images(sensor: Sensor, scenes: ee.ImageCollection, bands: Sequence[str]) -> dict[str, ee.Image]:
    """Expressions of the indices that some bands allow, on the grid that pixels are asked for.

    Args:
        sensor: Whose scenes.
        scenes: Not empty.
        bands: Ours that the scenes have.
    """
    composite = _composite(sensor, scenes, bands)
    layers = {name: composite.select(name) for name in bands}
    return {
        name: to_grid(formula(layers).rename(name))
        for name, (needed, formula) in FORMULAS.items()
        if set(needed) <= set(bands)
    }


def _composite(sensor: Sensor, scenes: ee.ImageCollection, bands: Sequence[str]) -> ee.Image:
    """Median of clear observations, on the red band's lattice; reflectance in 0..1, temperature in °C.

    Reflectance is held to 0..1, which the retrieval overshoots over dark water, for a normalised difference of numbers
    of unlike sign is not between −1 and 1.
    """
    theirs = [sensor.bands[name] for name in bands]

    def cleared(scene: ee.Image) -> ee.Image:
        clear: ee.Image = scene.select(theirs, list(bands)).updateMask(sensor.clear(scene))
        return clear

    # The median of numbers as they are stored: scaling them once afterwards gives the same and costs less.
    stored = scenes.map(cleared).median()
    reflectance = stored.multiply(sensor.scale).add(sensor.offset).clamp(0.0, 1.0)
    composite: ee.Image = reflectance.select([name for name in bands if name != "thermal"])
    if "thermal" in bands:
        kelvin = stored.select("thermal").multiply(_THERMAL_SCALE).add(_THERMAL_OFFSET)
        composite = composite.addBands(kelvin.add(_KELVIN_TO_CELSIUS))
    lattice = scenes.first().select(sensor.bands["red"] if "red" in bands else theirs[0]).projection()
    on_lattice: ee.Image = composite.setDefaultProjection(lattice)
    return on_lattice


def _modis_temperature(job: Job) -> tuple[ee.Image | None, Found]:
    """Median daytime temperature of the year by MODIS, °C, bilinear from 1 km; None where there is none."""
    images = _scenes(job, MODIS_LST)
    found = find(job, MODIS_LST, images)
    if not found.indices:
        return None, found

    def good(image: ee.Image) -> ee.Image:
        produced = image.select("QC_Day").bitwiseAnd(0b11).lte(1)  # 0 good, 1 of lesser quality; 2 and 3 not produced
        temperature: ee.Image = image.select("LST_Day_1km").updateMask(produced)
        return temperature

    kelvin = images.map(good).median().multiply(0.02)
    lattice = images.first().select("LST_Day_1km").projection()
    return kelvin.add(_KELVIN_TO_CELSIUS).setDefaultProjection(lattice).resample("bilinear").rename("lst"), found


def _notes(
    sensor: Sensor,
    bands: Sequence[str],
    images: Mapping[str, ee.Image],
    used: Sequence[tuple[ee.ImageCollection, Found]],
) -> dict[str, str]:
    scenes = [index for _, there in used for index in there.indices]
    notes = {"scenes": str(len(scenes)), "scene_ids": ", ".join(scenes)}
    absent = [name for name in INDICES.columns if name not in images]
    if absent:
        lacking = [theirs for ours, theirs in sensor.bands.items() if ours not in bands]
        notes["note"] = f"null for want of bands {', '.join(lacking) or '(thermal)'}: {', '.join(absent)}"
    return notes


def _extraction(
    job: Job, images: Mapping[str, ee.Image], sources: Sequence[tuple[Found, str]], notes: Mapping[str, str]
) -> Extraction:
    there = [name for name in INDICES.columns if name in images]
    fetched = job.grid.gather(fetch_raster(job, ee.Image.cat(*(images[name] for name in there)), there))
    values = np.full((job.grid.pixel.size, INDICES.width), np.nan, np.float32)
    values[:, [INDICES.columns.index(name) for name in there]] = fetched
    metadata = provenance(job, sources, sensor=job.session.indices_sensor, composite="median of clear scenes", **notes)
    return Extraction(stream_table(INDICES, job.grid, values), metadata)
