"""A user's table as a memory-mapped matrix: read once, some rows at a time, and read again only where it changed."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow.parquet as pq
from numpy.typing import NDArray

from lake.atomic import replacing
from lake.errors import BadInputError
from ml.dataset import StreamTable
from ml.own_table.disk import room_on
from ml.own_table.layout import Layout
from ml.own_table.sources import Source

Float = NDArray[np.float32]
Say = Callable[[str], None]
_VERSION = 1
_TELL_EVERY = 500_000


@dataclass(frozen=True)
class ColumnFacts:
    """What was seen of the stream columns; (columns,) each.

    Attributes:
        known: Rows with a finite value.
        infinite: Rows with ±inf, or a number that float32 cannot hold; taken as missing.
        low: Smallest finite value, NaN where there is none.
        high: Largest.
    """

    known: NDArray[np.int64]
    infinite: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    @property
    def constant(self) -> NDArray[np.bool_]:
        """Columns with one value wherever they have any; (columns,)."""
        return np.asarray((self.known > 0) & (self.low == self.high))


@dataclass(frozen=True)
class Matrix:
    """A table that was read.

    Attributes:
        folder: Holds its files.
        layout: Its streams.
        digest: Of the table's bytes.
        rows: Number of rows that were taken.
        facts: What was seen of its columns.
    """

    folder: Path
    layout: Layout
    digest: str
    rows: int
    facts: ColumnFacts

    @cached_property
    def streams(self) -> StreamTable:
        """The stream columns, memory-mapped; no keys."""
        shape = (self.rows, self.layout.schema.width)
        raw = np.memmap(self.folder / "streams.f32", np.float32, "r", shape=shape)
        return StreamTable(pl.DataFrame(), self.layout.schema, raw)

    def columns(self, names: Sequence[str]) -> pl.DataFrame:
        """Labels, groups, coordinates or keys, row by row with the streams."""
        return pl.read_parquet(self.folder / "columns.parquet", columns=list(names))


def read_matrix(source: Source, layout: Layout, named: Sequence[str], where: str, folder: Path, say: Say) -> Matrix:
    """Reads a table into files of a folder; where they are of this table and layout already, nothing is read.

    Args:
        source: The table.
        layout: Its streams.
        named: Further columns, kept as they are.
        where: Rows that are taken, as an SQL condition; empty: all.
        folder: Of the files.
        say: Told how far it is.

    Raises:
        BadInputError: No row is left, the condition cannot be understood, a list has another length, or a value is no
            number.
    """
    asked = {"version": _VERSION, "layout": layout.to_dict(), "named": list(named), "where": where}
    before = _before(folder)
    digest = before.get("digest", "") if before.get("stamp") == source.stamp() else source.digest()
    if before and before["asked"] == asked and before["digest"] == digest:
        say(f"The table was read before: {before['rows']:,} rows.")
        return _matrix(folder, layout, before)
    (folder / "table.json").unlink(missing_ok=True)
    condition = _condition(where, source)
    read = _Reading(layout, source)
    with (
        room_on(folder),
        replacing(folder / "streams.f32") as streams,
        replacing(folder / "columns.parquet") as columns,
    ):
        _write(read.parts(named, condition, say), named, source, streams, columns)
    if not read.rows:
        raise BadInputError(
            f"{source.path} has {read.seen:,} rows, and none of them fulfils `where: {where}`."
            if read.seen
            else f"{source.path} has no rows."
        )
    told = {
        "asked": asked,
        "digest": digest,
        "stamp": source.stamp(),
        "rows": read.rows,
        "facts": {name: values.tolist() for name, values in vars(read.facts()).items()},
    }
    with replacing(folder / "table.json") as temporary:
        temporary.write_text(json.dumps(told), encoding="utf-8")
    say(f"Read {read.rows:,} of {read.seen:,} rows, {layout.schema.width} stream columns.")
    return _matrix(folder, layout, json.loads(json.dumps(told)))


def numbers(layout: Layout, table: pl.DataFrame, first_row: int) -> Float:
    """The stream columns of some rows, NaN where null, as numpy takes them; float32 (rows, columns).

    Args:
        layout: The streams.
        table: Has the columns that they need.
        first_row: Number of its first row in the whole table, for errors.

    Raises:
        BadInputError: A list has another length than the spec says.
    """
    if not layout.lists:
        cast = table.select(pl.col(layout.stored).cast(pl.Float32).fill_null(float("nan")))
        return np.asarray(cast.to_numpy(writable=True), np.float32)
    parts = [
        _unpacked(table[name], layout.lists[name], first_row)
        if name in layout.lists
        else table[name].cast(pl.Float32).fill_null(float("nan")).to_numpy()[:, None]
        for name in layout.stored
    ]
    return np.concatenate(parts, axis=1)


class _Reading:
    """One pass over a table, with what is seen on the way."""

    def __init__(self, layout: Layout, source: Source) -> None:
        self.layout, self.source = layout, source
        self.seen = self.rows = 0
        width = layout.schema.width
        self._known, self._infinite = np.zeros(width, np.int64), np.zeros(width, np.int64)
        self._low, self._high = np.full(width, np.inf), np.full(width, -np.inf)

    def parts(self, named: Sequence[str], condition: pl.Expr | None, say: Say) -> Iterator[tuple[Float, pl.DataFrame]]:
        """Stream columns and named columns of the rows that are taken, some at a time."""
        needed = condition.meta.root_names() if condition is not None else []
        wanted = tuple(dict.fromkeys([*self.layout.stored, *named, *needed]))
        plain = [name for name in self.layout.stored if name not in self.layout.lists]
        told = 0
        for table in self.source.batches(wanted, plain, self.layout.schema.width):
            first, self.seen = self.seen, self.seen + table.height
            if condition is not None:
                table = _filtered(table, condition, self.source)
            values = numbers(self.layout, table, first)
            self._look_at(values)
            self.rows += len(values)
            if self.seen >= told + _TELL_EVERY:
                told = self.seen
                say(f"Reading: {self.seen:,} rows")
            yield values, table.select(named)

    def facts(self) -> ColumnFacts:
        """What was seen."""
        nothing = self._known == 0
        low, high = np.where(nothing, np.nan, self._low), np.where(nothing, np.nan, self._high)
        return ColumnFacts(self._known, self._infinite, low, high)

    def _look_at(self, values: Float) -> None:
        """Takes note of some rows, and makes missing what is infinite."""
        infinite = np.isinf(values)
        if infinite.any():
            values[infinite] = np.nan
            self._infinite += infinite.sum(axis=0)
        known = ~np.isnan(values)
        self._known += known.sum(axis=0)
        if len(values):
            self._low = np.minimum(self._low, np.where(known, values, np.inf).min(axis=0))
            self._high = np.maximum(self._high, np.where(known, values, -np.inf).max(axis=0))


def _write(
    parts: Iterator[tuple[Float, pl.DataFrame]], named: Sequence[str], source: Source, streams: Path, columns: Path
) -> None:
    types = pl.Schema({name: source.polars_type(name) for name in named})
    empty = pl.DataFrame(schema=types).to_arrow()
    with streams.open("wb") as file, pq.ParquetWriter(columns, empty.schema, compression="zstd") as writer:
        for values, table in parts:
            file.write(np.ascontiguousarray(values).data)
            writer.write_table(table.cast(types).to_arrow().cast(empty.schema))


def _unpacked(lists: pl.Series, width: int, first_row: int) -> Float:
    there = lists.is_not_null().to_numpy()
    given = lists.drop_nulls()
    lengths = given.arr.len() if isinstance(given.dtype, pl.Array) else given.list.len()
    wrong = np.flatnonzero(lengths.to_numpy() != width)
    if len(wrong):
        raise BadInputError(
            f"Row {first_row + int(np.flatnonzero(there)[wrong[0]])} has {lengths[int(wrong[0])]} numbers in "
            f"{lists.name}; the spec says `width: {width}`."
        )
    values = np.full((len(lists), width), np.nan, np.float32)
    if len(given):
        values[there] = given.explode().cast(pl.Float32).fill_null(float("nan")).to_numpy().reshape(-1, width)
    return values


def _condition(where: str, source: Source) -> pl.Expr | None:
    if not where:
        return None
    try:
        condition = pl.sql_expr(where)
    except (pl.exceptions.PolarsError, pl.exceptions.ComputeError) as error:
        raise BadInputError(f"`where: {where}` is no SQL condition: {error}") from None
    lacking = [name for name in condition.meta.root_names() if name not in source.columns]
    if lacking:
        raise BadInputError(f"`where: {where}` names {', '.join(lacking)}, which {source.path} lacks.")
    return condition


def _filtered(table: pl.DataFrame, condition: pl.Expr, source: Source) -> pl.DataFrame:
    try:
        return table.filter(condition)
    except pl.exceptions.PolarsError as error:
        raise BadInputError(f"`where` cannot be answered from {source.path}: {error}") from None


def _before(folder: Path) -> dict[str, Any]:
    path = folder / "table.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def _matrix(folder: Path, layout: Layout, told: dict[str, Any]) -> Matrix:
    seen = told["facts"]
    known, infinite = (np.asarray(seen[name], np.int64) for name in ("known", "infinite"))
    low, high = (np.asarray(seen[name], np.float64) for name in ("low", "high"))
    facts = ColumnFacts(known, infinite, low, high)
    return Matrix(folder, layout, told["digest"], told["rows"], facts)
