"""What it costs to choose a probe's penalty over pixels instead of over whole cities, shown on four representations.

Neighbouring pixels are alike, so that a penalty chosen over pixels is chosen inside cities and is too small for the
next one: on real tiles of four cities R² of a held-out city fell from 0.55 to −6.5 (docs/methods.md). Every other score
of the study chooses over cities.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ml.experiments.arrays import in_few_sets
from ml.experiments.runner import Plan, released_job
from ml.experiments.table import CAR, REFERENCE, Experiment
from ml.inference import embed_table
from ml.model_files import load_trained
from ml.preprocessing import Preprocessing
from ml.probes import CHOICES, fold_scores, probe_groups, summarise
from ml.representations import baselines
from ml.score_tables import compare_choices

PENALTY = "penalty"


def penalty_choices(plan: Plan, experiments: Sequence[Experiment]) -> pl.DataFrame:
    """Both choices side by side, under E2 and E3: a table as `ml.score_tables.compare_choices` gives.

    Encoders are those of all cities: what is compared here is the choice of the penalty, under one representation.

    Args:
        plan: The study, with its encoders trained.
        experiments: Its rows; reference and CAR are looked at where they are among them.
    """
    benchmark = plan.study.benchmark
    folds = [in_few_sets(fold) for fold in benchmark.folds if fold.split != "E1" and len(fold.train) > 1]
    scale = Preprocessing(plan.study.data.schema, "z_score")
    representations: dict[str, NDArray[np.float32]] = baselines(scale, plan.study.data)
    for row in (row for row in experiments if row.name in (REFERENCE, CAR)):
        model = released_job(plan, row).model
        representations[row.name] = embed_table(load_trained(model).encoder, plan.study.data)
    return compare_choices(summarise(fold_scores(probe_groups(representations, benchmark, folds, choices=CHOICES))))
