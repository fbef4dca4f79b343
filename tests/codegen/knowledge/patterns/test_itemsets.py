"""Frequent sets are those of mlxtend's FP-growth, and closed and maximal as they are defined."""

from itertools import combinations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mlxtend.frequent_patterns import apriori, fpgrowth
from mlxtend.preprocessing import TransactionEncoder

from codegen.knowledge.patterns.itemsets import ITEMSETS, frequent_itemsets
from lake.errors import BadInputError

NAMES = ["ee.Image", "ee.Image.select", "", "影像 ->", 'a "b"\\{c||d}', "z\x00\n", "ü"]
TRANSACTIONS = st.lists(st.lists(st.sampled_from(NAMES), max_size=9), max_size=25)


def one_hot(transactions: list[list[str]]) -> pd.DataFrame:
    """What mlxtend wants."""
    encoder = TransactionEncoder()
    return pd.DataFrame(encoder.fit_transform(transactions), columns=encoder.columns_)


def supports(found: pl.DataFrame) -> dict[frozenset[str], float]:
    return {frozenset(items): support for items, support in found.select("items", "support").iter_rows()}


def counts(transactions: list[list[str]]) -> dict[frozenset[str], int]:
    """Every set of names with the transactions that contain it."""
    sets = [frozenset(names) for size in range(1, len(NAMES) + 1) for names in combinations(NAMES, size)]
    return {names: sum(names <= set(transaction) for transaction in transactions) for names in sets}


@settings(deadline=None, max_examples=100)
@given(transactions=TRANSACTIONS.filter(any), share=st.floats(0, 1), max_size=st.none() | st.integers(1, 4))
def test_the_sets_and_supports_are_those_of_fpgrowth(
    transactions: list[list[str]], share: float, max_size: int | None
) -> None:
    # between two counts: at a count mlxtend rounds, see below
    min_support = (int(share * (len(transactions) - 1)) + 0.5) / len(transactions)
    theirs = fpgrowth(one_hot(transactions), min_support, use_colnames=True, max_len=max_size)
    found = frequent_itemsets(transactions, min_support, max_size)
    assert supports(found) == dict(zip(theirs["itemsets"], theirs["support"], strict=True))
    assert len(found) == len(theirs)


def test_many_callers_of_many_operators_have_the_sets_of_fpgrowth() -> None:
    rng = np.random.default_rng(0)
    transactions = [[f"operator {i}" for i in rng.zipf(1.4, rng.integers(1, 20)) % 60] for _ in range(600)]
    theirs = fpgrowth(one_hot(transactions), 0.0125, use_colnames=True)
    assert len(theirs) > 1_000
    assert supports(frequent_itemsets(transactions, 0.0125)) == dict(
        zip(theirs["itemsets"], theirs["support"], strict=True)
    )


def test_a_set_right_at_the_support_is_frequent_where_the_product_lies_above_a_whole_number() -> None:
    """0.07 × 100 is 7.000000000000001: mlxtend's FP-growth wants 8 then, and its Apriori 7."""
    transactions = [["a", "b"]] * 7 + [["c"]] * 93
    assert (frozenset("ab"), 0.07) in supports(frequent_itemsets(transactions, 0.07)).items()
    assert supports(frequent_itemsets(transactions, 0.07)).keys() == set(
        apriori(one_hot(transactions), 0.07, use_colnames=True)["itemsets"]
    )


@settings(deadline=None, max_examples=100)
@given(transactions=TRANSACTIONS, least=st.integers(1, 8), max_size=st.none() | st.integers(1, 4))
def test_closed_and_maximal_are_as_defined(transactions: list[list[str]], least: int, max_size: int | None) -> None:
    min_support = min(least / max(len(transactions), 1), 1.0)
    enough = {names: n for names, n in counts(transactions).items() if n and n / len(transactions) >= min_support}
    expected = {
        names: (n, not any(names < more and n == m for more, m in enough.items()), not any(names < m for m in enough))
        for names, n in enough.items()
        if max_size is None or len(names) <= max_size
    }
    found = frequent_itemsets(transactions, min_support, max_size)
    assert {
        frozenset(row["items"]): (row["count"], row["closed"], row["maximal"]) for row in found.to_dicts()
    } == expected


def test_rows_are_in_order_and_hold_what_the_schema_says() -> None:
    found = frequent_itemsets([["b", "a", "a"], {"a", "c"}, (), ["c", "b", "a"]], 0.5)
    assert found.schema == ITEMSETS
    assert found.rows() == [
        (["a"], 1, 3, 0.75, True, False),
        (["b"], 1, 2, 0.5, False, False),
        (["c"], 1, 2, 0.5, False, False),
        (["a", "b"], 2, 2, 0.5, True, True),
        (["a", "c"], 2, 2, 0.5, True, True),
    ]


@settings(deadline=None, max_examples=20)
@given(transactions=TRANSACTIONS)
def test_the_order_of_the_callers_and_of_their_operators_does_not_matter(transactions: list[list[str]]) -> None:
    turned = [transaction[::-1] for transaction in reversed(transactions)]
    assert frequent_itemsets(turned, 0.1).equals(frequent_itemsets(transactions, 0.1))


@pytest.mark.parametrize("transactions", [[], [[]], [[], []], [["a"], ["b"], ["c"]]])
def test_no_sets_are_a_table_without_rows(transactions: list[list[str]]) -> None:
    found = frequent_itemsets(transactions, 0.5)
    assert found.is_empty()
    assert found.schema == ITEMSETS


def test_one_operator_is_a_set() -> None:
    assert frequent_itemsets([["a"]], 1).rows() == [(["a"], 1, 1, 1.0, True, True)]


@pytest.mark.parametrize("support", [0, -0.1, 1.01, float("nan"), float("inf")])
def test_a_support_that_is_no_share_is_refused(support: float) -> None:
    with pytest.raises(BadInputError, match="min_support"):
        frequent_itemsets([["a"]], support)


def test_a_text_in_place_of_a_list_is_refused() -> None:
    with pytest.raises(BadInputError, match="one text"):
        frequent_itemsets(["ee.Image"], 0.5)


def test_a_name_that_is_no_text_is_refused() -> None:
    with pytest.raises(BadInputError, match="None"):
        frequent_itemsets([["a", None]], 0.5)  # type: ignore[list-item]


@pytest.mark.parametrize(("max_size", "most"), [(0, 10), (2, 0)])
def test_limits_below_one_are_refused(max_size: int, most: int) -> None:
    with pytest.raises(BadInputError, match="give 1 or more"):
        frequent_itemsets([["a"]], 0.5, max_size, most)


def test_too_many_sets_are_an_error_and_not_the_end_of_the_memory() -> None:
    """60 operators that all go together have 2⁶⁰ subsets."""
    with pytest.raises(BadInputError, match=r"More than 50,000 patterns .* at least 2 of 2 callers"):
        frequent_itemsets([[f"operator {i}" for i in range(60)]] * 2, 1, most_patterns=50_000)


def test_the_limit_is_the_most_that_is_returned() -> None:
    assert len(frequent_itemsets([["a", "b", "c"]], 1, most_patterns=7)) == 7
    with pytest.raises(BadInputError, match="More than 6"):
        frequent_itemsets([["a", "b", "c"]], 1, most_patterns=6)
