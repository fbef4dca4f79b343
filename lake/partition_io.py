"""Atomic, idempotent reading and writing of partitions: `{lake}/{dataset}/city={city}/year={year}/part.parquet`."""

import errno
import hashlib
import io
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import polars as pl
import pyarrow.parquet as pq

from lake.atomic import replacing
from lake.errors import LakeWriteError, PartitionMissingError

HASH_KEY = "content_hash"
_PART = "part.parquet"


@dataclass(frozen=True)
class Written:
    """What a write left behind; becomes a materialisation's metadata.

    Attributes:
        uri: Where the bytes are.
        rows: Rows of the table.
        content_hash: Digest of the table and its metadata; equal content has an equal digest in any file.
        changed: False where the same content was there already and nothing was written.
    """

    uri: str
    rows: int
    content_hash: str
    changed: bool


@dataclass(frozen=True)
class Lake:
    """A folder or bucket of Parquet partitions.

    Attributes:
        root: A folder, or `s3://bucket/prefix`.
        endpoint_url: Endpoint of an S3-compatible server; empty for AWS.
    """

    root: str
    endpoint_url: str = ""

    @property
    def is_local(self) -> bool:
        """True where the lake is a folder."""
        return "://" not in self.root

    @property
    def _fs(self) -> Any:
        """Credentials come from the environment, as s3fs finds them."""
        if self.is_local:
            return fsspec.filesystem("file")
        options = {"endpoint_url": self.endpoint_url} if self.endpoint_url else {}
        # A cached listing misses what other processes write; and s3fs keeps that of a glob as if it were the whole
        # folder, so that a file beside the partitions is not found afterwards.
        return fsspec.filesystem(self.root.split("://", 1)[0], use_listings_cache=False, **options)

    def uri(self, *parts: str) -> str:
        """Address of something in the lake."""
        return "/".join((self.root.rstrip("/"), *parts))

    def partition_uri(self, dataset: str, city: str, year: int) -> str:
        """Address of one partition's file."""
        return self.uri(dataset, f"city={city}", f"year={year}", _PART)

    # Tables -----------------------------------------------------------------------------------------------------

    def write(
        self, dataset: str, city: str, year: int, table: pl.DataFrame, metadata: Mapping[str, str] | None = None
    ) -> Written:
        """Writes one partition; a no-op where the same content is there already.

        Raises:
            LakeWriteError: The disk is full or the store refused; the old partition is untouched.
        """
        return self._write(self.partition_uri(dataset, city, year), table, metadata or {})

    def write_table(self, dataset: str, table: pl.DataFrame, metadata: Mapping[str, str] | None = None) -> Written:
        """Writes a table that has no partitions, as `{lake}/{dataset}/part.parquet`."""
        return self._write(self.uri(dataset, _PART), table, metadata or {})

    def read(self, dataset: str, city: str, year: int, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """Reads one partition.

        Raises:
            PartitionMissingError: It was never written.
        """
        return self._read(self.partition_uri(dataset, city, year), f"{dataset} of {city}|{year}", columns)

    def read_table(self, dataset: str, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """Reads a table that has no partitions.

        Raises:
            PartitionMissingError: It was never written.
        """
        return self._read(self.uri(dataset, _PART), dataset, columns)

    def read_many(
        self, dataset: str, partitions: Iterable[tuple[str, int]], columns: Sequence[str] | None = None
    ) -> pl.DataFrame:
        """Reads partitions one below the other, with the columns `city` and `year` in front."""
        return pl.concat(
            self.read(dataset, city, year, columns).select(
                pl.lit(city).alias("city"), pl.lit(year, pl.Int32).alias("year"), pl.all()
            )
            for city, year in partitions
        )

    def exists(self, dataset: str, city: str, year: int) -> bool:
        """True where the partition was written."""
        return bool(self._fs.exists(self.partition_uri(dataset, city, year)))

    def partitions(self, dataset: str) -> list[tuple[str, int]]:
        """Cities and years that the dataset has, sorted."""
        found = self._fs.glob(self.uri(dataset, "city=*", "year=*", _PART))
        keys = (path.split("/")[-3:-1] for path in found)
        return sorted((city.removeprefix("city="), int(year.removeprefix("year="))) for city, year in keys)

    def metadata(self, dataset: str, city: str, year: int) -> dict[str, str]:
        """What was written beside a partition's table, with its `content_hash`; empty where it does not exist."""
        return self._metadata(self.partition_uri(dataset, city, year))

    def table_metadata(self, dataset: str) -> dict[str, str]:
        """What was written beside an unpartitioned table, with its `content_hash`; empty where it does not exist."""
        return self._metadata(self.uri(dataset, _PART))

    # Files --------------------------------------------------------------------------------------------------------

    def write_bytes(self, relative: str, content: bytes) -> Written:
        """Writes a file (a COG, a STAC item, a picture) atomically; a no-op where the same bytes are there already."""
        uri, digest = self.uri(relative), hashlib.sha256(content).hexdigest()[:16]
        if self._same_bytes(uri, content):
            return Written(uri, 0, digest, changed=False)
        self._put(uri, content)
        return Written(uri, 0, digest, changed=True)

    def read_bytes(self, relative: str) -> bytes:
        """Reads a file.

        Raises:
            PartitionMissingError: It was never written.
        """
        try:
            return bytes(self._fs.cat_file(self.uri(relative)))
        except FileNotFoundError:
            raise _missing(relative, self.uri(relative)) from None

    # -------------------------------------------------------------------------------------------------------------

    def _write(self, uri: str, table: pl.DataFrame, metadata: Mapping[str, str]) -> Written:
        digest = content_hash(table, metadata)
        if self._metadata(uri).get(HASH_KEY) == digest:
            return Written(uri, table.height, digest, changed=False)
        arrow = table.to_arrow().replace_schema_metadata({**metadata, HASH_KEY: digest})
        buffer = io.BytesIO()
        pq.write_table(arrow, buffer, compression="zstd", row_group_size=65_536)
        self._put(uri, buffer.getvalue())
        return Written(uri, table.height, digest, changed=True)

    def _read(self, uri: str, what: str, columns: Sequence[str] | None) -> pl.DataFrame:
        try:
            with self._fs.open(uri, "rb") as file:
                arrow = pq.read_table(file, columns=list(columns) if columns else None)
        except FileNotFoundError:
            raise _missing(what, uri) from None
        table = pl.from_arrow(arrow)
        assert isinstance(table, pl.DataFrame)
        return table

    def _metadata(self, uri: str) -> dict[str, str]:
        try:
            with self._fs.open(uri, "rb") as file:
                raw = pq.read_schema(file).metadata or {}
        except FileNotFoundError:
            return {}
        except PermissionError as error:
            raise _refused(uri, error) from error
        return {key.decode(): value.decode() for key, value in raw.items() if not key.startswith(b"ARROW:")}

    def _same_bytes(self, uri: str, content: bytes) -> bool:
        try:
            return bool(self._fs.size(uri) == len(content) and self._fs.cat_file(uri) == content)
        except FileNotFoundError:
            return False
        except PermissionError as error:
            raise _refused(uri, error) from error

    def _put(self, uri: str, content: bytes) -> None:
        try:
            if self.is_local:
                _replace_file(Path(uri), content)
            else:
                self._fs.pipe_file(uri, content)  # an object store shows an object only when its upload is complete
        except OSError as error:
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            advice = "the disk is full: free some space, or point AEF_ECON_LAKE elsewhere" if full else str(error)
            raise LakeWriteError(
                f"Could not write {uri} ({len(content):,} bytes): {advice}. Nothing was changed; run the step again."
            ) from error


def content_hash(table: pl.DataFrame, metadata: Mapping[str, str] | None = None) -> str:
    """Digest of a table's names, types, values and metadata, whatever the file format, version or chunking."""
    digest = hashlib.sha256(repr(sorted((metadata or {}).items())).encode())
    for column in table:
        digest.update(f"{column.name}:{column.dtype}:{len(column)}".encode())
        digest.update(np.packbits(column.is_null().to_numpy()).tobytes())
        digest.update(_value_bytes(column))
    return digest.hexdigest()[:16]


def _value_bytes(column: pl.Series) -> bytes:
    if isinstance(column.dtype, pl.Array):
        return np.ascontiguousarray(column.to_numpy()).tobytes()
    if column.dtype.is_numeric():
        return np.ascontiguousarray(column.fill_null(0).to_numpy()).tobytes()
    return repr(column.to_list()).encode()


def _replace_file(path: Path, content: bytes) -> None:
    """Writes beside the target, flushes to the disk and renames."""
    with replacing(path) as temporary, temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _refused(uri: str, error: OSError) -> LakeWriteError:
    return LakeWriteError(
        f"Could not write {uri}: the store refused ({error}). Check the folder's permissions, or AWS_ACCESS_KEY_ID and "
        "AWS_SECRET_ACCESS_KEY and what they may do in this bucket."
    )


def _missing(what: str, uri: str) -> PartitionMissingError:
    return PartitionMissingError(
        f"{what} is not in the lake ({uri}): materialise it first, in the Dagster UI or with `aef-econ backfill`."
    )
