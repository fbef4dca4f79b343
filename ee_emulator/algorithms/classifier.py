"""Classifier: constructors, training and output modes."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ee_emulator.algorithms.coercions import refusal
from ee_emulator.errors import EarthEngineError
from ee_emulator.learning import distances, forests, linear
from ee_emulator.learning.apply import predict
from ee_emulator.learning.confusion import ConfusionMatrix, counted
from ee_emulator.learning.maxent import maxent
from ee_emulator.learning.models import Classifier
from ee_emulator.learning.table import Fitted, Training, number_rows
from ee_emulator.registry import Context, algorithm, coercion, signatures
from ee_emulator.values import Collection

MODES = ("CLASSIFICATION", "REGRESSION", "PROBABILITY", "MULTIPROBABILITY", "RAW", "RAW_REGRESSION")
_SHARES = ("CLASSIFICATION", "PROBABILITY", "MULTIPROBABILITY")
_SHARES_AND_NUMBERS = (*_SHARES, "REGRESSION")


@coercion("Classifier")
def to_classifier(value: Any, _: Context) -> Classifier:
    """Classifiers only."""
    if isinstance(value, Classifier):
        return value
    raise refusal(value, "Classifier")


def described(name: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """What `getInfo` shows of a constructor: its name and the arguments that are not the defaults."""
    shown: dict[str, Any] = {"type": name}
    for argument in signatures()[name].arguments:
        value = parameters[argument.parameter]
        if value is not None and value != argument.default:
            shown[argument.name] = value
    return shown


def _trained(
    name: str, parameters: dict[str, Any], modes: tuple[str, ...], learn: Callable[[Training, str], Fitted]
) -> Classifier:
    def from_training(training: Training | None, mode: str) -> Fitted:
        assert training is not None  # `needs_training` is checked before
        return learn(training, mode)

    return Classifier(described(name, parameters), from_training, modes)


# Constructors -----------------------------------------------------------------------------------------------------


@algorithm("Classifier.smileCart")
def smile_cart(max_nodes: int | None, min_leaf_population: int) -> Classifier:
    """One decision tree."""
    return _trained(
        "Classifier.smileCart",
        {"max_nodes": max_nodes, "min_leaf_population": min_leaf_population},
        _SHARES_AND_NUMBERS,
        lambda training, mode: forests.cart(training, mode, max_nodes, min_leaf_population),
    )


@algorithm("Classifier.smileRandomForest")
def smile_random_forest(
    number_of_trees: int,
    variables_per_split: int | None,
    min_leaf_population: int,
    bag_fraction: float,
    max_nodes: int | None,
    seed: int,
) -> Classifier:
    """A random forest."""
    parameters = {
        "number_of_trees": number_of_trees,
        "variables_per_split": variables_per_split,
        "min_leaf_population": min_leaf_population,
        "bag_fraction": bag_fraction,
        "max_nodes": max_nodes,
        "seed": seed,
    }
    return _trained(
        "Classifier.smileRandomForest",
        parameters,
        MODES,
        lambda training, mode: forests.random_forest(training, mode, **parameters),  # type: ignore[arg-type]
    )


@algorithm("Classifier.randomForest")
def random_forest(
    number_of_trees: int,
    variables_per_split: int,
    min_leaf_population: int,
    bag_fraction: float,
    out_of_bag_mode: bool,
    seed: int,
) -> Classifier:
    """The old name of a random forest; its out-of-bag mode makes no difference to what it predicts."""
    forest = smile_random_forest(
        number_of_trees, variables_per_split or None, min_leaf_population, bag_fraction, None, seed
    )
    return replace(forest, description={**forest.description, "type": "Classifier.randomForest"})


@algorithm("Classifier.smileGradientTreeBoost")
def smile_gradient_tree_boost(
    number_of_trees: int, shrinkage: float, sampling_rate: float, max_nodes: int | None, loss: str, seed: int
) -> Classifier:
    """Gradient boosting of trees."""
    parameters = {
        "number_of_trees": number_of_trees,
        "shrinkage": shrinkage,
        "sampling_rate": sampling_rate,
        "max_nodes": max_nodes,
        "loss": loss,
        "seed": seed,
    }
    return _trained(
        "Classifier.smileGradientTreeBoost",
        parameters,
        _SHARES_AND_NUMBERS,
        lambda training, mode: forests.gradient_boost(training, mode, **parameters),  # type: ignore[arg-type]
    )


@algorithm("Classifier.smileNaiveBayes")
def smile_naive_bayes(lambda_: float) -> Classifier:
    """Naive Bayes over counts."""
    return _trained(
        "Classifier.smileNaiveBayes",
        {"lambda_": lambda_},
        _SHARES,
        lambda training, mode: linear.naive_bayes(training, mode, lambda_),
    )


@algorithm("Classifier.smileKNN")
def smile_knn(k: int, search_method: str, metric: str) -> Classifier:
    """The nearest neighbours' vote."""
    return _trained(
        "Classifier.smileKNN",
        {"k": k, "search_method": search_method, "metric": metric},
        _SHARES_AND_NUMBERS,
        lambda training, mode: distances.nearest_neighbours(training, mode, k, search_method, metric),
    )


@algorithm("Classifier.minimumDistance")
def minimum_distance(metric: str, k_nearest: int) -> Classifier:
    """The class of the nearest mean."""
    return _trained(
        "Classifier.minimumDistance",
        {"metric": metric, "k_nearest": k_nearest},
        ("CLASSIFICATION", "REGRESSION", "RAW"),
        lambda training, mode: distances.minimum_distance(training, mode, metric, k_nearest),
    )


def _register_support_vectors() -> None:
    for name in ("Classifier.libsvm", "Classifier.svm"):
        algorithm(name)(_support_vectors(name))


def _support_vectors(name: str) -> Callable[..., Classifier]:
    def support_vectors(**parameters: Any) -> Classifier:
        return _trained(
            name,
            parameters,
            _SHARES_AND_NUMBERS,
            lambda training, mode: linear.support_vectors(training, mode, parameters),
        )

    return support_vectors


_register_support_vectors()


@algorithm("Classifier.perceptron")
def perceptron(epochs: int, averaged: bool) -> Classifier:
    """A perceptron."""
    return _trained(
        "Classifier.perceptron",
        {"epochs": epochs, "averaged": averaged},
        ("CLASSIFICATION",),
        lambda training, mode: linear.perceptron(training, mode, epochs, averaged),
    )


@algorithm("Classifier.winnow")
def winnow(epochs: int, learning_rate: float, bias_learning_rate: float, margin: float) -> Classifier:
    """Balanced Winnow."""
    parameters = {
        "epochs": epochs,
        "learning_rate": learning_rate,
        "bias_learning_rate": bias_learning_rate,
        "margin": margin,
    }
    return _trained(
        "Classifier.winnow",
        parameters,
        ("CLASSIFICATION",),
        lambda training, mode: linear.winnow(training, mode, **parameters),  # type: ignore[arg-type]
    )


def _amnh_maxent(**settings: Any) -> Classifier:
    """Maximum entropy."""
    return _trained(
        "Classifier.amnhMaxent",
        settings,
        ("CLASSIFICATION", "PROBABILITY"),
        lambda training, _: maxent(training, settings),
    )


algorithm("Classifier.amnhMaxent")(_amnh_maxent)


@algorithm("Classifier.decisionTree")
def decision_tree(tree_string: str) -> Classifier:
    """A tree as text."""
    return _printed("Classifier.decisionTree", {"tree_string": tree_string}, [tree_string])


@algorithm("Classifier.decisionTreeEnsemble")
def decision_tree_ensemble(tree_strings: list[str]) -> Classifier:
    """Trees as text."""
    return _printed("Classifier.decisionTreeEnsemble", {"tree_strings": tree_strings}, tree_strings)


def _printed(name: str, parameters: dict[str, Any], texts: list[str]) -> Classifier:
    return Classifier(
        described(name, parameters),
        lambda _, mode: forests.printed(texts, mode),
        ("CLASSIFICATION", "REGRESSION", "RAW", "RAW_REGRESSION"),
        schema=forests.text_schema(texts),
        needs_training=False,
    )


@algorithm("Classifier.spectralRegion")
def spectral_region(coordinates: list[list[float]], schema: list[str] | None) -> Classifier:
    """Inside a polygon in the plane of two inputs.

    Raises:
        EarthEngineError: A schema of other than two names.
    """
    names = tuple(schema or ("u", "v"))
    if len(names) != 2:
        raise EarthEngineError(f"The schema must have two names, got {len(names)}.")
    return Classifier(
        described("Classifier.spectralRegion", {"coordinates": coordinates, "schema": schema}),
        lambda *_: distances.spectral_region(coordinates),
        ("CLASSIFICATION",),
        schema=names,
        needs_training=False,
    )


# Methods ----------------------------------------------------------------------------------------------------------


@algorithm("Classifier.train")
def train(
    classifier: Classifier,
    features: Collection,
    class_property: str,
    input_properties: list[str] | None,
    subsampling: float,
    subsampling_seed: int,
) -> Classifier:
    """With a table to learn from.

    Raises:
        EarthEngineError: No inputs, a share out of (0, 1], a missing property or one that is not a number.
    """
    names = training_names(features, input_properties, class_property)
    elements = subsample(list(features.elements()), subsampling, subsampling_seed)
    rows = number_rows(elements, [*names, class_property])
    shown = {
        "type": "Classifier.train",
        "classifier": classifier.description,
        "features": features,
        "classProperty": class_property,
        "inputProperties": list(names),
    }
    return replace(
        classifier,
        description=shown,
        training=Training(names, rows[:, :-1], rows[:, -1]),
        schema=names,
    )


def training_names(features: Collection, names: list[str] | None, target: str | None = None) -> tuple[str, ...]:
    """The inputs asked for; by default the bands that the features were sampled from.

    Raises:
        EarthEngineError: There are none.
    """
    found = names if names is not None else features.properties.get("band_order")
    if not found:
        raise EarthEngineError("No inputProperties were given, and the collection has no 'band_order' property.")
    return tuple(found) if names is not None else tuple(name for name in found if name != target)


def subsample(elements: list[Any], share: float, seed: int) -> list[Any]:
    """A random share of elements.

    Raises:
        EarthEngineError: The share is not in (0, 1].
    """
    if not 0 < share <= 1:
        raise EarthEngineError(f"subsampling must be within (0, 1], got {share}.")
    if share == 1:
        return elements
    drawn = np.random.default_rng(abs(seed)).random(len(elements))
    return [element for element, number in zip(elements, drawn, strict=True) if number < share]


@algorithm("Classifier.setOutputMode")
def set_output_mode(classifier: Classifier, mode: str) -> Classifier:
    """In another output mode.

    Raises:
        EarthEngineError: There is no such mode, or this classifier does not have it.
    """
    if mode not in MODES:
        raise EarthEngineError(f"Unknown output mode '{mode}'; known: {', '.join(MODES)}.")
    return classifier.in_mode(mode)


@algorithm("Classifier.mode")
def mode(classifier: Classifier) -> str:
    """The output mode."""
    return classifier.mode


@algorithm("Classifier.schema")
def schema(classifier: Classifier) -> list[str] | None:
    """Names of the inputs; null before training."""
    return None if classifier.schema is None else list(classifier.schema)


@algorithm("Classifier.explain")
def explain(classifier: Classifier) -> dict[str, Any]:
    """What it has learned."""
    return dict(classifier.fitted.explain())


@algorithm("Classifier.confusionMatrix")
def confusion_matrix(classifier: Classifier, *, context: Context) -> ConfusionMatrix:
    """How well it tells apart what it was trained on.

    Raises:
        EarthEngineError: It does not learn, or was not trained.
    """
    if classifier.training is None:
        raise EarthEngineError("The classifier has no training data.")
    classified = classifier if classifier.mode == "CLASSIFICATION" else classifier.in_mode("CLASSIFICATION")
    found = predict(classified.fitted, classifier.training.inputs, context.budget)[0]
    found = found.reshape(len(found), -1)[:, 0]  # of the nearest classes, the nearest
    return counted(classifier.training.target.tolist(), found.tolist())
