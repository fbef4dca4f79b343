"""Streams and labels of many partitions, out of the lake, as arrays that a model can be trained on."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lake.errors import BadInputError
from lake.partition_io import HASH_KEY, Lake
from lake.streams import AEF_NODATA, STREAMS, Stream
from ml.schema import SEVEN, Schema

LABELS_DATASET = "labels/chn_econ_labels"


@dataclass(frozen=True)
class StreamTable:
    """Streams, row by row.

    Attributes:
        keys: What a row is; of the seven streams `city` (str), `year` (Int32), `pixel` (UInt32): a pixel-year.
        schema: The streams.
        raw: Their columns side by side in raw units, NaN where missing; float32 (rows, columns), in memory or
            memory-mapped. AEF holds its int8 codes.
    """

    keys: pl.DataFrame
    schema: Schema
    raw: NDArray[np.float32]

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.raw)

    @property
    def values(self) -> Mapping[str, NDArray[np.float32]]:
        """Columns of each stream, (rows, width) each: views."""
        return {name: self.raw[:, columns] for name, columns in self.schema.slices.items()}

    def rows_of(self, cities: Iterable[str]) -> NDArray[np.int64]:
        """Row numbers of some cities, ascending."""
        return np.flatnonzero(self.keys["city"].is_in(list(cities)).to_numpy())


def load_streams(lake: Lake, partitions: Sequence[tuple[str, int]]) -> StreamTable:
    """Reads every stream of the partitions; a pixel that a stream lacks is missing (NaN) there.

    Raises:
        BadInputError: No partition is asked for.
        PartitionMissingError: A stream of one of them was never written.
    """
    if not partitions:
        raise BadInputError("No partitions to train on: materialise the seven streams of some cities and years first.")
    parts = [_load_partition(lake, city, year) for city, year in partitions]
    keys = pl.concat([part.keys for part in parts])
    return StreamTable(keys, SEVEN, np.concatenate([part.raw for part in parts]))


def load_labels(lake: Lake) -> pl.DataFrame:
    """The label table: `city`, `year`, `pixel` and 16 Float64 columns on the catalogue's transformed scale."""
    return lake.read_table(LABELS_DATASET)


def data_version(lake: Lake, partitions: Iterable[tuple[str, int]]) -> str:
    """Digest over the content hashes of every stream of the partitions, whatever their order."""
    hashes = sorted(
        f"{name}|{city}|{year}|{lake.metadata(stream.dataset, city, year).get(HASH_KEY, 'missing')}"
        for city, year in partitions
        for name, stream in STREAMS.items()
    )
    return hashlib.sha256("\n".join(hashes).encode()).hexdigest()[:16]


def is_simulated(lake: Lake, partitions: Iterable[tuple[str, int]]) -> bool:
    """True where any stream of any partition came from the simulated planet; unknown counts as simulated."""
    return any(
        lake.metadata(stream.dataset, city, year).get("simulated", "true") == "true"
        for city, year in partitions
        for stream in STREAMS.values()
    )


def stream_columns(stream: Stream, table: pl.DataFrame) -> NDArray[np.float32]:
    """A stream's columns as float32 (rows, width), NaN where missing; AEF keeps its codes.

    Raises:
        BadInputError: A band is missing from the table; names it.
    """
    lacking = [column for column in stream.columns if column not in table.columns]
    if lacking:
        raise BadInputError(f"The stream {stream.name} lacks the columns {', '.join(lacking)}: extract it again.")
    values = table.select(pl.col(stream.columns).cast(pl.Float32).fill_null(float("nan"))).to_numpy()
    if stream.dtype == "Int8":
        values = np.where(values == AEF_NODATA, np.float32(np.nan), values)
    return np.ascontiguousarray(values, dtype=np.float32)


def align(streams: Mapping[str, pl.DataFrame]) -> tuple[pl.Series, dict[str, NDArray[np.float32]]]:
    """Tables of one partition on their common pixels.

    Args:
        streams: The table of each stream: `pixel` and its columns.

    Returns:
        Every pixel that any stream has, ascending (UInt32), and each stream's columns for them.

    Raises:
        BadInputError: A stream is unknown or missing, or a pixel stands twice in one.
    """
    if set(streams) != set(STREAMS):
        raise BadInputError(f"The streams {', '.join(STREAMS)} are needed; got {', '.join(sorted(streams))}.")
    for name, table in streams.items():
        if table["pixel"].is_duplicated().any():
            raise BadInputError(f"The stream {name} has a pixel twice: extract the partition again.")
    pixels = pl.concat([table.select("pixel") for table in streams.values()]).unique().sort("pixel")
    return pixels["pixel"], {
        name: stream_columns(stream, pixels.join(streams[name], on="pixel", how="left", maintain_order="left"))
        for name, stream in STREAMS.items()
    }


def _load_partition(lake: Lake, city: str, year: int) -> StreamTable:
    pixel, values = align({name: lake.read(stream.dataset, city, year) for name, stream in STREAMS.items()})
    keys = pl.DataFrame({"pixel": pixel}).select(
        pl.lit(city).alias("city"), pl.lit(year, pl.Int32).alias("year"), "pixel"
    )
    return StreamTable(keys, SEVEN, raw_matrix(values))


def raw_matrix(values: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float32]:
    """The seven streams' raw columns side by side, in the network's order; float32 (n, columns)."""
    return np.concatenate([values[name] for name in SEVEN.names], axis=1).astype(np.float32, copy=False)
