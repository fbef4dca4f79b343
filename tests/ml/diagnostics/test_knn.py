"""What neighbours tell is scored as scikit-learn's and the probes' scores are."""

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsRegressor

from ml.diagnostics import knn
from ml.diagnostics.distances import neighbourhoods


def test_r2_is_that_of_scikit_learn_leaving_each_row_out() -> None:
    rng = np.random.default_rng(0)
    points = rng.normal(size=(80, 3))
    target = points[:, 0] + 0.1 * rng.normal(size=80)
    around = neighbourhoods(points, "euclidean", 5)
    labels = {"y": target}
    found = knn.skill(*knn.losses(knn.predictions(around.nearest, labels), labels, None))
    told = KNeighborsRegressor(5).fit(points, target).predict(None)  # None: each training row without itself
    expected = 1 - ((target - told) ** 2).sum() / ((target - target.mean()) ** 2).sum()
    assert found[0] == pytest.approx(expected)


def test_telling_groups_apart_earns_nothing() -> None:
    groups = np.repeat([0, 1], 50)
    target = groups * 10.0 + np.random.default_rng(1).normal(size=100)
    labels = {"y": target}
    perfect_on_groups = {"y": np.where(groups == 0, target[:50].mean(), target[50:].mean())}
    assert knn.skill(*knn.losses(perfect_on_groups, labels, groups))[0] == pytest.approx(0)
    assert knn.skill(*knn.losses(perfect_on_groups, labels, None))[0] > 0.9


def test_a_tie_goes_to_the_nearer_class_and_the_majority_wins_otherwise() -> None:
    labels = {"c": np.array([0, 1, 2, 1, -1])}
    neighbours = np.array([[2, 1, 4, 0], [1, 2, 3, 0], [4, 4, 4, 4]])
    found = knn.predictions(neighbours, {"c": labels["c"]})["c"]
    assert found.tolist() == [2, 1, -1]


def test_always_saying_the_most_frequent_class_has_no_skill() -> None:
    truth = {"c": np.array([0, 0, 0, 1, 2, -1])}
    cost, scale = knn.losses({"c": np.zeros(6, np.int64)}, truth, None)
    assert knn.skill(cost, scale)[0] == 0
    assert cost[5, 0] == scale[5, 0] == 0


def test_unknown_values_are_left_out() -> None:
    labels = {"y": np.array([1.0, np.nan, 3.0])}
    told = knn.predictions(np.array([[1, 2], [0, 2], [1, 1]]), labels)["y"]
    np.testing.assert_array_equal(told, [3.0, 2.0, np.nan])
    cost, _ = knn.losses({"y": told}, labels, None)
    assert cost[:, 0].tolist() == [4.0, 0.0, 0.0]


def test_a_label_that_does_not_vary_has_no_skill_to_tell() -> None:
    labels = {"y": np.ones(10)}
    assert np.isnan(knn.skill(*knn.losses(labels, labels, None))[0])
