"""A label that is one of its own inputs, by whatever curve, is named; one that merely correlates is not."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from lake.errors import BadInputError
from ml.leakage import MOST_ROWS, copied_labels, refuse_copies

NAMES = ("roads", "lights", "trees")
Array = NDArray[np.float64]


def columns(rows: int = 3_000) -> Array:
    return np.random.default_rng(0).gamma(2.0, 3.0, (rows, len(NAMES)))


@pytest.mark.parametrize("curve", [lambda x: 3 * x - 7, np.log1p, np.sqrt, lambda x: -(x**5)])
def test_functions_of_a_column_that_only_rise_or_fall_are_found(curve: Callable[[Array], Array]) -> None:
    X = columns()
    found = copied_labels({"mine": curve(X[:, 1]), "own": X @ [1.0, 1.0, 1.0]}, NAMES, X)
    assert [(copy.label, copy.column, copy.rows) for copy in found] == [("mine", "lights", 3_000)]
    assert abs(found[0].correlation) == pytest.approx(1.0)


def test_gaps_on_either_side_hide_nothing() -> None:
    X, label = columns(), columns()[:, 2].copy()
    X[::3, 2] = np.nan
    label[1::3] = np.nan
    assert [(copy.column, copy.rows) for copy in copied_labels({"a": label}, NAMES, X)] == [("trees", 1_000)]


def test_a_close_label_with_a_grain_of_its_own_passes() -> None:
    X = columns()
    label = X[:, 0] + 0.1 * X[:, 0].std() * np.random.default_rng(1).normal(size=len(X))
    assert copied_labels({"a": label}, NAMES, X) == []
    assert [copy.column for copy in copied_labels({"a": label}, NAMES, X, threshold=0.98)] == ["roads"]


def test_few_rows_and_constants_say_nothing() -> None:
    X = columns()
    X[:, 1] = 4.0
    label = np.full(len(X), np.nan)
    label[:19] = X[:19, 0]
    assert copied_labels({"few": label, "flat": np.ones(len(X))}, NAMES, X) == []


def test_a_column_that_is_hardly_ever_known_is_judged_where_it_is() -> None:
    X = columns(20_000)
    label = X[:, 2].copy()
    X[np.arange(20_000) % 200 > 0, 2] = np.nan
    assert [(copy.column, copy.rows) for copy in copied_labels({"a": label}, NAMES, X)] == [("trees", 100)]


def test_a_large_table_is_looked_at_all_over() -> None:
    X = columns(4 * MOST_ROWS)
    assert [copy.rows for copy in copied_labels({"a": X[:, 0]}, NAMES, X)] == [MOST_ROWS]
    half = np.where(np.arange(len(X)) < len(X) // 2, X[:, 0], X[:, 1])
    assert copied_labels({"a": half}, NAMES, X) == []


def test_the_guard_names_label_and_column() -> None:
    X = columns()
    refuse_copies({"a": X.sum(axis=1)}, NAMES, X)
    with pytest.raises(BadInputError, match=r"wage is foretold by lights alone \(correlation -1.00000\).*Leave out"):
        refuse_copies({"wage": -X[:, 1]}, NAMES, X)


def test_rows_and_names_have_to_fit() -> None:
    with pytest.raises(BadInputError, match="3 columns and 2 names"):
        copied_labels({}, NAMES[:2], columns())
    with pytest.raises(BadInputError, match="The label a has 5 rows"):
        copied_labels({"a": np.ones(5)}, NAMES, columns())
