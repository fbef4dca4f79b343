"""How the rows of a user's table are dealt: the folds that are held out, and the sets that are left out inside them.

Every split holds at most eight sets of rows out, for each takes an encoder of its own, trained without them: a column
with more values has them dealt into eight folds, the largest value first (ours).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lake.errors import BadInputError
from ml.own_table.matrix import Matrix
from ml.own_table.spec import BlocksEntry, GroupEntry, LabelsSpec
from ml.probes import FEWEST_ROWS
from ml.splits import MOST_SETS, Split, deal

MOST_FOLDS = 8
FOLDS = 5
"""Of blocks, and of rows where there are no groups."""

Codes = NDArray[np.int64]


@dataclass(frozen=True)
class SplitPlan:
    """One split of all rows.

    Attributes:
        name: Such as `by region`.
        told: What it is, a sentence for the report.
        folds: Names of the folds.
        fold: Fold of each row; (rows,).
        left_out: Set of each row: what is left out whole when a penalty is chosen, and drawn whole for intervals; each
            lies in one fold; (rows,).
        sets_are: What such a set is, for the report.
    """

    name: str
    told: str
    folds: tuple[str, ...]
    fold: Codes
    left_out: Codes
    sets_are: str

    def held_out(self) -> list[tuple[int, str, Codes]]:
        """Number, name and training rows of each fold with enough rows to be scored."""
        sizes = np.bincount(self.fold, minlength=len(self.folds))
        return [
            (number, name, np.flatnonzero(self.fold != number))
            for number, name in enumerate(self.folds)
            if sizes[number] >= FEWEST_ROWS
        ]

    def split(self, rows: Codes) -> Split:
        """The same for some rows, as `ml.splits.tabular_benchmark` takes it."""
        names = np.asarray(self.folds, dtype=object)
        return Split(self.name, pl.Series(names[self.fold[rows]], dtype=pl.String), self.left_out[rows])


def make_plans(spec: LabelsSpec, matrix: Matrix, seed: int) -> tuple[SplitPlan, ...]:
    """The splits that a spec asks for; k folds over rows where it asks for none.

    Args:
        spec: Its groups and blocks.
        matrix: The table.
        seed: Of what is dealt at random.

    Raises:
        BadInputError: A group column has a gap or one value only, coordinates are missing, or there are too few rows.
    """
    plans = [_by_group(group, matrix, seed) for group in spec.groups]
    if spec.blocks:
        plans.append(_by_block(spec.blocks, matrix))
    return tuple(plans) or (_by_row(matrix, seed),)


def _by_group(group: GroupEntry, matrix: Matrix, seed: int) -> SplitPlan:
    values, code = _codes(group.column, matrix)
    if len(values) < 2:
        raise BadInputError(
            f"Every row has {group.column} = {values[0]!r}: nothing can be held out by it. Take it out of `groups`; "
            "with `blocks`, or without groups at all, the rows are split in other ways."
        )
    name = f"by {group.column}"
    if len(values) <= MOST_FOLDS:
        folds, fold, told = values, code, f"each value of `{group.column}` is held out in turn"
    else:
        fold = deal(name, code, MOST_FOLDS)
        folds = tuple(f"set {number + 1}" for number in range(MOST_FOLDS))
        told = f"the {len(values)} values of `{group.column}` are dealt into {MOST_FOLDS} sets, each held out in turn"
    if group.units:
        _, unit = _codes(group.units, matrix)
        return SplitPlan(name, told, folds, fold, _sets(fold, unit), f"rows of one `{group.units}`")
    if len(values) == 2:  # with one value left to train on there is no other to leave out
        return SplitPlan(name, told, folds, fold, _random_sets(fold, len(folds), seed), "rows drawn at random")
    return SplitPlan(name, told, folds, fold, _sets(fold, code), f"rows of one `{group.column}`")


def _by_block(blocks: BlocksEntry, matrix: Matrix) -> SplitPlan:
    name = f"blocks of {blocks.side:g}"
    table = matrix.columns((blocks.x, blocks.y))
    try:
        places = table.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    except pl.exceptions.PolarsError:
        raise BadInputError(f"`blocks` needs numbers in {blocks.x} and {blocks.y}; they are {table.dtypes}.") from None
    if not np.isfinite(places).all():
        row = int(np.flatnonzero(~np.isfinite(places).all(axis=1))[0])
        raise BadInputError(f"Row {row} has no {blocks.x} or no {blocks.y}: fill them, or use `where`.")
    _, cell = np.unique(np.floor(places / blocks.side).astype(np.int64), axis=0, return_inverse=True)
    fold = deal(name, cell, FOLDS)
    told = f"square blocks with a side of {blocks.side:g} in the unit of `{blocks.x}` are dealt into {FOLDS} folds"
    return SplitPlan(name, told, _numbered(FOLDS), fold, _sets(fold, cell), "blocks")


def _by_row(matrix: Matrix, seed: int) -> SplitPlan:
    if matrix.rows < FOLDS * FEWEST_ROWS:
        raise BadInputError(
            f"The table has {matrix.rows} rows; to score labels takes {FOLDS} folds of {FEWEST_ROWS} rows. "
            "Take more rows, or leave `labels` out: the model and its embeddings need none."
        )
    fold = np.random.default_rng(seed).permutation(np.arange(matrix.rows) % FOLDS)
    told = (
        f"the rows are dealt into {FOLDS} folds at random. This is optimistic where rows are alike (neighbours, years "
        "of one place): name `groups` or `blocks` for scores that hold elsewhere"
    )
    return SplitPlan(
        "rows at random", told, _numbered(FOLDS), fold, _random_sets(fold, FOLDS, seed), "rows drawn at random"
    )


def _numbered(folds: int) -> tuple[str, ...]:
    return tuple(f"fold {number + 1}" for number in range(folds))


def _sets(fold: Codes, unit: Codes) -> Codes:
    """Units inside their fold; where these are many, sets of whole ones."""
    pair: Codes = np.unique(fold * (int(unit.max()) + 1) + unit, return_inverse=True)[1].astype(np.int64)
    if pair.max() < MOST_SETS:
        return pair
    return _within(
        fold, lambda rows, most: deal("sets", pair[rows], most) if _several(pair[rows], most) else pair[rows]
    )


def _several(codes: Codes, most: int) -> bool:
    return len(np.unique(codes)) > most


def _random_sets(fold: Codes, folds: int, seed: int) -> Codes:
    rng = np.random.default_rng((seed, folds))
    return _within(fold, lambda rows, most: rng.permutation(np.arange(len(rows)) % most))


def _within(fold: Codes, dealt: Callable[[Codes, int], Codes]) -> Codes:
    """Deals the rows of each fold for themselves, so that no set lies in two folds."""
    sets, numbers = np.zeros(len(fold), np.int64), np.unique(fold)
    most = max(3, MOST_SETS // len(numbers))
    for number in numbers:
        rows = np.flatnonzero(fold == number)
        inside = np.unique(dealt(rows, most), return_inverse=True)[1]
        sets[rows] = int(sets.max()) + 1 + inside
    return np.unique(sets, return_inverse=True)[1].astype(np.int64)


def _codes(column: str, matrix: Matrix) -> tuple[tuple[str, ...], Codes]:
    """The distinct values of a column as text, sorted, and the place of each row's among them."""
    values = matrix.columns((column,))[column]
    missing = values.is_null() | (values.is_nan() if values.dtype.is_float() else False)
    if missing.any():
        raise BadInputError(
            f"Row {missing.arg_max()} has no {column} ({int(missing.sum())} rows in all): fill it in, or leave such "
            f"rows out by `where: {column} IS NOT NULL`."
        )
    ordered = values.unique().sort()
    codes = values.replace_strict(ordered, pl.Series(range(len(ordered)), dtype=pl.Int64))
    return tuple(str(value) for value in ordered), codes.to_numpy()
