"""Splits of any table: which rows are held out together, and which are left out together to choose a penalty.

`ml.probes` knows the platform's benchmark; here one is made of plain arrays, so that a table with any group columns can
be probed: leave out one value of a column, deal groups into folds, or deal square blocks of ground into folds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from lake.errors import BadInputError
from ml.probes import FEWEST_ROWS, Benchmark, Fold

MOST_SETS = 40
"""Training groups are left out one by one when a penalty is chosen; more than these are dealt into as many (ours)."""


@dataclass(frozen=True)
class Split:
    """How the rows of a table are dealt.

    Attributes:
        name: Such as `E2` or `by hospital`.
        fold: Of each row: rows of one value are held out together; (rows,).
        left_out: Of each row: training rows of one value are left out together when a penalty is chosen; (rows,).
        within: Of each row: a probe is trained on, and scores, rows of one value only (a city in E1); None: no limit.
    """

    name: str
    fold: ArrayLike
    left_out: ArrayLike
    within: ArrayLike | None = None


def leave_one_out(name: str, column: ArrayLike, units: ArrayLike | None = None) -> Split:
    """Holds out each value of a column in turn.

    Args:
        name: Of the split.
        column: Of each row, such as its region; (rows,).
        units: Of each row, what is left out whole to choose the penalty, such as its city; the column itself where
            none is given. More than `MOST_SETS` are dealt into as many sets.

    Raises:
        BadInputError: The column has a missing value or one value only, or two and there are no units.
    """
    values, held_out = _codes(f"the column of split {name}", column)
    if len(values) < 2:
        raise BadInputError(
            f"Split {name} would leave out one value at a time, but every row has {values[0]!r}: name a column with "
            "several values, or deal other groups into folds."
        )
    if units is None and len(values) == 2:
        raise BadInputError(
            f"Split {name} has two values only, {values[0]!r} and {values[1]!r}: a probe trained on one of them has no "
            "group to leave out when its penalty is chosen. Name a column of smaller units as well."
        )
    return Split(name, np.asarray(values)[held_out], _sets(name, column if units is None else units))


def k_fold(name: str, groups: ArrayLike, folds: int = 5) -> Split:
    """Deals whole groups into folds of about as many rows; the penalty is chosen by leaving out other folds.

    Args:
        name: Of the split.
        groups: Of each row, such as its hospital; (rows,).
        folds: At least three, for a probe trained on one fold has nothing to leave out.

    Raises:
        BadInputError: Fewer groups than folds, or fewer than three folds, or a missing group.
    """
    dealt = deal(name, groups, folds)
    return Split(name, dealt, dealt)


def spatial_blocks(
    name: str, x: ArrayLike, y: ArrayLike, side: float, folds: int = 5, within: ArrayLike | None = None
) -> Split:
    """Deals square blocks of ground into folds, so that neighbouring rows do not stand on both sides.

    Args:
        name: Of the split.
        x: Easting of each row in any unit; (rows,).
        y: Northing in the same unit.
        side: Side of a block in the same unit; about the distance at which neighbours stop being alike.
        folds: At least three.
        within: Of each row, its city where each gets its own probe (E1 of the platform); None: one probe for all.

    Raises:
        BadInputError: Coordinates that are missing or are no numbers, a side of no length, or fewer blocks than folds.
    """
    places = np.stack([np.asarray(x, np.float64), np.asarray(y, np.float64)], axis=1)
    if not np.isfinite(places).all():
        row = int(np.flatnonzero(~np.isfinite(places).all(axis=1))[0])
        raise BadInputError(f"Row {row} has no coordinates: fill them or drop the row before the split {name}.")
    if not side > 0:
        raise BadInputError(f"The blocks of split {name} have a side of {side}: give a length above 0.")
    cells = np.floor(places / side).astype(np.int64)
    names, cities = _codes(f"`within` of split {name}", np.zeros(len(cells), np.int64) if within is None else within)
    _, block = np.unique(np.column_stack([cities, cells]), axis=0, return_inverse=True)
    dealt = np.zeros(len(cells), np.int64)
    for number, city in enumerate(names):
        rows = cities == number
        dealt[rows] = deal(name if within is None else f"{name} within {city}", block[rows], folds)
    return Split(name, dealt, dealt, within)


def deal(name: str, groups: ArrayLike, folds: int) -> NDArray[np.int64]:
    """The fold of each row: whole groups, the largest first, each into the fold with the fewest rows; (rows,).

    Raises:
        BadInputError: Fewer groups than folds, or fewer than three folds, or a missing group.
    """
    from sklearn.model_selection import GroupKFold

    values, codes = _codes(f"the groups of split {name}", groups)
    if folds < 3:
        raise BadInputError(
            f"Split {name} has {folds} folds: give at least 3, for a probe trained on a single fold has nothing to "
            "leave out when its penalty is chosen."
        )
    if len(values) < folds:
        raise BadInputError(
            f"Split {name} deals {len(values)} groups into {folds} folds: give finer groups (smaller blocks) or fewer "
            "folds."
        )
    dealt = np.empty(len(codes), np.int64)
    for fold, (_, rows) in enumerate(GroupKFold(folds).split(codes, groups=codes)):
        dealt[rows] = fold
    return dealt


def tabular_benchmark(
    labels: Mapping[str, ArrayLike], splits: Sequence[Split], groups: ArrayLike | None = None
) -> Benchmark:
    """A benchmark of plain arrays, for `ml.probes.probe`.

    Args:
        labels: Name to numbers, NaN where unknown; (rows,) each.
        splits: Of the same rows; at least one.
        groups: Of each row, what a bootstrap draws whole (a city); what the first split leaves out where none is given.

    Raises:
        BadInputError: Lengths differ, a label is constant, hardly known or not numeric, a group is missing, or no fold
            of a split can be scored.
    """
    if not labels or not splits:
        raise BadInputError("A benchmark needs at least one label and one split.")
    values = np.column_stack([_label(name, column) for name, column in labels.items()])
    columns = _columns(splits, groups, len(values))
    frame = pl.DataFrame({name: codes for name, (_, codes) in columns.items()})
    blocks = frame.unique().sort(frame.columns).with_row_index("block").with_columns(pl.col("block").cast(pl.Int64))
    block = frame.join(blocks, on=frame.columns, how="left", maintain_order="left")["block"].to_numpy()
    names = columns["group"][0]
    folds: list[Fold] = []
    for i, split in enumerate(splits):
        made = list(_folds(split.name, i, blocks, columns))
        _check_folds(split.name, made, block, values)
        folds += made
    return Benchmark(tuple(labels), values, block, tuple(names[code] for code in blocks["group"]), tuple(folds))


def _columns(
    splits: Sequence[Split], groups: ArrayLike | None, rows: int
) -> dict[str, tuple[list[str], NDArray[np.int64]]]:
    """Names and codes of all that tells rows apart: `group`, and `fold 0`, `left_out 0`, `within 0` of split 0."""
    columns = {"group": _codes("the groups", splits[0].left_out if groups is None else groups)}
    for i, split in enumerate(splits):
        columns[f"fold {i}"] = _codes(f"the folds of split {split.name}", split.fold)
        columns[f"left_out {i}"] = _codes(f"what split {split.name} leaves out", split.left_out)
        within = np.zeros(rows, np.int64) if split.within is None else split.within
        columns[f"within {i}"] = _codes(f"`within` of split {split.name}", within)
    for i, split in enumerate(splits):
        lengths = {len(columns[f"{kind} {i}"][1]) for kind in ("fold", "left_out", "within")} | {
            len(columns["group"][1])
        }
        if lengths != {rows}:
            raise BadInputError(
                f"Split {split.name} and the groups have {sorted(lengths)} rows, the labels {rows}: they must be "
                "of the same rows."
            )
    return columns


def _folds(
    split: str, number: int, blocks: pl.DataFrame, columns: Mapping[str, tuple[list[str], NDArray[np.int64]]]
) -> list[Fold]:
    fold, left_out, within = (f"{kind} {number}" for kind in ("fold", "left_out", "within"))
    cities = columns[within][0]
    folds = []
    for city, held_out in blocks.select(within, fold).unique().sort(within, fold).iter_rows():
        here = blocks.filter(pl.col(within) == city)
        train = here.filter(pl.col(fold) != held_out).group_by(left_out).agg("block").sort(left_out)["block"]
        test = here.filter(pl.col(fold) == held_out)["block"]
        name = columns[fold][0][held_out]
        folds.append(
            Fold(
                split,
                name if len(cities) == 1 else f"{cities[city]} {name}",
                tuple(tuple(sorted(members)) for members in train),
                tuple(test),
            )
        )
    return folds


def _check_folds(split: str, folds: Sequence[Fold], block: NDArray[np.int64], values: NDArray[np.float64]) -> None:
    """Some fold must have enough labelled rows, and two sets to train on."""
    known = np.zeros((block.max(initial=-1) + 1, values.shape[1]), np.int64)
    np.add.at(known, block, np.isfinite(values))
    for fold in folds:
        sets = sum(known[list(blocks)].max(axis=0) > 0 for blocks in fold.train) if fold.train else np.zeros(1)
        if ((known[list(fold.test)].sum(axis=0) >= FEWEST_ROWS) & (sets >= 2)).any():
            return
    raise BadInputError(
        f"No fold of split {split} can be scored: one needs {FEWEST_ROWS} labelled rows held out and two groups to "
        f"train on. There are {len(values)} rows in {len(folds)} folds: add rows, or split by fewer groups."
    )


def _sets(name: str, units: ArrayLike) -> NDArray[Any]:
    """What is left out to choose the penalty: the units, or sets of them where there are many."""
    values, codes = _codes(f"the units of split {name}", units)
    return deal(name, codes, MOST_SETS) if len(values) > MOST_SETS else np.asarray(values)[codes]


def _label(name: str, column: ArrayLike) -> NDArray[np.float64]:
    try:
        values = np.asarray(column, np.float64)
    except (TypeError, ValueError):
        raise BadInputError(
            f"The label {name} is not numeric: give numbers, or probe it as classes (`ml.class_probes`)."
        ) from None
    known = values[np.isfinite(values)]
    if len(known) < 2 * FEWEST_ROWS:
        raise BadInputError(
            f"The label {name} is known for {len(known)} of {len(values)} rows; a probe needs at least "
            f"{2 * FEWEST_ROWS}."
        )
    if known.min() == known.max():
        raise BadInputError(
            f"The label {name} is {known[0]:g} in every row where it is known: there is nothing to predict."
        )
    return values


def _codes(what: str, column: ArrayLike) -> tuple[list[str], NDArray[np.int64]]:
    """The distinct values of a column as text, sorted, and the place of each row's among them."""
    values = pl.Series("", np.asarray(column) if not isinstance(column, pl.Series) else column)
    missing = values.is_null() | (values.is_nan() if values.dtype.is_float() else False)
    if missing.any():
        raise BadInputError(f"Row {int(missing.arg_max() or 0)} lacks a value in {what}: fill it in or drop the row.")
    ordered = values.unique().sort()
    codes = values.replace_strict(ordered, pl.Series(range(len(ordered)), dtype=pl.Int64))
    return [str(value) for value in ordered], codes.to_numpy()
