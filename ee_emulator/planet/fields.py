"""The hidden fields: smooth functions of place and year that drive every simulated data set.

Each city has a core, sub-centres, corridors, industry at the fringe, a river, parks and a wealthier side; its size and
wealth follow from its tier, its growth from chance. Nothing here is a measurement of China.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ee_emulator.planet.cities import CITIES, PlanetCity
from ee_emulator.planet.noise import fractal, step, text_key, uniform

Array = NDArray[np.float64]
KM_PER_DEGREE_LAT = 110.57
REACH_KM = 90.0
"""Beyond this distance from every centre there is countryside."""

_RADIUS = {"1": 13.0, "new1": 10.5, "2": 8.5, "3": 6.0}
_WEALTH = {"1": 1.0, "new1": 0.72, "2": 0.52, "3": 0.36}
_REGION_WEALTH = {"East": 0.10, "Central": 0.0, "West": -0.06, "Northeast": -0.10}


@dataclass(frozen=True)
class Fields:
    """Hidden fields at some places; arrays of one shape, in [0, 1] unless said otherwise.

    Attributes:
        density: People and buildings.
        built: Sealed surface.
        height: Building height, 0..1 for 0..90 m.
        water: Water surface.
        greenness: Vegetation.
        soil: Bare ground.
        industry: Factories.
        commerce: Shops and offices.
        services: Public services.
        affluence: Wealth; not visible from space but through lights, shops and words.
        growth: Change since 2017.
        elevation: 0..1.
        warmth: Climate, 0 cold to 1 hot.
        roads: Road density.
    """

    density: Array
    built: Array
    height: Array
    water: Array
    greenness: Array
    soil: Array
    industry: Array
    commerce: Array
    services: Array
    affluence: Array
    growth: Array
    elevation: Array
    warmth: Array
    roads: Array


@lru_cache(maxsize=64)
def _profile(city: PlanetCity) -> dict[str, float]:
    """What chance gave a city: radius, wealth, growth, the bearing of river and rich side."""
    key = text_key(city.id)
    chance = [float(uniform(key, k)) for k in range(8)]
    angle = chance[0] * 2.0 - 1.0
    return {
        "key": float(key % 1_000_003),
        "radius": _RADIUS[city.tier] * (0.85 + 0.3 * chance[1]),
        "wealth": min(max(_WEALTH[city.tier] + _REGION_WEALTH[city.region] + 0.16 * (chance[2] - 0.5), 0.1), 1.0),
        "growth": 0.25 + 0.6 * chance[3] + (0.15 if city.tier in ("1", "new1") else 0.0),
        "slope": angle * 1.2,
        "offset": (chance[4] - 0.5) * 6.0,
        "rich_x": chance[5] * 2.0 - 1.0,
        "rich_y": chance[6] * 2.0 - 1.0,
    }


def _nearest_city(lon: Array, lat: Array) -> NDArray[np.int64]:
    """Index of the nearest city for each place; −1 in the countryside."""
    best = np.full(lon.shape, np.inf)
    index = np.full(lon.shape, -1, np.int64)
    if not lon.size:
        return index
    west, east, south, north = lon.min() - 1.2, lon.max() + 1.2, lat.min() - 1.0, lat.max() + 1.0
    for number, city in enumerate(CITIES):
        if not (west <= city.lon <= east and south <= city.lat <= north):
            continue
        squared = ((lon - city.lon) * city.km_per_degree) ** 2 + ((lat - city.lat) * KM_PER_DEGREE_LAT) ** 2
        nearer = (squared < best) & (squared < REACH_KM**2)
        best[nearer], index[nearer] = squared[nearer], number
    return index


def fields_at(lon: Array, lat: Array, year: int) -> Fields:
    """The hidden fields at places (degrees) in a year. Any shape."""
    index = _nearest_city(lon, lat)
    parts = [int(k) for k in np.unique(index)]
    if len(parts) == 1:
        return _fields(None if parts[0] < 0 else CITIES[parts[0]], lon, lat, year)
    whole = {name: np.zeros(lon.shape) for name in Fields.__dataclass_fields__}
    for k in parts:
        chosen = index == k
        part = _fields(None if k < 0 else CITIES[k], lon[chosen], lat[chosen], year)
        for name, array in whole.items():
            array[chosen] = getattr(part, name)
    return Fields(**whole)


def _fields(city: PlanetCity | None, lon: Array, lat: Array, year: int) -> Fields:
    # One frame for all of China gives noise that does not jump between cities.
    gx, gy = lon * 92.0, lat * KM_PER_DEGREE_LAT
    time = (year - 2017) / 7.0
    warmth = np.minimum(np.maximum((52.0 - lat) / 34.0, 0.0), 1.0)
    elevation = _elevation(lon, gx, gy)
    if city is None:
        return _countryside(gx, gy, warmth, elevation)
    p = _profile(city)
    seed = int(p["key"])
    x, y = (lon - city.lon) * city.km_per_degree, (lat - city.lat) * KM_PER_DEGREE_LAT
    water = _water(p, x, y, gx, gy, seed)
    growth = p["growth"] * fractal(x, y, 9.0, seed + 1)
    density = _density(p, x, y, seed, growth, time) * (1.0 - water)
    roads = _roads(x, y, density, seed) * (1.0 - water)
    industry = _industry(p, x, y, seed, growth, time) * (1.0 - water)
    commerce = _centres(p, x, y, seed + 40) * (0.25 + 0.75 * density) * (1.0 + 0.3 * growth * time) * (1.0 - water)
    services = (0.3 + 0.7 * fractal(x, y, 2.2, seed + 50)) * (0.2 + 0.8 * density) * (1.0 - water)
    parks = step(fractal(x, y, 1.6, seed + 60), 0.6, 0.74) * (1.0 - water)
    built = np.minimum(0.08 + 0.75 * density + 0.5 * industry, 1.0) * (1.0 - 0.85 * parks) * (1.0 - water)
    greenness = _vegetation(gx, gy, warmth) * (1.0 - 0.8 * built) * (1.0 - water)
    greenness = np.minimum(greenness + 0.45 * parks * (0.4 + 0.6 * warmth), 1.0)
    soil = np.maximum(1.0 - built - greenness - water, 0.0)
    height = np.minimum(density * (0.35 + 0.8 * commerce + 0.4 * fractal(x, y, 0.8, seed + 70)) * (1.0 - parks), 1.0)
    affluence = _affluence(p, x, y, seed, density, time)
    return Fields(
        density,
        built,
        height,
        water,
        greenness,
        soil,
        np.minimum(industry, 1.0),
        np.minimum(commerce, 1.0),
        np.minimum(services, 1.0),
        affluence,
        growth,
        elevation,
        warmth,
        roads,
    )


def _elevation(lon: Array, gx: Array, gy: Array) -> Array:
    west = np.minimum(np.maximum((112.0 - lon) / 22.0, 0.0), 1.0)
    return np.minimum(west * 0.7 + 0.25 * fractal(gx, gy, 40.0, 11) * (0.3 + west), 1.0)


def _vegetation(gx: Array, gy: Array, warmth: Array) -> Array:
    return (0.3 + 0.55 * warmth) * (0.55 + 0.6 * fractal(gx, gy, 5.0, 12, octaves=4))


def _countryside(gx: Array, gy: Array, warmth: Array, elevation: Array) -> Fields:
    zero = np.zeros_like(gx)
    greenness = np.minimum(_vegetation(gx, gy, warmth), 1.0)
    villages = 0.06 * step(fractal(gx, gy, 3.0, 13), 0.55, 0.8)
    soil = np.maximum(1.0 - greenness - villages, 0.0)
    low = zero + 0.05
    return Fields(
        villages,
        villages,
        0.1 * villages,
        zero,
        greenness,
        soil,
        zero,
        zero,
        zero,
        low,
        zero,
        elevation,
        warmth,
        villages,
    )


def _water(p: dict[str, float], x: Array, y: Array, gx: Array, gy: Array, seed: int) -> Array:
    """A river past the centre, and lakes."""
    across = y - p["slope"] * x - p["offset"] - 5.0 * (fractal(x, y, 12.0, seed + 2) - 0.5)
    width = 0.25 + 0.5 * fractal(x, y, 20.0, seed + 3)
    river = 1.0 - step(np.abs(across), 0.7 * width, 1.1 * width)
    lakes = step(fractal(gx, gy, 4.5, 14), 0.74, 0.80)
    return np.maximum(river, lakes)


def _density(p: dict[str, float], x: Array, y: Array, seed: int, growth: Array, time: float) -> Array:
    """A core that thins out, with sub-centres and a grain of blocks; the fringe grows."""
    radius = p["radius"]
    core = 1.0 / (1.0 + (x * x + y * y) / (radius * radius)) ** 2
    sub = _centres(p, x, y, seed + 20)
    grain = fractal(x, y, 1.1, seed + 30)
    fringe = growth * time * (0.25 + 0.5 * core) * (1.0 - core)
    return np.minimum((0.72 * core + 0.30 * sub + fringe) * (0.45 + 0.85 * grain), 1.0)


def _centres(p: dict[str, float], x: Array, y: Array, seed: int) -> Array:
    """Some centres of their own around the city's, each a rational bump."""
    total = np.zeros_like(x)
    for k in range(6):
        cx = (float(uniform(seed, k, 1)) - 0.5) * 2.4 * p["radius"]
        cy = (float(uniform(seed, k, 2)) - 0.5) * 2.4 * p["radius"]
        size = 0.9 + 1.8 * float(uniform(seed, k, 3))
        strength = 0.4 + 0.6 * float(uniform(seed, k, 4))
        total = np.maximum(total, strength / (1.0 + ((x - cx) ** 2 + (y - cy) ** 2) / (size * size)))
    centre = 1.0 / (1.0 + (x * x + y * y) / 6.0) ** 2
    return np.minimum(np.maximum(total, centre) * (0.6 + 0.7 * fractal(x, y, 0.7, seed + 9)), 1.0)


def _roads(x: Array, y: Array, density: Array, seed: int) -> Array:
    ridges = 1.0 - np.abs(2.0 * fractal(x, y, 2.4, seed + 80) - 1.0)
    return np.minimum(0.15 * step(ridges, 0.85, 1.0) + density * (0.45 + 0.5 * fractal(x, y, 0.9, seed + 81)), 1.0)


def _industry(p: dict[str, float], x: Array, y: Array, seed: int, growth: Array, time: float) -> Array:
    """Zones between half and twice the city's radius."""
    distance = (x * x + y * y) / (p["radius"] * p["radius"])
    belt = step(distance, 0.15, 0.6) * (1.0 - step(distance, 2.5, 5.0))
    zones = step(fractal(x, y, 3.5, seed + 90), 0.52 - 0.06 * time * p["growth"], 0.72)
    return belt * zones * (0.6 + 0.4 * growth)


def _affluence(p: dict[str, float], x: Array, y: Array, seed: int, density: Array, time: float) -> Array:
    """The city's level, a wealthier side and neighbourhoods of their own."""
    side = (p["rich_x"] * x + p["rich_y"] * y) / (2.0 * p["radius"])
    bounded = side / (1.0 + np.abs(side))
    local = fractal(x, y, 3.0, seed + 100)
    level = p["wealth"] * (0.55 + 0.12 * time) + 0.14 * bounded + 0.55 * (local - 0.5) + 0.10 * density
    return np.minimum(np.maximum(level, 0.02), 1.0)
