"""Scripts as tables, for the lake, and back."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import get_args

import polars as pl

from codegen.corpora.script import Dropped, Language, Script
from codegen.corpora.selection import Selection
from lake.errors import BadInputError

Schema = Mapping[str, type[pl.DataType]]

SCRIPTS: Schema = {
    "id": pl.String,
    "corpus": pl.String,
    "origin": pl.String,
    "licence": pl.String,
    "language": pl.String,
    "text": pl.String,
    "comments": pl.String,
}
"""A row a script that was kept; see `codegen.corpora.script.Script`."""
DROPPED: Schema = {"origin": pl.String, "reason": pl.String, "detail": pl.String}
"""A row a script that was put aside; see `codegen.corpora.script.Dropped`."""


def tables(selection: Selection) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Scripts and what was dropped, in the order of finding."""
    return _table(selection.scripts, SCRIPTS), _table(selection.dropped, DROPPED)


def scripts_from(table: pl.DataFrame) -> list[Script]:
    """Scripts of a table.

    Raises:
        BadInputError: It has not the columns of `SCRIPTS`, or a language that is neither.
    """
    _refuse_other(table, SCRIPTS)
    if unknown := set(table["language"].unique()) - set(get_args(Language)):
        raise BadInputError(f"A table of scripts has the languages {', '.join(map(repr, unknown))}.")
    return [Script(**row) for row in table.iter_rows(named=True)]


def dropped_from(table: pl.DataFrame) -> list[Dropped]:
    """What was dropped, of a table.

    Raises:
        BadInputError: It has not the columns of `DROPPED`.
    """
    _refuse_other(table, DROPPED)
    return [Dropped(**row) for row in table.iter_rows(named=True)]


def corpus_hash(scripts: Iterable[Script]) -> str:
    """Digest of which scripts there are, whatever their order; 16 hexadecimal digits."""
    return hashlib.sha256("\n".join(sorted(script.id for script in scripts)).encode()).hexdigest()[:16]


def _table(rows: list[Script] | list[Dropped], schema: Schema) -> pl.DataFrame:
    return pl.DataFrame({name: [getattr(row, name) for row in rows] for name in schema}, schema=dict(schema))


def _refuse_other(table: pl.DataFrame, schema: Schema) -> None:
    if dict(table.schema) != {name: kind() for name, kind in schema.items()}:
        raise BadInputError(
            f"A table of scripts has the columns {', '.join(table.columns)}; needed: {', '.join(schema)}."
        )
