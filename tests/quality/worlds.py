"""Good partitions to poison: smooth over the city, within their limits, always the same."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lake.aef import quantise, unit_length
from lake.grid import CityGrid, city_grid
from lake.streams import STREAMS, Stream

CITY, PIXELS = "wuhan", 400


def grid() -> CityGrid:
    """The tests' city."""
    return city_grid(CITY, PIXELS)


def smooth_fields(count: int, seed: int, on: CityGrid | None = None) -> NDArray[np.float64]:
    """Fields between 0 and 1 that wave over the city, (pixels, count)."""
    on = on or grid()
    draw = np.random.default_rng(seed)
    x, y = on.columns / 10.0, on.rows / 10.0
    a, b, phase = draw.uniform(-1, 1, (3, count))
    return 0.5 + 0.5 * np.sin(np.outer(x, a) + np.outer(y, b) + 6 * phase)


def stream_table(stream: Stream, seed: int = 1, on: CityGrid | None = None) -> pl.DataFrame:
    """A partition that every check should pass."""
    on = on or grid()
    fields = smooth_fields(stream.width, seed, on)
    if stream.dtype == "Int8":
        values = quantise(unit_length(fields - 0.5))
    else:
        low, high = (np.array([getattr(band, end) for band in stream.bands]) for end in ("low", "high"))
        # the lower half of the limits: a unit slip of 1000 must leave them
        values = (low + (0.05 + 0.4 * fields) * (high - low)).astype(np.float32)
    return table_of(on.pixel, stream.columns, values)


def table_of(pixel: NDArray[np.uint32], columns: Sequence[str], values: NDArray[np.generic]) -> pl.DataFrame:
    """`pixel` and one column a band."""
    return pl.DataFrame({"pixel": pixel}).hstack(pl.DataFrame(values, schema=list(columns), orient="row"))


ALL_STREAMS = tuple(STREAMS.values())
