"""The tables of the knowledge base as they are read here."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import polars as pl

from lake.errors import BadInputError

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "operators": (
        "name", "owner", "short", "kind", "returns", "parameters", "description", "deprecated", "uses", "scripts",
    ),
    "relationships": ("first", "second", "relation", "count", "scripts"),
    "patterns": ("operators", "ordered", "count", "support", "closed"),
    "chains": ("chain", "operators", "count", "scripts"),
    "functions": ("function", "category", "name", "terms", "description", "scripts"),
    "combinations": ("combination", "operators", "count"),
    "mapping": ("combination", "function", "score"),
    "datasets": ("id", "title", "provider", "type", "tags", "scripts"),
    "dataset_operators": ("dataset", "operator", "count", "scripts"),
    "scripts": ("id", "language", "text", "comments"),
}  # fmt: skip
"""Columns of each table that are used; there may be others."""

_BLOCK = 1 << 20


@dataclass(frozen=True)
class Knowledge:
    """All tables; see `COLUMNS`."""

    operators: pl.DataFrame
    relationships: pl.DataFrame
    patterns: pl.DataFrame
    chains: pl.DataFrame
    functions: pl.DataFrame
    combinations: pl.DataFrame
    mapping: pl.DataFrame
    datasets: pl.DataFrame
    dataset_operators: pl.DataFrame
    scripts: pl.DataFrame


def read_knowledge(folder: Path) -> Knowledge:
    """The tables of a folder.

    Raises:
        BadInputError: A table, or a column that is needed, is not there.
    """
    return Knowledge(**{table.name: _read(folder, table.name) for table in fields(Knowledge)})


def digest(folder: Path) -> str:
    """What the tables hold, in 16 hexadecimal digits.

    Raises:
        BadInputError: A table is not there.
    """
    found = hashlib.sha256()
    for name in COLUMNS:
        with _existing(folder, name).open("rb") as file:
            found.update(name.encode())
            while block := file.read(_BLOCK):
                found.update(block)
    return found.hexdigest()[:16]


def _read(folder: Path, name: str) -> pl.DataFrame:
    path = _existing(folder, name)
    there = pl.read_parquet_schema(path)
    if lacking := [column for column in COLUMNS[name] if column not in there]:
        raise BadInputError(f"{path} lacks {', '.join(lacking)}: build the knowledge base anew.")
    return pl.read_parquet(path, columns=list(COLUMNS[name]))


def _existing(folder: Path, name: str) -> Path:
    path = folder / f"{name}.parquet"
    if not path.is_file():
        raise BadInputError(f"{folder} is no knowledge base: it has no {path.name}. Build it, or name another folder.")
    return path
