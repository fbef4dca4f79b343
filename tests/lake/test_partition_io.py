"""The lake: atomic, idempotent writes with a content hash; the same on a folder and on a real S3 server."""

import errno
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from lake import partition_io
from lake.errors import LakeWriteError, PartitionMissingError
from lake.partition_io import Lake, content_hash

TABLE = pl.DataFrame(
    {"pixel": pl.Series([1, 2, 3], dtype=pl.UInt32), "ndvi": pl.Series([0.1, None, 0.3], dtype=pl.Float32)}
)


@pytest.fixture(params=["folder", "s3"])
def lake(request: pytest.FixtureRequest, tmp_path: Path) -> Lake:
    return Lake(str(tmp_path)) if request.param == "folder" else request.getfixturevalue("s3_lake")


def test_a_partition_is_read_as_it_was_written(lake: Lake) -> None:
    written = lake.write("t/read", "wuhan", 2020, TABLE, {"simulated": "true"})
    assert written.changed
    assert written.rows == 3
    assert written.uri.endswith("t/read/city=wuhan/year=2020/part.parquet")
    assert lake.read("t/read", "wuhan", 2020).equals(TABLE)
    assert lake.read("t/read", "wuhan", 2020, ["ndvi"]).columns == ["ndvi"]
    assert lake.metadata("t/read", "wuhan", 2020) == {"simulated": "true", "content_hash": written.content_hash}
    assert lake.exists("t/read", "wuhan", 2020)
    assert not lake.exists("t/read", "wuhan", 2021)


def test_the_same_content_is_not_written_twice(lake: Lake) -> None:
    first = lake.write("t/same", "wuhan", 2020, TABLE)
    second = lake.write("t/same", "wuhan", 2020, TABLE)
    assert (first.changed, second.changed) == (True, False)
    assert first.content_hash == second.content_hash
    assert lake.write("t/same", "wuhan", 2020, TABLE, {"source_year": "2019"}).changed


def test_partitions_are_listed_and_read_together(lake: Lake) -> None:
    for key in [("wuhan", 2021), ("lanzhou", 2020)]:
        lake.write("t/many", *key, TABLE)
    assert lake.partitions("t/many") == [("lanzhou", 2020), ("wuhan", 2021)]
    assert lake.partitions("t/none") == []
    table = lake.read_many("t/many", lake.partitions("t/many"))
    assert table.columns == ["city", "year", "pixel", "ndvi"]
    assert table.height == 6


def test_files_are_kept_beside_partitions(lake: Lake) -> None:
    assert lake.write_bytes("t/file.bin", b"abc").changed
    assert not lake.write_bytes("t/file.bin", b"abc").changed
    assert lake.read_bytes("t/file.bin") == b"abc"


def test_a_missing_partition_says_which_and_what_to_do(lake: Lake) -> None:
    with pytest.raises(PartitionMissingError, match=r"streams/aef of wuhan\|2017 .* materialise it first"):
        lake.read("streams/aef", "wuhan", 2017)


def test_a_file_beside_partitions_is_found_after_they_were_listed(lake: Lake) -> None:
    lake.write("t/beside", "wuhan", 2020, TABLE)
    lake.write_bytes("t/beside/collection.json", b"{}")
    assert lake.partitions("t/beside") == [("wuhan", 2020)]
    assert lake.read_bytes("t/beside/collection.json") == b"{}"


def test_a_wrong_key_is_refused_by_the_store(s3: str, s3_lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    import s3fs

    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    s3fs.S3FileSystem.clear_instance_cache()
    with pytest.raises(LakeWriteError, match="Could not write s3://lake/data"):
        s3_lake.write_bytes("t/x", b"abc")


def test_an_interrupted_write_leaves_the_old_partition(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = Lake(str(tmp_path))
    lake.write("t", "wuhan", 2020, TABLE)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(partition_io.os, "fsync", full)
    with pytest.raises(LakeWriteError, match="the disk is full: free some space"):
        lake.write("t", "wuhan", 2020, TABLE.head(1))
    assert lake.read("t", "wuhan", 2020).equals(TABLE)
    assert [p.name for p in (tmp_path / "t/city=wuhan/year=2020").iterdir()] == ["part.parquet"]


def test_the_hash_sees_names_types_values_nulls_and_metadata() -> None:
    variants = [
        TABLE,
        TABLE.rename({"ndvi": "evi"}),
        TABLE.with_columns(pl.col("ndvi").cast(pl.Float64)),
        TABLE.with_columns(pl.col("ndvi").fill_null(0)),
        TABLE.reverse(),
        TABLE.with_columns(text=pl.Series(["汉", "b", None])),
        TABLE.with_columns(vector=pl.Series(np.zeros((3, 2), np.float32))),
    ]
    hashes = {content_hash(table) for table in variants} | {content_hash(TABLE, {"a": "b"})}
    assert len(hashes) == len(variants) + 1


def test_the_hash_does_not_depend_on_chunks() -> None:
    assert content_hash(pl.concat([TABLE.head(1), TABLE.tail(2)], rechunk=False)) == content_hash(TABLE)
