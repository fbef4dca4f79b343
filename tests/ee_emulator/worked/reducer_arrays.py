"""Worked values of reducers: trends, ranks, directions, models, arrays and histograms."""

import math
from typing import Any

from tests.ee_emulator.worked import Worked

_PAGES = "documentation: developers.google.com/earth-engine/apidocs/ee-reducer-"
_GUIDE = "documentation: developers.google.com/earth-engine/guides/reducers_regression"
_HAND = "reference: by hand"

_LINE = [[1, 1, 1], [1, 2, 2], [1, 3, 3], [1, 4, 4], [1, 5, 5]]
_OUTLIER = [[1, x, 100 if x == 5 else x] for x in range(1, 10)]
_KITE = [[0, 0], [1, 0], [0, 1], [5, 5]]
_PAIRS = [[1, 1], [2, 3], [3, 2], [4, 5]]
_VECTORS = [[1, 2], [3, 5], [5, 5]]


def _arrays(ee: Any, rows: list[list[float]]) -> Any:
    return ee.List([ee.Array(row) for row in rows])


WORKED = [
    Worked("Reducer.and", lambda ee: ee.List([1, 2]).reduce(ee.apply("Reducer.and", {})), 1, _HAND),
    Worked("Reducer.or", lambda ee: ee.List([0, 0]).reduce(ee.apply("Reducer.or", {})), 0, _HAND),
    Worked("Reducer.countEvery", lambda ee: ee.List([1, None, 1]).reduce(ee.Reducer.countEvery()), 3, _HAND),
    Worked("Reducer.countDistinct", lambda ee: ee.List([1, None, 1]).reduce(ee.Reducer.countDistinct()), 2, _HAND),
    Worked(
        "Reducer.countDistinctNonNull",
        lambda ee: ee.List([1, None, 1]).reduce(ee.Reducer.countDistinctNonNull()),
        1,
        _PAGES + "countdistinctnonnull: nulls are ignored",
    ),
    Worked(
        "Reducer.circularMean",
        lambda ee: ee.List([0.1, 2 * math.pi - 0.3]).reduce(ee.Reducer.circularMean()),
        -0.1,
        "reference: the middle of 0.1 and -0.3 rad",
    ),
    Worked(
        "Reducer.circularVariance",
        lambda ee: ee.List([0, math.pi / 2]).reduce(ee.Reducer.circularVariance()),
        1 - math.sqrt(0.5),
        "reference: 1 - R, R = sqrt(1/2)",
    ),
    Worked(
        "Reducer.circularStddev",
        lambda ee: ee.List([0, math.pi / 2]).reduce(ee.Reducer.circularStddev()),
        math.sqrt(math.log(2)),
        _PAGES + "circularstddev: sqrt(-2 ln R), R = sqrt(1/2)",
    ),
    Worked(
        "Reducer.covariance",
        lambda ee: _arrays(ee, _VECTORS).reduce(ee.Reducer.covariance()),
        [[8 / 3, 2], [2, 2]],
        "reference: numpy.cov(…, bias=True)",
    ),
    Worked(
        "Reducer.centeredCovariance",
        lambda ee: _arrays(ee, [[1, 2], [-1, -2]]).reduce(ee.Reducer.centeredCovariance()),
        [[1, 2], [2, 4]],
        "reference: numpy.cov(…, bias=True) of vectors whose mean is zero",
    ),
    Worked(
        "Reducer.forEachElement",
        lambda ee: _arrays(ee, [[1, 2], [3, 5]]).reduce(ee.Reducer.sum().forEachElement()),
        [4, 7],
        _PAGES + "foreachelement",
    ),
    Worked(
        "Reducer.disaggregate",
        lambda ee: ee.List([[1, 2], 7, {"a": 3}]).reduce(ee.Reducer.sum().disaggregate()),
        13,
        _PAGES + "disaggregate: lists and dictionaries item by item, others as they are",
    ),
    Worked(
        "Reducer.linearRegression",
        lambda ee: ee.List(_LINE).reduce(ee.Reducer.linearRegression(2, 1)),
        {"coefficients": [[0], [1]], "residuals": [0]},
        _GUIDE,
    ),
    Worked(
        "Reducer.robustLinearRegression",
        lambda ee: ee.List([[1, x, 100 if x == 5 else x] for x in range(1, 10)]).reduce(
            ee.Reducer.robustLinearRegression(2, 1)
        ),
        {"coefficients": [[0], [1]], "residuals": [0]},
        "reference: the line y = x without its outlier",
    ),
    Worked(
        "Reducer.ridgeRegression",
        lambda ee: ee.List(_PAIRS).reduce(ee.Reducer.ridgeRegression(1, 1, 0)),
        {"coefficients": [[1.1], [0.0]], "residuals": [math.sqrt(0.675)], "pValue": [0.16847816]},
        "reference: scipy.stats.linregress, to which it comes without a penalty; the intercept last",
    ),
    Worked(
        "Reducer.kendallsCorrelation",
        lambda ee: ee.List([1, 3, 2, 5]).reduce(ee.Reducer.kendallsCorrelation(1)),
        {"tau": 2 / 3, "p-value": 0.1742313},
        "reference: scipy.stats.kendalltau(method='asymptotic') with 0, 1, 2, 3",
    ),
    Worked(
        "Reducer.spearmansCorrelation",
        lambda ee: ee.List(_PAIRS).reduce(ee.Reducer.spearmansCorrelation()),
        {"correlation": 0.8, "p-value": 0.2},
        "reference: scipy.stats.spearmanr",
    ),
    Worked(
        "Reducer.sensSlope",
        lambda ee: ee.List(_PAIRS).reduce(ee.Reducer.sensSlope()),
        {"slope": 7 / 6, "offset": 1 / 12},
        "reference: scipy.stats.theilslopes(method='joint')",
    ),
    Worked(
        "Reducer.geometricMedian",
        lambda ee: ee.Dictionary(
            ee.List([[0, 0], [1, 0], [0, 1], [5, 5]]).reduce(ee.Reducer.geometricMedian(2))
        ).values(),
        [0.5, 0.5],
        "reference: of four points in convex position it is where the diagonals cross",
        1e-4,
    ),
    Worked(
        "Reducer.autoHistogram",
        lambda ee: ee.List([1, 2, 2, 4]).reduce(ee.Reducer.autoHistogram()),
        [[1, 1], [2, 2], [3, 0], [4, 1]],
        _PAGES + "autohistogram: lower bounds and counts",
    ),
    Worked(
        "Reducer.autoHistogram",
        lambda ee: ee.List([1, 2, 2, 4]).reduce(ee.Reducer.autoHistogram(cumulative=True)),
        [[1, 1], [2, 3], [3, 3], [4, 4]],
        _PAGES + "autohistogram: cumulative counts",
    ),
    Worked(
        "Reducer.fixedHistogram",
        lambda ee: ee.List([-1, 0, 1.9, 2, 4]).reduce(ee.Reducer.fixedHistogram(0, 4, 2)),
        [[0, 2], [2, 1]],
        _PAGES + "fixedhistogram: lower edges and counts of [min, max)",
    ),
    Worked(
        "Reducer.fixed2DHistogram",
        lambda ee: ee.List([[1, 1], [2, 3], [2, 9]]).reduce(ee.Reducer.fixed2DHistogram(0, 4, 2, 0, 4, 2)),
        {"histogram": [[1, 0], [0, 1]], "xAxis": [0, 2], "yAxis": [0, 2]},
        _PAGES + "fixed2dhistogram: what lies outside either axis is ignored",
    ),
    Worked(
        "Reducer.toList",
        lambda ee: ee.List([[1, "a"], [None, "b"], [3, None]]).reduce(ee.Reducer.toList(2, 1)),
        [[1, "a"], [3, None]],
        _PAGES + "tolist: the last numOptional inputs may be null",
    ),
    Worked(
        "Reducer.toCollection",
        lambda ee: ee.FeatureCollection(
            ee.List([[1, "a"], [None, "b"], [3, None]]).reduce(ee.Reducer.toCollection(["n", "s"], 1))
        ).aggregate_array("n"),
        [1, 3],
        _PAGES + "tocollection: the last numOptional inputs may be null",
    ),
    Worked(
        "Reducer.repeat",
        lambda ee: ee.List([[1, 10], [3, 20]]).reduce(ee.Reducer.mean().repeat(2)),
        [2, 15],
        _PAGES + "repeat: a list of what each copy gives",
    ),
]
