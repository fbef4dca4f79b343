"""Columns of a table become one matrix: what is missing, what is a list, which rows; and it is read once."""

import os
import resource
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lake.errors import BadInputError, LakeWriteError
from ml.own_table.layout import check_labels, resolve
from ml.own_table.matrix import read_matrix
from ml.own_table.sources import open_source
from ml.own_table.spec import load_spec
from tests.ml.own_table.conftest import SPEC, Read, made_table, silent, write_spec

TWO = "streams: {all: {columns: [a, b]}}"
LISTS = "streams: {text: {list: vector, width: 3}, more: {columns: a}}"
FLOATS = st.one_of(st.none(), st.floats(width=32))


@given(st.lists(st.tuples(FLOATS, FLOATS), min_size=1, max_size=40))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_not_finite_is_missing_and_all_else_is_kept(read: Read, rows: list[tuple[float | None, ...]]) -> None:
    schema = {"a": pl.Float32, "b": pl.Float32}
    matrix = read(pl.DataFrame(rows, schema=schema, orient="row"), TWO)
    given_ = np.array([[np.nan if value is None else value for value in row] for row in rows], np.float32)
    wanted = np.where(np.isfinite(given_), given_, np.nan)
    np.testing.assert_array_equal(matrix.streams.raw, wanted)
    np.testing.assert_array_equal(matrix.facts.known, np.isfinite(wanted).sum(axis=0))
    np.testing.assert_array_equal(matrix.facts.infinite, np.isinf(given_).sum(axis=0))


def test_numbers_of_every_type_are_taken(read: Read) -> None:
    table = pl.DataFrame({"a": [True, False, None], "b": pl.Series(["1.5", "2.5", "-3"]).cast(pl.Decimal(10, 2))})
    np.testing.assert_array_equal(read(table, TWO).streams.raw, np.float32([[1, 1.5], [0, 2.5], [np.nan, -3]]))


def test_a_number_that_float32_cannot_hold_is_missing_and_counted(read: Read) -> None:
    matrix = read(pl.DataFrame({"a": [1e39, 2.0], "b": [5.0, 5.0]}), TWO)
    assert np.isnan(matrix.streams.raw[0, 0])
    assert matrix.facts.infinite.tolist() == [1, 0]
    assert matrix.facts.constant.tolist() == [True, True]


@pytest.mark.parametrize("dtype", [pl.List(pl.Float64), pl.Array(pl.Float32, 3)])
def test_a_column_of_lists_is_a_stream(read: Read, dtype: pl.DataType) -> None:
    lists = pl.Series("vector", [[1.0, 2.0, 3.0], None, [4.0, None, 6.0]], dtype=dtype)
    matrix = read(pl.DataFrame([lists, pl.Series("a", [7, 8, 9])]), LISTS)
    nan = np.nan
    np.testing.assert_array_equal(matrix.streams.raw, np.float32([[1, 2, 3, 7], [nan, nan, nan, 8], [4, nan, 6, 9]]))
    assert matrix.layout.schema.columns == ("vector[0]", "vector[1]", "vector[2]", "a")


def test_a_list_of_another_length_is_named_by_its_row(read: Read) -> None:
    table = pl.DataFrame({"vector": [[1.0, 2.0, 3.0], None, [4.0, 5.0]], "a": [1, 2, 3]})
    with pytest.raises(BadInputError, match=r"Row 2 has 2 numbers in vector; the spec says `width: 3`"):
        read(table, LISTS)


def test_only_rows_of_the_condition_are_taken(read: Read) -> None:
    table = made_table(60).with_columns(year=pl.Series([2019, 2020, 2021] * 20))
    matrix = read(table, SPEC + "where: year >= 2020 AND region <> 'west'\n")
    kept = table.filter((pl.col("year") >= 2020) & (pl.col("region") != "west"))
    assert matrix.columns(("place",))["place"].to_list() == kept["place"].to_list()
    np.testing.assert_allclose(matrix.streams.raw[:, -1], kept["heat"].to_numpy(), rtol=1e-6)


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("heat > 1e9", "360 rows, and none of them fulfils"),
        ("years > 3", "names years, which"),
        ("heat >", "is no SQL condition"),
        ("region > 3", "cannot be answered"),
    ],
)
def test_a_condition_that_leaves_nothing_or_means_nothing_is_refused(read: Read, condition: str, said: str) -> None:
    with pytest.raises(BadInputError, match=said):
        read(made_table(), SPEC + f'where: "{condition}"\n')


def test_a_table_without_rows_is_refused(read: Read) -> None:
    with pytest.raises(BadInputError, match="has no rows"):
        read(made_table()[:0])


def test_a_table_is_read_again_only_where_it_or_the_question_changed(tmp_path: Path) -> None:
    path, said = tmp_path / "t.parquet", list[str]()

    def read_again(text: str = SPEC) -> str:
        spec, source = load_spec(write_spec(tmp_path, text)), open_source(path)
        layout = resolve(spec.streams, source, spec.columns)
        read_matrix(source, layout, spec.columns, spec.where, tmp_path / "out", said.append)
        return said[-1].split()[0]

    made_table().write_parquet(path)
    assert read_again() == "Read"
    assert read_again() == "The"  # "The table was read before"
    os.utime(path)  # touched, but the bytes are the same
    assert read_again() == "The"
    assert read_again(SPEC + "where: heat > 0\n") == "Read"
    made_table(seed=4).write_parquet(path)
    assert read_again(SPEC + "where: heat > 0\n") == "Read"


def resolved(tmp_path: Path, table: pl.DataFrame, text: str) -> tuple[str, ...]:
    table.write_parquet(tmp_path / "t.parquet")
    spec, source = load_spec(write_spec(tmp_path, text)), open_source(tmp_path / "t.parquet")
    layout = resolve(spec.streams, source, spec.columns)
    check_labels(spec, layout, source)
    return layout.schema.columns


def test_patterns_pass_over_what_is_named_otherwise(tmp_path: Path) -> None:
    text = "streams: {all: {columns: '*'}}\nlabels: {income: quantity, use: class}\ngroups: region\nkeys: place"
    assert resolved(tmp_path, made_table(), text) == (
        *(f"band_{i}" for i in range(6)),
        "shops",
        "people",
        "heat",
        "x",
        "y",
    )


def test_transforms_may_be_told_by_pattern(tmp_path: Path) -> None:
    made_table().write_parquet(tmp_path / "t.parquet")
    text = "streams: {all: {columns: [shops, band_*], transform: {shops: log1p, 'band_[01]': log1p}}}"
    spec, source = load_spec(write_spec(tmp_path, text)), open_source(tmp_path / "t.parquet")
    transforms = resolve(spec.streams, source, ()).schema.transforms
    assert transforms == ("log1p", "log1p", "log1p", *["identity"] * 4)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("streams: {a: {columns: [heta]}}", "lacks the column heta.*Did you mean heat"),
        ("streams: {a: {columns: [qq_*]}}", "No column of .* fits 'qq_\\*' of the stream a"),
        ("streams: {a: {columns: [region]}}", "region is of type String; streams take numbers"),
        ("streams: {a: {columns: [heat]}, b: {columns: ['h*']}}", "more than once: heat"),
        ("streams: {a: {list: heat, width: 2}}", "heat should hold lists of numbers"),
        ("streams: {a: {columns: [heat], transform: {cold: log1p}}}", "names 'cold', which is none of its columns"),
        ("streams: {a: {columns: [heat]}}\nlabels: heat", "heat is a label and in a stream"),
        ("streams: {a: {columns: [heat]}}\nlabels: use", "Write `use: class`"),
        ("streams: {a: {columns: [heat]}}\nlabels: incme", "lacks the column incme.*Did you mean income"),
        ("streams: {a: {columns: [heat]}}\ngroups: {column: region, units: town}", "lacks the column town"),
    ],
)
def test_a_column_that_cannot_be_used_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadInputError, match=said):
        resolved(tmp_path, made_table(), text)


def test_a_full_disk_is_told_and_leaves_no_half_of_a_table(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    made_table(5_000).write_parquet(tmp_path / "large.parquet")
    spec, source = load_spec(write_spec(tmp_path)), open_source(tmp_path / "large.parquet")
    layout = resolve(spec.streams, source, spec.columns)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, before[1]))  # as a disk with so much room
    try:
        with pytest.raises(LakeWriteError, match="has no room"):
            read_matrix(source, layout, spec.columns, "", tmp_path / "out", silent)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not list((tmp_path / "out").iterdir())
    assert read_matrix(source, layout, spec.columns, "", tmp_path / "out", silent).rows == 5_000
