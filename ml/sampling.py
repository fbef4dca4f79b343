"""Some rows of many, the same ones every time."""

import numpy as np
from numpy.typing import NDArray


def drawn(rows: NDArray[np.int64], most: int, seed: int) -> NDArray[np.int64]:
    """At most so many of the rows, ascending, each as likely as any other."""
    if len(rows) <= most:
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))
