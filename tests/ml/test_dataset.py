"""Streams and labels out of the lake, as arrays."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from lake.errors import BadInputError, PartitionMissingError
from lake.partition_io import Lake
from lake.streams import AEF_NODATA, STREAMS
from ml.dataset import StreamTable, align, data_version, is_simulated, load_streams, stream_columns
from tests.ml.conftest import PARTITIONS, PIXELS, stream_table, write_streams


def tables(pixels: dict[str, list[int]]) -> dict[str, pl.DataFrame]:
    """A table of each stream over pixels of its own; every value is the pixel's number."""
    return {
        name: stream_table(
            stream,
            np.repeat(np.array(pixels[name], np.float32)[:, None], stream.width, axis=1),
            np.array(pixels[name], np.uint32),
        )
        for name, stream in STREAMS.items()
    }


def test_rows_of_a_pixel_stand_side_by_side_whatever_order_a_stream_has() -> None:
    pixels = {name: [3, 1, 2] for name in STREAMS}
    pixels["poi"] = [2, 3, 1]
    pixel, values = align(tables(pixels))
    assert pixel.to_list() == [1, 2, 3]
    for name in STREAMS:
        assert values[name][:, 0].tolist() == [1.0, 2.0, 3.0], name


def test_a_pixel_that_one_stream_lacks_is_missing_there_and_kept() -> None:
    pixels = {name: [1, 2] for name in STREAMS}
    pixels["text"] = [2, 9]
    pixel, values = align(tables(pixels))
    assert pixel.to_list() == [1, 2, 9]
    assert np.isnan(values["text"][0]).all()
    assert np.isnan(values["aef"][2]).all()
    assert values["text"][2, 0] == 9.0


def test_a_pixel_that_stands_twice_is_refused_by_name_of_the_stream() -> None:
    pixels = {name: [1, 2] for name in STREAMS}
    pixels["nightlights"] = [1, 1]
    with pytest.raises(BadInputError, match="nightlights has a pixel twice"):
        align(tables(pixels))


def test_a_missing_stream_is_refused() -> None:
    some = tables({name: [1] for name in STREAMS})
    del some["morphology"]
    with pytest.raises(BadInputError, match="are needed"):
        align(some)


def test_nodata_codes_and_nulls_are_missing_and_other_codes_stay_codes() -> None:
    aef = STREAMS["aef"]
    codes = pl.DataFrame({name: pl.Series([AEF_NODATA, -127, None, 127], dtype=pl.Int8) for name in aef.columns})
    values = stream_columns(aef, codes)
    assert values.dtype == np.float32
    np.testing.assert_array_equal(values[:, 5], [np.nan, -127.0, np.nan, 127.0])


def test_a_band_that_is_not_there_is_named() -> None:
    table = tables({name: [1] for name in STREAMS})["indices"].drop("lst")
    with pytest.raises(BadInputError, match=r"indices lacks the columns lst"):
        stream_columns(STREAMS["indices"], table)


def test_partitions_are_read_one_below_the_other(filled_lake: Lake, data: StreamTable) -> None:
    assert len(data) == PIXELS * len(PARTITIONS)
    rows = data.rows_of(["lanzhou"])
    assert set(data.keys[rows]["city"]) == {"lanzhou"}
    alone = load_streams(filled_lake, [("lanzhou", 2020), ("lanzhou", 2021)])
    for name in STREAMS:
        np.testing.assert_array_equal(data.values[name][rows], alone.values[name])


def test_no_partitions_are_refused(filled_lake: Lake) -> None:
    with pytest.raises(BadInputError, match="No partitions"):
        load_streams(filled_lake, [])


def test_a_partition_that_was_never_written_is_named(filled_lake: Lake) -> None:
    with pytest.raises(PartitionMissingError, match=r"wuhan\|2019"):
        load_streams(filled_lake, [("wuhan", 2019)])


def test_the_data_version_follows_content_and_not_order(tmp_path: Path) -> None:
    lake, partitions = Lake(str(tmp_path)), [("wuhan", 2020), ("haikou", 2020)]
    write_streams(lake, partitions, pixels=5)
    before = data_version(lake, partitions)
    assert data_version(lake, reversed(partitions)) == before
    table = lake.read("streams/poi", "wuhan", 2020)
    lake.write("streams/poi", "wuhan", 2020, table.with_columns(pl.col("finance") + 1))
    assert data_version(lake, partitions) != before


def test_data_count_as_simulated_where_one_stream_is_or_nobody_knows(tmp_path: Path) -> None:
    lake, partition = Lake(str(tmp_path)), [("wuhan", 2020)]
    assert is_simulated(lake, partition)
    for name, stream in STREAMS.items():
        table = tables({n: [1] for n in STREAMS})[name]
        lake.write(stream.dataset, "wuhan", 2020, table, {"simulated": "false"})
    assert not is_simulated(lake, partition)
    lake.write("streams/poi", "wuhan", 2020, tables({n: [1] for n in STREAMS})["poi"], {"simulated": "true"})
    assert is_simulated(lake, partition)
