"""Worked values of TemporalSegmentation's algorithms, of CcdcCoefficients and of ImageCollection.formaTrend."""

from __future__ import annotations

import math
from collections.abc import Sequence
from types import ModuleType
from typing import Any

import numpy as np

from tests.ee_emulator.worked import Worked


def series(ee: ModuleType, bands: dict[str, Sequence[float]], start: int = 1990, step: str = "year") -> Any:
    """A collection of constant images, one a step (from the first of July for years, of January for months)."""
    first = ee.Date.fromYMD(start, 7 if step == "year" else 1, 1)
    images = [
        ee.Image.constant(list(values)).double().rename(list(bands)).set("system:time_start", first.advance(k, step))
        for k, values in enumerate(zip(*bands.values(), strict=True))
    ]
    return ee.ImageCollection(images)


def at_a_pixel(ee: ModuleType, image: Any) -> Any:
    """All bands at one place, arrays as nested lists."""
    return image.reduceRegion(ee.Reducer.first(), ee.Geometry.Point([114.3, 30.6]), 30)


# A stable forest, a fire in 1999 and the recovery from it: three straight pieces.
BURNT = [*[100.0] * 9, *[700.0 - 25 * k for k in range(12)]]
BESIDE = [*[10.0] * 9, *[40.0 - k for k in range(12)]]
YEARS = [1990.0 + k for k in range(21)]

# Values and vertices from the test of LandTrendr's authors; theirs were computed in IDL and rounded.
IDL = [-215, -217, -173, -225, -242, -286, -429, -337, -376, -589, -544, -492, -516, -632, -615, -533, -619, -682, -614]
IDL += [-757, -726, -812, -586, -777, -720, -335, -434, -730, -706]
IDL_FITTED = [-207.8, -232.9, -258.1, -283.2, -308.3, -333.4, -358.5, -383.7, -408.8, -433.9, -459.0, -484.2, -509.3]
IDL_FITTED += [-534.4, -559.5, -584.7, -609.8, -634.9, -660.0, -685.1, -710.3, -735.4, -760.5, -785.6, -810.8, -335.0]
IDL_FITTED += [-478.0, -621.0, -764.0]

# The first pixel of the sample data of C2C's authors, and their answer.
NBR = [498, 453, 502, 506, 577, 530, 520, 556, 563, 557, 520, 383, 595, 575, 501, 554, 533, 570, 541, 514, 465, 466]
NBR += [417, 0, 501, 527, 518, 513, 607, 499, 499, 49, 124, 278, 199, 275]

# Two stretches of months with a harmonic each and a step between them.
MONTHS = [k / 12 for k in range(72)]
STEPPED = [
    (0.6 if k < 36 else 0.2) + 0.1 * math.cos(2 * math.pi * k / 12) + (0.001 if k % 2 else -0.001) for k in range(72)
]

ALTERNATING = [9.0, 11.0, 9.0, 11.0, 9.0, 11.0, 9.0, 11.0, 5.0, 4.0, 5.0, 4.0]


def _ewma() -> list[float]:
    """The chart of ALTERNATING by the formulas of the paper: mean 10, deviation of ±1, weights 0.3."""
    residuals = np.array(ALTERNATING) - 10
    deviation = residuals[:8].std(ddof=1)
    average, scores = 0.0, []
    for k, residual in enumerate(residuals):
        average = residual if k == 0 else 0.7 * average + 0.3 * residual
        limit = 3 * deviation * math.sqrt(0.3 / 1.7 * (1 - 0.7 ** (2 * (k + 1))))
        scores.append(float(np.trunc(average / limit)))
    return scores


def _drop(ee: ModuleType) -> Any:
    line = [2.0 * k for k in range(10)]
    line[6] += 1.0
    return at_a_pixel(ee, ee.ImageCollection.formaTrend(series(ee, {"v": line}), None, 4))


def _forma() -> dict[str, float]:
    """Regressions of a line with one outlier, by numpy."""
    steps = np.arange(1.0, 11)
    values = 2.0 * (steps - 1)
    values[6] += 1.0
    design = np.stack([np.ones(10), steps], axis=1)
    found, squares, _, _ = np.linalg.lstsq(design, values, rcond=None)
    error = math.sqrt(squares[0] / 8 * np.linalg.inv(design.T @ design)[1, 1])
    windows = [np.polyfit(steps[k : k + 4], values[k : k + 4], 1)[0] for k in range(7)]
    return {"long_trend": found[1], "short_trend": min(windows), "t_test": found[1] / error}


def _scores(ee: ModuleType) -> tuple[Any, Any]:
    """Nine years of forest at low z-scores that hardly change."""
    bands = {"B3": 1.0, "B4": 1.0, "B5": 1.0, "B7": 1.0, "thermal": 1.0, "NDVI": 0.8, "DNBR": 0.6}
    composite = {"COMP": [1.0, 1.2, 1.1, 1.3, 1.0, 1.2, 1.1, 1.3, 1.0]}
    scores = series(ee, {name: [value] * 9 for name, value in bands.items()} | composite)
    return scores, series(ee, {"cover": [8.0] * 9})


WORKED = [
    Worked(
        "TemporalSegmentation.LandTrendr",
        lambda ee: at_a_pixel(
            ee, ee.Algorithms.TemporalSegmentation.LandTrendr(series(ee, {"nbr": BURNT, "b": BESIDE}), 6)
        ),
        {
            "LandTrendr": [YEARS, BURNT, BURNT, [1.0 if k in (0, 8, 9, 20) else 0.0 for k in range(21)]],
            "rmse": 0.0,
            "b_fit": BESIDE,
        },
        "reference: by hand: a series of three straight pieces is its own segmentation; layout by the description",
    ),
    Worked(
        "TemporalSegmentation.LandTrendrFit",
        lambda ee: at_a_pixel(
            ee,
            ee.Algorithms.TemporalSegmentation.LandTrendrFit(
                series(ee, {"nbr": IDL}, 1985), ee.Image(ee.Array([1985, 2009, 2010, 2013])), 0.9, 6
            ),
        ),
        {"nbr_fit": IDL_FITTED},
        "reference: LandTrendr's authors: expected array of LandTrendrTest.testGetResult1 (LCMS algorithms), in IDL",
        1e-3,
    ),
    Worked(
        "TemporalSegmentation.C2c",
        lambda ee: at_a_pixel(
            ee,
            ee.Algorithms.TemporalSegmentation.C2c(
                collection=series(ee, {"nbr": NBR}, 1984).map(
                    lambda image: image.set("system:time_start", ee.Date.fromYMD(image.date().get("year"), 1, 1))
                ),
                dateFormat=1,
                maxError=75,
                spikeRemovalMagnitude=100,
                interpolateRegrowth=False,
            ),
        ),
        {
            "nbr_changeDate": [1984, 1994, 1995, 1996, 2014, 2015, 2019],
            "nbr_value": [498, 520, 383, 595, 499, 49, 275],
            "nbr_magnitude": ["NaN", 22, -137, 212, -96, -450, 226],
            "nbr_duration": ["NaN", 10, 1, 1, 18, 1, 4],
            "nbr_rate": ["NaN", 2.2, -137, 212, -5.333333333333333, -450, 56.5],
            "nbr_postMagnitude": [22, -137, 212, -96, -450, 226, "NaN"],
            "nbr_postRate": [2.2, -137, 212, -5.333333333333333, -450, 56.5, "NaN"],
        },
        "reference: C2C's authors: javatests/…/testdata/output.csv of github.com/saveriofrancini/C2C-GEE, id 0",
    ),
    Worked(
        "TemporalSegmentation.Verdet",
        lambda ee: at_a_pixel(
            ee,
            ee.Algorithms.TemporalSegmentation.Verdet(
                series(ee, {"v": [*[0.8] * 10, 0.68, 0.56, 0.44, 0.32, *[0.2] * 10]})
            ),
        ),
        {"score": [*[0.0] * 10, *[-0.12] * 5, *[0.0] * 9]},
        "reference: by hand: slopes of a series of three straight pieces",
        1e-3,
    ),
    Worked(
        "TemporalSegmentation.Ewmacd",
        lambda ee: at_a_pixel(
            ee,
            ee.Algorithms.TemporalSegmentation.Ewmacd(
                series(ee, {"v": ALTERNATING}), 0, 1990, 1998, harmonicCount=0, persistence=1
            ),
        ),
        {
            "ewma": _ewma(),
            "harmonicCoefficients": [10.0],
            "rmse": 1.0,
            "rSquared": 0.0,
            "residuals": [v - 10 for v in ALTERNATING],
        },
        "reference: Brooks et al. 2014, equations of the chart, by numpy",
    ),
    Worked(
        "TemporalSegmentation.VCT",
        lambda ee: at_a_pixel(ee, ee.Algorithms.TemporalSegmentation.VCT(*_scores(ee))),
        {"VCT": [YEARS[:9], [2.0] * 9, *[[-1.0] * 9] * 4]},
        "reference: Huang et al. 2010, section 3.3: always forest, so no disturbance",
    ),
    Worked(
        "TemporalSegmentation.StructuralChangeBreakpoints",
        lambda ee: at_a_pixel(
            ee,
            ee.Algorithms.TemporalSegmentation.StructuralChangeBreakpoints(
                series(ee, {"v": [5.0 + 2e-12 * k**2 for k in range(12)] + [20.0 - 3 * k for k in range(12)]}), "v", 0
            ).select(["coefs_v", "rmse_v"]),
        ),
        {"rmse_v": [0.0, 0.0]},
        "reference: by hand: two straight pieces fit without error",
        1e-2,
    ),
    Worked(
        "TemporalSegmentation.Ccdc",
        lambda ee: at_a_pixel(
            ee,
            ee.Algorithms.TemporalSegmentation.Ccdc(
                collection=series(ee, {"v": STEPPED}, 2000, "month"), dateFormat=1, **{"lambda": 0}
            ).select(["tStart", "tBreak", "v_magnitude"]),
        ),
        {"tStart": [2000.0, 2003.0], "tBreak": [2003.0, 0.0], "v_magnitude": [-0.4, 0.0]},
        "reference: by hand: a planted step of -0.4 in January 2003",
        1e-2,
    ),
    Worked(
        "CcdcCoefficients",
        lambda ee: at_a_pixel(
            ee,
            ee.apply(
                "CcdcCoefficients",
                {"timeSeries": series(ee, {"v": [7.0] * 12}, 2000, "month"), "rmse": 0.1, "disturbanceWindow": 3},
            ),
        ),
        {"coefficients": [[[2000.0, 2000 + 335 / 366, 0.0, 7.0, 0.0, 0.0, 0.0]]]},
        "documentation: the columns of the description; a constant series is its own model",
    ),
    Worked(
        "ImageCollection.formaTrend",
        _drop,
        _forma(),
        "reference: numpy: regressions on time and their standard error",
        1e-5,
    ),
]
