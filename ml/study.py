"""The rows of a study: a few pixels of every city and year, the same ones each time, out of a lake of any profile.

A study trains dozens of models, and an interval by bootstrap over cities gets no narrower by more pixels of a city. The
profile `study` computes no more than are wanted; of larger partitions some pixels are drawn, evenly over the city.
"""

import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lake.errors import BadInputError
from lake.grid import city_grid, even_parts
from lake.partition_io import Lake
from ml.dataset import StreamTable, data_version, is_simulated, load_streams
from ml.probes import Benchmark, benchmark_version, load_benchmark

PIXELS = 600
"""Of a city and year (ours): as many as the profile `study` has."""


@dataclass(frozen=True)
class Study:
    """What models are compared on.

    Attributes:
        data: The streams of the rows drawn.
        benchmark: Their labels and splits.
        version: Digest of streams, labels, splits and of how rows were drawn.
        simulated: True where any stream came from the simulated planet.
    """

    data: StreamTable
    benchmark: Benchmark
    version: str
    simulated: bool


def study_sample(
    lake: Lake, partitions: Sequence[tuple[str, int]], pixels_per_city_year: int = PIXELS, seed: int = 0
) -> Study:
    """Draws a study's rows and joins them with labels and splits.

    One partition at a time is in memory, beside the rows drawn.

    Args:
        lake: Holds streams, labels and splits, of any profile.
        partitions: Cities and years.
        pixels_per_city_year: At most; partitions that have no more are taken whole.
        seed: Of the draw. A city's years have the same pixels, where the lake has.

    Raises:
        BadInputError: No partition or no pixel is asked for, or no row drawn has a label.
        PartitionMissingError: Streams or label tables were never built.
        UnknownCityError: A city is none of the 36.
    """
    chosen = sorted(set(partitions))
    if not chosen:
        raise BadInputError("A study needs at least one city and year: give the partitions that the lake has.")
    if pixels_per_city_year < 1:
        raise BadInputError(f"A study needs at least 1 pixel of a city and year, not {pixels_per_city_year}.")
    parts = [_drawn(lake, partition, pixels_per_city_year, seed) for partition in chosen]
    keys = pl.concat([part.keys for part in parts])
    data = StreamTable(keys, parts[0].schema, np.concatenate([part.raw for part in parts]))
    drawn = f"{pixels_per_city_year} {seed} {data_version(lake, chosen)} {benchmark_version(lake)}"
    version = hashlib.sha256(drawn.encode()).hexdigest()[:16]
    return Study(data, load_benchmark(lake, data), version, is_simulated(lake, chosen))


def evenly_drawn(pixel: NDArray[np.uint32], ncols: int, count: int, seed: Sequence[int]) -> NDArray[np.int64]:
    """Positions, ascending, of `count` pixels drawn evenly in space; of all where there are no more.

    The pixels are split into compact parts of equal size, one a pixel wanted, and one is drawn from each (ours).

    Args:
        pixel: Pixel numbers, row · ncols + col; (n,).
        ncols: Columns of the grid.
        count: Pixels wanted.
        seed: Of the draw.
    """
    if len(pixel) <= count:
        return np.arange(len(pixel))
    places = np.column_stack(np.divmod(pixel.astype(np.int64), ncols))
    rng = np.random.default_rng(seed)
    return np.sort([rng.choice(part) for part in even_parts(places, count)])


def _drawn(lake: Lake, partition: tuple[str, int], count: int, seed: int) -> StreamTable:
    whole = load_streams(lake, [partition])
    city, _ = partition
    of_city = (seed, zlib.crc32(city.encode()))
    rows = evenly_drawn(whole.keys["pixel"].to_numpy(), city_grid(city).ncols, count, of_city)
    return StreamTable(whole.keys[rows], whole.schema, whole.raw[rows])
