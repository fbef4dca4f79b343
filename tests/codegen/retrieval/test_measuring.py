"""Measures of a search, on rankings that are known and on a small index."""

import pytest

from codegen.retrieval.index import Index
from codegen.retrieval.measuring import Question, measure, rank_operators, recall_at, reciprocal_rank
from lake.errors import BadInputError


def test_measures_of_a_ranking_by_hand() -> None:
    ranking, expected = ["a", "b", "c", "d"], {"b", "d", "z"}
    assert recall_at(ranking, expected, 2) == pytest.approx(1 / 3)
    assert recall_at(ranking, expected, 10) == pytest.approx(2 / 3)
    assert reciprocal_rank(ranking, expected) == 0.5
    assert reciprocal_rank(ranking, {"z"}) == 0.0


def test_an_operator_gains_by_being_named_again(index: Index) -> None:
    ranking = rank_operators(index.search("date filter of an image collection", k=20))
    assert ranking[0] in ("ee.ImageCollection", "ee.ImageCollection.filterDate")
    assert len(ranking) == len(set(ranking))


def test_every_mode_and_each_table_left_out_is_measured(index: Index) -> None:
    questions = [
        Question("hillshade of terrain", frozenset({"ee.Terrain.hillshade"})),
        Question("随机森林", frozenset({"ee.Classifier.smileRandomForest"})),
        Question("eigenvalues of an array", frozenset({"ee.Array.eigen"})),
    ]
    table = measure(index, questions, ks=(5,), draws=200)
    assert table["setting"].n_unique() == 3 + len(index.kinds)
    value = {(row["setting"], row["metric"]): row for row in table.iter_rows(named=True)}
    assert value["fused", "recall@5"]["value"] == 1.0
    assert value["lexical", "recall@5"]["value"] == pytest.approx(2 / 3), "words say nothing of Chinese"
    assert value["fused without operator", "recall@5"]["value"] == 0.0, "only the operators' table knows them"
    assert value["fused without operator", "recall@5"]["difference"] == -1.0
    assert all(row["low"] <= row["value"] <= row["high"] for row in value.values())
    assert table.equals(measure(index, questions, ks=(5,), draws=200)), "the draws are seeded"


def test_nothing_to_measure_is_refused(index: Index) -> None:
    with pytest.raises(BadInputError, match="nothing to measure"):
        measure(index, [])
    with pytest.raises(BadInputError, match="nothing to measure"):
        measure(index, [Question("a", frozenset())])
