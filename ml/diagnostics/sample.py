"""The rows that a study looks at: few, drawn the same way each time, complete."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lake.aef import dequantise, quantise, unit_length
from lake.errors import BadInputError
from ml.diagnostics.distances import Float

FEWEST_ROWS = 30
"""Below it no number of these studies means anything (ours)."""


@dataclass(frozen=True)
class Sample:
    """Some rows of some representations.

    Attributes:
        points: Name to complete matrix; float64 (n, width).
        stored: Bytes that a row of each takes as it was given.
        labels: Name to values of the rows: float64 (NaN where unknown) for quantities, int64 (−1) for classes.
        groups: Number of the group of each row; None where there are none.
        rows: Where the rows stand in the table.
    """

    points: Mapping[str, Float]
    stored: Mapping[str, int]
    labels: Mapping[str, NDArray[Any]]
    groups: NDArray[np.int64] | None
    rows: NDArray[np.int64]


def sample_rows(total: int, rows: int, seed: int) -> NDArray[np.int64]:
    """Row numbers of a table of `total`, ascending; all of them where it has no more than `rows`."""
    if total <= rows:
        return np.arange(total)
    drawn = np.random.default_rng(seed).choice(total, rows, replace=False, shuffle=False)
    return np.sort(drawn).astype(np.int64)


def draw(
    representations: Mapping[str, NDArray[Any]],
    labels: Mapping[str, NDArray[Any]],
    groups: Sequence[Any] | NDArray[Any] | None,
    rows: int,
    seed: int,
) -> Sample:
    """Draws rows; those that some representation lacks altogether are dropped, single missing values become the mean.

    Args:
        representations: Name to matrix (n, width), n the same in all. Int8 is taken as AlphaEarth's codes.
        labels: Name to values (n,): floats are quantities, whole numbers and strings are classes.
        groups: Group of each row, such as its city; (n,).
        rows: At most so many.
        seed: Of the draw.

    Raises:
        BadInputError: Lengths differ, nothing to look at, or too few complete rows.
    """
    total = _common_length(representations, labels, groups)
    chosen = sample_rows(total, rows, seed)
    matrices = {name: _decoded(matrix[chosen]) for name, matrix in representations.items()}
    there = np.logical_and.reduce([np.isfinite(matrix).any(axis=1) for matrix in matrices.values()])
    if there.sum() < FEWEST_ROWS:
        raise BadInputError(
            f"{there.sum()} of {len(chosen)} rows drawn have a value in every representation; "
            f"the diagnostics need at least {FEWEST_ROWS}: give more, or leave out the representation that lacks them."
        )
    kept = chosen[there]
    return Sample(
        points={name: _completed(matrix[there]) for name, matrix in matrices.items()},
        stored={name: matrix.shape[1] * matrix.dtype.itemsize for name, matrix in representations.items()},
        labels={name: _label(np.asarray(values)[kept]) for name, values in labels.items()},
        groups=None if groups is None else np.unique(np.asarray(groups)[kept], return_inverse=True)[1].astype(np.int64),
        rows=kept,
    )


def released_forms(
    embeddings: NDArray[np.float32],
    raw: NDArray[np.float32] | None = None,
    aef: NDArray[np.float32] | None = None,
    widths: Sequence[int] = (128, 64),
) -> dict[str, NDArray[Any]]:
    """The forms in which an embedding may be stored, and what it is held against.

    Give it the rows of `sample_rows`: principal components are fitted to the rows given.

    Args:
        embeddings: Unit length; (n, d).
        raw: All raw columns side by side; standardised here, or the largest unit would be the distance; (n, columns).
        aef: AlphaEarth's values alone; (n, 64).
        widths: Of the short forms; those not narrower than d are left out.

    Returns:
        `embedding_d`, and per width w `embedding_w` (leading dimensions, unit length), `int8_w` (the same as codes) and
        `pca_w`; `raw` and `aef` where given.
    """
    full = np.asarray(embeddings, np.float32)
    forms: dict[str, NDArray[Any]] = {f"embedding_{full.shape[1]}": full}
    there = np.isfinite(full).all(axis=1)
    middle = full[there].mean(axis=0)
    axes = np.linalg.svd(full[there] - middle, full_matrices=False)[2]
    for width in sorted((width for width in widths if width < full.shape[1]), reverse=True):
        short = unit_length(full[:, :width]).astype(np.float32)
        forms |= {f"embedding_{width}": short, f"int8_{width}": quantise(short)}
        forms[f"pca_{width}"] = ((full - middle) @ axes[:width].T).astype(np.float32)
    if raw is not None:
        forms["raw"] = _standardised(raw)
    return forms if aef is None else forms | {"aef": np.asarray(aef, np.float32)}


def _common_length(representations: Mapping[str, NDArray[Any]], labels: Mapping[str, NDArray[Any]], groups: Any) -> int:
    if not representations:
        raise BadInputError("No representation to look at.")
    lengths = {name: len(values) for name, values in (*representations.items(), *labels.items())}
    if groups is not None:
        lengths["groups"] = len(groups)
    if len(set(lengths.values())) > 1:
        said = ", ".join(f"{name} {length:,}" for name, length in lengths.items())
        raise BadInputError(f"Representations, labels and groups must have the same rows; got {said}.")
    return next(iter(lengths.values()))


def _decoded(matrix: NDArray[Any]) -> Float:
    return (dequantise(matrix) if matrix.dtype == np.int8 else matrix).astype(np.float64)


def _completed(matrix: Float) -> Float:
    known = np.isfinite(matrix)
    if known.all():
        return matrix
    means = np.where(known, matrix, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    return np.where(known, matrix, means)


def _standardised(raw: NDArray[np.float32]) -> NDArray[np.float32]:
    values = raw.astype(np.float64)
    known = np.isfinite(values)
    count = np.maximum(known.sum(axis=0), 1)
    centred = np.where(known, values - np.where(known, values, 0.0).sum(axis=0) / count, 0.0)
    deviation = np.sqrt((centred**2).sum(axis=0) / count)
    scaled = centred / np.where(deviation > 1e-12, deviation, 1.0)
    return np.where(known, scaled, np.nan).astype(np.float32)


def _label(values: NDArray[Any]) -> NDArray[Any]:
    """Floats as they are, with infinities unknown; anything else as numbers of classes, empty text unknown."""
    if np.issubdtype(values.dtype, np.floating):
        return np.where(np.isfinite(values), values, np.nan).astype(np.float64)
    missing = np.array([value is None or value == "" for value in values.tolist()], bool)
    codes = np.unique(np.where(missing, "", values.astype(str)), return_inverse=True)[1].astype(np.int64)
    return np.where(missing, -1, codes)
