"""An index on the disk: `current.json` names the folder beside it that holds the newest version.

A version is written beside the others and renamed, then `current.json` is replaced. The version before stays for those
who have just read its name; older ones are removed.
"""

from __future__ import annotations

import json
import shutil
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import polars as pl

from codegen.retrieval.dense import WIDTH, Vector
from codegen.retrieval.lexical import Lexical
from lake.atomic import replacing
from lake.errors import BadInputError

DOCUMENTS: Mapping[str, pl.DataType | type[pl.DataType]] = {
    "id": pl.String,
    "kind": pl.String,
    "title": pl.String,
    "text": pl.String,
    "operators": pl.List(pl.String),
    "dataset": pl.String,
    "weight": pl.Float64,
    "fingerprint": pl.String,
}
"""A row a document, kind by kind; see `codegen.retrieval.documents.Document`. The fingerprint is of its embedding."""

_CURRENT = "current.json"
_ABANDONED = 24 * 3_600
"""Seconds after which what a killed build left is removed."""


def current(folder: Path) -> str | None:
    """The version in a folder; None where there is none.

    Raises:
        BadInputError: What should name it is not what an index has.
    """
    path = folder / _CURRENT
    if not path.is_file():
        return None
    try:
        version = str(json.loads(path.read_text(encoding="utf-8"))["version"])
    except (ValueError, KeyError, TypeError) as error:
        raise BadInputError(f"{path} is not that of an index: remove the folder, or name another.") from error
    return version if (folder / version).is_dir() else None


@contextmanager
def new_version(folder: Path, version: str) -> Iterator[Path]:
    """A folder to be written, which becomes the current version at the end; after an error it is removed."""
    folder.mkdir(parents=True, exist_ok=True)
    before = current(folder)
    temporary = folder / f".{version}.{uuid.uuid4().hex}.tmp"
    temporary.mkdir()
    try:
        yield temporary
        if not (folder / version).exists():  # another build of the same tables may have been first
            temporary.rename(folder / version)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    with replacing(folder / _CURRENT) as path:
        path.write_text(json.dumps({"version": version}), encoding="utf-8")
    _sweep(folder, {version, before})


def write(place: Path, table: pl.DataFrame, vectors: Vector, lexical: Lexical) -> None:
    """Writes a version's parts."""
    table.write_parquet(place / "documents.parquet")
    np.save(place / "vectors.npy", vectors)
    (place / "words").mkdir()
    lexical.write(place / "words")


def read(folder: Path) -> tuple[pl.DataFrame, Vector, Lexical]:
    """The current version's parts.

    Raises:
        BadInputError: There is none.
    """
    version = current(folder)
    if version is None:
        raise BadInputError(f"{folder} is no index: build one there, or name another folder.")
    place = folder / version
    table = pl.read_parquet(place / "documents.parquet")
    vectors: Vector = np.asarray(np.load(place / "vectors.npy", mmap_mode="r"))
    if vectors.shape != (table.height, WIDTH):
        raise BadInputError(f"{place} is broken: {table.height} documents, embeddings {vectors.shape}. Build it anew.")
    return table, vectors, Lexical.read(place / "words")


def _sweep(folder: Path, kept: set[str | None]) -> None:
    """Removes older versions, and what killed builds left."""
    for path in folder.iterdir():
        is_left = path.suffix == ".tmp" and time.time() - path.stat().st_mtime > _ABANDONED
        is_version = path.is_dir() and path.suffix != ".tmp"
        if path.is_dir() and (is_left or (is_version and path.name not in kept)):
            shutil.rmtree(path, ignore_errors=True)
