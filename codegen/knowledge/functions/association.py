"""How much more often than elsewhere something serves a function."""

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.float64]

PRIOR = 10.0
"""Units that count as seen beforehand, which serve functions as all units do: few units prove little."""


def association(serving: Counts, units: Counts, base: Counts) -> Counts:
    """Posterior share of the units that serve a function, times the bits by which that beats the base rate.

    Args:
        serving: Of each thing's units those that serve each function; (things, functions).
        units: Of each thing; (things,).
        base: Share of all units that serve each function; (functions,).

    Returns:
        At least 0, which also what is no more frequent than elsewhere gets; (things, functions).
    """
    share = np.clip(base, 1e-9, 1.0)
    posterior = (serving + PRIOR * share) / (units[:, None] + PRIOR)
    bits: Counts = posterior * np.maximum(0.0, np.log2(posterior / share))
    # what no unit at all serves is associated with nothing
    told: Counts = np.where(base > 0, bits, 0.0)
    return told


def normalised(scores: Counts) -> Counts:
    """Each row divided by its sum; rows of zeros stay."""
    sums = scores.sum(axis=1, keepdims=True)
    shares: Counts = scores / np.where(sums > 0, sums, 1.0)
    return shares
