"""Cross-validated scores: every encoder is trained without the cities that its embeddings are scored on.

Under E2 and E3 a fold's encoder, with its scalers, is trained on the streams of the fold's training cities only, and so
is its probe; folds that train on the same cities share an encoder. That the encoder is held to this as well as scalers
and penalties is ours (docs/methods.md). No encoder ever sees a label.

Under E1 (blocks within a city) the released encoder is taken, which was trained on the streams of all cities: encoders
for each block of each city would be five trainings a city. The released encoder and its twin are scored under E2 and
E3 too, beside the others (`car_256_all`, `shared_256_all`): what a user of the released embeddings meets, who has
labels in some cities only. The check at promotion looks at these, for it judges what would be released.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ml.dataset import StreamTable
from ml.probes import Benchmark, Fold, probe
from ml.representations import baselines, learned
from ml.training import Trained

TrainBoth = Callable[[NDArray[np.int64]], tuple[Trained, Trained]]
"""Trains CAR and its twin on some rows."""


def evaluate_folds(
    data: StreamTable, benchmark: Benchmark, released: tuple[Trained, Trained], train_both: TrainBoth
) -> pl.DataFrame:
    """Scores of every representation, label and fold: a table as `ml.probes.probe` gives.

    Args:
        data: Streams in raw units.
        benchmark: Labels and folds of the same rows.
        released: CAR and its twin, trained on all rows.
        train_both: Trains both on the rows of some cities.
    """
    across = [fold for fold in benchmark.folds if fold.split != "E1"]
    tables = [
        probe(baselines(released[0].encoder.preprocessing, data), benchmark, benchmark.folds),
        _scores_as_released(data, benchmark, released),
    ]
    for cities, folds in folds_by_cities(benchmark, across).items():
        tables.append(probe(learned(*train_both(data.rows_of(cities)), data), benchmark, folds))
    return pl.concat(tables).sort("split", "representation", "label", "fold")


def _scores_as_released(data: StreamTable, benchmark: Benchmark, released: tuple[Trained, Trained]) -> pl.DataFrame:
    embedded = learned(*released, data)
    within = [fold for fold in benchmark.folds if fold.split == "E1"]
    across = [fold for fold in benchmark.folds if fold.split != "E1"]
    both = {f"{name}_all": embedded[name] for name in ("car_256", "shared_256")}
    return pl.concat([probe(embedded, benchmark, within), probe(both, benchmark, across)])


def folds_by_cities(benchmark: Benchmark, folds: Sequence[Fold]) -> Mapping[tuple[str, ...], list[Fold]]:
    """Folds gathered by the cities that they train on; those with fewer than two have no probe and are left out."""
    gathered: dict[tuple[str, ...], list[Fold]] = {}
    for fold in folds:
        cities = benchmark.training_cities(fold)
        if len(cities) > 1:
            gathered.setdefault(cities, []).append(fold)
    return gathered
