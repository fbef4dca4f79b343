"""Tables in every format read as the same rows, some at a time; what cannot be read is named."""

from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from polars.testing import assert_frame_equal

from lake.errors import BadInputError
from ml.own_table.sources import open_source

FRAME = pl.DataFrame({"a": [1.5, None, 3.0, -2.0], "b": [1, 2, 3, 4], "name": ["p", "q", None, "s"]})


def read_all(path: Path, columns: tuple[str, ...] = ("a", "b", "name")) -> pl.DataFrame:
    return pl.concat(open_source(path).batches(columns, [name for name in columns if name in "ab"], 2))


def written(folder: Path, kind: str) -> Path:
    path = folder / f"table.{kind}"
    if kind == "folder":
        path.mkdir()
        FRAME[:2].write_parquet(path / "part-0.parquet")
        FRAME[2:].write_parquet(path / "part-1.parquet")
        (path / "_SUCCESS.parquet").write_bytes(b"")  # what Spark leaves is no data
    elif kind == "csv":
        FRAME.write_csv(path)
    elif kind == "arrow":
        FRAME.write_ipc(path)
    else:
        FRAME.write_parquet(path)
    return path


@pytest.mark.parametrize("kind", ["parquet", "csv", "arrow", "folder"])
def test_every_format_reads_as_the_same_rows(tmp_path: Path, kind: str) -> None:
    found = read_all(written(tmp_path, kind)).with_columns(pl.col("b").cast(pl.Int64))
    assert_frame_equal(found, FRAME)


def test_folders_may_name_the_value_of_a_column(tmp_path: Path) -> None:
    for city, rows in (("wuhan", FRAME[:2]), ("xian", FRAME[2:])):
        (tmp_path / "t" / f"city={city}").mkdir(parents=True)
        rows.write_parquet(tmp_path / "t" / f"city={city}" / "part.parquet")
    found = read_all(tmp_path / "t", ("a", "city"))
    assert found["city"].to_list() == ["wuhan", "wuhan", "xian", "xian"]
    assert found["a"].to_list() == FRAME["a"].to_list()


def test_a_batch_of_a_wide_table_has_few_rows(tmp_path: Path) -> None:
    pl.DataFrame({"a": np.zeros(300_000)}).write_parquet(tmp_path / "t.parquet", row_group_size=300_000)
    batches = list(open_source(tmp_path / "t.parquet").batches(["a"], ["a"], 1_000))
    assert max(len(batch) for batch in batches) <= (64 << 20) // 8_000
    assert sum(len(batch) for batch in batches) == 300_000


def test_a_column_of_a_csv_file_that_begins_with_whole_numbers_may_go_on_with_fractions(tmp_path: Path) -> None:
    lines = ["a", *["1"] * 200_000, "2.5"]  # far beyond the block from which types are guessed
    (tmp_path / "t.csv").write_text("\n".join(lines), encoding="utf-8")
    assert read_all(tmp_path / "t.csv", ("a",))["a"][-1] == 2.5


def test_text_among_numbers_of_a_csv_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n1,2\nmuch,3\n", encoding="utf-8")
    with pytest.raises(BadInputError, match=r"t\.csv cannot be read as csv.*much"):
        read_all(tmp_path / "t.csv", ("a",))


def test_the_digest_follows_the_bytes_and_the_stamp_the_files(tmp_path: Path) -> None:
    path = written(tmp_path, "parquet")
    before = open_source(path)
    digest, stamp = before.digest(), before.stamp()
    assert (open_source(path).digest(), open_source(path).stamp()) == (digest, stamp)
    FRAME.with_columns(b=pl.col("b") + 1).write_parquet(path)
    assert open_source(path).digest() != digest
    assert open_source(path).stamp() != stamp


def test_what_is_no_table_is_refused_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 and then nothing")
    for name, said in (
        ("nowhere.parquet", "There is no table"),
        ("notes.txt", "no known format"),
        ("empty", "holds no table"),
        ("broken.parquet", "cannot be read as parquet"),
    ):
        with pytest.raises(BadInputError, match=said) as refused:
            open_source(tmp_path / name)
        assert name in str(refused.value)


def test_files_of_a_folder_must_agree(tmp_path: Path) -> None:
    for name, more in (("lacks", FRAME.drop("b")), ("has", FRAME.with_columns(c=pl.lit(1)))):
        folder = tmp_path / name
        folder.mkdir()
        FRAME.write_parquet(folder / "one.parquet")
        more.write_parquet(folder / "two.parquet")
        with pytest.raises(BadInputError, match=rf"two\.parquet {name} the columns [bc]"):
            open_source(folder)
    FRAME.write_csv(tmp_path / "has" / "three.csv")
    with pytest.raises(BadInputError, match="several formats"):
        open_source(tmp_path / "has")


def test_a_column_that_stands_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b,a\n1,2,3\n", encoding="utf-8")
    with pytest.raises(BadInputError, match="multiple columns named a"):
        open_source(tmp_path / "t.csv")
    pq.write_table(pa.table([[1], [2]], names=["a", "a"]), tmp_path / "t.parquet")
    with pytest.raises(BadInputError, match="more than one column called a"):
        open_source(tmp_path / "t.parquet")
