"""Points of interest and place descriptions: user assets, made cell by cell so that any window is quick."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ee_emulator.catalog.base import Bounds, TableRow
from ee_emulator.planet.assets import SIMULATED
from ee_emulator.planet.cities import CITIES, PlanetCity
from ee_emulator.planet.fields import KM_PER_DEGREE_LAT, Fields, fields_at
from ee_emulator.planet.noise import text_key, uniform

Array = NDArray[Any]
HALF_KM = 20.0
"""Tables reach so far from each city's centre."""

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

Rows = Callable[[PlanetCity, Bounds | None], Iterator[TableRow]]


@dataclass(frozen=True)
class CityTable:
    """A table that is made city by city, only where it is asked for."""

    id: str
    make: Rows
    properties: Mapping[str, Any] = field(default_factory=lambda: {"simulated": SIMULATED})

    def rows(self, bounds: Bounds | None = None) -> Iterable[TableRow]:
        """Rows of the cities that the extent meets, by city and cell."""
        for city in CITIES:
            dx, dy = HALF_KM / city.km_per_degree, HALF_KM / KM_PER_DEGREE_LAT
            extent = (city.lon - dx, city.lat - dy, city.lon + dx, city.lat + dy)
            if bounds is None or _meet(extent, bounds):
                yield from self.make(city, bounds)


def _meet(a: Bounds, b: Bounds) -> bool:
    return a[0] <= b[2] and b[0] <= a[2] and a[1] <= b[3] and b[1] <= a[3]


def cells(city: PlanetCity, bounds: Bounds | None, side_km: float) -> tuple[Array, Array]:
    """Columns and rows of the square cells about a city that meet the extent, row by row from the south-west."""
    count = int(HALF_KM / side_km)
    low_x, high_x, low_y, high_y = -count, count - 1, -count, count - 1
    if bounds is not None:
        per_x, per_y = city.km_per_degree / side_km, KM_PER_DEGREE_LAT / side_km
        low_x = max(low_x, int(np.floor((bounds[0] - city.lon) * per_x)))
        high_x = min(high_x, int(np.floor((bounds[2] - city.lon) * per_x)))
        low_y = max(low_y, int(np.floor((bounds[1] - city.lat) * per_y)))
        high_y = min(high_y, int(np.floor((bounds[3] - city.lat) * per_y)))
    i, j = np.meshgrid(np.arange(low_x, high_x + 1), np.arange(low_y, high_y + 1))
    return i.ravel(), j.ravel()


def place(city: PlanetCity, x_km: Array, y_km: Array) -> tuple[Array, Array]:
    """Longitude and latitude of places given in km from the centre, rounded to about 0.1 m."""
    return (
        np.round(city.lon + x_km / city.km_per_degree, 6),
        np.round(city.lat + y_km / KM_PER_DEGREE_LAT, 6),
    )


# Points of interest -----------------------------------------------------------------------------------------------

_POI_CELL_KM = 0.25


def _poi_intensity(category: str, f: Fields) -> Array:
    """Expected number in a cell of 250 m; young towns have parcel shops and new estates, old ones clinics."""
    rich, people = f.affluence, f.density
    return {
        "catering": 5.0 * f.commerce * (0.4 + rich) + 1.8 * people,
        "shopping": 5.5 * f.commerce * (0.3 + rich) + 1.4 * people,
        "daily_services": 2.6 * people * (0.2 + f.growth) + 1.2 * f.commerce,
        "sports_leisure": 1.6 * f.commerce * rich + 0.5 * people * rich,
        "healthcare": 1.1 * f.services + 0.8 * people * (1.0 - f.growth),
        "hotel": 1.5 * f.commerce * (0.2 + rich),
        "scenic": 0.25 * f.greenness * (0.3 + people) + 0.5 * f.water * people,
        "residence": 2.4 * people * (0.3 + 0.7 * f.growth) * (1.0 - 0.5 * f.commerce),
        "government": 0.5 * f.services,
        "education": 1.0 * f.services * (0.5 + 0.5 * rich),
        "transport": 0.7 * f.roads + 0.5 * f.commerce,
        "finance": 2.2 * f.commerce * rich * rich,
        "company": 2.6 * f.commerce * (0.3 + rich) + 1.6 * f.industry,
        "car_service": 0.6 * f.roads + 0.7 * f.industry,
    }[category] * (1.0 - f.water)


_MAX_PER_CELL = 12


def poi_rows(year: int) -> Rows:
    """Points of interest of one year."""

    def make(city: PlanetCity, bounds: Bounds | None) -> Iterator[TableRow]:
        key = text_key(city.id)
        i, j = cells(city, bounds, _POI_CELL_KM)
        if not i.size:
            return
        lon, lat = place(city, (i + 0.5) * _POI_CELL_KM, (j + 0.5) * _POI_CELL_KM)
        fields = fields_at(lon, lat, year)
        for number, category in enumerate(POI_CATEGORIES):
            yield from _poi_of_category(city, key, i, j, number, category, _poi_intensity(category, fields), year)

    return make


def _poi_of_category(
    city: PlanetCity, key: int, i: Array, j: Array, number: int, category: str, expected: Array, year: int
) -> Iterator[TableRow]:
    # The k-th place of a cell exists where its own threshold is met; it stays from year to year.
    for k in range(_MAX_PER_CELL):
        exists = uniform(i, j, key + 1000 * number + k) < np.minimum(expected - k * 0.8, 0.85)
        if not exists.any():
            continue
        a, b = i[exists], j[exists]
        x = (a + uniform(a, b, key + 17 + 1000 * number + k)) * _POI_CELL_KM
        y = (b + uniform(a, b, key + 31 + 1000 * number + k)) * _POI_CELL_KM
        lon, lat = place(city, x, y)
        for cell_i, cell_j, px, py in zip(a.tolist(), b.tolist(), lon.tolist(), lat.tolist(), strict=True):
            yield TableRow(
                f"{city.id}_{category}_{cell_i}_{cell_j}_{k}",
                {"type": "Point", "coordinates": [px, py]},
                {"category": category, "city": city.id, "year": year},
            )


# Place descriptions -----------------------------------------------------------------------------------------------

_PLACE_CELL_KM = 0.8

# For each field: thresholds with what a writer would say, in Chinese and English.
_PHRASES: tuple[tuple[str, tuple[tuple[float, str, str], ...]], ...] = (
    (
        "affluence",
        (
            (0.62, "高端住宅与国际品牌林立", "upscale homes and international brands"),
            (0.45, "中产社区，配套完善", "a comfortable middle-class neighbourhood"),
            (0.28, "普通居民区", "an ordinary residential area"),
            (0.0, "老旧小区，租金低廉", "an old estate with low rents"),
        ),
    ),
    (
        "commerce",
        (
            (0.45, "写字楼和购物中心密集", "packed with offices and shopping centres"),
            (0.18, "沿街商铺众多", "streets lined with small shops"),
            (0.0, "商业较少", "few shops"),
        ),
    ),
    (
        "services",
        (
            (0.45, "学校医院步行可达", "schools and hospitals within walking distance"),
            (0.2, "公共服务一般", "average public services"),
            (0.0, "公共服务不足", "short of public services"),
        ),
    ),
    (
        "industry",
        ((0.35, "工厂和物流园集中", "a belt of factories and logistics parks"), (0.0, "", "")),
    ),
    (
        "greenness",
        (
            (0.55, "公园绿地多，空气清新", "many parks and fresh air"),
            (0.3, "绿化尚可", "some greenery"),
            (0.0, "缺少绿地", "little green space"),
        ),
    ),
    (
        "growth",
        (
            (0.50, "近年来发展迅速，外来人口多", "growing fast and full of newcomers"),
            (0.35, "新开发项目不断，新居民增多", "new developments keep drawing residents"),
            (0.22, "人口稳定，略有增长", "steady with slight growth"),
            (0.10, "本地老居民为主，老龄化明显", "mostly long-time residents and ageing"),
            (0.0, "人口外流，以老人为主", "losing people; mostly the old remain"),
        ),
    ),
)


def describe(values: Mapping[str, float]) -> tuple[str, str]:
    """A place's description in Chinese and English."""
    zh, en = [], []
    for name, phrases in _PHRASES:
        _, chinese, english = next(p for p in phrases if values[name] >= p[0])
        if chinese:
            zh.append(chinese)
            en.append(english)
    return "，".join(zh) + "。", "; ".join(en).capitalize() + "."


def place_rows(year: int) -> Rows:
    """Place descriptions of one year: one in each cell of 800 m that is lived in."""

    def make(city: PlanetCity, bounds: Bounds | None) -> Iterator[TableRow]:
        key = text_key(city.id)
        i, j = cells(city, bounds, _PLACE_CELL_KM)
        if not i.size:
            return
        x = (i + 0.15 + 0.7 * uniform(i, j, key + 71)) * _PLACE_CELL_KM
        y = (j + 0.15 + 0.7 * uniform(i, j, key + 73)) * _PLACE_CELL_KM
        lon, lat = place(city, x, y)
        fields = fields_at(lon, lat, year)
        columns = {name: getattr(fields, name) for name, _ in _PHRASES}
        for n in np.flatnonzero((fields.density > 0.02) & (fields.water < 0.5)).tolist():
            zh, en = describe({name: float(column[n]) for name, column in columns.items()})
            yield TableRow(
                f"{city.id}_{i[n]}_{j[n]}",
                {"type": "Point", "coordinates": [float(lon[n]), float(lat[n])]},
                {"city": city.id, "year": year, "text_zh": city.name_zh + zh, "text_en": f"{city.name_en}: {en}"},
            )

    return make
