"""Classifiers of decision trees: CART, random forests, gradient boosting, and trees given as text.

Earth Engine grows its trees with Smile; these are grown by scikit-learn with the same parameters. Splits of equal
quality, the rows of a bag and the inputs tried at a split are chosen otherwise, so single trees differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ee_emulator.errors import EarthEngineError
from ee_emulator.learning.table import (
    CLASS,
    NUMBERS,
    VOTES,
    Fitted,
    Matrix,
    Training,
    affordable,
    from_shares,
    greatest,
    quantity,
    single,
)
from ee_emulator.learning.trees import Tree, from_lines, grown, names_in, tree_text, trees_in

REGRESSIONS = ("REGRESSION", "RAW_REGRESSION")


def cart(training: Training, mode: str, max_nodes: int | None, min_leaf_population: int) -> Fitted:
    """One tree, grown until its leaves are pure (Breiman et al. 1984)."""
    tree = _grow(training, np.arange(len(training.target)), mode, max_nodes, min_leaf_population, None, 0)
    explanation = _described(training, [tree], mode)
    explanation["tree"] = explanation.pop("trees")[0]
    if mode == "REGRESSION":
        return quantity(lambda inputs: tree.predict(inputs)[:, 0], explanation)
    return from_shares(tree.predict, training.labels, mode, explanation)


def _grow(
    training: Training,
    rows: NDArray[np.intp],
    mode: str,
    max_nodes: int | None,
    min_leaf_population: int,
    variables: int | None,
    seed: int,
) -> Tree:
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    regression = mode in REGRESSIONS
    estimator = (DecisionTreeRegressor if regression else DecisionTreeClassifier)(
        max_leaf_nodes=_leaves(max_nodes),
        min_samples_leaf=max(1, min_leaf_population),
        max_features=variables,
        random_state=seed,
    )
    estimator.fit(training.inputs[rows], (training.target if regression else training.codes)[rows])
    return grown(estimator, None if regression else len(training.labels))


def _leaves(max_nodes: int | None) -> int | None:
    if max_nodes is not None and max_nodes < 2:
        raise EarthEngineError(f"Invalid maximum leaves: {max_nodes}")
    return max_nodes


def _described(training: Training, trees: Sequence[Tree], mode: str) -> dict[str, Any]:
    labels = None if mode in REGRESSIONS else training.labels
    summed = np.sum([tree.importance(len(training.names)) for tree in trees], axis=0)
    answer: dict[str, Any] = {} if labels is None else {"classes": labels.tolist()}
    answer["importance"] = dict(zip(training.names, summed.tolist(), strict=True))
    return answer | {"trees": [tree_text(tree, training.names, labels) for tree in trees]}


def random_forest(
    training: Training,
    mode: str,
    number_of_trees: int,
    variables_per_split: int | None,
    min_leaf_population: int,
    bag_fraction: float,
    max_nodes: int | None,
    seed: int,
) -> Fitted:
    """Trees on random parts of the rows that try random inputs at each split (Breiman 2001).

    A bag smaller than the table is drawn without repetition within each class, a full one with repetition, as Smile
    does; classes are chosen by votes, probabilities are the leaves' mean shares.

    Raises:
        EarthEngineError: No tree, a bag of nothing or more than everything, or a single class.
    """
    if number_of_trees < 1:
        raise EarthEngineError(f"Invalid number of trees: {number_of_trees}")
    if not 0 < bag_fraction <= 1:
        raise EarthEngineError(f"Invalid sampling rating: {bag_fraction}")
    if mode not in REGRESSIONS:
        several_classes(training)
    affordable(number_of_trees * len(training.target) * len(training.names), 1e6)
    variables = variables_per_split or max(1, int(np.sqrt(len(training.names))))
    if variables > len(training.names):
        raise EarthEngineError(f"Invalid number of variables to split on at a node of the tree: {variables}")
    generator = np.random.default_rng(abs(seed))
    bags = [_bag(training, bag_fraction, mode, generator) for _ in range(number_of_trees)]
    trees = [
        _grow(training, bag, mode, max_nodes, min_leaf_population, variables, k + abs(seed))
        for k, bag in enumerate(bags)
    ]
    explanation = _described(training, trees, mode) | {"numberOfTrees": number_of_trees}
    explanation["outOfBagErrorEstimate"] = _out_of_bag(training, trees, bags, mode)
    return _ensemble(trees, training.labels, mode, explanation)


def several_classes(training: Training) -> None:
    """Refuses a table of one class, as Earth Engine does."""
    if len(training.labels) < 2:
        raise EarthEngineError("Only one class.")


def _bag(training: Training, fraction: float, mode: str, generator: np.random.Generator) -> NDArray[np.intp]:
    rows = np.arange(len(training.target))
    if fraction == 1:
        return generator.choice(rows, len(rows))
    groups = [rows] if mode in REGRESSIONS else [rows[training.codes == k] for k in range(len(training.labels))]
    return np.concatenate([generator.permutation(group)[: max(1, round(fraction * len(group)))] for group in groups])


def _out_of_bag(training: Training, trees: Sequence[Tree], bags: Sequence[NDArray[np.intp]], mode: str) -> float | None:
    """The error of each row under the trees that have not seen it: a share of rows, for a regression an RMSE."""
    total = np.zeros((len(training.target), trees[0].value.shape[1]))
    seen = np.zeros(len(training.target))
    for tree, bag in zip(trees, bags, strict=True):
        out = np.setdiff1d(np.arange(len(total)), bag)
        values = tree.predict(training.inputs[out])
        total[out] += values if mode in REGRESSIONS else _votes(values)
        seen[out] += 1
    known = seen > 0
    if not known.any():
        return None
    if mode in REGRESSIONS:
        predicted = total[known, 0] / seen[known]
        return float(np.sqrt(np.mean((predicted - training.target[known]) ** 2)))
    return float(np.mean(np.argmax(total[known], axis=1) != training.codes[known]))


def _votes(shares: Matrix) -> Matrix:
    votes: Matrix = np.eye(shares.shape[1])[np.argmax(shares, axis=1)]
    return votes


def _ensemble(trees: Sequence[Tree], labels: NDArray[np.int64], mode: str, explanation: Mapping[str, Any]) -> Fitted:
    def mean(inputs: Matrix) -> Matrix:
        average: Matrix = np.asarray(sum(tree.predict(inputs) for tree in trees)) / len(trees)
        return average

    def voted(inputs: Matrix) -> NDArray[np.int64]:
        return greatest(labels, np.asarray(sum(_votes(tree.predict(inputs)) for tree in trees)))

    if mode == "RAW_REGRESSION":
        return single(lambda inputs: np.column_stack([t.predict(inputs)[:, 0] for t in trees]), NUMBERS, explanation)
    if mode == "RAW":
        return single(
            lambda inputs: labels[np.column_stack([np.argmax(t.predict(inputs), axis=1) for t in trees])],
            VOTES,
            explanation,
        )
    if mode == "REGRESSION":
        return quantity(lambda inputs: mean(inputs)[:, 0], explanation)
    if mode == "CLASSIFICATION":
        return single(voted, CLASS, explanation)
    return from_shares(mean, labels, mode, explanation)


_LOSSES = {"LeastSquares": "squared_error", "LeastAbsoluteDeviation": "absolute_error", "Huber": "huber"}


def gradient_boost(
    training: Training,
    mode: str,
    number_of_trees: int,
    shrinkage: float,
    sampling_rate: float,
    max_nodes: int | None,
    loss: str,
    seed: int,
) -> Fitted:
    """Regression trees, each for what the ones before it left over (Friedman 1999, with random parts of the rows).

    Raises:
        EarthEngineError: A parameter out of its range, or a single class.
    """
    from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor

    if number_of_trees < 1:
        raise EarthEngineError(f"Invalid number of trees: {number_of_trees}")
    affordable(number_of_trees * len(training.target) * len(training.names) * len(training.labels), 1e6)
    if not 0 < shrinkage <= 1:
        raise EarthEngineError(f"Invalid shrinkage: {shrinkage}")
    if not 0 < sampling_rate <= 1:
        raise EarthEngineError(f"Invalid sampling fraction: {sampling_rate}")
    if loss not in _LOSSES:
        raise EarthEngineError(f"Unknown loss '{loss}'; known: {', '.join(_LOSSES)}.")
    common = {
        "n_estimators": number_of_trees,
        "learning_rate": shrinkage,
        "subsample": sampling_rate,
        "max_leaf_nodes": _leaves(max_nodes),
        "max_depth": None,
        "random_state": abs(seed),
    }
    if mode == "REGRESSION":
        model = GradientBoostingRegressor(loss=_LOSSES[loss], **common).fit(training.inputs, training.target)
        return quantity(model.predict, _boosted(training, model, mode))
    several_classes(training)
    model = GradientBoostingClassifier(**common).fit(training.inputs, training.codes)
    return from_shares(model.predict_proba, training.labels, mode, _boosted(training, model, mode))


def _boosted(training: Training, model: Any, mode: str) -> dict[str, Any]:
    trees = [grown(estimator, None) for estimator in model.estimators_.ravel()]
    answer = _described(training, trees, "REGRESSION") | {"numberOfTrees": len(model.estimators_)}
    return answer if mode == "REGRESSION" else {"classes": training.labels.tolist()} | answer


# Trees as text ----------------------------------------------------------------------------------------------------


def text_schema(texts: Sequence[str]) -> tuple[str, ...]:
    """The inputs of printed trees."""
    return names_in([lines for text in texts for lines in trees_in(text)])


def printed(texts: Sequence[str], mode: str) -> Fitted:
    """Trees as text: the most frequent class of their leaves, or the mean where leaves are no whole numbers."""
    lines = [tree for text in texts for tree in trees_in(text)]
    names = names_in(lines)
    trees = [from_lines(tree, names) for tree in lines]
    leaves = np.concatenate([tree.value[tree.feature < 0, 0] for tree in trees])

    def each(inputs: Matrix) -> Matrix:
        return np.column_stack([tree.predict(inputs)[:, 0] for tree in trees])

    explanation = {"numberOfTrees": len(trees), "trees": list(texts)} if len(trees) > 1 else {"tree": texts[0]}
    whole = bool(np.all(leaves == np.trunc(leaves)))
    if mode in ("RAW", "RAW_REGRESSION"):
        return single(each, VOTES if whole and mode == "RAW" else NUMBERS, explanation)
    if mode == "REGRESSION" or not whole:
        return quantity(lambda inputs: each(inputs).mean(axis=1), explanation)
    labels = np.unique(leaves).astype(np.int64)

    def voted(inputs: Matrix) -> NDArray[np.int64]:
        votes = each(inputs)[:, :, None] == labels
        return greatest(labels, votes.sum(axis=1))

    return single(voted, CLASS, explanation)
