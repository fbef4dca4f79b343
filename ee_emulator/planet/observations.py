"""Raw observations of the 16 labels, as flawed as real ones: gaps, duplicates and slips of unit.

About half of a label's variance comes from fields that embeddings from space do not see (wealth, services, growth).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ee_emulator.catalog.base import Bounds, TableRow
from ee_emulator.planet.cities import PlanetCity
from ee_emulator.planet.fields import Fields, fields_at
from ee_emulator.planet.gridded import people_per_km2
from ee_emulator.planet.noise import text_key, uniform
from ee_emulator.planet.places import HALF_KM, cells, place

Array = NDArray[Any]


@dataclass(frozen=True)
class Label:
    """How a label is observed.

    Attributes:
        unit: Canonical unit.
        slip: Another unit in which some sources write.
        factor: Canonical units in one of the other.
        value: The true value from the fields, longitude and latitude.
    """

    unit: str
    slip: str
    factor: float
    value: Callable[[Fields, Array, Array], Array]


def _rational_growth(base: Array) -> Array:
    """1 + x + x²/2: an exponential's beginning, the same on every machine."""
    return 1.0 + base + base * base / 2.0


POINT_LABELS: Mapping[str, Label] = {
    "house_price": Label(
        "CNY/m2",
        "万元/平方米",
        10_000.0,
        lambda f, x, y: 3_500.0 * _rational_growth(3.4 * f.affluence + 1.6 * f.commerce + 0.7 * f.services),
    ),
    "rent": Label(
        "CNY/m2/month",
        "元/平方米/天",
        30.4375,
        lambda f, x, y: 9.0 * _rational_growth(2.3 * f.affluence + 1.8 * f.commerce + 0.5 * f.density),
    ),
    "enterprise_density": Label(
        "1/km2", "个/公顷", 100.0, lambda f, x, y: 900.0 * f.commerce * (0.4 + f.affluence) + 160.0 * f.industry + 8.0
    ),
    "hospital_access": Label(
        "min", "h", 60.0, lambda f, x, y: 4.0 + 38.0 * (1.0 - f.services) ** 2 + 6.0 * (1.0 - f.roads)
    ),
    "school_access": Label("min", "h", 60.0, lambda f, x, y: 3.0 + 26.0 * (1.0 - f.services) * (1.1 - f.density)),
    "pm25": Label(
        "ug/m3",
        "mg/m3",
        1_000.0,
        lambda f, x, y: 16.0 + 24.0 * (1.0 - f.warmth) + 16.0 * f.industry + 9.0 * f.density - 8.0 * f.greenness,
    ),
    "commute_time": Label(
        "min", "h", 60.0, lambda f, x, y: 18.0 + 26.0 * (1.0 - f.commerce) * (0.5 + f.growth) + 12.0 * f.density
    ),
    "green_access": Label(
        "min", "h", 60.0, lambda f, x, y: 3.0 + 30.0 * (1.0 - f.greenness) ** 2 * (1.2 - 0.5 * f.affluence)
    ),
}
DISTRICT_LABELS: Mapping[str, Label] = {
    "gdp_density": Label(
        "1e6 CNY/km2",
        "亿元/平方公里",
        100.0,
        lambda f, x, y: 20.0 + 6_500.0 * f.commerce * (0.2 + f.affluence) + 900.0 * f.industry + 700.0 * f.density,
    ),
    "wage": Label(
        "CNY/year", "万元/年", 10_000.0, lambda f, x, y: 38_000.0 + 150_000.0 * f.affluence + 60_000.0 * f.commerce
    ),
    "retail_turnover": Label(
        "1e6 CNY/km2",
        "亿元/平方公里",
        100.0,
        lambda f, x, y: 5.0 + 1_900.0 * f.commerce * (0.3 + f.affluence) + 260.0 * f.density,
    ),
    "ageing_share": Label(
        "%", "1", 100.0, lambda f, x, y: 24.0 - 14.0 * f.growth - 7.0 * f.affluence + 3.0 * f.services
    ),
    "tertiary_education_share": Label(
        "%", "1", 100.0, lambda f, x, y: 8.0 + 40.0 * f.affluence + 14.0 * f.services + 6.0 * f.commerce
    ),
    "migrant_share": Label(
        "%", "1", 100.0, lambda f, x, y: 8.0 + 45.0 * f.growth + 12.0 * f.industry + 8.0 * f.commerce
    ),
    "carbon_emission": Label(
        "t CO2/km2/year",
        "kt CO2/km2/year",
        1_000.0,
        lambda f, x, y: 300.0 + 42_000.0 * f.industry + 0.35 * people_per_km2(f, x, y) * (0.6 + 0.4 * f.affluence),
    ),
    "electricity_use": Label(
        "kWh/person/year",
        "MWh/person/year",
        1_000.0,
        lambda f, x, y: 1_400.0 + 2_400.0 * f.affluence + 1_800.0 * f.industry + 500.0 * (1.0 - f.warmth),
    ),
}
LABELS: Mapping[str, Label] = {**POINT_LABELS, **DISTRICT_LABELS}

_POINT_CELL_KM = 0.5
_SLIP, _DUPLICATE, _MISSING = 0.03, 0.02, 0.02


def point_rows(year: int) -> Callable[[PlanetCity, Bounds | None], Iterator[TableRow]]:
    """Point observations of one year: about one in two cells of 500 m a label, denser where people live."""

    def make(city: PlanetCity, bounds: Bounds | None) -> Iterator[TableRow]:
        key = text_key(city.id) + year
        i, j = cells(city, bounds, _POINT_CELL_KM)
        for number, (name, label) in enumerate(POINT_LABELS.items()):
            yield from _point_label(city, key + 100_000 * number, i, j, name, label, year)

    return make


def _point_label(
    city: PlanetCity, key: int, i: Array, j: Array, name: str, label: Label, year: int
) -> Iterator[TableRow]:
    for k in range(2):
        x = (i + uniform(i, j, key + 3 + k)) * _POINT_CELL_KM
        y = (j + uniform(i, j, key + 5 + k)) * _POINT_CELL_KM
        lon, lat = place(city, x, y)
        if not lon.size:
            return
        fields = fields_at(lon, lat, year)
        observed = uniform(i, j, key + 7 + k) < 0.30 + 0.6 * fields.density
        noise = 1.0 + 0.16 * (uniform(i, j, key + 11 + k) - 0.5)
        values = np.maximum(label.value(fields, lon, lat), 0.0) * noise
        flaw, month = uniform(i, j, key + 13 + k), uniform(i, j, key + 17 + k)
        for n in np.flatnonzero(observed & (fields.water < 0.5)).tolist():
            row = _observation(f"{city.id}_{name}_{i[n]}_{j[n]}_{k}", label, name, float(values[n]), float(flaw[n]))
            point = {"type": "Point", "coordinates": [float(lon[n]), float(lat[n])]}
            row |= {"city": city.id, "year": year, "observed_on": f"{year}-{1 + int(month[n] * 12):02d}-15"}
            yield TableRow(row["observation_id"], point, row)
            if _MISSING + _SLIP <= flaw[n] < _MISSING + _SLIP + _DUPLICATE:  # the same row once more, as exports have
                yield TableRow(row["observation_id"] + "_again", point, row)


def _observation(identity: str, label: Label, name: str, value: float, flaw: float) -> dict[str, Any]:
    row: dict[str, Any] = {"observation_id": identity, "label": name, "unit": label.unit, "source": "simulated survey"}
    if flaw >= _MISSING + _SLIP:
        return row | {"value": round(value, 4)}
    if flaw >= _MISSING:
        return row | {"unit": label.slip, "value": round(value / label.factor, 6)}
    return row  # a gap: the row is there, its value is not


# Districts --------------------------------------------------------------------------------------------------------

_DISTRICT_KM = 3.0


def _corner(city: PlanetCity, key: int, i: int, j: int) -> list[float]:
    """A corner of the district mesh, moved by chance; neighbours share it, so that districts tile the plane."""
    limit = int(HALF_KM / _DISTRICT_KM) * _DISTRICT_KM
    x = max(-limit, min(limit, (i + 0.6 * (float(uniform(key, i, j, 1)) - 0.5)) * _DISTRICT_KM))
    y = max(-limit, min(limit, (j + 0.6 * (float(uniform(key, i, j, 2)) - 0.5)) * _DISTRICT_KM))
    lon, lat = place(city, np.array(x), np.array(y))
    return [float(lon), float(lat)]


def district_rows(year: int) -> Callable[[PlanetCity, Bounds | None], Iterator[TableRow]]:
    """Districts of one year with their figures, one row a district and label."""

    def make(city: PlanetCity, bounds: Bounds | None) -> Iterator[TableRow]:
        key = text_key(city.id)
        count = int(HALF_KM / _DISTRICT_KM)
        for j in range(-count, count):
            for i in range(-count, count):
                ring = [_corner(city, key, *c) for c in ((i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1), (i, j))]
                if bounds is None or _near(ring, bounds):
                    yield from _district(city, key, i, j, ring, year)

    return make


def _near(ring: list[list[float]], bounds: Bounds) -> bool:
    xs, ys = [c[0] for c in ring], [c[1] for c in ring]
    return min(xs) <= bounds[2] and max(xs) >= bounds[0] and min(ys) <= bounds[3] and max(ys) >= bounds[1]


def _district(city: PlanetCity, key: int, i: int, j: int, ring: list[list[float]], year: int) -> Iterator[TableRow]:
    # Figures are means over a 9 × 9 lattice in the district's cell.
    offsets = (np.arange(9) + 0.5) / 9.0
    x, y = np.meshgrid((i + offsets) * _DISTRICT_KM, (j + offsets) * _DISTRICT_KM)
    lon, lat = place(city, x.ravel(), y.ravel())
    fields = fields_at(lon, lat, year)
    identity = f"{city.id}_{i + 100}_{j + 100}"
    polygon = {"type": "Polygon", "coordinates": [ring]}
    for number, (name, label) in enumerate(DISTRICT_LABELS.items()):
        chance = float(uniform(key + year, i, j, 900 + number))
        if chance > 0.93:  # the yearbook has no figure
            continue
        value = float(np.mean(np.maximum(label.value(fields, lon, lat), 0.0)))
        row = _observation(
            f"{identity}_{name}", label, name, value, max(float(uniform(key + year, i, j, number)), _MISSING)
        )
        row |= {"district_id": identity, "city": city.id, "year": year}
        yield TableRow(row["observation_id"], polygon, row)
