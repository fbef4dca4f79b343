"""What a release is called, where it lies in the lake, and the sentences that go with it."""

from collections.abc import Mapping
from dataclasses import dataclass

from lake.cities import City
from lake.cities import city as find_city

EMBEDDINGS = "embeddings/aef_econ_256"
"""Dataset of the full embeddings: `pixel` and `embedding`, float32."""
WIDTHS = (128, 64)
"""Widths that are released: leading dimensions of the full embedding, scaled to unit length again."""
STATISTICS = "release/statistics"
PICTURE_AXES = "release/picture_axes"
CATALOG = "release/catalog.json"
OVERVIEW = "release/overview.png"

QUANTISATION = "value = sign(v) * (|v| / 127.5)^2 for a code v, as AlphaEarth's; then scale the vector to length 1"
LICENCE = "CC-BY-4.0"
ATTRIBUTION = (
    "The AlphaEarth Foundations Satellite Embedding dataset, from which this is derived, is produced by Google and "
    "Google DeepMind (CC-BY 4.0)."
)
SIMULATED_NOTE = "SIMULATED: computed on a simulated planet; it says nothing about the real city."
REAL_NOTE = "Computed on data of the real city."


def collection(width: int) -> str:
    """Id of the released collection of a width, such as `aef_econ_128`."""
    return f"aef_econ_{width}"


def dataset(width: int) -> str:
    """Dataset of the released table of a width."""
    return f"release/{collection(width)}"


def partition_file(dataset: str, city: str, year: int, name: str) -> str:
    """Where a file beside a partition's table lies, relative to the lake."""
    return f"{dataset}/city={city}/year={year}/{name}"


def table_path(dataset: str, city: str, year: int) -> str:
    """Where a partition's table lies, relative to the lake."""
    return partition_file(dataset, city, year, "part.parquet")


def cog_path(width: int, city: str, year: int) -> str:
    """Where a city-year's COG lies, relative to the lake."""
    return partition_file(dataset(width), city, year, "embedding.tif")


def item_path(width: int, city: str, year: int) -> str:
    """Where a city-year's STAC item lies, relative to the lake."""
    return partition_file(dataset(width), city, year, "item.json")


def picture_path(city: str, year: int) -> str:
    """Where a city-year's picture lies, relative to the lake."""
    return partition_file("release/pictures", city, year, "picture.png")


def bands(width: int) -> tuple[str, ...]:
    """Names of the bands of the COG and of the table's columns: E000 and on."""
    return tuple(f"E{i:03d}" for i in range(width))


@dataclass(frozen=True)
class Edition:
    """One city-year as a model embedded it: what every file of the release says about itself.

    Attributes:
        city: City id.
        year: Calendar year.
        model_name: Registered name of the model.
        model_digest: Digest of its weights. Version and run are not in the files: they change with every training,
            even where nothing else does; the registry finds them by the digest, a tag of the version.
        streams_version: Digest of the streams that were embedded.
        simulated: True where the streams or the model's training data were simulated.
    """

    city: str
    year: int
    model_name: str
    model_digest: str
    streams_version: str
    simulated: bool

    @property
    def place(self) -> City:
        """The city."""
        return find_city(self.city)

    @property
    def model(self) -> str:
        """Name and digest, such as `aef-econ@7c0e…`."""
        return f"{self.model_name}@{self.model_digest}"

    @property
    def title(self) -> str:
        """Such as `Wuhan 2020 (simulated data)`."""
        return f"{self.place.name_en} {self.year}{simulated_suffix(self.simulated)}"


def edition(city: str, year: int, metadata: Mapping[str, str]) -> Edition:
    """The edition that a partition of `embeddings/aef_econ_256` is, by its metadata."""
    return Edition(
        city,
        year,
        metadata["model_name"],
        metadata["model_digest"],
        metadata["streams_version"],
        is_simulated(metadata),
    )


def is_simulated(metadata: Mapping[str, str]) -> bool:
    """True where a partition's metadata says that it was simulated; unknown counts as simulated."""
    return metadata.get("simulated", "true") == "true"


def simulated_suffix(simulated: bool) -> str:
    """What a title ends with."""
    return " (simulated data)" if simulated else ""


def simulated_note(simulated: bool) -> str:
    """The sentence that says whether data are simulated; goes into every file."""
    return SIMULATED_NOTE if simulated else REAL_NOTE


def attribution(simulated: bool) -> str:
    """Whom to thank: for simulated data no one."""
    return "Derived from no real data." if simulated else ATTRIBUTION


def tags(edition: Edition, width: int) -> dict[str, str]:
    """Metadata of a released COG or table, ASCII but for the Chinese name."""
    return {
        "TIFFTAG_IMAGEDESCRIPTION": f"AEF-Econ {width}-d embedding of {edition.title}",
        "TIFFTAG_COPYRIGHT": f"{LICENCE}. {attribution(edition.simulated)}",
        "dataset": collection(width),
        "city": edition.city,
        "city_name": f"{edition.place.name_en} {edition.place.name_zh}",
        "year": str(edition.year),
        "model_name": edition.model_name,
        "model_digest": edition.model_digest,
        "streams_version": edition.streams_version,
        "quantisation": QUANTISATION,
        "simulated": str(edition.simulated).lower(),
        "note": simulated_note(edition.simulated),
    }
