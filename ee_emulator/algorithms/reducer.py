"""Reducer: the registered names over the folds of `raster`."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ee_emulator import limits
from ee_emulator.algorithms.coercions import refusal
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster import reducer as combining
from ee_emulator.raster.folds import arrays as array_folds
from ee_emulator.raster.folds import lists as list_folds
from ee_emulator.raster.folds import numbers as folds
from ee_emulator.raster.folds import ranks as rank_folds
from ee_emulator.raster.folds import vectors as vector_folds
from ee_emulator.raster.pixel_type import BOOLEAN, PixelType, integer_type, union
from ee_emulator.raster.reducer import Reducer, count_type, reduce_columns, same_type
from ee_emulator.raster.values import Image
from ee_emulator.registry import Context, algorithm, coerce, coercion
from ee_emulator.values import Collection

BUCKETS = 256
"""Buckets of a histogram unless told otherwise."""


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


def _array_type(dimensions: int) -> Callable[[Any], list[PixelType]]:
    return lambda _: [PixelType("double", dimensions=dimensions)]


_matrix_type = _array_type(2)

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
    Reducer("Reducer.countDistinct", ("count",), list_folds.count_distinct(True), types=count_type, empty=True),
    Reducer(
        "Reducer.countDistinctNonNull",
        ("count",),
        list_folds.count_distinct(False),
        weighted=False,
        types=count_type,
        empty=True,
    ),
    Reducer("Reducer.countEvery", ("count",), list_folds.count_every, types=count_type, empty=True),
    Reducer("Reducer.circularMean", ("circularMean",), vector_folds.circular_mean),
    Reducer("Reducer.circularVariance", ("circularVariance",), vector_folds.circular_variance),
    Reducer("Reducer.circularStddev", ("circularStdDev",), vector_folds.circular_deviation),
    Reducer("Reducer.covariance", ("covariance",), array_folds.covariance(True), types=_matrix_type),
    Reducer("Reducer.centeredCovariance", ("covariance",), array_folds.covariance(False), types=_matrix_type),
    Reducer("Reducer.spearmansCorrelation", ("correlation", "p-value"), rank_folds.spearmans_correlation, inputs=2),
    Reducer("Reducer.sensSlope", ("slope", "offset"), rank_folds.sens_slope, inputs=2),
    Reducer("Reducer.countRuns", ("count",), list_folds.count_runs, weighted=False, types=count_type, empty=True),
    Reducer("Reducer.linearFit", ("scale", "offset"), folds.linear_fit, inputs=2),
    Reducer("Reducer.pearsonsCorrelation", ("correlation", "p-value"), folds.pearsons_correlation, inputs=2),
)


_OLD_NAMES = {"Reducer.allNonZero": "Reducer.and", "Reducer.anyNonZero": "Reducer.or"}


def _register_plain() -> None:
    for made in _PLAIN:
        names = [made.name, _OLD_NAMES[made.name]] if made.name in _OLD_NAMES else [made.name]
        algorithm(*names)(_constant(made))


def _constant(made: Reducer) -> Callable[[], Reducer]:
    return lambda: made


_register_plain()


def _extreme(name: str, largest: bool, inputs: int) -> Reducer:
    outputs = (name, *(f"{name}{k}" for k in range(1, limits.inputs(inputs))))
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


@algorithm("Reducer.histogram")
def histogram(max_buckets: int | None, min_bucket_width: float | None, max_raw: int | None) -> Reducer:
    """A histogram with buckets that fit the data, as a dictionary."""
    fold = list_folds.histogram(max_buckets or BUCKETS, min_bucket_width or 0.0)
    return Reducer("Reducer.histogram", ("histogram",), fold)


@algorithm("Reducer.autoHistogram")
def auto_histogram(
    max_buckets: int | None, min_bucket_width: float | None, max_raw: int | None, cumulative: bool
) -> Reducer:
    """A histogram with buckets that fit the data, as rows of lower end and weight."""
    fold = list_folds.auto_histogram(max_buckets or BUCKETS, min_bucket_width or 0.0, cumulative)
    return Reducer("Reducer.autoHistogram", ("histogram",), fold, types=_matrix_type)


@algorithm("Reducer.fixedHistogram")
def fixed_histogram(min: float, max: float, steps: int, cumulative: bool) -> Reducer:
    """A histogram with given buckets, as rows of lower end and weight."""
    fold = list_folds.fixed_histogram(*_range(min, max, steps), cumulative)
    return Reducer("Reducer.fixedHistogram", ("histogram",), fold, types=_matrix_type)


def _range(low: float, high: float, steps: int) -> tuple[float, float, int]:
    if steps < 1 or not low < high:
        raise EarthEngineError(f"A histogram needs at least one step and min < max, got {steps}, {low} and {high}.")
    return low, high, limits.elements(steps)


@algorithm("Reducer.fixed2DHistogram")
def fixed_2d_histogram(x_min: float, x_max: float, x_steps: int, y_min: float, y_max: float, y_steps: int) -> Reducer:
    """Counts in the cells of a grid over two inputs, and the lower ends of the cells."""
    fold = list_folds.fixed_2d_histogram(_range(x_min, x_max, x_steps), _range(y_min, y_max, y_steps))
    limits.elements(x_steps * y_steps)
    counts = PixelType("int", 0, 2**31 - 1, 2)
    edges = PixelType("double", dimensions=1)
    return Reducer(
        "Reducer.fixed2DHistogram",
        ("histogram", "xAxis", "yAxis"),
        fold,
        inputs=2,
        weighted=False,
        types=lambda _: [counts, edges, edges],
    )


@algorithm("Reducer.toList")
def to_list(tuple_size: int | None, num_optional: int) -> Reducer:
    """All observations; those are left out that lack an input which is not optional."""
    inputs = tuple_size or 1
    fold = list_folds.to_list(tuple_size, min(num_optional, inputs))
    added = 1 if tuple_size is None else 2

    def types(kinds: Any) -> list[PixelType]:
        kind = union(list(kinds))
        return [replace(kind, dimensions=kind.dimensions + added)]

    return Reducer("Reducer.toList", ("list",), fold, inputs, weighted=False, types=types, empty=True)


@algorithm("Reducer.toCollection")
def to_collection(property_names: list[str], num_optional: int) -> Reducer:
    """All observations as features; those are left out that lack an input which is not optional."""
    fold = list_folds.to_collection(property_names, min(num_optional, len(property_names)))
    count = limits.inputs(len(property_names))
    return Reducer("Reducer.toCollection", ("features",), fold, count, weighted=False, empty=True)


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


@algorithm("Reducer.forEachElement")
def for_each_element(reducer: Reducer) -> Reducer:
    """The reducer once a position of arrays."""
    return array_folds.for_each_element(reducer)


@algorithm("Reducer.disaggregate")
def disaggregate(reducer: Reducer, axis: int | None) -> Reducer:
    """The reducer over the items of arrays, lists and dictionaries."""
    return array_folds.disaggregate(reducer, axis)


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
    collection: Collection,
    reducer: Reducer,
    selectors: list[str],
    weight_selectors: list[str] | None,
    *,
    context: Context,
) -> dict[str, Any]:
    """Properties folded; a property that is missing is null."""
    from ee_emulator.algorithms.element import property_of

    found = [*collection.elements()]
    columns = [[property_of(e, name) for e in found] for name in selectors]
    weights: list[float] | None = None
    if weight_selectors:
        given = [property_of(e, weight_selectors[0]) for e in found]
        weights = [0.0 if value is None else coerce(value, "Float", context) for value in given]
    return reduce_columns(reducer, columns, weights)
