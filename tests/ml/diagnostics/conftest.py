"""A table of embeddings of ten cities: factors that vary from pixel to pixel, and one direction a region."""

from dataclasses import dataclass

import numpy as np
import polars as pl
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from numpy.typing import NDArray

from lake.aef import unit_length
from lake.cities import CITIES
from lake.grid import CityGrid, city_grid

ORIGIN = "Simulated data: no result about China."
TEN = ("beijing", "shanghai", "wuhan", "zhengzhou", "chengdu", "lanzhou", "shenyang", "harbin", "xian", "jinan")
YEARS = (2017, 2024)
PIXELS = 60
WIDTH = 24


@dataclass(frozen=True)
class Table:
    """Keys, embeddings (float32, unit length) and one label of the same rows."""

    keys: pl.DataFrame
    embeddings: NDArray[np.float32]
    label: NDArray[np.float64]

    @property
    def city(self) -> NDArray[np.object_]:
        return self.keys["city"].to_numpy()


@pytest.fixture(scope="session")
def table() -> Table:
    mixture = np.random.default_rng(1).normal(size=(4, WIDTH))
    names = sorted({city.region for city in CITIES.values()})
    regions = dict(zip(names, np.random.default_rng(4).normal(size=(4, WIDTH)), strict=True))
    keys, embeddings, labels = [], [], []
    for number, city in enumerate(TEN):
        rng = np.random.default_rng((2, number))
        factors = rng.normal(size=(PIXELS, 4))
        pixel = city_grid(city, PIXELS).pixel
        for year in YEARS:
            values = (factors + 0.02 * (year - 2017)) @ mixture + regions[CITIES[city].region]
            values += 0.05 * rng.normal(size=(PIXELS, WIDTH))
            embeddings.append(unit_length(values).astype(np.float32))
            labels.append(factors[:, 0] + 0.1 * rng.normal(size=PIXELS))
            keys.append(pl.DataFrame({"city": [city] * PIXELS, "year": [year] * PIXELS, "pixel": pixel}))
    return Table(pl.concat(keys), np.concatenate(embeddings), np.concatenate(labels))


def spread(grid: CityGrid) -> CityGrid:
    """Every pixel of 5 × 5 patches that begin every 20 pixels."""
    kept = (grid.rows % 20 < 5) & (grid.columns % 20 < 5)
    return CityGrid(grid.city, grid.crs, grid.transform, grid.ncols, grid.nrows, grid.pixel[kept])


def words(figure: Figure) -> str:
    """Everything that is written in a figure."""
    figure.canvas.draw()
    return " ".join(text.get_text() for text in figure.findobj(Text))
