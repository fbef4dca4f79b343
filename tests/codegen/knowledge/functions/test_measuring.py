"""The measures, against what one counts by hand."""

import polars as pl
import pytest

from codegen.knowledge.functions.measuring import (
    LabelledCombination,
    functions_of_scripts,
    functions_of_units,
    multi_label,
    semantic_accuracy,
    structural_accuracy,
)


def test_an_alternate_counts_for_the_accuracy_and_not_for_the_primary() -> None:
    labels = [
        LabelledCombination(("a",), "mask"),
        LabelledCombination(("b",), "mask", frozenset({"terrain"})),
        LabelledCombination(("c",), "mask"),
        LabelledCombination(("d",), "mask"),
    ]
    told = {
        ("a",): [("mask", 0.9)],
        ("b",): [("terrain", 0.6), ("mask", 0.4)],
        ("c",): [("chart", 0.5), ("mask", 0.5)],
        ("d",): [],
    }
    found = semantic_accuracy(labels, told.__getitem__)
    assert (found.combinations, found.accuracy, found.primary, found.first_three) == (4, 0.5, 0.25, 0.75)
    assert found.missed == ((labels[2], "chart"), (labels[3], ""))


def test_a_combination_is_recounted_in_order() -> None:
    callers = pl.DataFrame({"operators": [["a", "x", "b"], ["b", "a"], ["a", "b", "a", "b"]]})
    told = pl.DataFrame(
        {"operators": [["a", "b"], ["b", "a"], ["a", "a"], ["a", "b"], ["z"]], "count": [2, 2, 1, 3, 0]}
    )
    assert structural_accuracy(told, callers) == pytest.approx(3 / 5)


def test_sets_of_functions_are_compared() -> None:
    told = {"a": {"mask", "chart"}, "b": {"mask"}, "unlabelled": {"terrain"}}
    found = multi_label(told, {"a": {"mask"}, "b": {"mask", "terrain"}, "c": set(), "d": {"chart"}})
    assert (found.labelled, found.precision, found.recall) == (4, 2 / 3, 2 / 4)
    assert found.f1 == pytest.approx(4 / 7)
    assert found.jaccard == pytest.approx((1 / 2 + 1 / 2 + 1 + 0) / 4)


def test_nothing_labelled_is_no_error() -> None:
    assert multi_label({}, {}).f1 == 0.0
    assert semantic_accuracy([], lambda _: []).accuracy == 0.0


def test_functions_of_a_script_are_those_of_its_units() -> None:
    table = pl.DataFrame({"script": ["s", "s", "t"], "unit": ["", "f", ""], "function": ["mask", "chart", "mask"]})
    assert functions_of_units(table) == {("s", ""): {"mask"}, ("s", "f"): {"chart"}, ("t", ""): {"mask"}}
    assert functions_of_scripts(table) == {"s": {"mask", "chart"}, "t": {"mask"}}
