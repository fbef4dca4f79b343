"""Frequent sequences are those that a look at every subsequence finds."""

from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codegen.knowledge.patterns.sequences import SEQUENCES, frequent_sequences
from lake.errors import BadInputError

NAMES = ["ee.Image", "", "影像 ->", "a||b"]
CALLERS = st.lists(st.lists(st.sampled_from(NAMES), max_size=7), max_size=12)


def subsequences(sequence: tuple[str, ...]) -> set[tuple[str, ...]]:
    """All but the empty one."""
    return {chosen for length in range(1, len(sequence) + 1) for chosen in combinations(sequence, length)}


@settings(deadline=None, max_examples=100)
@given(callers=CALLERS, least=st.integers(1, 6), max_length=st.none() | st.integers(1, 4))
def test_sequences_counts_and_flags_are_as_defined(
    callers: list[list[str]], least: int, max_length: int | None
) -> None:
    min_support = min(least / max(len(callers), 1), 1.0)
    counts = Counter(chosen for caller in callers for chosen in subsequences(tuple(caller)))
    enough = {pattern: n for pattern, n in counts.items() if n / len(callers) >= min_support}
    closed, maximal = set(enough), set(enough)
    for longer, n in enough.items():
        contained = subsequences(longer) - {longer}
        maximal -= contained
        closed -= {pattern for pattern in contained if enough[pattern] == n}
    found = frequent_sequences(callers, min_support, max_length)
    rows = {tuple(row["operators"]): (row["count"], row["closed"], row["maximal"]) for row in found.to_dicts()}
    assert len(rows) == len(found)
    assert rows == {
        pattern: (n, pattern in closed, pattern in maximal)
        for pattern, n in enough.items()
        if max_length is None or len(pattern) <= max_length
    }


def test_rows_are_in_order_and_hold_what_the_schema_says() -> None:
    found = frequent_sequences([["load", "mask", "mean"], ["mean", "load", "mean"], ["load"], []], 0.5)
    assert found.schema == SEQUENCES
    assert found.rows() == [
        (["load"], 1, 3, 0.75, True, False),
        (["mean"], 1, 2, 0.5, False, False),
        (["load", "mean"], 2, 2, 0.5, True, True),
    ]


def test_an_operator_called_again_is_a_sequence_and_a_caller_counts_once() -> None:
    found = frequent_sequences([["a", "a", "a"], ["a", "b", "a"]], 1)
    assert found.rows() == [(["a"], 1, 2, 1.0, False, False), (["a", "a"], 2, 2, 1.0, True, True)]


@pytest.mark.parametrize("callers", [[], [[]], [["a"], ["b"], ["c"]]])
def test_no_sequences_are_a_table_without_rows(callers: list[list[str]]) -> None:
    found = frequent_sequences(callers, 0.5, 3)
    assert found.is_empty()
    assert found.schema == SEQUENCES


@pytest.mark.parametrize("support", [0, 1.5, float("nan")])
def test_a_support_that_is_no_share_is_refused(support: float) -> None:
    with pytest.raises(BadInputError, match="min_support"):
        frequent_sequences([["a"]], support, 3)


def test_a_length_below_one_is_refused() -> None:
    with pytest.raises(BadInputError, match="give 1 or more"):
        frequent_sequences([["a"]], 1, 0)


def test_too_many_sequences_are_an_error_that_says_what_to_do() -> None:
    caller = [f"operator {i}" for i in range(200)]
    with pytest.raises(BadInputError, match=r"More than 20,000 patterns of up to 5 .* raise min_support"):
        frequent_sequences([caller, caller], 1, 5, most_patterns=20_000)


def test_a_long_caller_does_not_take_long() -> None:
    """Ten thousand calls of two operators in turn: every sequence of up to three is there."""
    assert len(frequent_sequences([["a", "b"] * 5_000] * 3, 1, 3)) == 2 + 4 + 8
