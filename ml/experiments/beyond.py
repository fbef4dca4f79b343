"""What the page tells of four representations beyond the table: AlphaEarth, all columns, the reference and CAR."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ml.experiments.likeness import class_scores, retrieval_scores, same_place_scores
from ml.experiments.penalty import penalty_choices
from ml.experiments.runner import Plan, released_job
from ml.experiments.streams import normalised_columns
from ml.experiments.table import CAR, REFERENCE, Experiment
from ml.inference import embed_table
from ml.model_files import load_trained
from ml.preprocessing import fit_preprocessing
from ml.representations import alphaearth
from ml.schema import SEVEN


@dataclass(frozen=True)
class Beyond:
    """Tables, each with the column `representation`.

    Attributes:
        penalty: See `ml.experiments.penalty.penalty_choices`.
        classes: See `ml.experiments.likeness.class_scores`.
        retrieval: See `ml.experiments.likeness.retrieval_scores`.
        same_place: See `ml.experiments.likeness.same_place_scores`.
    """

    penalty: pl.DataFrame
    classes: pl.DataFrame
    retrieval: pl.DataFrame
    same_place: pl.DataFrame

    def tables(self) -> dict[str, pl.DataFrame]:
        """All of them by name."""
        return {
            "penalty": self.penalty,
            "classes": self.classes,
            "retrieval": self.retrieval,
            "same_place": self.same_place,
        }


def beyond_the_table(plan: Plan, experiments: Sequence[Experiment]) -> Beyond:
    """Penalty, classes and neighbours; about a minute for 43,200 rows.

    Args:
        plan: The study, with its encoders trained.
        experiments: Its rows.
    """
    found, benchmark, keys = representations_of(plan, experiments), plan.study.benchmark, plan.study.data.keys
    return Beyond(
        penalty_choices(found, benchmark),
        class_scores(found, keys),
        retrieval_scores(found, benchmark, keys),
        same_place_scores(found, keys),
    )


def representations_of(plan: Plan, experiments: Sequence[Experiment]) -> dict[str, NDArray[np.float32]]:
    """`aef`, `raw_concat` (z-scores), and reference and CAR where they are among the rows, by encoders of all cities.

    Encoders and z-scores have seen the streams of every city, held out or not, and no label.

    Args:
        plan: The study, with its encoders trained.
        experiments: Its rows.
    """
    data = plan.study.data
    scale = fit_preprocessing(data.raw, np.arange(len(data)), data.schema, "z_score")
    found = {
        "aef": alphaearth(data.values[SEVEN.names[0]]),
        "raw_concat": normalised_columns(scale, data.raw).astype(np.float32),
    }
    for row in (row for row in experiments if row.name in (REFERENCE, CAR)):
        found[row.name] = embed_table(load_trained(released_job(plan, row).model).encoder, data)
    return found
