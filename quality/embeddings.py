"""Checks of one partition of 256-d embeddings, before they are released."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from quality.outcome import CheckSpec, Outcome, enumerate_names
from quality.vectors import commonest_row_share, mean_absolute_cosine, participation_ratio

WIDTH = 256
LENGTH_TOLERANCE = 1e-3
"""Of float32 vectors that were normalised (ours)."""
MOST_MISSING = 0.25
"""Share of the pixels that may have no embedding: those of which no stream is there (ours)."""
MOST_ALIKE = 0.02
"""Share of the pixels that may have one and the same embedding (ours)."""
LEAST_DIMENSIONS = 1.2
"""Participation ratio below which embeddings lie on a line (ours). It counts strong axes, of which a city has few: on
the simulated planet, encoders after three epochs had 2.0 to 2.4."""
MOST_COSINE = 0.99
"""Mean |cos| of random pairs above which all pixels of a city look the same to a probe (ours)."""
DEAD = 1e-3
"""Standard deviation of a dimension that is not in use; of unit vectors an even one has 1/16 at most (ours)."""
MOST_DEAD = 0.5
"""Share of the dimensions that may be dead (ours)."""

_SAMPLE = 8_192  # rows that the measures of collapse look at, evenly spaced

SHAPE = CheckSpec("embedding_shape", True, f"Embeddings are float32 of {WIDTH} dimensions, one a pixel.")
NO_DUPLICATES = CheckSpec("no_duplicate_pixels", True, "No pixel stands twice.")
MISSING = CheckSpec(
    "missing_share", True, f"An embedding is whole or missing, and missing in at most {MOST_MISSING:.0%} of the pixels."
)
UNIT_LENGTH = CheckSpec("unit_length", True, "Embeddings have length 1.")
NO_COLLAPSE = CheckSpec("no_collapse", True, "Embeddings of a city differ, and in many dimensions.")
NO_REPETITION = CheckSpec("no_repeated_embedding", False, "No embedding is that of many pixels.")

EMBEDDING_CHECKS = (SHAPE, NO_DUPLICATES, MISSING, UNIT_LENGTH, NO_COLLAPSE, NO_REPETITION)


def check_embeddings(embeddings: NDArray[np.float32], pixels: NDArray[np.uint32]) -> list[Outcome]:
    """Checks the embeddings of one partition.

    Args:
        embeddings: (n, 256), float32, unit length; NaN in all dimensions where no stream is there.
        pixels: Pixel of each row, (n,).

    Returns:
        An outcome for each of `EMBEDDING_CHECKS`, in that order. Without the shape nothing else is judged.
    """
    shape = _shape(embeddings, pixels)
    if not shape.passed:
        return [shape, *(spec.not_judged(SHAPE) for spec in EMBEDDING_CHECKS[1:])]
    whole = embeddings[np.isfinite(embeddings).all(axis=1)]
    return [
        shape,
        _duplicates(pixels),
        _missing(embeddings),
        _unit_length(whole),
        _collapse(whole),
        _repetition(whole),
    ]


def _shape(embeddings: NDArray[np.float32], pixels: NDArray[np.uint32]) -> Outcome:
    problems = []
    if embeddings.dtype != np.float32 or embeddings.ndim != 2 or embeddings.shape[1:] != (WIDTH,):
        problems.append(f"They are {embeddings.dtype} of shape {embeddings.shape}, not float32 of (pixels, {WIDTH}).")
    if len(embeddings) != len(pixels) or not len(pixels):
        problems.append(f"There are {len(embeddings):,} embeddings for {len(pixels):,} pixels.")
    if problems:
        problems.append("Infer the partition again with a registered model of this version.")
    return SHAPE.outcome(problems, {"rows": len(embeddings)})


def _duplicates(pixels: NDArray[np.uint32]) -> Outcome:
    numbers, counts = np.unique(pixels, return_counts=True)
    twice = numbers[counts > 1]
    problems = []
    if len(twice):
        problems.append(
            f"{len(twice):,} pixels stand more than once: {enumerate_names(twice)}. Infer the partition again."
        )
    return NO_DUPLICATES.outcome(problems, {"duplicated_pixels": len(twice)})


def _missing(embeddings: NDArray[np.float32]) -> Outcome:
    finite = np.isfinite(embeddings)
    missing, torn = ~finite.any(axis=1), finite.any(axis=1) & ~finite.all(axis=1)
    problems = []
    if torn.any():
        problems.append(f"{torn.sum():,} embeddings are finite in some dimensions only: the network overflowed.")
    if missing.mean() > MOST_MISSING:
        problems.append(
            f"{missing.mean():.1%} of the pixels have no embedding, more than {MOST_MISSING:.0%}: look at the streams' "
            "checks of this partition."
        )
    return MISSING.outcome(problems, {"missing_share": missing.mean(), "torn": torn.sum()})


def _unit_length(whole: NDArray[np.float32]) -> Outcome:
    lengths = np.linalg.norm(whole, axis=1)
    bad = np.abs(lengths - 1) > LENGTH_TOLERANCE
    problems = []
    if bad.any():
        problems.append(
            f"{bad.sum():,} of {len(whole):,} embeddings have a length other than 1, from {lengths[bad].min():.4g} to "
            f"{lengths[bad].max():.4g}: the network's last step is not the normalisation. Register a sound model."
        )
    extremes = {"shortest": lengths.min(), "longest": lengths.max()} if len(lengths) else {}
    return UNIT_LENGTH.outcome(problems, {"not_unit": bad.sum(), **extremes})


def _collapse(whole: NDArray[np.float32]) -> Outcome:
    if len(whole) < 2:
        return NO_COLLAPSE.outcome(["Fewer than two embeddings are there."], {"rows": len(whole)})
    sample = whole[:: -(-len(whole) // _SAMPLE)]
    dimensions, cosine = participation_ratio(sample), mean_absolute_cosine(sample)
    dead = float((sample.std(axis=0, dtype=np.float64) < DEAD).mean())
    problems = []
    if dimensions < LEAST_DIMENSIONS:
        problems.append(f"They use {dimensions:.2f} dimensions (participation ratio), fewer than {LEAST_DIMENSIONS:g}.")
    if cosine > MOST_COSINE:
        problems.append(f"Random pairs have a mean |cos| of {cosine:.4f}, above {MOST_COSINE}.")
    if dead > MOST_DEAD:
        problems.append(f"{dead:.0%} of the dimensions do not vary.")
    if problems:
        problems.append("The encoder has collapsed: look at the training curves, and do not release it.")
    measured = {"participation_ratio": dimensions, "mean_absolute_cosine": cosine, "dead_dimensions": dead}
    return NO_COLLAPSE.outcome(problems, measured)


def _repetition(whole: NDArray[np.float32]) -> Outcome:
    share = commonest_row_share(pl.DataFrame(whole))
    problems = _too_common(share) if len(whole) > 1 else []
    return NO_REPETITION.outcome(problems, {"alike_share": share})


def _too_common(share: float) -> Sequence[str]:
    if share <= MOST_ALIKE:
        return []
    return [
        f"{share:.1%} of the pixels have one and the same embedding, more than {MOST_ALIKE:.0%}: are their streams "
        "blank? Look at the streams' checks of this partition."
    ]
