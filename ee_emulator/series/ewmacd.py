"""EWMACD: control charts on what a harmonic model of the training years leaves over.

Brooks, Wynne, Thomas, Blinn and Coulston (2014), IEEE Transactions on Geoscience and Remote Sensing 52, 3316-3332,
sections II.B and II.C, with the choices of the authors' published code where the paper leaves them open.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]

DAYS = 365.0
"""Length of the year in the harmonics."""

FEWEST_IN_CONTROL = 4
FEWEST_IN_TRAINING = 2


@dataclass(frozen=True)
class Chart:
    """Settings of the charts.

    Attributes:
        vegetation_threshold: Observations at or below this are not looked at.
        harmonics: Pairs of sine and cosine.
        training_limit: Training observations further off, in standard deviations, are left out.
        running_limit: The same for all other observations.
        weight: Weight of a new residual in the running average (`lambda`).
        sigmas: Control limit in standard deviations (`lambdasigs`).
        rounding: Whether scores are whole control limits; else they are the rounded average itself.
        persistence: Fewest observations in a row that make a signal.
    """

    vegetation_threshold: float
    harmonics: int
    training_limit: float
    running_limit: float
    weight: float
    sigmas: float
    rounding: bool
    persistence: int


@dataclass(frozen=True)
class Monitored:
    """The answer for one pixel with m observations.

    Attributes:
        scores: Shape (m,); negative for disturbance.
        coefficients: Constant, then sine and cosine of each harmonic.
        rmse: Root mean square of the residuals of the observations that the model was fitted to.
        r_squared: Share of their variance that it explains; 1 where there is none.
        residuals: Shape (m,).
    """

    scores: Numbers
    coefficients: Numbers
    rmse: float
    r_squared: float
    residuals: Numbers


def monitor(days: Numbers, values: Numbers, training: Flags, chart: Chart) -> Monitored | None:
    """Scores the observations of one pixel.

    Args:
        days: Day of the year of each observation, (m,).
        values: Shape (m,).
        training: Which observations are of the training years, (m,).
        chart: The settings.

    Returns:
        None where the training years have too few observations for the harmonics.
    """
    design = harmonics(days, chart.harmonics)
    kept = training.copy()
    if kept.sum() < design.shape[1]:
        return None
    first = values - design @ np.linalg.lstsq(design[kept], values[kept], rcond=None)[0]
    kept &= np.abs(first) <= chart.training_limit * _deviation(first[training])
    if kept.sum() < design.shape[1]:
        return None
    coefficients = np.asarray(np.linalg.lstsq(design[kept], values[kept], rcond=None)[0], np.float64)
    residuals = values - design @ coefficients
    left = float((residuals[kept] ** 2).sum())
    spread = float(((values[kept] - values[kept].mean()) ** 2).sum())
    return Monitored(
        _scores(values, residuals, training, chart),
        coefficients,
        float(np.sqrt(left / kept.sum())),
        1 - left / spread if spread > 0 else 1.0,
        np.asarray(residuals, np.float64),
    )


def harmonics(days: Numbers, count: int) -> Numbers:
    """Columns of the model: 1, sin, cos, sin 2, cos 2, …; shape (m, 1 + 2 · count)."""
    phase = 2 * np.pi * days / DAYS
    columns = [np.ones_like(phase)]
    for k in range(1, count + 1):
        columns += [np.sin(k * phase), np.cos(k * phase)]
    return np.stack(columns, axis=1)


def _deviation(residuals: Numbers) -> float:
    return float(residuals.std(ddof=1)) if len(residuals) > 1 else 0.0


def _scores(values: Numbers, residuals: Numbers, training: Flags, chart: Chart) -> Numbers:
    deviation = _deviation(residuals[training])
    limits = np.where(training, chart.training_limit, chart.running_limit) * deviation
    used = (values > chart.vegetation_threshold) & (np.abs(residuals) < limits)
    answer = np.zeros(len(values))
    if used.sum() < FEWEST_IN_CONTROL or (used & training).sum() < FEWEST_IN_TRAINING:
        return answer
    signal = _signal(residuals[used], _deviation(residuals[used & training]), chart)
    latest = np.cumsum(used)  # what was left out repeats the score before it
    answer[latest > 0] = signal[latest[latest > 0] - 1]
    return answer


def _signal(residuals: Numbers, deviation: float, chart: Chart) -> Numbers:
    from scipy.signal import lfilter

    weight = chart.weight
    average = lfilter([weight], [1, weight - 1], residuals, zi=[residuals[0] * (1 - weight)])[0]
    steps = np.arange(1, len(residuals) + 1)
    limit = deviation * chart.sigmas * np.sqrt(weight / (2 - weight) * (1 - (1 - weight) ** (2 * steps)))
    signal = np.trunc(average / limit) if chart.rounding else np.floor(average + 0.5)
    if chart.persistence <= 1:
        return np.asarray(signal)
    return _sustained(signal, chart.persistence)


def _sustained(signal: Numbers, persistence: int) -> Numbers:
    """Runs of one sign that are long enough; shorter ones repeat the last value of the run before them."""
    starts = np.flatnonzero(np.diff(np.sign(signal), prepend=np.nan) != 0)
    answer, last = np.zeros_like(signal), 0.0
    for start, end in zip(starts, [*starts[1:], len(signal)], strict=True):
        if end - start >= persistence:
            answer[start:end] = signal[start:end]
            last = signal[end - 1]
        else:
            answer[start:end] = last
    return answer
