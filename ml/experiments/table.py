"""The table of experiments (`experiments.csv`): 31 runs, each trained one a single change from a reference, and CAR.

The axes are of arXiv 2606.20697; the rows are ours. A row names the row that it is one change from, so that whatever
differs between the two comes of that change.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

from lake.errors import BadInputError

if TYPE_CHECKING:  # the orchestration reads the table while it loads, and torch takes seconds
    from ml.car import StreamLoss, Weights
    from ml.config import ReconstructionKind, TrainingConfig
    from ml.normalisers import Normalisation
    from ml.text_variants import TextVariant

Axis = Literal["reference", "fusion", "objective", "text", "dimension", "normalisation", "baseline", "car"]
Representation = Literal["encoder", "aef", "raw_concat", "pca"]
AXES: tuple[Axis, ...] = get_args(Axis)
REFERENCE, CAR = "reference", "car"
TABLE = Path(__file__).with_name("experiments.csv")
FIRST_SEED = 2025
_SEEDS_APART = 1_000


@dataclass(frozen=True)
class Training:
    """What a trained row is a function of, besides data, seed and budget.

    Attributes:
        fusion: See `ml.config.TrainingConfig`, as all but `text`.
        objective: See there.
        reconstruction: See there.
        weights: See there.
        stream_loss: See there.
        masking: See there.
        decorrelation: See there.
        text: Variant of the text stream, one of `ml.text_variants`.
        width: See there.
        normalisation: See there.
        heads: See there.
    """

    fusion: str
    objective: str
    reconstruction: "ReconstructionKind"
    weights: "Weights"
    stream_loss: "StreamLoss"
    masking: float
    decorrelation: float
    text: "TextVariant"
    width: int
    normalisation: "Normalisation"
    heads: tuple[int, ...]


@dataclass(frozen=True)
class Experiment:
    """A row of the table.

    Attributes:
        name: Unique.
        axis: What is varied; `baseline` trains nothing, `car` is the ablation of CAR itself.
        one_change_from: Name of the row that it differs from in one field; empty for the reference and the baselines.
        title: For figures and tables.
        repeats: How often it is trained, each time with another seed.
        representation: What is probed: an encoder's embeddings, or a baseline.
        training: Of an encoder; None for a baseline.
    """

    name: str
    axis: Axis
    one_change_from: str
    title: str
    repeats: int
    representation: Representation
    training: Training | None

    def change(self, other: "Experiment") -> dict[str, tuple[Any, Any]]:
        """Fields of the training in which the two differ, with both values: the other's first."""
        if self.training is None or other.training is None:
            return {}
        pairs = {f.name: (getattr(other.training, f.name), getattr(self.training, f.name)) for f in fields(Training)}
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


@dataclass(frozen=True)
class Budget:
    """How long every encoder of a study is trained: the same for all rows.

    Attributes:
        epochs: Passes over the training rows.
        batch: Rows a step.
        learning_rate: Peak of the one-cycle schedule.
        hidden: Width of the encoders' hidden layers.
    """

    epochs: int = 4
    batch: int = 1_024
    learning_rate: float = 2e-3
    hidden: int = 256


def training_config(training: Training, budget: Budget, repeat: int = 0) -> "TrainingConfig":
    """The configuration of one of a row's trainings.

    Args:
        training: Of the row.
        budget: Of the study.
        repeat: From 0; each has a seed of its own.
    """
    from ml.config import TrainingConfig

    told = {f.name: getattr(training, f.name) for f in fields(Training) if f.name != "text"}
    shared = {f.name: getattr(budget, f.name) for f in fields(Budget)}
    return TrainingConfig(**told, **shared, precision="float32", threads=1, seed=FIRST_SEED + _SEEDS_APART * repeat)


@lru_cache(maxsize=4)
def load_experiments(path: Path = TABLE) -> tuple[Experiment, ...]:
    """The rows of a table, in its order.

    Raises:
        BadInputError: A name stands twice, or a row is one change from a row that is not there.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = tuple(_experiment(row) for row in csv.DictReader(file))
    names = [row.name for row in rows]
    for row in rows:
        if names.count(row.name) > 1:
            raise BadInputError(f"The experiment {row.name} stands twice in {path}.")
        if row.one_change_from and row.one_change_from not in names:
            raise BadInputError(f"{row.name} is one change from {row.one_change_from}, which is not in {path}.")
    return rows


def chosen(names: Sequence[str], path: Path = TABLE) -> list[Experiment]:
    """The rows of these names, in the table's order; all of them where no name is given.

    Raises:
        BadInputError: There is no row of a name; says which there are.
    """
    rows = load_experiments(path)
    unknown = sorted(set(names) - {row.name for row in rows})
    if unknown:
        raise BadInputError(
            f"There is no experiment {', '.join(unknown)}; there are {', '.join(row.name for row in rows)}."
        )
    return [row for row in rows if not names or row.name in names]


def shortened(experiment: Experiment, repeats: int) -> Experiment:
    """The same with at most so many repeats."""
    return replace(experiment, repeats=min(experiment.repeats, repeats))


def _experiment(row: dict[str, str]) -> Experiment:
    return Experiment(
        name=row["name"],
        axis=cast("Axis", row["axis"]),
        one_change_from=row["one_change_from"],
        title=row["title"],
        repeats=int(row["repeats"]),
        representation=cast("Representation", row["representation"]),
        training=_training(row) if row["representation"] == "encoder" else None,
    )


def _training(row: dict[str, str]) -> Training:
    return Training(
        fusion=row["fusion"],
        objective=row["objective"],
        reconstruction=cast("ReconstructionKind", row["reconstruction"]),
        weights=cast("Weights", row["weights"]),
        stream_loss=cast("StreamLoss", row["stream_loss"]),
        masking=float(row["masking"]),
        decorrelation=float(row["decorrelation"]),
        text=cast("TextVariant", row["text"]),
        width=int(row["width"]),
        normalisation=cast("Normalisation", row["normalisation"]),
        heads=tuple(int(width) for width in row["heads"].split()),
    )
