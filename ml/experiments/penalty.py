"""What it costs to choose a probe's penalty over pixels instead of over whole cities, shown on four representations.

Neighbouring pixels are alike, so that a penalty chosen over pixels is chosen inside cities and is too small for the
next one: on real tiles of four cities R² of a held-out city fell from 0.55 to −6.5 (docs/methods.md). Every other score
of the study chooses over cities.
"""

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ml.experiments.arrays import in_few_sets
from ml.probes import CHOICES, Benchmark, fold_scores, probe_groups, summarise
from ml.score_tables import compare_choices


def penalty_choices(representations: Mapping[str, NDArray[np.float32]], benchmark: Benchmark) -> pl.DataFrame:
    """Both choices side by side, under E2 and E3: a table as `ml.score_tables.compare_choices` gives.

    Args:
        representations: Name to features of the benchmark's rows, (rows, width). What is compared is the choice of the
            penalty, under one of them.
        benchmark: Labels and folds.
    """
    folds = [in_few_sets(fold) for fold in benchmark.folds if fold.split != "E1" and len(fold.train) > 1]
    return compare_choices(summarise(fold_scores(probe_groups(representations, benchmark, folds, choices=CHOICES))))
