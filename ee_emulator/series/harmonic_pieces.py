"""Pieces of harmonic regressions: a series is followed until several observations in a row do not fit any more.

The method of Earth Engine's hidden `CcdcCoefficients`, from its description in the list of algorithms.
"""

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

PARAMETERS = 4
"""A + B·t + C·sin(season) + D·cos(season)."""


def pieces(years: Numbers, values: Numbers, limit: float, window: int) -> Numbers:
    """Fits one pixel.

    An observation is disturbed if the model with it has errors that sum up, over the bands, to more than `limit`; it
    takes no part in the model. After `window` of them in a row the model is closed, and the next one starts behind
    them. Fewer observations than parameters never disturb; a piece that never has enough is left out.

    Args:
        years: Ascending, in years, (n,).
        values: Shape (b, n).
        limit: Sum of the bands' root mean square errors that is still good.
        window: Disturbed observations that end a piece.

    Returns:
        Shape (pieces, b, 7): start, end, sum of errors, A, B, C, D.
    """
    design = np.stack([np.ones_like(years), years, np.sin(2 * np.pi * years), np.cos(2 * np.pi * years)], axis=1)
    centre = years.mean() if len(years) else 0.0
    design[:, 1] -= centre
    found: list[Numbers] = []
    used: list[int] = []
    disturbed = 0
    for i in range(len(years)):
        error = _model(design, values, [*used, i])[1]
        if len(used) >= PARAMETERS and error > limit:
            disturbed += 1
            if disturbed == window:
                found.append(_row(years, used, *_model(design, values, used), centre))
                used, disturbed = [], 0
            continue
        used.append(i)
        disturbed = 0
    if len(used) >= PARAMETERS:
        found.append(_row(years, used, *_model(design, values, used), centre))
    return np.array(found) if found else np.zeros((0, len(values), 7))


def _model(design: Numbers, values: Numbers, used: list[int]) -> tuple[Numbers, float]:
    """Coefficients (4, b) and the sum of the bands' errors."""
    part = design[used]
    found = np.asarray(np.linalg.lstsq(part, values[:, used].T, rcond=None)[0], np.float64)
    residuals = values[:, used].T - part @ found
    return found, float(np.sqrt((residuals**2).mean(axis=0)).sum())


def _row(years: Numbers, used: list[int], model: Numbers, error: float, centre: float) -> Numbers:
    model = model.copy()
    model[0] -= model[1] * centre
    ends = np.array([years[used[0]], years[used[-1]], error])
    return np.concatenate([np.broadcast_to(ends, (model.shape[1], 3)), model.T], axis=1)
