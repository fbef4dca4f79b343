"""What a spec means for a table: which column goes where, and whether it can."""

import difflib
import fnmatch
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from lake.errors import BadInputError
from ml.own_table.sources import Source
from ml.own_table.spec import LabelsSpec, StreamEntry
from ml.schema import Schema, StreamSpec, Transform

_PATTERN = frozenset("*?[")


@dataclass(frozen=True)
class Layout:
    """Where the columns of a network come from in a table.

    Attributes:
        schema: The streams; the columns of a list are called `name[0]`, `name[1]`, ….
        stored: Columns of the table whose numbers, side by side, are the schema's columns.
        lists: Name of each column of lists to its width.
    """

    schema: Schema
    stored: tuple[str, ...]
    lists: Mapping[str, int]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for files."""
        return {"streams": self.schema.to_dict(), "stored": list(self.stored), "lists": dict(self.lists)}

    @staticmethod
    def from_dict(content: Mapping[str, Any]) -> "Layout":
        """What `to_dict` gave."""
        return Layout(Schema.from_dict(content["streams"]), tuple(content["stored"]), dict(content["lists"]))


def resolve(streams: Mapping[str, StreamEntry], source: Source, named: Sequence[str]) -> Layout:
    """The columns of every stream.

    Args:
        streams: As the spec tells them.
        source: The table.
        named: Columns that the spec uses otherwise (labels, groups, keys): patterns pass over them.

    Raises:
        BadInputError: A column is missing or in two streams, a pattern fits nothing, or a type is not numeric.
    """
    specs = tuple(_stream(name, entry, source, set(named)) for name, entry in streams.items())
    lists = {entry.list_column: entry.width or 0 for entry in streams.values() if entry.list_column}
    stored = [
        column
        for spec, entry in zip(specs, streams.values(), strict=True)
        for column in ([entry.list_column] if entry.list_column else spec.columns)
    ]
    layout = Layout(Schema(specs), tuple(stored), lists)
    check_types(layout, source)
    return layout


def check_types(layout: Layout, source: Source) -> None:
    """The table has every column that a layout needs, of a type that it can be.

    Raises:
        BadInputError: It has not; names columns and types.
    """
    require(layout.stored, source, "the streams")
    for column in layout.stored:
        dtype = source.polars_type(column)
        if column in layout.lists:
            inner = getattr(dtype, "inner", None)
            if inner is None or not _numeric(inner):
                raise BadInputError(f"{source.path}: {column} should hold lists of numbers, but is of type {dtype}.")
        elif source.format != "csv" and not _numeric(dtype):  # in CSV files the values tell, when they are read
            raise BadInputError(
                f"{source.path}: the stream column {column} is of type {dtype}; streams take numbers. "
                "Cast it, encode it, or leave it out."
            )


def check_labels(spec: LabelsSpec, layout: Layout, source: Source) -> None:
    """Labels, groups, coordinates and keys are there, and no label is an input.

    Raises:
        BadInputError: Names the column.
    """
    require(spec.columns, source, "labels, groups, blocks and keys")
    if leaks := sorted(set(spec.labels) & {*layout.schema.columns, *layout.stored}):
        raise BadInputError(f"{', '.join(leaks)} is a label and in a stream: nothing is learnt from guessing an input.")
    measured = [name for name, kind in spec.labels.items() if kind == "quantity"]
    for column in measured if source.format != "csv" else []:
        if not _numeric(source.polars_type(column)):
            raise BadInputError(
                f"{source.path}: the label {column} is of type {source.polars_type(column)}; a quantity is a number. "
                f"Write `{column}: class` under `labels` where it names classes."
            )


def require(columns: Sequence[str], source: Source, what: str) -> None:
    """Raises BadInputError where the table lacks some columns, with those of nearly the same name."""
    lacking = [column for column in columns if column not in source.columns]
    if lacking:
        near = difflib.get_close_matches(lacking[0], source.columns, 3)
        hint = f" Did you mean {', '.join(near)}?" if near else f" It has {', '.join(source.columns[:12])}, …"
        raise BadInputError(f"{source.path} lacks {_some(lacking)}, which {what} need.{hint}")


def _stream(name: str, entry: StreamEntry, source: Source, named: set[str]) -> StreamSpec:
    if entry.list_column:
        columns = tuple(f"{entry.list_column}[{i}]" for i in range(entry.width or 0))
    else:
        columns = _expand(name, entry.columns, source, named)
    return StreamSpec(name, entry.title or name, columns, entry.kind, _transforms(name, entry, columns))


def _expand(name: str, wanted: Sequence[str], source: Source, named: set[str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for pattern in wanted:
        if pattern in source.columns or not _PATTERN & set(pattern):
            found[pattern] = None
            continue
        fitting = [column for column in fnmatch.filter(source.columns, pattern) if column not in named]
        if not fitting:
            raise BadInputError(
                f"No column of {source.path} fits {pattern!r} of the stream {name}: it has "
                f"{', '.join(source.columns[:12])}, …"
            )
        found |= dict.fromkeys(fitting)
    return tuple(found)


def _transforms(name: str, entry: StreamEntry, columns: tuple[str, ...]) -> tuple[Transform, ...]:
    if isinstance(entry.transform, str):
        return (entry.transform,) * len(columns)
    chosen: dict[str, Transform] = dict.fromkeys(columns, "identity")
    for pattern, transform in entry.transform.items():
        fitting = [pattern] if pattern in chosen else fnmatch.filter(columns, pattern)
        if not fitting:
            raise BadInputError(f"`transform` of the stream {name} names {pattern!r}, which is none of its columns.")
        chosen |= dict.fromkeys(fitting, transform)
    return tuple(chosen[column] for column in columns)


def _numeric(dtype: Any) -> bool:
    return bool(dtype.is_numeric() or dtype == pl.Boolean or dtype == pl.Null)


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    return f"the columns {', '.join(names[:8])}{more}" if len(names) > 1 else f"the column {names[0]}"
