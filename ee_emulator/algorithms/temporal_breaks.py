"""TemporalSegmentation: methods that find breaks in series of any density."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.collection import ImageCollection
from ee_emulator.raster.pixel_type import FLOAT, NAMED, PixelType
from ee_emulator.raster.series_nodes import (
    MATRIX,
    VECTOR,
    Answer,
    Stack,
    arrays,
    chronological,
    layers_of,
    series_image,
)
from ee_emulator.raster.values import Image
from ee_emulator.registry import algorithm
from ee_emulator.series.times import MILLISECONDS, MS_PER_DAY, YEAR_LENGTH, YEARS, represented

COUNTS = PixelType("int", *NAMED["int32"].interval, dimensions=1)
SHARES = PixelType(FLOAT.precision, dimensions=1)
CUBE = PixelType("double", dimensions=3)

_MOST_ROUNDS = 100_000
"""Rounds of the descent, which converges in some dozens; more are not waited for."""

_CERTAIN = 1 - 1e-6
"""Probability beyond which CCDC takes a single observation for noise."""


def _positions(chosen: list[Any], names: list[str], argument: str) -> list[int]:
    """Places of bands given by name or index.

    Raises:
        EarthEngineError: There is no such band.
    """
    answer = []
    for one in chosen:
        if isinstance(one, str) and one in names:
            answer.append(names.index(one))
        elif isinstance(one, int | float) and not isinstance(one, bool) and 0 <= one < len(names):
            answer.append(int(one))
        else:
            raise EarthEngineError(f"Parameter '{argument}': no band {one!r}. Available bands: [{', '.join(names)}]")
    return answer


@algorithm("TemporalSegmentation.Ccdc")
def ccdc(
    collection: ImageCollection,
    breakpoint_bands: list[Any] | None,
    tmask_bands: list[Any] | None,
    min_observations: int,
    chi_square_probability: float,
    min_num_of_years_scaler: float,
    date_format: int,
    lambda_: float,
    max_iterations: int,
) -> Image:
    """Harmonic models of a series, with the breaks between them.

    Bands, an entry a segment: `tStart`, `tEnd`, `tBreak` (0 for none), `numObs`, `changeProb`, and for each band of the
    input `BAND_coefs` (8 columns: constant, slope, cosine and sine of one to three cycles a year), `BAND_rmse` and
    `BAND_magnitude`. Observations that are masked in any band take no part; a pixel without a segment is masked.

    Raises:
        EarthEngineError: No such band, or a parameter out of its range.
    """
    from scipy.stats import chi2

    from ee_emulator.series.ccdc import Segments, Settings, detect

    images, times = chronological(collection)
    names = images[0].names
    watched = np.zeros(len(names), np.bool_)
    watched[_positions(breakpoint_bands or list(names), names, "breakpointBands")] = True
    masking = _positions(tmask_bands or [], names, "tmaskBands")
    if tmask_bands and (len(masking) != 2 or not watched[masking].all()):
        raise EarthEngineError("'tmaskBands' must be two bands that are included in 'breakpointBands'.")
    if min_observations < 1 or not 0 < chi_square_probability < 1:
        raise EarthEngineError("'minObservations' must be at least 1, 'chiSquareProbability' between 0 and 1.")
    moments = represented(times, date_format)
    settings = Settings(
        min(min_observations, len(images) + 1),
        float(chi2.ppf(chi_square_probability, watched.sum())),
        float(chi2.ppf(_CERTAIN, watched.sum())),
        min_num_of_years_scaler,
        YEAR_LENGTH[date_format],
        lambda_,
        min(max_iterations, _MOST_ROUNDS),
        *(masking or (-1, -1)),
    )

    def solve(stack: Stack) -> list[Answer]:
        found: list[Segments | None] = []
        for p in range(stack.valid.shape[2]):
            ok = stack.complete[:, p]
            one = detect(moments[ok], np.ascontiguousarray(stack.values[:, ok, p]), watched, settings)
            found.append(one if len(one.counts) else None)
        general = [arrays([one.times[k] if one else None for one in found]) for k in range(3)]
        general.append(arrays([one.counts.astype(np.int32) if one else None for one in found]))
        general.append(arrays([one.probability.astype(np.float32) if one else None for one in found]))
        for b in range(len(names)):
            general.append(arrays([one.coefficients[b] if one else None for one in found]))
            general.append(arrays([one.rmse[b] if one else None for one in found]))
            general.append(arrays([one.magnitude[b] if one else None for one in found]))
        return general

    types = {"tStart": VECTOR, "tEnd": VECTOR, "tBreak": VECTOR, "numObs": COUNTS, "changeProb": SHARES}
    for name in names:
        types |= {f"{name}_coefs": MATRIX, f"{name}_rmse": VECTOR, f"{name}_magnitude": VECTOR}
    return series_image(layers_of(images, names), solve, types)


@algorithm("CcdcCoefficients")
def ccdc_coefficients(time_series: ImageCollection, rmse: float, disturbance_window: int) -> Image:
    """Pieces of a series with one harmonic: band `coefficients` of (pieces, bands, 7), see `harmonic_pieces`.

    The columns are start, end, sum of the errors, constant, slope, sine and cosine. The band's name is ours.
    """
    from ee_emulator.series.harmonic_pieces import pieces

    images, times = chronological(time_series)
    names, years = images[0].names, represented(times, YEARS)
    if disturbance_window < 1:
        raise EarthEngineError("'disturbanceWindow' must be at least 1.")

    def solve(stack: Stack) -> list[Answer]:
        found = []
        for p in range(stack.valid.shape[2]):
            ok = stack.complete[:, p]
            table = pieces(years[ok], stack.values[:, ok, p], rmse, disturbance_window)
            found.append(table if len(table) else None)
        return [arrays(found)]

    return series_image(layers_of(images, names), solve, {"coefficients": CUBE})


@algorithm("TemporalSegmentation.StructuralChangeBreakpoints")
def structural_change(
    collection: ImageCollection,
    breakpoint_band: str | None,
    seasonal_model_order: int,
    min_spacing: float,
    max_breaks: int,
    date_format: int,
) -> Image:
    """Regressions on time and season in segments of least squares, as many as the Bayesian criterion wants.

    Bands, an entry a segment: `tStart`, `tEnd`, and `coefs_BAND` (a row each: constant, slope, cosine and sine of every
    order) and `rmse_BAND` for each band. The segments are those of the breakpoint band. Observations that are masked in
    any band take no part, and a pixel with fewer than the coefficients is masked (ours).

    Raises:
        EarthEngineError: No such band, or a parameter out of its range.
    """
    from ee_emulator.series.structural_change import design, fit, segments

    images, times = chronological(collection)
    names = images[0].names
    if breakpoint_band is None and len(names) > 1:
        raise EarthEngineError("'breakpointBand' is required where the images have several bands.")
    chosen = _positions([breakpoint_band or names[0]], names, "breakpointBand")[0]
    if date_format not in (YEARS, MILLISECONDS):
        raise EarthEngineError(f"Invalid dateFormat: {date_format}. Must be 1 or 2.")
    if not 0 <= 2 * seasonal_model_order < len(images) or max_breaks < 0:
        raise EarthEngineError("'seasonalModelOrder' must suit the number of images, 'maxBreaks' not be negative.")
    if not 0 < min_spacing < math.inf:
        raise EarthEngineError(f"'minSpacing' must be above 0, got {min_spacing}.")
    seasons = np.asarray(times) / (365.25 * MS_PER_DAY)
    moments = seasons if date_format == YEARS else np.asarray(times, np.float64)
    spacing = int(min_spacing * len(images)) if min_spacing < 1 else int(min_spacing)
    width = 2 + 2 * seasonal_model_order
    least = max(spacing, width + 1)

    def solve(stack: Stack) -> list[Answer]:
        found: list[list[NDArray[Any]] | None] = []
        for p in range(stack.valid.shape[2]):
            ok = stack.complete[:, p]
            if ok.sum() < width:
                found.append(None)
                continue
            t, season, values = moments[ok], seasons[ok], stack.values[:, ok, p]
            columns = design(season - season.mean(), season, seasonal_model_order)
            starts = segments(columns, values[chosen], least, max_breaks)
            ends = np.append(starts[1:], len(t)) - 1
            pixel = [t[starts], t[ends]]
            for band in values:
                one = fit(t, season, seasonal_model_order, band, starts)
                pixel += [one.coefficients, one.rmse]
            found.append(pixel)
        return [arrays([pixel[k] if pixel else None for pixel in found]) for k in range(2 + 2 * len(names))]

    types = {"tStart": VECTOR, "tEnd": VECTOR}
    for name in names:
        types |= {f"coefs_{name}": MATRIX, f"rmse_{name}": VECTOR}
    return series_image(layers_of(images, names), solve, types)


def _each(values: list[float], default: float, names: list[str], argument: str) -> list[float]:
    if values and len(values) != len(names):
        raise EarthEngineError(f"Parameter '{argument}' has {len(values)} values; the images have {len(names)} bands.")
    return values or [default] * len(names)


@algorithm("TemporalSegmentation.C2c")
def c2c(
    collection: ImageCollection,
    date_format: int,
    max_error_list: list[float],
    spikes_tolerance_list: list[float],
    spike_removal_magnitude_list: list[float],
    max_error: float,
    max_segments: int,
    infill: bool,
    spikes_tolerance: float,
    spike_removal_magnitude: float,
    include_post_metrics: bool,
    include_regrowth: bool,
    interpolate_regrowth: bool,
    use_relative_regrowth: bool,
    negative_magnitude_only: bool,
) -> Image:
    """Composite2Change: the changes between few straight segments, for each band on its own.

    Bands: `BAND_changeDate`, `BAND_value`, `BAND_magnitude`, `BAND_duration`, `BAND_rate`, and the ones that are asked
    for. A masked observation is a missing one, as the value 0 is; a pixel with fewer than 3 observations is masked.

    Raises:
        EarthEngineError: A list of another length than the bands, or an unknown date format.
    """
    from ee_emulator.series.c2c import ALWAYS, METRICS, POST, REGROWTH

    images, times = chronological(collection)
    names, moments = images[0].names, represented(times, date_format)
    if len(set(times)) < len(times) or max_segments < 1:
        raise EarthEngineError("The images must have different times, and 'maxSegments' must be at least 1.")
    errors = _each(max_error_list, max_error, names, "maxErrorList")
    tolerances = _each(spikes_tolerance_list, spikes_tolerance, names, "spikesToleranceList")
    heights = _each(spike_removal_magnitude_list, spike_removal_magnitude, names, "spikeRemovalMagnitudeList")
    wanted = [*ALWAYS, *(POST if include_post_metrics else ()), *(REGROWTH if include_regrowth else ())]

    def solve(stack: Stack) -> list[Answer]:
        from ee_emulator.series.c2c import changes

        answers = []
        for b in range(len(names)):
            series = np.where(stack.valid[b], stack.values[b], 0.0)
            options = errors[b], min(max_segments, len(images)), infill, tolerances[b], heights[b]
            found = changes(
                moments, series, *options, interpolate_regrowth, use_relative_regrowth, negative_magnitude_only
            )
            for metric in wanted:
                row = METRICS.index(metric)
                answers.append(arrays([None if table is None else table[row] for table in found]))
        return answers

    types = {f"{name}_{metric}": VECTOR for name in names for metric in wanted}
    return series_image(layers_of(images, names), solve, types)


@algorithm("ImageCollection.formaTrend")
def forma_trend(time_series: ImageCollection, covariates: ImageCollection | None, window_size: int) -> Image:
    """Long and short trends of an evenly spaced series, or of its ratio to a covariate.

    Bands (their names are ours): `long_trend`, the slope of the regression on time; `short_trend`, the least slope in
    windows; `t_test` of the long slope; `hansen`, the statistic of stability of its parameters. Slopes are for a step
    of the series. A pixel whose series is a straight line is masked: it has no residuals to test.

    Raises:
        EarthEngineError: Images of several bands, covariates of another number, or a window below 2.
    """
    from ee_emulator.series.forma import trends

    images, _ = chronological(time_series)
    others = chronological(covariates)[0] if covariates is not None else []
    if len(images[0].bands) != 1 or any(len(image.bands) != 1 for image in others):
        raise EarthEngineError("The time series and the covariates must have a single band each.")
    if others and len(others) != len(images):
        raise EarthEngineError(f"There are {len(others)} covariates for a series of {len(images)} images.")
    if window_size < 2:
        raise EarthEngineError(f"'windowSize' must be at least 2, got {window_size}.")
    layers = layers_of(images, images[0].names)
    for layer, other in zip(layers, others, strict=False):
        layer.append(next(iter(other.bands.values())))

    def solve(stack: Stack) -> list[Answer]:
        values, valid = stack.values[0], stack.complete
        if others:
            valid = valid & (stack.values[1] != 0)
            values = np.where(valid, values / stack.values[1], 0.0)
        found = trends(values, valid, window_size)
        return [(part.astype(np.float32), found.known) for part in (found.long, found.short, found.t, found.hansen)]

    return series_image(layers, solve, dict.fromkeys(("long_trend", "short_trend", "t_test", "hansen"), FLOAT))
