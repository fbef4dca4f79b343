"""TemporalSegmentation: methods for series of one image a year, and EWMACD."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.collection import ImageCollection
from ee_emulator.raster.pixel_type import DOUBLE
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
from ee_emulator.series.times import calendar_years, days_of_year

_MOST_RUNS = 10_000


def _yearly(times_ms: list[float]) -> NDArray[np.float64]:
    """The calendar years of a series.

    Raises:
        EarthEngineError: Two images of one year.
    """
    years = calendar_years(times_ms)
    if len(set(years)) < len(years):
        raise EarthEngineError("The time series must have one image a year; some year occurs more than once.")
    return years


def _single_band(images: list[Image], method: str) -> str:
    if len(images[0].bands) != 1:
        raise EarthEngineError(f"{method} only operates on collections of images of one band.")
    return images[0].names[0]


@algorithm("TemporalSegmentation.LandTrendr")
def landtrendr(
    time_series: ImageCollection,
    max_segments: int,
    spike_threshold: float,
    vertex_count_overshoot: int,
    prevent_one_year_recovery: bool,
    recovery_threshold: float,
    pval_threshold: float,
    best_model_proportion: float,
    min_observations_needed: int,
) -> Image:
    """Straight segments through a yearly series of the first band, and the other bands fitted to their vertices.

    Bands: `LandTrendr` (4 rows: years, values, fitted values, 1 at vertices; a column for each year that is not
    masked), `rmse` of the fitted values against the given ones, and `BAND_fit` for every further band (one value an
    image). A pixel with too few years is masked.

    Raises:
        EarthEngineError: No images, one without a time, two of one year, or no segments wanted.
    """
    images, times = chronological(time_series)
    years, names = _yearly(times), images[0].names
    if max_segments < 1:
        raise EarthEngineError(f"Invalid maxSegments: {max_segments}. Must be at least 1.")

    def solve(stack: Stack) -> list[Answer]:
        from ee_emulator.series.landtrendr import segment

        source, valid = stack.values[0], stack.valid[0]
        fitted, vertex, done = segment(
            years,
            source,
            valid,
            min(max_segments, len(years)),
            spike_threshold,
            max(min(vertex_count_overshoot, len(years)), 0),
            prevent_one_year_recovery,
            recovery_threshold,
            pval_threshold,
            best_model_proportion,
            min_observations_needed,
        )
        rows = np.stack([np.broadcast_to(years[:, None], source.shape), source, fitted, vertex])
        tables = [rows[:, valid[:, p], p] if done[p] else None for p in range(len(done))]
        squares = np.where(valid, (source - fitted) ** 2, 0.0).sum(axis=0)
        marks = [years[vertex[:, p]] if done[p] else None for p in range(len(done))]
        further = [
            _fitted(years, stack, b, marks, spike_threshold, min_observations_needed) for b in range(1, len(names))
        ]
        return [arrays(tables), (np.sqrt(squares / np.maximum(valid.sum(axis=0), 1)), done), *further]

    types = {"LandTrendr": MATRIX, "rmse": DOUBLE} | {f"{name}_fit": VECTOR for name in names[1:]}
    return series_image(layers_of(images, names), solve, types)


def _fitted(
    years: NDArray[np.float64],
    stack: Stack,
    band: int,
    marks: list[NDArray[np.float64] | None],
    spike_threshold: float,
    least: int,
) -> Answer:
    """A band as segments between the vertex years of each pixel; masked where there are none."""
    from ee_emulator.series.landtrendr_fit import fit_to_vertices

    return arrays(
        [
            None
            if vertices is None or vertices.size == 0
            else fit_to_vertices(
                years, stack.values[band, :, p], stack.valid[band, :, p], vertices, spike_threshold, least
            )
            for p, vertices in enumerate(marks)
        ]
    )


@algorithm("TemporalSegmentation.LandTrendrFit")
def landtrendr_fit(
    time_series: ImageCollection, vertices: Image, spike_threshold: float, min_observations_needed: int
) -> Image:
    """Each band of a yearly series as segments between given vertex years: `BAND_fit`, one value an image.

    Raises:
        EarthEngineError: The vertices are not one band of vectors, or as for LandTrendr.
    """
    images, times = chronological(time_series)
    years, names = _yearly(times), images[0].names
    marks = list(vertices.bands.values())
    if len(marks) != 1 or marks[0].type.dimensions != 1:
        raise EarthEngineError("The vertices image must have a single band of 1-dimensional arrays.")

    def solve(stack: Stack) -> list[Answer]:
        given, known = stack.beside[0]
        found = [np.asarray(v, np.float64) if ok else None for v, ok in zip(given, known, strict=True)]
        return [_fitted(years, stack, b, found, spike_threshold, min_observations_needed) for b in range(len(names))]

    return series_image(layers_of(images, names), solve, {f"{name}_fit": VECTOR for name in names}, marks)


@algorithm("TemporalSegmentation.Verdet")
def verdet(time_series: ImageCollection, tolerance: float, alpha: float, n_runs: int) -> Image:
    """Slopes of the straight pieces of a yearly series: band `score`, one value an image, 0 for the first.

    A pixel that is masked in any year is masked.

    Raises:
        EarthEngineError: Images of several bands, or fewer than 3.
    """
    images, _ = chronological(time_series)
    name = _single_band(images, "VeRDET")
    if len(images) < 3:
        raise EarthEngineError(f"VeRDET needs at least 3 images, got {len(images)}.")
    if not 1 <= n_runs <= _MOST_RUNS or not alpha > 0:
        raise EarthEngineError(f"'nRuns' must be between 1 and {_MOST_RUNS}, 'alpha' above 0.")

    def solve(stack: Stack) -> list[Answer]:
        from ee_emulator.series.verdet import scores

        known = stack.valid[0].all(axis=0)
        found = scores(stack.values[0][:, known], alpha, tolerance, n_runs)
        answers = iter(found.T)
        return [arrays([next(answers) if ok else None for ok in known])]

    return series_image(layers_of(images, [name]), solve, {"score": VECTOR})


@algorithm("TemporalSegmentation.Ewmacd")
def ewmacd(
    time_series: ImageCollection,
    vegetation_threshold: float,
    training_start_year: int,
    training_end_year: int,
    harmonic_count: int,
    x_bar_limit1: float,
    x_bar_limit2: int,
    lambda_: float,
    lambdasigs: float,
    rounding: bool,
    persistence: int,
) -> Image:
    """Control charts of the residuals from a harmonic model of the training years.

    Bands: `ewma` and `residuals` (one value an image that is not masked), `harmonicCoefficients`, `rmse`, `rSquared`.
    A pixel with too few training observations is masked. Root mean square and share of variance are those of the
    observations that the model was fitted to (ours: the description does not say).

    Raises:
        EarthEngineError: Images of several bands.
    """
    from ee_emulator.series.ewmacd import Chart, Monitored, monitor

    images, times = chronological(time_series)
    name = _single_band(images, "EWMACD")
    years, days = calendar_years(times), days_of_year(times)
    if not 0 <= 2 * harmonic_count < len(images) or not 0 < lambda_ <= 1:
        raise EarthEngineError("'harmonicCount' must suit the number of images, 'lambda' be above 0 and at most 1.")
    training = (years >= training_start_year) & (years < training_end_year)
    chart = Chart(
        vegetation_threshold,
        harmonic_count,
        x_bar_limit1,
        float(x_bar_limit2),
        lambda_,
        lambdasigs,
        rounding,
        persistence,
    )

    def solve(stack: Stack) -> list[Answer]:
        found: list[Monitored | None] = []
        for p in range(stack.valid.shape[2]):
            ok = stack.valid[0, :, p]
            found.append(monitor(days[ok], stack.values[0, ok, p], training[ok], chart))
        known = np.array([one is not None for one in found], np.bool_)
        return [
            arrays([one.scores if one else None for one in found]),
            arrays([one.coefficients if one else None for one in found]),
            (np.array([one.rmse if one else 0.0 for one in found]), known),
            (np.array([one.r_squared if one else 0.0 for one in found]), known),
            arrays([one.residuals if one else None for one in found]),
        ]

    types = {"ewma": VECTOR, "harmonicCoefficients": VECTOR, "rmse": DOUBLE, "rSquared": DOUBLE, "residuals": VECTOR}
    return series_image(layers_of(images, [name]), solve, types)


@algorithm("TemporalSegmentation.VCT")
def vct(
    time_series: ImageCollection,
    land_cover: ImageCollection,
    max_ud: float,
    min_ndvi: float,
    for_thr_max: float,
    n_years: int,
) -> Image:
    """The history of forest in a yearly series of z-scores: band `VCT` of 6 rows, a column a year.

    Rows: years, land cover (1 never forest, 2 always, 4 water; 5 to 7 forest, disturbed, in transition), and the
    magnitudes of disturbance in the composite, B4, NDVI and dNBR. A masked year counts as cloud, and the name of the
    band is ours.

    Raises:
        EarthEngineError: The collections are not of one length, too long, or bands are missing.
    """
    from ee_emulator.series.vct import BANDS, CLOUD, Limits, track

    images, times = chronological(time_series)
    covers, _ = chronological(land_cover)
    if len(images) != len(covers):
        raise EarthEngineError(f"'landCover' has {len(covers)} images, 'timeSeries' {len(images)}; they must match.")
    if len(images) > n_years:
        raise EarthEngineError(f"The time series has {len(images)} years; nYears allows {n_years}.")
    years, limits = _yearly(times), Limits(max_ud, min_ndvi, for_thr_max)
    layers = layers_of(images, BANDS)
    for layer, cover in zip(layers, covers, strict=True):
        layer.append(next(iter(cover.bands.values())))

    def history(values: NDArray[Any], valid: NDArray[np.bool_]) -> NDArray[np.float64] | None:
        if not valid.any():
            return None
        cover = np.where(valid, values[-1], CLOUD).astype(np.int64)
        return np.vstack([years, track(values[:-1], cover, limits)])

    def solve(stack: Stack) -> list[Answer]:
        found = [history(stack.values[:, :, p], stack.complete[:, p]) for p in range(stack.valid.shape[2])]
        return [arrays(found)]

    return series_image(layers, solve, {"VCT": MATRIX})
