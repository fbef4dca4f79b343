"""The table of records: its columns, and what is wrong with one that does not have them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Literal, get_type_hints

import polars as pl

from codegen.evaluation.record import ERROR_CLASSES, Record
from lake.errors import BadInputError

SYSTEM = ("model", "solver")
"""What is scored: a model, asked in one way."""
ITEM = (*SYSTEM, "section", "function", "case")
"""A case as a system met it; its epochs are the draws of pass@k."""
PROGRAM = (*SYSTEM, "function", "epoch")
"""What a system wrote: one program a task and epoch, with which all cases of the task are judged."""
REFERENCE = "reference"
"""The model that answers with the benchmark's own solutions: shown, but not ranked."""
NOT_TOLD = "not told"
"""Type or difficulty of a task that has none."""

Network = Literal["counted", "left_out"]
"""What a failure of the network is: a failure, as AutoGEEval counts it, or no verdict."""

_KINDS: dict[type, type[pl.DataType]] = {str: pl.String, int: pl.Int64, float: pl.Float64, bool: pl.Boolean}


def _schema() -> dict[str, type[pl.DataType]]:
    hints = get_type_hints(Record)
    return {field.name: _KINDS.get(hints[field.name], pl.String) for field in fields(Record)}


SCHEMA = _schema()
"""Columns of a table of records, in the order of the fields of `Record`."""


def records_frame(records: Sequence[Record]) -> pl.DataFrame:
    """Records as a table, which may be empty."""
    rows = [tuple(getattr(record, name) for name in SCHEMA) for record in records]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def checked(records: pl.DataFrame) -> pl.DataFrame:
    """The table with its columns in order and of their types, what is not told named so, sorted by case and epoch.

    Raises:
        BadInputError: Columns are missing or of another type, an error class is not one of the six, or a case of a
            system is there twice for an epoch.
    """
    missing = [name for name in SCHEMA if name not in records.columns]
    if missing:
        raise BadInputError(
            f"The table of records lacks the columns {', '.join(missing)}: it must have the fields of "
            "codegen.evaluation.record.Record, as `eecode eval run` writes them."
        )
    try:
        table = records.select(pl.col(name).cast(kind) for name, kind in SCHEMA.items())
    except pl.exceptions.PolarsError as error:
        raise BadInputError(f"The table of records has a column of another type than Record: {error}") from None
    _check_classes(table)
    _check_unique(table)
    told = [pl.col(name).replace("", NOT_TOLD).fill_null(NOT_TOLD) for name in ("type", "difficulty")]
    return table.with_columns(told).sort(*ITEM, "epoch")


def systems(records: pl.DataFrame) -> list[tuple[str, str]]:
    """Model and solver of each system, in alphabetical order."""
    return [(str(model), str(solver)) for model, solver in records.select(SYSTEM).unique().sort(SYSTEM).iter_rows()]


def without_network(records: pl.DataFrame) -> pl.DataFrame:
    """The records in which the network did its part."""
    return records.filter(pl.col("error").ne_missing("network"))


def _check_classes(table: pl.DataFrame) -> None:
    unknown = set(table["error"].drop_nulls().unique()) - set(ERROR_CLASSES)
    if unknown:
        raise BadInputError(
            f"Error classes that there are not: {', '.join(sorted(unknown))}. There are: {', '.join(ERROR_CLASSES)}."
        )


def _check_unique(table: pl.DataFrame) -> None:
    twice = table.group_by(*ITEM, "epoch").len().filter(pl.col("len") > 1)
    if twice.height:
        first = twice.sort(*ITEM, "epoch").row(0, named=True)
        raise BadInputError(
            f"{twice.height:,} verdicts are there twice, first {first['case']} of {first['model']}/{first['solver']}, "
            f"epoch {first['epoch']}: give each run once, and runs of one system another name of the model."
        )
