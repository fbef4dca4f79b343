"""CCDC: harmonic models of a series, each as long as the observations follow it.

Zhu and Woodcock (2014), Remote Sensing of Environment 144, 152-171, sections 3.2 and 3.3, in the later form that Earth
Engine runs (version 12.30 of the authors' program): coefficients are shrunk (least absolute shrinkage) instead of
fitted freely, and change is told by the chi-square distribution.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]

COEFFICIENTS = 8
"""Constant, slope, then cosine and sine of one, two and three cycles a year."""


class Settings(NamedTuple):
    """The parameters of Earth Engine's algorithm; a tuple, which the loops take as it is.

    Attributes:
        least: Observations that must deviate in a row, and the fewest of a model (`minObservations`).
        change: Squared deviation, summed over bands, beyond which an observation is out of line.
        spike: The same beyond which a single one is noise.
        refit: A model is fitted anew when it spans so many times more years (`minNumOfYearsScaler`).
        year: Length of a year in the units of the times.
        penalty: Weight of the sizes of coefficients (`lambda`); 0 for ordinary least squares.
        rounds: Most rounds of the descent (`maxIterations`).
        first: Band that tells clouds and shadows; -1 for no mask.
        second: The other one.
        simple: Coefficients of a first model.
    """

    least: int
    change: float
    spike: float
    refit: float
    year: float
    penalty: float
    rounds: int
    first: int
    second: int
    simple: int = 4


class Work(NamedTuple):
    """The observations of a pixel and room for the loops, for n times, b bands and windows of c observations.

    Attributes:
        x: Times, (n,); noise is removed in place.
        y: Values, (b, n).
        watched: Bands that are looked at for change, (b,).
        steps: Median change from one observation to the next, (b,): the least error that is believed.
        noisy: Shape (n,).
        model: A first model, (b, 10).
        away: Squared deviations of the observations ahead, (c,).
        recent: Their deviations by band, (c, b).
    """

    x: Numbers
    y: Numbers
    watched: Flags
    steps: Numbers
    noisy: Flags
    model: Numbers
    away: Numbers
    recent: Numbers


@dataclass(frozen=True)
class Segments:
    """The models of one pixel: m of them in b bands.

    Attributes:
        times: Start, end and break of each, (3, m); a break of 0 for none.
        counts: Observations of each, (m,).
        probability: 1 after a break; of the last one the share of observations ahead that are out of line, (m,).
        coefficients: Shape (b, m, 8).
        rmse: Shape (b, m).
        magnitude: Median of the deviations after the break, (b, m).
    """

    times: Numbers
    counts: Numbers
    probability: Numbers
    coefficients: Numbers
    rmse: Numbers
    magnitude: Numbers


def detect(times: Numbers, values: Numbers, watched: Flags, settings: Settings) -> Segments:
    """Models the series of one pixel.

    Args:
        times: Ascending, (n,).
        values: Shape (b, n).
        watched: Bands that are looked at for change, (b,).
        settings: The parameters.
    """
    from ee_emulator.series.ccdc_kernels import detect_all

    bands, n = values.shape
    work = Work(
        times.copy(),
        values.copy(),
        watched,
        np.zeros(bands),
        np.zeros(n, np.bool_),
        np.zeros((bands, COEFFICIENTS + 2)),
        np.zeros(settings.least),
        np.zeros((settings.least, bands)),
    )
    most = n // settings.least + 2
    table, models = np.zeros((most, 5)), np.zeros((most, bands, COEFFICIENTS + 2))
    count = detect_all(work, settings, 0, table, models)
    table, models = table[:count], models[:count].transpose(1, 0, 2)
    return Segments(
        table[:, :3].T,
        table[:, 3],
        table[:, 4],
        models[:, :, :COEFFICIENTS],
        models[:, :, COEFFICIENTS],
        models[:, :, COEFFICIENTS + 1],
    )
