"""Worked values of the reducers of numbers, and of what combines reducers."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
from scipy import stats

from tests.ee_emulator.worked import Worked

_SAMPLE = "earth engine: google/earthengine-community, samples/"
_GUIDE = "documentation: developers.google.com/earth-engine/guides/reducers_"
_HAND = "reference: by hand"

VALUES = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0]
PAIRS = [[1, 2], [2, 3], [3, 5], [4, 4], [5, 8]]
GROUPS = [["a", 1], ["b", 10], ["a", 3], ["b", 30]]


def reduced(name: str, values: list[Any] = VALUES, **arguments: Any) -> Any:
    """A call that folds a list with one of the client's reducers."""
    return lambda ee: ee.List(values).reduce(getattr(ee.Reducer, name)(**arguments))


def columns(ee: ModuleType, rows: list[list[Any]], reducer: Any, weights: bool = False) -> Any:
    """The columns `p0`, `p1`, … of a table folded; the last one may be the weight."""
    features = [ee.Feature(None, {f"p{k}": value for k, value in enumerate(row)}) for row in rows]
    names = [f"p{k}" for k in range(len(rows[0]))]
    table = ee.FeatureCollection(features)
    return table.reduceColumns(reducer, names[:-1], names[-1:]) if weights else table.reduceColumns(reducer, names)


def at_a_pixel(ee: ModuleType, reducer: Any) -> Any:
    """Two bands of 2 and 3 at one place."""
    image = ee.Image.constant([2, 3]).rename(["a", "b"])
    return image.reduceRegion(reducer, ee.Geometry.Point([114.3, 30.6]), 30)


WORKED = [
    Worked("Reducer.count", reduced("count", [0]), 1, _SAMPLE + "python/apidocs/ee_reducer_count.py"),
    Worked("Reducer.count", reduced("count", [0, None, 1]), 2, _HAND + ": nulls do not count"),
    Worked(
        "Reducer.minMax",
        reduced("minMax", [1, 2, 3, 4]),
        {"max": 4, "min": 1},
        _SAMPLE + "javascript/apidocs/ee-reducer-minmax.js",
    ),
    Worked(
        "Reducer.linearFit",
        reduced("linearFit", [[1, 1], [2, 2], [3, 3], [4, 4], [5, 5]]),
        {"offset": 0, "scale": 1},
        "earth engine: developers.google.com/earth-engine/guides/reducers_regression, first list of the page",
    ),
    Worked(
        "Reducer.sum",
        lambda ee: ee.Array([2, -2, 3, 1]).accum(0, ee.Reducer.sum()),
        [2, 0, 3, 4],
        _SAMPLE + "python/apidocs/ee_array_accum.py",
    ),
    Worked(
        "Reducer.product",
        lambda ee: ee.Array([2, -2, 3]).accum(0, ee.Reducer.product()),
        [2, -4, -12],
        _SAMPLE + "python/apidocs/ee_array_accum.py",
    ),
    Worked(
        "Reducer.mean",
        lambda ee: ee.Array([2, -2, 3, 1]).accum(0, ee.Reducer.mean()),
        [2, 0, 1, 1],
        _SAMPLE + "python/apidocs/ee_array_accum.py",
    ),
    Worked(
        "Reducer.min",
        lambda ee: ee.Array([2, -2, 3, 1]).accum(0, ee.Reducer.min()),
        [2, -2, -2, -2],
        _SAMPLE + "python/apidocs/ee_array_accum.py",
    ),
    Worked(
        "Reducer.max",
        lambda ee: ee.Array([2, -2, 3, 1]).accum(0, ee.Reducer.max()),
        [2, 2, 3, 3],
        _SAMPLE + "python/apidocs/ee_array_accum.py",
    ),
    Worked(
        "Reducer.max",
        reduced("max", [[1, 7], [5, 8], [3, 9]], numInputs=2),
        {"max": 5, "max1": 8},
        "documentation: the maximum of the first input, and the other inputs where it is",
    ),
    Worked(
        "Reducer.min",
        reduced("min", [[4, 7], [2, 8], [3, 9]], numInputs=2),
        {"min": 2, "min1": 8},
        "documentation: the minimum of the first input, and the other inputs where it is",
    ),
    Worked("Reducer.variance", reduced("variance"), float(np.var(VALUES)), "reference: numpy.var"),
    Worked("Reducer.stdDev", reduced("stdDev"), float(np.std(VALUES)), "reference: numpy.std"),
    Worked(
        "Reducer.sampleVariance",
        reduced("sampleVariance"),
        float(np.var(VALUES, ddof=1)),
        "reference: numpy.var, ddof=1",
    ),
    Worked(
        "Reducer.sampleStdDev", reduced("sampleStdDev"), float(np.std(VALUES, ddof=1)), "reference: numpy.std, ddof=1"
    ),
    Worked("Reducer.skew", reduced("skew"), float(stats.skew(VALUES)), "reference: scipy.stats.skew"),
    Worked("Reducer.kurtosis", reduced("kurtosis"), float(stats.kurtosis(VALUES)), "reference: scipy.stats.kurtosis"),
    Worked("Reducer.median", reduced("median", [5, 1, 3]), 3, _HAND),
    Worked("Reducer.median", reduced("median", [1, 2, 3, 10]), 2.5, _HAND + ": the mean of the middle two"),
    Worked("Reducer.mode", reduced("mode", [4, 7, 7, 9, 4, 7]), 7, _HAND),
    Worked(
        "Reducer.percentile",
        reduced("percentile", [1, 2, 3, 4, 5], percentiles=[0, 50, 100]),
        {"p0": 1, "p50": 3, "p100": 5},
        "documentation: 0, 50 and 100 are named p0, p50 and p100 and are least, median and greatest value",
    ),
    Worked(
        "Reducer.intervalMean",
        reduced("intervalMean", minPercentile=0, maxPercentile=100),
        float(np.mean(VALUES)),
        _HAND + ": all values",
    ),
    Worked(
        "Reducer.intervalMean",
        reduced("intervalMean", [1, 2, 3, 4, 100], minPercentile=0, maxPercentile=80),
        2.5,
        _HAND + ": the mean without the largest of five values",
    ),
    Worked("Reducer.first", reduced("first", [None, 7, 8]), None, "documentation: the first input, null or not"),
    Worked(
        "Reducer.firstNonNull", reduced("firstNonNull", [None, 7, 8]), 7, "documentation: the first that is not null"
    ),
    Worked("Reducer.last", reduced("last", [7, 8, None]), None, "documentation: the last input, null or not"),
    Worked("Reducer.lastNonNull", reduced("lastNonNull", [7, 8, None]), 8, "documentation: the last that is not null"),
    Worked("Reducer.allNonZero", reduced("allNonZero", [1, 0, 2]), 0, _HAND),
    Worked("Reducer.anyNonZero", reduced("anyNonZero", [0, 0, 2]), 1, _HAND),
    Worked("Reducer.bitwiseAnd", reduced("bitwiseAnd", [0b1110, 0b0111, 0b1111]), 0b0110, _HAND),
    Worked("Reducer.bitwiseOr", reduced("bitwiseOr", [0b1000, 0b0001, 0b0001]), 0b1001, _HAND),
    Worked("Reducer.countRuns", reduced("countRuns", [1, 1, 2, 2, 2, 1]), 3, _HAND + ": three runs of equal values"),
    Worked("Reducer.frequencyHistogram", reduced("frequencyHistogram", [1, 2, 1, 1]), {"1": 3, "2": 1}, _HAND),
    Worked(
        "Reducer.histogram",
        reduced("histogram", [0, 1, 1, 3], maxBuckets=4, minBucketWidth=1),
        {"bucketMin": 0, "bucketWidth": 1, "histogram": [1, 2, 0, 1]},
        _HAND + ": buckets of one",
    ),
    Worked(
        "Reducer.pearsonsCorrelation",
        reduced("pearsonsCorrelation", PAIRS),
        {"correlation": float(stats.pearsonr(*np.transpose(PAIRS))[0])},
        "reference: scipy.stats.pearsonr",
    ),
    Worked(
        "Reducer.combine",
        lambda ee: ee.List(VALUES).reduce(ee.Reducer.mean().combine(ee.Reducer.max(), "of_", True)),
        {"mean": float(np.mean(VALUES)), "of_max": 9},
        "documentation: shared inputs, and a prefix for the second one's outputs",
    ),
    Worked(
        "Reducer.combine",
        lambda ee: columns(ee, PAIRS, ee.Reducer.sum().combine(ee.Reducer.max())),
        {"sum": 15, "max": 8},
        "documentation: without shared inputs the second one takes the next",
    ),
    Worked(
        "Reducer.repeat",
        lambda ee: columns(ee, PAIRS, ee.Reducer.sum().repeat(2)),
        {"sum": [15, 22]},
        "documentation: the reducer on each input, outputs as lists",
    ),
    Worked(
        "Reducer.forEach",
        lambda ee: columns(ee, PAIRS, ee.Reducer.sum().forEach(["x", "y"])),
        {"x": 15, "y": 22},
        "documentation: an output for each name",
    ),
    Worked(
        "Reducer.forEachBand",
        lambda ee: at_a_pixel(ee, ee.Reducer.sum().forEachBand(ee.Image.constant([0, 0]).rename(["u", "v"]))),
        {"u": 2, "v": 3},
        "documentation: outputs are named as the bands of the image",
    ),
    Worked(
        "Reducer.group",
        lambda ee: columns(ee, [[v, k] for k, v in GROUPS], ee.Reducer.sum().group(1, "key")),
        {"groups": [{"key": "a", "sum": 4}, {"key": "b", "sum": 40}]},
        _GUIDE + "grouping: a dictionary a group, with the group's value under the name given",
    ),
    Worked(
        "Reducer.splitWeights",
        lambda ee: columns(ee, [[1, 3], [5, 1]], ee.Reducer.mean().splitWeights()),
        {"mean": 2},
        _GUIDE + "weighting: the second input is the weight of the first: (1·3 + 5·1) / 4",
    ),
    Worked(
        "Reducer.unweighted",
        lambda ee: columns(ee, [[1, 0.75], [5, 0.25]], ee.Reducer.mean().unweighted(), weights=True),
        {"mean": 3},
        _GUIDE + "weighting: every input counts fully",
    ),
    Worked(
        "Reducer.setOutputs",
        lambda ee: columns(ee, [[1], [5]], ee.Reducer.mean().setOutputs(["middle"])),
        {"middle": 3},
        "documentation: the same reducer with other names",
    ),
    Worked(
        "Reducer.getOutputs",
        lambda ee: ee.Reducer.minMax().getOutputs(),
        ["min", "max"],
        "documentation: names of the outputs",
    ),
]
