"""Where operators stand in the graph."""

import numpy as np
import pytest

from codegen.knowledge.explorer.layout import HEIGHT, WIDTH, placed


def two_groups(each: int) -> np.ndarray:
    counts = np.zeros((2 * each, 2 * each))
    counts[:each, :each] = counts[each:, each:] = 10
    return counts


def test_the_same_input_has_the_same_places():
    counts, classes, boxes = two_groups(10), [0] * 20, np.full((20, 2), 20.0)
    np.testing.assert_array_equal(placed(counts, classes, boxes), placed(counts, classes, boxes))


def test_what_belongs_together_stands_together():
    places = placed(two_groups(10), [0] * 20, np.full((20, 2), 1.0))
    distances = np.linalg.norm(places[:, None] - places[None, :], axis=2)
    np.fill_diagonal(distances, np.inf)
    assert (distances.argmin(axis=1) // 10).tolist() == [0] * 10 + [1] * 10


@pytest.mark.parametrize("count", [1, 2, 150])
def test_boxes_stay_in_the_frame_and_apart(count: int):
    boxes = np.tile([[80.0, 18.0]], (count, 1))
    counts = np.random.default_rng(0).integers(0, 3, (count, count)).astype(float)
    places = placed(counts, [at % 5 for at in range(count)], boxes)
    assert (places >= boxes / 2).all()
    assert (places <= (WIDTH, HEIGHT) - boxes / 2).all()
    between = np.abs(places[:, None] - places[None, :])
    overlapping = (between < boxes - 2).all(axis=2) & ~np.eye(count, dtype=bool)
    assert not overlapping.any()


def test_operators_without_relations_are_placed_too():
    assert np.isfinite(placed(np.zeros((7, 7)), [0] * 7, np.full((7, 2), 30.0))).all()
