"""Tables as files: a Parquet, CSV or Arrow file, or a folder of them, read some rows at a time."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from pyarrow.csv import ConvertOptions
from pyarrow.fs import LocalFileSystem

from lake.errors import BadInputError

FORMATS = {".parquet": "parquet", ".csv": "csv", ".arrow": "ipc", ".feather": "ipc", ".ipc": "ipc"}
BATCH_BYTES = 64 << 20
"""Of float64, the most that is read at once: a batch has fewer rows where a table is wide."""
_DIGEST_BLOCK = 8 << 20


@dataclass(frozen=True)
class Source:
    """A table on the disk.

    Attributes:
        path: File or folder as the user named it.
        files: Its data files, sorted; those of a folder may lie in `column=value` folders, which are columns too.
        format: `parquet`, `csv` or `ipc`.
        schema: Column names and types; of a CSV file as its beginning suggests.
    """

    path: Path
    files: tuple[Path, ...]
    format: str
    schema: pa.Schema

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of all columns."""
        return tuple(self.schema.names)

    def polars_type(self, column: str) -> pl.DataType:
        """Type of a column as polars reads it."""
        empty = pl.from_arrow(pa.array([], self.schema.field(column).type))
        assert isinstance(empty, pl.Series)
        return empty.dtype

    def stamp(self) -> list[list[Any]]:
        """Name, size and time of change of each file: while these agree, so do the contents."""
        told = [(file, file.stat()) for file in self.files]
        return [[file.name, status.st_size, status.st_mtime_ns] for file, status in told]

    def digest(self) -> str:
        """Of the bytes of all files."""
        digest = hashlib.blake2b(digest_size=16)
        for file in self.files:
            digest.update(f"{_below(self.path, file)} {file.stat().st_size}\n".encode())
            with file.open("rb") as stream:
                while block := stream.read(_DIGEST_BLOCK):
                    digest.update(block)
        return digest.hexdigest()

    def batches(self, columns: Sequence[str], numbers: Sequence[str], width: int) -> Iterator[pl.DataFrame]:
        """Some columns, some rows at a time, in the order of the files.

        Args:
            columns: Names.
            numbers: Those of them that must be numbers: of a CSV file they are read as such, whatever its first rows
                look like.
            width: Numbers in a row, lists counted in full; decides how many rows come at once.

        Raises:
            BadInputError: A file is damaged, or text stands in a column of numbers; names the file.
        """
        rows = max(64, min(65_536, BATCH_BYTES // (8 * max(width, 1))))
        with _readable(self.path, self.format):
            for fragment in self._dataset(numbers).get_fragments():
                constants = ds.get_partition_keys(fragment.partition_expression)
                stored = [name for name in columns if name not in constants]
                added = [
                    pl.lit(constants[name], self.polars_type(name)).alias(name) for name in columns if name in constants
                ]
                for table in self._stored_batches(fragment, stored, rows):
                    yield table.with_columns(added).select(columns)

    def _stored_batches(self, fragment: ds.Fragment, columns: Sequence[str], rows: int) -> Iterator[pl.DataFrame]:
        if any(pa.types.is_fixed_size_list(self.schema.field(name).type) for name in columns):
            # Arrow's reader of Parquet stumbles over a null among lists of fixed size, polars does not
            scan = pl.scan_parquet if self.format == "parquet" else pl.scan_ipc
            yield from scan(fragment.path).select(columns).collect_batches(chunk_size=rows)
        elif self.format == "parquet":
            # a scanner would decode whole row groups, which may be as large as the file
            with pq.ParquetFile(fragment.path, pre_buffer=False, buffer_size=1 << 16) as file:
                yield from map(_as_polars, file.iter_batches(rows, columns=list(columns)))
        else:
            scanner = fragment.scanner(
                schema=fragment.physical_schema, columns=list(columns), batch_size=rows, batch_readahead=1
            )
            yield from map(_as_polars, scanner.to_batches())

    def _dataset(self, numbers: Sequence[str]) -> ds.FileSystemDataset:
        """Types are fixed beforehand: a CSV file's first rows would decide otherwise, and each file for itself."""
        told = {field.name: pa.string() if pa.types.is_null(field.type) else field.type for field in self.schema}
        return _open(self.files, self.format, self.path, told | dict.fromkeys(numbers, pa.float64()))


def open_source(path: Path) -> Source:
    """Finds the files of a table and reads their columns.

    Raises:
        BadInputError: Nothing is there, the format is not known, the files of a folder are of several formats or have
            different columns, a column stands twice, or a file is damaged.
    """
    files = _files(path)
    formats = {FORMATS[file.suffix.lower()] for file in files}
    if len(formats) > 1:
        raise BadInputError(f"{path} holds files of several formats ({', '.join(sorted(formats))}): keep one of them.")
    (name,) = formats
    with _readable(path, name):
        _refuse_twice(path, _kind(name, {}).inspect(str(files[0]), LocalFileSystem()).names)
        dataset = _open(files, name, path, {})
        schema = dataset.schema
        for fragment in dataset.get_fragments():
            _check_same_columns(fragment, schema)
    return Source(path, files, name, schema)


@contextmanager
def _readable(path: Path, name: str) -> Iterator[None]:
    """What Arrow says of a file names it, with row and column where it knows them."""
    try:
        yield
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OSError) as error:
        raise BadInputError(f"{path} cannot be read as {name}: {error}") from error


def _files(path: Path) -> tuple[Path, ...]:
    if not path.exists():
        raise BadInputError(f"There is no table {path}: name a file ({', '.join(FORMATS)}) or a folder of them.")
    if path.is_file():
        if path.suffix.lower() not in FORMATS:
            raise BadInputError(f"{path} is of no known format: tables are {', '.join(FORMATS)}.")
        return (path,)
    inside = (file for file in path.rglob("*") if file.is_file() and file.suffix.lower() in FORMATS)
    files = sorted(file for file in inside if not any(part[0] in "._" for part in file.relative_to(path).parts))
    if not files:
        raise BadInputError(f"The folder {path} holds no table: name a folder of {', '.join(FORMATS)} files.")
    return tuple(files)


def _open(files: Sequence[Path], name: str, root: Path, types: dict[str, pa.DataType]) -> ds.FileSystemDataset:
    base = str(root) if root.is_dir() else str(root.parent)
    return ds.dataset(
        [str(file) for file in files], format=_kind(name, types), partitioning="hive", partition_base_dir=base
    )


def _kind(name: str, types: dict[str, pa.DataType]) -> ds.FileFormat:
    if name == "csv":
        return ds.CsvFileFormat(convert_options=ConvertOptions(column_types=types, strings_can_be_null=True))
    return ds.ParquetFileFormat() if name == "parquet" else ds.IpcFileFormat()


def _refuse_twice(path: Path, names: Sequence[str]) -> None:
    twice = sorted({column for column in names if names.count(column) > 1})
    if twice:
        raise BadInputError(f"{path} has more than one column called {', '.join(twice[:8])}: rename or drop them.")


def _check_same_columns(fragment: ds.Fragment, schema: pa.Schema) -> None:
    constants = ds.get_partition_keys(fragment.partition_expression)
    found = {*fragment.physical_schema.names, *constants}
    if lacking := sorted(set(schema.names) - found):
        raise BadInputError(f"{fragment.path} lacks the columns {', '.join(lacking[:8])}, which other files have.")
    if extra := sorted(found - set(schema.names)):
        raise BadInputError(f"{fragment.path} has the columns {', '.join(extra[:8])}, which other files lack.")


def _as_polars(batch: pa.RecordBatch) -> pl.DataFrame:
    table = pl.from_arrow(batch)
    assert isinstance(table, pl.DataFrame)
    return table


def _below(root: Path, file: Path) -> str:
    return file.relative_to(root).as_posix() if root.is_dir() else ""
