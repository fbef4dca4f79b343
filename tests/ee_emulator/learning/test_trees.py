"""Trees: their text, forests, and boosting."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ee_emulator.errors import EarthEngineError
from ee_emulator.learning import forests
from ee_emulator.learning.table import Training
from ee_emulator.learning.trees import trees_in

GENERATOR = np.random.default_rng(3)
INPUTS = GENERATOR.normal(np.repeat([[0, 0, 0], [4, 0, 4], [0, 4, 8]], 50, axis=0), 1.0)
TRAINING = Training(("a", "b", "c"), INPUTS, np.repeat([2.0, 5.0, 9.0], 50))
ELSEWHERE = GENERATOR.uniform(-3, 10, (500, 3))
FOREST = {
    "variables_per_split": None,
    "min_leaf_population": 1,
    "bag_fraction": 0.5,
    "max_nodes": None,
    "seed": 0,
}


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 30), st.integers(1, 5))
def test_a_tree_reads_its_own_text(seed: int, rows: int, classes: int) -> None:
    generator = np.random.default_rng(seed)
    inputs = generator.normal(size=(rows, 2))
    training = Training(("x", "y_1"), inputs, generator.integers(0, classes, rows).astype(float))
    tree = forests.cart(training, "CLASSIFICATION", None, 1)
    text = tree.explain()["tree"]
    schema = forests.text_schema([text])
    places = [training.names.index(name) for name in schema]
    again = forests.printed([text], "CLASSIFICATION").predict(inputs[:, places])[0]
    assert (again == tree.predict(inputs)[0]).all()
    assert (again == training.target).all()  # grown to the end, a tree knows every distinct row


def test_a_forest_written_out_votes_as_it_did() -> None:
    forest = forests.random_forest(TRAINING, "CLASSIFICATION", 15, **FOREST)
    texts = forest.explain()["trees"]
    places = [TRAINING.names.index(name) for name in forests.text_schema(texts)]
    again = forests.printed(texts, "CLASSIFICATION").predict(ELSEWHERE[:, places])[0]
    assert (again == forest.predict(ELSEWHERE)[0]).all()


def test_trees_that_geemap_writes_for_earth_engine_are_read() -> None:
    from geemap.ml import tree_to_string
    from sklearn.ensemble import RandomForestClassifier

    forest = RandomForestClassifier(8, max_depth=4, random_state=0).fit(INPUTS, TRAINING.codes)
    for tree in forest.estimators_:
        text = tree_to_string(tree, list(TRAINING.names), labels=[0, 1, 2])
        places = [TRAINING.names.index(name) for name in forests.text_schema([text])]
        found = forests.printed([text], "CLASSIFICATION").predict(ELSEWHERE[:, places])[0]
        assert (found == tree.predict(ELSEWHERE)).mean() > 0.99  # it rounds thresholds to six decimals


def test_the_modes_of_a_forest_agree() -> None:
    raw = forests.random_forest(TRAINING, "RAW", 15, **FOREST).predict(ELSEWHERE)[0]
    votes = forests.random_forest(TRAINING, "CLASSIFICATION", 15, **FOREST).predict(ELSEWHERE)[0]
    counts = (raw[:, :, None] == TRAINING.labels).sum(axis=1)
    assert (votes == TRAINING.labels[counts.argmax(axis=1)]).all()
    shares = forests.random_forest(TRAINING, "MULTIPROBABILITY", 15, **FOREST).predict(ELSEWHERE)[0]
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    np.testing.assert_allclose(shares, counts / 15)  # leaves are pure
    each = forests.random_forest(TRAINING, "RAW_REGRESSION", 15, **FOREST).predict(ELSEWHERE)[0]
    mean = forests.random_forest(TRAINING, "REGRESSION", 15, **FOREST).predict(ELSEWHERE)[0]
    np.testing.assert_allclose(mean, each.mean(axis=1))


def test_a_forest_is_the_same_for_a_seed_and_another_for_another() -> None:
    def texts(seed: int) -> list[str]:
        found: list[str] = forests.random_forest(TRAINING, "RAW", 5, **FOREST | {"seed": seed}).explain()["trees"]
        return found

    assert texts(0) == texts(0)
    assert texts(0) != texts(1)


def test_a_bag_holds_half_of_each_class_and_the_rest_measures_the_error() -> None:
    explained = forests.random_forest(TRAINING, "CLASSIFICATION", 30, **FOREST).explain()
    assert explained["numberOfTrees"] == 30
    assert explained["classes"] == [2, 5, 9]
    assert set(explained["importance"]) == {"a", "b", "c"}
    assert all(re.search(r"1\) root 75 50 ", tree) for tree in explained["trees"])
    assert 0 <= explained["outOfBagErrorEstimate"] < 0.1


def test_leaves_are_as_many_and_as_large_as_asked_for() -> None:
    tree = forests.cart(TRAINING, "CLASSIFICATION", 3, 20).explain()["tree"]
    leaves = [int(n) for n in re.findall(r"\S+ (\d+) \d+ \d+ \([^)]*\) \*", tree)]
    assert len(leaves) <= 3
    assert min(leaves) >= 20


def test_boosting_learns_a_quantity() -> None:
    target = 3 * INPUTS[:, 0] - INPUTS[:, 1]
    boosted = forests.gradient_boost(
        Training(TRAINING.names, INPUTS, target), "REGRESSION", 60, 0.2, 0.7, 8, "LeastSquares", 0
    )
    assert np.corrcoef(boosted.predict(INPUTS)[0], target)[0, 1] > 0.98
    assert boosted.explain()["numberOfTrees"] == 60
    assert "classes" not in boosted.explain()


def test_a_single_class_is_refused_as_earth_engine_does() -> None:
    with pytest.raises(EarthEngineError, match="Only one class"):
        forests.random_forest(Training(("a",), INPUTS[:, :1], np.ones(150)), "CLASSIFICATION", 5, **FOREST)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "holds no decision tree"),
        ("2) a<3 1 0 1 *", "does not begin with its root"),
        ("1) root 3 2 1\n2) a<b 1 0 1 *", "cannot read the node"),
        ("1) root 3 2 1\n2) a<3 1 0 1 *", "has one child only"),
    ],
)
def test_a_text_that_is_no_tree_is_refused(text: str, why: str) -> None:
    with pytest.raises(EarthEngineError, match=why):
        forests.printed([text], "CLASSIFICATION")


@pytest.mark.parametrize(("sign", "left"), [("<", [0, 1, 1]), ("<=", [0, 0, 1]), (">", [1, 1, 0]), (">=", [1, 0, 0])])
def test_the_border_belongs_where_the_sign_says(sign: str, left: list[int]) -> None:
    opposite = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}[sign]
    text = f"1) root 2 1 0\n 2) x{sign}0.1 1 0 0 *\n 3) x{opposite}0.1 1 0 1 *"
    assert forests.printed([text], "CLASSIFICATION").predict(np.array([[0.05], [0.1], [0.2]]))[0].tolist() == left


def test_several_trees_in_one_text_are_an_ensemble() -> None:
    text = "1) root 2 1 0.5\n 2) x<1 1 0 0.25 *\n 3) x>=1 1 0 0.75 *\n1) root 1 0 1.25 *\n"
    assert len(trees_in(text)) == 2
    assert forests.printed([text], "CLASSIFICATION").predict(np.array([[0.0], [1.0]]))[0].tolist() == [0.75, 1.0]
