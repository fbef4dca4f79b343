"""One order from two."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codegen.retrieval.fusion import K, Weights, best, fuse

rankings = st.lists(st.integers(0, 49), unique=True, max_size=20)


def test_scores_are_those_of_the_paper() -> None:
    found = fuse([3, 1], [1], Weights(), 10)
    assert [(one.row, one.lexical, one.dense) for one in found] == [(1, 2, 1), (3, 1, None)]
    assert found[0].score == pytest.approx(1 / (K + 2) + 1 / (K + 1))


@given(rankings, rankings)
def test_what_both_lists_put_first_is_first(left: list[int], right: list[int]) -> None:
    agreed = [0, *(row for row in left if row)], [0, *(row for row in right if row)]
    assert fuse(*agreed, Weights(), 5)[0].row == 0


@given(rankings, rankings)
def test_what_both_lists_have_is_before_what_one_has_further_down(left: list[int], right: list[int]) -> None:
    order = [one.row for one in fuse(left, right, Weights(), 100)]
    assert set(order) == set(left) | set(right)
    for row in set(left) & set(right):
        for other in set(left) - set(right):
            if left.index(other) > left.index(row):
                assert order.index(row) < order.index(other)


@given(st.lists(st.integers(0, 5), max_size=60), st.integers(1, 10))
def test_the_best_are_those_of_a_full_sort(scores: list[int], depth: int) -> None:
    expected = sorted((row for row, score in enumerate(scores) if score), key=lambda row: (-scores[row], row))[:depth]
    assert best(np.array(scores, np.float32), np.arange(len(scores)), depth) == expected
