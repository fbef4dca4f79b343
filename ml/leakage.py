"""A label may not be a column of its own inputs, nor a function of one: a check on plain arrays.

The platform's own labels are held to it by their lineage (`quality`). Here is what can be seen of any table: a column
whose values, or whose order, foretell the label to a thousandth. A straight line shows in Pearson's correlation, any
other curve that only rises or falls in that of the ranks (Spearman's).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata

from lake.errors import BadInputError
from ml.sampling import drawn

NEAR_PERFECT = 0.999
MOST_ROWS = 50_000
"""Rows looked at, drawn from the whole table: a copy shows in any of them."""

_FEWEST_ROWS = 20  # fewer correlate by chance
_SCREENED_ROWS, _SUSPICIOUS = 1_000, 0.98  # pairs that are not even close on some rows are not ranked on all


@dataclass(frozen=True)
class Copy:
    """A label and a column that foretells it.

    Attributes:
        label: Name.
        column: Name.
        correlation: Pearson's or Spearman's, whichever is farther from 0.
        rows: Number of rows on which both are known.
    """

    label: str
    column: str
    correlation: float
    rows: int

    def __str__(self) -> str:
        return f"{self.label} is foretold by {self.column} alone (correlation {self.correlation:.5f})"


def copied_labels(
    labels: Mapping[str, ArrayLike],
    names: Sequence[str],
    columns: NDArray[np.floating],
    threshold: float = NEAR_PERFECT,
) -> list[Copy]:
    """Labels that one column of the inputs foretells.

    Args:
        labels: Name to numbers, NaN where unknown; (rows,) each.
        names: Of the columns.
        columns: NaN where missing; (rows, columns).
        threshold: Correlation beyond which, to either side, a label counts as copied.

    Returns:
        The closest first. A column is judged on the rows where it and the label are known, at least 20.

    Raises:
        BadInputError: Rows or names do not fit the columns.
    """
    if len(names) != columns.shape[1]:
        raise BadInputError(f"There are {columns.shape[1]} columns and {len(names)} names for them.")
    copies = []
    for label, values in labels.items():
        target = np.asarray(values, np.float64)
        if len(target) != len(columns):
            raise BadInputError(f"The label {label} has {len(target)} rows, the columns {len(columns)}.")
        known = np.flatnonzero(np.isfinite(target))
        # not evenly spaced: these can miss every row of a pattern
        few, many = drawn(known, _SCREENED_ROWS, seed=0), drawn(known, MOST_ROWS, seed=0)
        for name, column in zip(names, columns.T, strict=True):
            screened, rows = _closest(target[few], column[few])
            if rows < _FEWEST_ROWS or abs(screened) > min(threshold, _SUSPICIOUS):
                found, rows = _closest(target[many], column[many])
                if abs(found) > threshold:
                    copies.append(Copy(label, name, found, rows))
    return sorted(copies, key=lambda copy: -abs(copy.correlation))


def refuse_copies(
    labels: Mapping[str, ArrayLike],
    names: Sequence[str],
    columns: NDArray[np.floating],
    threshold: float = NEAR_PERFECT,
) -> None:
    """The same as a guard.

    Raises:
        BadInputError: Some label is copied; names each with its column.
    """
    if copies := copied_labels(labels, names, columns, threshold):
        listed = "; ".join(str(copy) for copy in copies)
        raise BadInputError(f"Scores would be the model's own input: {listed}. Leave out the label or the column.")


def _closest(label: NDArray[np.float64], column: NDArray[np.floating]) -> tuple[float, int]:
    """Pearson's or Spearman's correlation, whichever is farther from 0, and the rows that it was taken on."""
    known = np.isfinite(column)
    left, right = label[known], column[known].astype(np.float64)
    if len(left) < _FEWEST_ROWS:
        return 0.0, len(left)
    return max(_pearson(left, right), _pearson(rankdata(left), rankdata(right)), key=abs), len(left)


def _pearson(left: NDArray[np.float64], right: NDArray[np.float64]) -> float:
    left, right = left - left.mean(), right - right.mean()
    size = float(np.linalg.norm(left) * np.linalg.norm(right))
    return float(left @ right) / size if size > 0 else 0.0
