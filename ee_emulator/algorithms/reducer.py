"""Reducer: the registered names over the folds of `raster.kernels`."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ee_emulator.algorithms.coercions import refusal
from ee_emulator.errors import EarthEngineError
from ee_emulator.limits import elements
from ee_emulator.raster import folds, list_folds
from ee_emulator.raster import reducer as combining
from ee_emulator.raster.pixel_type import BOOLEAN, PixelType, integer_type
from ee_emulator.raster.reducer import Fold, Reducer, count_type, reduce_columns, same_type
from ee_emulator.raster.values import Image
from ee_emulator.registry import Context, algorithm, coercion
from ee_emulator.values import Collection


@coercion("Reducer")
def to_reducer(value: Any, _: Context) -> Reducer:
    """Reducers."""
    if isinstance(value, Reducer):
        return value
    raise refusal(value, "Reducer")


def _sum_type(inputs: Any) -> list[PixelType]:
    kind = inputs[0]
    return [integer_type(-(2**53), 2**53) if kind.is_integer else PixelType("double")]


def _boolean_type(_: Any) -> list[PixelType]:
    return [BOOLEAN]


# `first` and `last` take any pixel that the region touches, as Earth Engine's answers show: they are not unweighted.
_PLAIN: tuple[Reducer, ...] = (
    Reducer("Reducer.count", ("count",), folds.count, weighted=False, types=count_type, empty=True),
    Reducer("Reducer.sum", ("sum",), folds.total, types=_sum_type, empty=True),
    Reducer("Reducer.mean", ("mean",), folds.mean),
    Reducer("Reducer.product", ("product",), folds.product, weighted=False, empty=True),
    Reducer("Reducer.variance", ("variance",), folds.variance),
    Reducer("Reducer.stdDev", ("stdDev",), folds.standard_deviation),
    Reducer("Reducer.sampleVariance", ("variance",), folds.sample_variance),
    Reducer("Reducer.sampleStdDev", ("stdDev",), folds.sample_deviation),
    Reducer("Reducer.skew", ("skew",), folds.skew),
    Reducer("Reducer.kurtosis", ("kurtosis",), folds.kurtosis),
    Reducer("Reducer.first", ("first",), folds.pick(False, True), types=same_type),
    Reducer("Reducer.firstNonNull", ("first",), folds.pick(False, False), types=same_type),
    Reducer("Reducer.last", ("last",), folds.pick(True, True), types=same_type),
    Reducer("Reducer.lastNonNull", ("last",), folds.pick(True, False), types=same_type),
    Reducer("Reducer.allNonZero", ("all",), folds.logical(True), weighted=False, types=_boolean_type),
    Reducer("Reducer.anyNonZero", ("any",), folds.logical(False), weighted=False, types=_boolean_type),
    Reducer("Reducer.bitwiseAnd", ("bitwise_and",), folds.bitwise(True), weighted=False, types=same_type),
    Reducer("Reducer.bitwiseOr", ("bitwise_or",), folds.bitwise(False), weighted=False, types=same_type),
    Reducer(
        "Reducer.minMax",
        ("min", "max"),
        folds.min_max,
        weighted=False,
        types=lambda inputs: [inputs[0], inputs[0]],
    ),
    Reducer("Reducer.frequencyHistogram", ("histogram",), list_folds.frequency_histogram, empty=True),
    Reducer(
        "Reducer.countDistinct", ("count",), list_folds.count_distinct, weighted=False, types=count_type, empty=True
    ),
    Reducer("Reducer.countRuns", ("count",), list_folds.count_runs, weighted=False, types=count_type, empty=True),
    Reducer("Reducer.linearFit", ("scale", "offset"), folds.linear_fit, inputs=2),
    Reducer("Reducer.pearsonsCorrelation", ("correlation", "p-value"), folds.pearsons_correlation, inputs=2),
)


def _register_plain() -> None:
    for made in _PLAIN:
        algorithm(made.name)(_constant(made))


def _constant(made: Reducer) -> Callable[[], Reducer]:
    return lambda: made


_register_plain()


def _extreme(name: str, largest: bool, inputs: int) -> Reducer:
    outputs = (name, *(f"{name}{k}" for k in range(1, inputs)))
    fold = folds.extreme(largest, inputs)
    return Reducer(f"Reducer.{name}", outputs, fold, inputs, weighted=False, types=list)


@algorithm("Reducer.max")
def max_(num_inputs: int) -> Reducer:
    """The greatest of the first input, with the other inputs where it is."""
    return _extreme("max", True, num_inputs)


@algorithm("Reducer.min")
def min_(num_inputs: int) -> Reducer:
    """The least of the first input, with the other inputs where it is."""
    return _extreme("min", False, num_inputs)


@algorithm("Reducer.median")
def median(max_buckets: int | None, min_bucket_width: float | None, max_raw: int | None) -> Reducer:
    """The middle value; of all observations (Earth Engine's buckets only approximate many of them)."""
    return Reducer("Reducer.median", ("median",), folds.quantiles([0.5]))


@algorithm("Reducer.mode")
def mode(max_buckets: int | None, min_bucket_width: float | None, max_raw: int | None) -> Reducer:
    """The most frequent value."""
    return Reducer("Reducer.mode", ("mode",), folds.mode, types=same_type)


@algorithm("Reducer.percentile")
def percentile(
    percentiles: list[float],
    output_names: list[str] | None,
    max_buckets: int | None,
    min_bucket_width: float | None,
    max_raw: int | None,
) -> Reducer:
    """Percentiles, `p25` and so on."""
    if not all(0 <= p <= 100 for p in percentiles):
        raise EarthEngineError(f"Percentiles lie between 0 and 100, got {percentiles}.")
    names = output_names or [f"p{p:g}" for p in percentiles]
    if len(names) != len(percentiles):
        raise EarthEngineError(f"There are {len(names)} names for {len(percentiles)} percentiles.")
    return Reducer("Reducer.percentile", tuple(names), folds.quantiles([p / 100 for p in percentiles]))


@algorithm("Reducer.intervalMean")
def interval_mean(
    min_percentile: float,
    max_percentile: float,
    max_buckets: int | None,
    min_bucket_width: float | None,
    max_raw: int | None,
) -> Reducer:
    """Mean of what lies between two percentiles."""
    if not 0 <= min_percentile <= max_percentile <= 100:
        raise EarthEngineError(f"Need 0 ≤ min ≤ max ≤ 100, got {min_percentile} and {max_percentile}.")
    fold = folds.interval_mean(min_percentile / 100, max_percentile / 100)
    return Reducer("Reducer.intervalMean", ("mean",), fold)


def _histogram(fold: Fold) -> Reducer:
    return Reducer("Reducer.histogram", ("histogram",), fold)


@algorithm("Reducer.histogram")
def histogram(max_buckets: int | None, min_bucket_width: float | None, max_raw: int | None) -> Reducer:
    """A histogram with buckets that fit the data."""
    if (max_buckets or 0) < 0 or not 0 <= (min_bucket_width or 0.0) < math.inf:
        raise EarthEngineError(f"Buckets cannot be {max_buckets}, of a width of {min_bucket_width}.")
    return _histogram(list_folds.histogram(max_buckets or 256, min_bucket_width or 0.0))


@algorithm("Reducer.fixedHistogram")
def fixed_histogram(min: float, max: float, steps: int, cumulative: bool) -> Reducer:
    """A histogram with given buckets."""
    if steps < 1 or not 0 < max - min < math.inf:
        raise EarthEngineError(f"A histogram needs steps between two ends, got {steps} between {min} and {max}.")
    elements(steps)
    return _histogram(list_folds.fixed_histogram(min, max, steps, cumulative))


@algorithm("Reducer.toList")
def to_list(tuple_size: int | None, num_optional: int) -> Reducer:
    """All observations."""
    inputs = tuple_size or 1
    return Reducer("Reducer.toList", ("list",), list_folds.to_list(tuple_size), inputs, weighted=False, empty=True)


def _regression(name: str, num_x: int, num_y: int, ridge: float | None) -> Reducer:
    if num_x < 1 or num_y < 1:
        raise EarthEngineError(f"A regression needs variables, got numX {num_x} and numY {num_y}.")
    fold = list_folds.linear_regression(num_x, num_y, ridge)
    return Reducer(name, ("coefficients", "residuals"), fold, num_x + num_y)


@algorithm("Reducer.linearRegression")
def linear_regression(num_x: int, num_y: int) -> Reducer:
    """Least squares of the last inputs on the first."""
    return _regression("Reducer.linearRegression", num_x, num_y, None)


@algorithm("Reducer.ridgeRegression")
def ridge_regression(num_x: int, num_y: int, lambda_: float) -> Reducer:
    """Least squares with a penalty on the coefficients."""
    return _regression("Reducer.ridgeRegression", num_x, num_y, lambda_)


# Combinations ------------------------------------------------------------------------------------------------------


@algorithm("Reducer.combine")
def combine(reducer1: Reducer, reducer2: Reducer, output_prefix: str, shared_inputs: bool) -> Reducer:
    """Two reducers side by side."""
    return combining.combine(reducer1, reducer2, output_prefix, shared_inputs)


@algorithm("Reducer.repeat")
def repeat(reducer: Reducer, count: int) -> Reducer:
    """The reducer on so many sets of inputs; outputs are lists."""
    return combining.repeat(reducer, count)


@algorithm("Reducer.forEach")
def for_each(reducer: Reducer, output_names: list[str]) -> Reducer:
    """The reducer once a name."""
    return combining.for_each(reducer, output_names)


@algorithm("Reducer.forEachBand")
def for_each_band(reducer: Reducer, image: Image) -> Reducer:
    """The reducer once a band of an image."""
    return combining.for_each(reducer, image.names)


@algorithm("Reducer.group")
def group(reducer: Reducer, group_field: int, group_name: str) -> Reducer:
    """The reducer once a group, by the values of one input."""
    return combining.group(reducer, group_field, group_name)


@algorithm("Reducer.unweighted")
def unweighted(reducer: Reducer) -> Reducer:
    """Without weights."""
    return combining.unweighted(reducer)


@algorithm("Reducer.splitWeights")
def split_weights(reducer: Reducer) -> Reducer:
    """With weights as an input of their own."""
    return combining.split_weights(reducer)


@algorithm("Reducer.setOutputs")
def set_outputs(reducer: Reducer, outputs: list[str]) -> Reducer:
    """Under other output names."""
    return combining.set_outputs(reducer, outputs)


@algorithm("Reducer.getOutputs")
def get_outputs(reducer: Reducer) -> list[str]:
    """Names of the outputs."""
    return list(reducer.outputs)


# Applications to plain values -------------------------------------------------------------------------------------


@algorithm("List.reduce")
def reduce_list(list: list[Any], reducer: Reducer) -> Any:
    """A list folded: the single output, or a dictionary of several."""
    columns = _columns(list, reducer.inputs) if reducer.inputs > 1 else [list]
    outputs = reduce_columns(reducer, columns)
    return outputs[reducer.outputs[0]] if len(outputs) == 1 else outputs


def _columns(rows: list[Any], count: int) -> list[list[Any]]:
    for row in rows:
        if not isinstance(row, list) or len(row) < count:
            raise EarthEngineError(f"A reducer of {count} inputs needs lists of as many values, got {row}.")
    return [[row[k] for row in rows] for k in range(count)]


@algorithm("Collection.reduceColumns")
def reduce_collection_columns(
    collection: Collection, reducer: Reducer, selectors: list[str], weight_selectors: list[str] | None
) -> dict[str, Any]:
    """Properties folded; rows in which one is missing are left out."""
    from ee_emulator.algorithms.element import property_of

    elements = [*collection.elements()]
    rows = [[property_of(e, name) for name in selectors] for e in elements]
    weights: list[float] | None = None
    if weight_selectors:
        weights = [float(property_of(e, weight_selectors[0]) or 0.0) for e in elements]
    kept = [i for i, row in enumerate(rows) if all(value is not None for value in row)]
    columns = [[rows[i][k] for i in kept] for k in range(len(selectors))]
    shares = None if weights is None else np.asarray([weights[i] for i in kept]).tolist()
    return reduce_columns(reducer, columns, shares)
