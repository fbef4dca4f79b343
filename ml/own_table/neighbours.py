"""Which form of an embedding to store and by which distance to compare rows: the dimensionality study of this table."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lake.errors import BadInputError
from ml.diagnostics.dimensionality import ROWS, Dimensionality, study_dimensionality
from ml.diagnostics.sample import released_forms, sample_rows
from ml.inference import run_network
from ml.own_table.matrix import Matrix
from ml.own_table.spec import Spec
from ml.training import Trained


def study_neighbours(trained: Trained, matrix: Matrix, spec: Spec, origin: str) -> Dimensionality | str:
    """The study on a sample of rows, or why there is none.

    Args:
        trained: Encoder of all rows.
        matrix: The table.
        spec: Its labels; rows of one value of its first group column are not counted as neighbours.
        origin: Where the data come from.
    """
    rows = sample_rows(matrix.rows, ROWS, spec.budget.seed)
    raw = np.array(matrix.streams.raw[rows])
    forms = released_forms(run_network(trained.encoder, raw), raw, widths=trained.config.heads)
    labels = {name: _label(matrix, name, kind == "class", rows) for name, kind in spec.labels.items()}
    groups = _text(matrix, spec.groups[0].column, rows) if spec.groups else None
    try:
        return study_dimensionality(forms, labels, groups, origin=origin, seed=spec.budget.seed)
    except BadInputError as error:
        return f"No dimensionality study: {error}"


def _label(matrix: Matrix, name: str, is_class: bool, rows: NDArray[np.int64]) -> NDArray[Any]:
    if is_class:
        return np.asarray(_text(matrix, name, rows))
    column = matrix.columns((name,))[name].gather(rows)
    return column.cast(pl.Float64).fill_null(float("nan")).to_numpy()


def _text(matrix: Matrix, name: str, rows: NDArray[np.int64]) -> Sequence[str]:
    return matrix.columns((name,))[name].gather(rows).cast(pl.String).fill_null("").to_list()
