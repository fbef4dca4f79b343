"""A study's rows: few, evenly spread, the same each time, and whole partitions where there are no more."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lake.errors import BadInputError, PartitionMissingError
from lake.grid import city_grid, spread_grid
from lake.partition_io import Lake
from ml.dataset import load_streams
from ml.study import evenly_drawn, study_sample
from tests.ml.conftest import LABELS, PARTITIONS, PIXELS


def test_partitions_with_no_more_pixels_are_taken_whole(filled_lake: Lake) -> None:
    found = study_sample(filled_lake, PARTITIONS, PIXELS)
    whole = load_streams(filled_lake, sorted(PARTITIONS))
    assert found.data.keys.equals(whole.keys)
    np.testing.assert_array_equal(found.data.raw, whole.raw)
    assert found.benchmark.labels == LABELS
    assert found.benchmark.values.shape == (len(whole), len(LABELS))
    assert found.simulated


def test_of_larger_partitions_the_same_pixels_are_drawn_in_every_year_with_their_own_values(filled_lake: Lake) -> None:
    found = study_sample(filled_lake, PARTITIONS, 30)
    per_city = found.data.keys.group_by("city").agg("year", "pixel")
    assert len(found.data) == 30 * len(PARTITIONS)
    for _, years, pixels in per_city.rows():
        of_year = {year: [p for y, p in zip(years, pixels, strict=True) if y == year] for year in set(years)}
        assert of_year[2020] == of_year[2021]
    whole = load_streams(filled_lake, PARTITIONS)
    raw = dict(zip(whole.keys.rows(), whole.raw, strict=True))
    for key, row in zip(found.data.keys.rows(), found.data.raw, strict=True):
        np.testing.assert_array_equal(row, raw[key])
    drawn = [tuple(pixels) for _, _, pixels in per_city.rows()]
    assert len(set(drawn)) == len(drawn)  # cities are drawn for themselves


def test_a_study_is_the_same_under_a_seed_and_its_version_tells_of_another(filled_lake: Lake) -> None:
    first, again = (study_sample(filled_lake, order, 20, seed=1) for order in (PARTITIONS, PARTITIONS[::-1]))
    other = study_sample(filled_lake, PARTITIONS, 20, seed=2)
    assert first.data.keys.equals(again.data.keys)
    assert first.version == again.version
    assert not first.data.keys.equals(other.data.keys)
    assert len({first.version, other.version, study_sample(filled_lake, PARTITIONS, 21, seed=1).version}) == 3


@given(st.sets(st.integers(0, 9_999), min_size=1, max_size=300), st.integers(1, 320), st.integers(0, 5))
def test_any_pixels_are_drawn_without_repetition(pixels: set[int], count: int, seed: int) -> None:
    rows = evenly_drawn(np.array(sorted(pixels), np.uint32), 100, count, (seed,))
    assert len(rows) == min(count, len(pixels))
    assert (np.diff(rows) > 0).all()
    assert 0 <= rows[0] <= rows[-1] < len(pixels)


@pytest.mark.parametrize("city", ["wuhan", "xiamen"])
def test_the_pixels_drawn_lie_as_densely_everywhere(city: str) -> None:
    grid = city_grid(city)
    rows = evenly_drawn(grid.pixel, grid.ncols, 600, (0,))
    for whole in (grid.rows, grid.columns, grid.rows + grid.columns, grid.rows - grid.columns):
        drawn = np.sort(whole[rows])
        share = np.searchsorted(np.sort(whole), drawn) / len(whole)
        assert np.abs(share - np.arange(600) / 600).max() < 0.02  # of an even random draw it is 0.055 in one of 20
    assert len(rows) == 600


def test_a_sample_of_patches_is_drawn_from_in_every_patch() -> None:
    grid = spread_grid("haikou", 600)
    rows = evenly_drawn(grid.pixel, grid.ncols, 24 * 5, (0,))
    block = grid.rows[rows] // 10 * grid.ncols + grid.columns[rows] // 10
    assert len(np.unique(block)) == 24


def test_what_cannot_be_drawn_is_refused(filled_lake: Lake) -> None:
    with pytest.raises(BadInputError, match="at least one city and year"):
        study_sample(filled_lake, [])
    with pytest.raises(BadInputError, match="at least 1 pixel"):
        study_sample(filled_lake, PARTITIONS, 0)
    with pytest.raises(PartitionMissingError):
        study_sample(filled_lake, [("beijing", 2020)])
