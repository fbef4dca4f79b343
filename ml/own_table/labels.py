"""The labels of a user's table, and what of its rows and columns a person should know before any training."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lake.errors import BadInputError
from ml.own_table.matrix import Matrix
from ml.own_table.spec import LabelsSpec

FEWEST_LABELLED = 40
"""Rows with a label below which it is refused: two folds of the fewest rows that are scored (`ml.probes`)."""
_NAMED = 6


@dataclass(frozen=True)
class Labels:
    """Labels of all rows.

    Attributes:
        quantities: Name to numbers, NaN where unknown; float64 (rows,) each.
        classes: Name to class names, null where unknown; (rows,) each.
    """

    quantities: Mapping[str, NDArray[np.float64]]
    classes: Mapping[str, pl.Series]

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.quantities or self.classes)

    @property
    def known(self) -> NDArray[np.bool_]:
        """Where each label is known; (rows, labels)."""
        quantities = [np.isfinite(values) for values in self.quantities.values()]
        return np.column_stack([*quantities, *(values.is_not_null().to_numpy() for values in self.classes.values())])


def read_labels(spec: LabelsSpec, matrix: Matrix) -> Labels:
    """The labels of a spec.

    Raises:
        BadInputError: A label is hardly known, does not vary, or is of another type than the spec says.
    """
    table = matrix.columns(tuple(spec.labels))
    quantities = {name: _quantity(table[name]) for name, kind in spec.labels.items() if kind == "quantity"}
    classes = {name: _class(table[name]) for name, kind in spec.labels.items() if kind == "class"}
    return Labels(quantities, classes)


def _quantity(column: pl.Series) -> NDArray[np.float64]:
    values = column.cast(pl.Float64).fill_null(float("nan")).to_numpy().copy()
    values[~np.isfinite(values)] = np.nan
    known = values[np.isfinite(values)]
    _check(column.name, len(known), len(column), len(np.unique(known)))
    return values


def _class(column: pl.Series) -> pl.Series:
    dtype = column.dtype
    if dtype.is_float():
        column = column.fill_nan(None)
        if not bool((column.drop_nulls() == column.drop_nulls().round()).all()):
            raise BadInputError(
                f"The label {column.name} holds fractions, which are no classes: say `quantity`, or name its classes."
            )
        column = column.cast(pl.Int64)
    elif not (dtype.is_integer() or dtype in (pl.String, pl.Boolean, pl.Categorical, pl.Enum, pl.Null)):
        raise BadInputError(f"The label {column.name} is of type {dtype}; classes are text, whole numbers or booleans.")
    column = column.cast(pl.String)
    _check(column.name, column.len() - column.null_count(), len(column), column.drop_nulls().n_unique())
    return column


def _check(name: str, known: int, rows: int, distinct: int) -> None:
    if known < FEWEST_LABELLED:
        raise BadInputError(
            f"The label {name} is known for {known} of {rows} rows; at least {FEWEST_LABELLED} are needed to score it. "
            "Take more rows, or take it out of `labels`."
        )
    if distinct < 2:
        raise BadInputError(f"The label {name} has one value only: nothing can be predicted; take it out of `labels`.")


def notes_on_columns(matrix: Matrix) -> list[str]:
    """Sentences on columns that are missing, constant or infinite.

    Raises:
        BadInputError: A stream has no value in any row.
    """
    schema, facts = matrix.layout.schema, matrix.facts
    for name, columns in schema.slices.items():
        if not facts.known[columns].any():
            raise BadInputError(f"The stream {name} has no value in any of {matrix.rows:,} rows: leave it out.")
    told = (
        (facts.known == 0, "never there; the network sees nothing of it"),
        (facts.constant, "the same wherever it is there; it tells nothing"),
        (facts.infinite > 0, "infinite or beyond float32 somewhere; there it counts as missing"),
    )
    return [f"{_names(schema.columns, which)}: {what}." for which, what in told if which.any()]


def missing_share(matrix: Matrix) -> dict[str, float]:
    """Share of each stream's values that are missing."""
    return {
        name: 1.0 - float(matrix.facts.known[columns].mean()) / matrix.rows
        for name, columns in matrix.layout.schema.slices.items()
    }


def _names(columns: tuple[str, ...], which: NDArray[np.bool_]) -> str:
    found = [columns[index] for index in np.flatnonzero(which)]
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return f"{', '.join(found[:_NAMED])}{more}"
