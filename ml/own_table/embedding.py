"""Embeddings of a user's tables as Parquet: key columns, then `e000`, `e001`, … (float32, unit length)."""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from lake.atomic import replacing
from lake.errors import BadInputError
from ml.fusion import Encoder
from ml.inference import run_network
from ml.model_files import load_trained
from ml.own_table.disk import room_on
from ml.own_table.layout import Layout, check_types, require
from ml.own_table.matrix import Matrix, Say, numbers
from ml.own_table.sources import Source, open_source

Float = NDArray[np.float32]
MODEL, COLUMNS = "model.pt", "columns.json"
_ROWS = 16_384
_TELL_EVERY = 500_000


def names(width: int) -> list[str]:
    """Names of the columns of an embedding."""
    digits = max(3, len(str(width - 1)))
    return [f"e{number:0{digits}d}" for number in range(width)]


def write_embeddings(path: Path, encoder: Encoder, width: int, matrix: Matrix, keys: Sequence[str]) -> None:
    """Embeds a table that was read, some rows at a time, with its key columns in front."""
    raw, carried = matrix.streams.raw, matrix.columns(keys) if keys else pl.DataFrame()

    def parts() -> Iterator[tuple[pl.DataFrame, Float]]:
        for start in range(0, len(raw), _ROWS):
            yield carried.slice(start, _ROWS), np.array(raw[start : start + _ROWS])

    _write(path, encoder, width, {name: carried.schema[name] for name in keys}, parts())


def embed(model: Path, table: Path, out: Path, say: Say, keys: Sequence[str] | None = None) -> int:
    """Embeds a new table with a model that `fit` made; returns the number of rows.

    Args:
        model: The folder that `fit` wrote.
        table: File or folder with the same stream columns.
        out: Parquet file to be written, whole or not at all.
        say: Told how far it is.
        keys: Columns to carry through; those of the spec where none are named.

    Raises:
        BadInputError: The folder holds no model, or the table lacks a column or has one of another type.
    """
    if out.suffix.lower() != ".parquet":
        raise BadInputError(f"Embeddings are written as Parquet: name a file {out.with_suffix('.parquet')}.")
    layout, known_keys = _model_columns(model)
    source = open_source(table)
    if out.resolve() in {file.resolve() for file in source.files}:
        raise BadInputError(f"{out} is the table itself: name another file.")
    check_types(layout, source)
    carried = list(known_keys if keys is None else keys)
    require(carried, source, "the keys (name others by --keys, or none by --keys '')")
    trained = load_trained(model / MODEL)
    types = {name: source.polars_type(name) for name in carried}
    _write(out, trained.encoder, trained.config.width, types, _read(source, layout, carried, say))
    rows = int(pq.read_metadata(out).num_rows)
    say(f"Embedded {rows:,} rows: {out}")
    return rows


def save_columns(folder: Path, layout: Layout, keys: Sequence[str]) -> None:
    """Writes beside a model which columns it takes, in order."""
    with replacing(folder / COLUMNS) as temporary:
        temporary.write_text(json.dumps({**layout.to_dict(), "keys": list(keys)}, indent=1), encoding="utf-8")


def _model_columns(folder: Path) -> tuple[Layout, list[str]]:
    if not (folder / COLUMNS).exists() or not (folder / MODEL).exists():
        raise BadInputError(f"{folder} holds no model: name the folder that `aef-econ fit --out` wrote.")
    content = json.loads((folder / COLUMNS).read_text(encoding="utf-8"))
    return Layout.from_dict(content), list(content["keys"])


def _read(source: Source, layout: Layout, keys: Sequence[str], say: Say) -> Iterator[tuple[pl.DataFrame, Float]]:
    plain = [name for name in layout.stored if name not in layout.lists]
    wanted = list(dict.fromkeys([*keys, *layout.stored]))
    seen = told = 0
    for table in source.batches(wanted, plain, layout.schema.width):
        values = numbers(layout, table, seen)
        values[np.isinf(values)] = np.nan
        seen += table.height
        if seen >= told + _TELL_EVERY:
            told = seen
            say(f"Embedding: {seen:,} rows")
        yield table.select(keys), values


def _write(
    path: Path, encoder: Encoder, width: int, keys: dict[str, pl.DataType], parts: Iterable[tuple[pl.DataFrame, Float]]
) -> None:
    columns = names(width)
    if taken := sorted(set(keys) & set(columns)):
        raise BadInputError(f"The key {taken[0]} has the name of a column of the embedding: rename it.")
    empty = pl.DataFrame(schema={**keys, **dict.fromkeys(columns, pl.Float32())}).to_arrow()
    with (
        room_on(path.parent),
        replacing(path) as temporary,
        pq.ParquetWriter(temporary, empty.schema, compression="zstd") as writer,
    ):
        for carried, values in parts:
            if not len(values):
                continue
            embedded = pa.table(dict(zip(columns, run_network(encoder, values).T, strict=True)))
            left = carried.cast(pl.Schema(keys)).to_arrow() if keys else pa.table({})
            arrays = [*left.columns, *embedded.columns]
            writer.write_table(pa.table(arrays, names=[*keys, *columns]).cast(empty.schema))
