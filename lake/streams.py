"""The seven streams: which bands each has, in which unit and within which limits.

This table is the contract between extraction, quality checks, training and the registered model's signature.
"""

from collections.abc import Mapping
from dataclasses import dataclass

AEF_NODATA = -128
TEXT_WIDTH = 64
"""Columns a language: the sentence embeddings (512-d) are projected to this width (ours)."""

POI_CATEGORIES = (
    "catering",
    "shopping",
    "daily_services",
    "sports_leisure",
    "healthcare",
    "hotel",
    "scenic",
    "residence",
    "government",
    "education",
    "transport",
    "finance",
    "company",
    "car_service",
)


@dataclass(frozen=True)
class Band:
    """One column of a stream.

    Attributes:
        name: Column name, unique within the stream.
        unit: UDUNITS-like unit; `1` for a pure number.
        low: Smallest physically sensible value; below it a check fails.
        high: Largest physically sensible value.
    """

    name: str
    unit: str
    low: float
    high: float


@dataclass(frozen=True)
class Stream:
    """One stream: a table of `pixel` (uint32) and one column a band.

    Attributes:
        name: Name of the stream and of its asset.
        title: For plots and documentation.
        dtype: Polars name of the columns' type: `Int8` for AEF, `Float32` otherwise.
        bands: Columns in order.
        kind: How a model treats it: `direction` (cosine loss) or `quantity` (squared loss).
    """

    name: str
    title: str
    dtype: str
    kind: str
    bands: tuple[Band, ...]

    @property
    def dataset(self) -> str:
        """Dataset in the lake."""
        return f"streams/{self.name}"

    @property
    def columns(self) -> tuple[str, ...]:
        """Band names in order."""
        return tuple(band.name for band in self.bands)

    @property
    def width(self) -> int:
        """Number of bands."""
        return len(self.bands)


def _index(name: str) -> Band:
    return Band(name, "1", -1.0, 1.0)


AEF = Stream(
    "aef",
    "AlphaEarth embedding",
    "Int8",
    "direction",
    tuple(Band(f"A{i:02d}", "1", -127, 127) for i in range(64)),
)
POPULATION = Stream(
    "population",
    "Population",
    "Float32",
    "quantity",
    (Band("worldpop_density", "km-2", 0, 200_000), Band("ghsl_density", "km-2", 0, 200_000)),
)
NIGHTLIGHTS = Stream(
    "nightlights",
    "Night-time lights",
    "Float32",
    "quantity",
    tuple(Band(f"radiance_{statistic}", "nW cm-2 sr-1", -1, 2_000) for statistic in ("mean", "median", "maximum")),
)
INDICES = Stream(
    "indices",
    "Remote-sensing indices",
    "Float32",
    "quantity",
    (
        _index("ndvi"),
        Band("evi", "1", -1.5, 1.5),
        Band("savi", "1", -1.5, 1.5),
        _index("ndwi"),
        _index("mndwi"),
        _index("ndbi"),
        _index("bsi"),
        _index("nbr"),
        Band("lst", "degC", -50, 80),
    ),
)
POI = Stream(
    "poi", "Points of interest", "Float32", "quantity", tuple(Band(c, "km-2", 0, 20_000) for c in POI_CATEGORIES)
)
MORPHOLOGY = Stream(
    "morphology",
    "Urban morphology",
    "Float32",
    "quantity",
    (
        Band("built_surface_fraction", "1", 0, 1),
        Band("built_nonresidential_fraction", "1", 0, 1),
        Band("built_height", "m", 0, 300),
        Band("road_density", "km km-2", 0, 100),
        Band("building_density", "1", 0, 1),
    ),
)
TEXT = Stream(
    "text",
    "Place text (zh, en)",
    "Float32",
    "direction",
    tuple(Band(f"{language}_{i:02d}", "1", -4, 4) for language in ("zh", "en") for i in range(TEXT_WIDTH)),
)

STREAMS: Mapping[str, Stream] = {
    stream.name: stream for stream in (AEF, POPULATION, NIGHTLIGHTS, INDICES, POI, MORPHOLOGY, TEXT)
}
