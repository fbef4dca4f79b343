"""Clusterer: constructors and training."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ee_emulator.algorithms.classifier import described, subsample, training_names
from ee_emulator.algorithms.coercions import refusal
from ee_emulator.learning import kmeans
from ee_emulator.learning.cobweb import cobweb
from ee_emulator.learning.lvq import lvq
from ee_emulator.learning.models import Clusterer
from ee_emulator.learning.table import Fitted, Matrix, number_rows
from ee_emulator.registry import Context, algorithm, coercion
from ee_emulator.values import Collection


@coercion("Clusterer")
def to_clusterer(value: Any, _: Context) -> Clusterer:
    """Clusterers only."""
    if isinstance(value, Clusterer):
        return value
    raise refusal(value, "Clusterer")


def _k_means(rows: Matrix, settings: dict[str, Any]) -> Fitted:
    return kmeans.k_means(
        rows,
        settings["n_clusters"],
        settings["init"],
        settings["distance_function"],
        settings["max_iterations"],
        settings["seed"],
    )


def _cobweb(rows: Matrix, settings: dict[str, Any]) -> Fitted:
    return cobweb(rows, settings["acuity"], settings["cutoff"], settings["seed"])


def _lvq(rows: Matrix, settings: dict[str, Any]) -> Fitted:
    return lvq(
        rows,
        settings["num_clusters"],
        settings["learning_rate"],
        settings["epochs"],
        settings["normalize_input"],
    )


_LEARNERS: dict[str, Callable[[Matrix, dict[str, Any]], Fitted]] = {
    "wekaKMeans": _k_means,
    "wekaCascadeKMeans": kmeans.cascade,
    "wekaXMeans": kmeans.x_means,
    "wekaCobweb": _cobweb,
    "wekaLVQ": _lvq,
}


def _register() -> None:
    for name, learner in _LEARNERS.items():
        algorithm(f"Clusterer.{name}")(_constructor(f"Clusterer.{name}", learner))


def _constructor(name: str, learner: Callable[[Matrix, dict[str, Any]], Fitted]) -> Callable[..., Clusterer]:
    def construct(**settings: Any) -> Clusterer:
        return Clusterer(described(name, settings), lambda rows: learner(rows, settings))

    return construct


_register()


@algorithm("Clusterer.train")
def train(
    clusterer: Clusterer,
    features: Collection,
    input_properties: list[str] | None,
    subsampling: float,
    subsampling_seed: int,
) -> Clusterer:
    """With a table to learn from.

    Raises:
        EarthEngineError: No inputs, a share out of (0, 1], a missing property or one that is not a number.
    """
    names = training_names(features, input_properties)
    rows = number_rows(subsample(list(features.elements()), subsampling, subsampling_seed), names)
    shown = {
        "type": "Clusterer.train",
        "clusterer": clusterer.description,
        "features": features,
        "inputProperties": list(names),
    }
    return replace(clusterer, description=shown, rows=rows, schema=names)


@algorithm("Clusterer.schema")
def schema(clusterer: Clusterer) -> list[str] | None:
    """Names of the inputs; null before training."""
    return None if clusterer.schema is None else list(clusterer.schema)
