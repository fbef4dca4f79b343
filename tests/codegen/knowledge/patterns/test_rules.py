"""Association rules are those of mlxtend."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mlxtend.frequent_patterns import association_rules as their_rules
from mlxtend.frequent_patterns import fpgrowth

from codegen.knowledge.patterns.itemsets import frequent_itemsets
from codegen.knowledge.patterns.rules import RULES, association_rules
from lake.errors import BadInputError
from tests.codegen.knowledge.patterns.test_itemsets import TRANSACTIONS, one_hot

MEASURES = ["support", "confidence", "lift"]


def by_sides(
    rules: list[tuple[list[str], list[str], float, float, float]],
) -> dict[tuple[frozenset[str], ...], list[float]]:
    return {(frozenset(antecedent), frozenset(consequent)): measures for antecedent, consequent, *measures in rules}


@settings(deadline=None, max_examples=60)
@given(transactions=TRANSACTIONS.filter(any), percent=st.integers(0, 99))
def test_the_rules_are_those_of_mlxtend(transactions: list[list[str]], percent: int) -> None:
    confidence = (percent + 0.37) / 100  # not the share that any rule has: mlxtend rounds those, see below
    min_support = 1.5 / len(transactions) if len(transactions) > 1 else 1.0
    ours = association_rules(frequent_itemsets(transactions, min_support), confidence)
    sets = fpgrowth(one_hot(transactions), min_support, use_colnames=True)
    if sets.empty:
        assert ours.is_empty()
        return
    theirs = their_rules(sets, metric="confidence", min_threshold=confidence)[["antecedents", "consequents", *MEASURES]]
    expected = by_sides(list(theirs.itertuples(index=False, name=None)))
    found = by_sides(ours.select("antecedent", "consequent", *MEASURES).rows())
    assert len(found) == len(ours)
    assert found.keys() == expected.keys()
    for sides, measures in found.items():
        assert measures == pytest.approx(expected[sides], rel=1e-12)


def test_rules_are_in_order_and_hold_what_the_schema_says() -> None:
    rules = association_rules(frequent_itemsets([["a", "b"], ["a", "b"], ["a"], []], 0.25), 0.1)
    assert rules.schema == RULES
    assert rules.rows() == [(["b"], ["a"], 2, 0.5, 1.0, 4 / 3), (["a"], ["b"], 2, 0.5, 2 / 3, 4 / 3)]


def test_a_rule_right_at_the_confidence_holds() -> None:
    """2 of 20 are 0.1; mlxtend divides their supports: 0.02 / 0.2 is 0.09999999999999999."""
    itemsets = frequent_itemsets([["a", "b"]] * 2 + [["a"]] * 18 + [[]] * 80, 0.01)
    assert (["a"], ["b"]) in association_rules(itemsets, 0.1).select("antecedent", "consequent").rows()


def test_no_sets_and_sets_of_one_give_no_rules() -> None:
    for transactions in ([], [["a"], ["b"]]):
        rules = association_rules(frequent_itemsets(transactions, 0.5), 0)
        assert rules.is_empty()
        assert rules.schema == RULES


@pytest.mark.parametrize("confidence", [-0.1, 1.1, float("nan")])
def test_a_confidence_that_is_no_share_is_refused(confidence: float) -> None:
    with pytest.raises(BadInputError, match="min_confidence"):
        association_rules(frequent_itemsets([["a"]], 1), confidence)


def test_sets_without_their_parts_are_refused() -> None:
    itemsets = frequent_itemsets([["a", "b"]], 1)
    with pytest.raises(BadInputError, match="parts of the sets are missing"):
        association_rules(itemsets.filter(pl.col("maximal")), 0.5)


def test_a_set_that_stands_twice_is_refused() -> None:
    itemsets = frequent_itemsets([["a", "b"]], 1)
    with pytest.raises(BadInputError, match="twice"):
        association_rules(pl.concat([itemsets, itemsets]), 0.5)


def test_too_many_rules_are_an_error() -> None:
    itemsets = frequent_itemsets([list("abcdefghij")], 1)
    with pytest.raises(BadInputError, match="More than 1,000 rules"):
        association_rules(itemsets, 0.5, most_rules=1_000)
