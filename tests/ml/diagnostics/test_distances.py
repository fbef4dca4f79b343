"""Neighbours and distances are those of the whole distance matrix, though only blocks of it are ever there."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from lake.errors import BadInputError
from ml.diagnostics import distances
from ml.diagnostics.distances import METRICS, neighbourhoods

SCIPY = {
    "cosine": {"metric": "cosine"},
    "euclidean": {"metric": "euclidean"},
    "manhattan": {"metric": "cityblock"},
    "chebyshev": {"metric": "chebyshev"},
    "fractional": {"metric": "minkowski", "p": 0.5},
}


def whole(points: NDArray[np.float64], metric: str) -> NDArray[np.float64]:
    return np.asarray(cdist(points, points, **SCIPY[metric]))


@pytest.mark.parametrize("metric", METRICS)
def test_blocks_give_what_the_whole_matrix_gives(metric: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distances, "_BLOCK", 7)  # does not divide the rows
    points = np.random.default_rng(0).normal(size=(40, 6))
    found = neighbourhoods(points, metric, 5)
    matrix = whole(points, metric)
    without_self = np.where(np.eye(40, dtype=bool), np.inf, matrix)
    np.testing.assert_array_equal(found.nearest, np.argsort(without_self, axis=1)[:, :5])
    np.testing.assert_allclose(found.distance, np.sort(without_self, axis=1)[:, :5], rtol=1e-5)
    np.testing.assert_allclose(found.farthest, matrix.max(axis=1), rtol=1e-5)
    np.testing.assert_allclose(found.mean, matrix.sum(axis=1) / 39, rtol=1e-5)
    np.testing.assert_allclose(found.square, (matrix**2).sum(axis=1) / 39, rtol=1e-5)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(tuple(METRICS)))
def test_no_neighbour_is_of_the_own_group(seed: int, metric: str) -> None:
    rng = np.random.default_rng(seed)
    points, groups = rng.normal(size=(30, 3)), rng.integers(0, 4, size=30)
    found = neighbourhoods(points, metric, 3, groups)
    assert (groups[found.nearest] != groups[:, None]).all()
    assert (np.diff(found.distance, axis=1) >= 0).all()


def test_the_first_rows_see_the_same_when_they_look_alone() -> None:
    points = np.random.default_rng(0).normal(size=(30, 3))
    alone, all_rows = neighbourhoods(points, "manhattan", 4, looking=9), neighbourhoods(points, "manhattan", 4)
    assert alone.nearest.shape == (9, 4)
    np.testing.assert_array_equal(alone.nearest, all_rows.nearest[:9])
    np.testing.assert_array_equal(alone.farthest, all_rows.farthest[:9])


def test_a_zero_vector_has_no_direction_and_lies_at_distance_one() -> None:
    np.testing.assert_array_equal(METRICS["cosine"](np.zeros((1, 2)), np.eye(2)), [[1.0, 1.0]])


def test_too_few_rows_outside_the_group_are_refused() -> None:
    with pytest.raises(BadInputError, match="has 2 others outside its own group, and 3 neighbours"):
        neighbourhoods(np.random.default_rng(0).normal(size=(8, 2)), "euclidean", 3, np.array([0] * 6 + [1] * 2))
