"""Two scripts that everyone writes with arrays, by the client, against numpy.

Principal components (developers.google.com/earth-engine/guides/arrays_eigen_analysis) and harmonic regression.
"""

from __future__ import annotations

import math
from types import ModuleType
from typing import Any

import numpy as np
import pytest

WIDTH, HEIGHT = 12, 9
GRID = {
    "dimensions": {"width": WIDTH, "height": HEIGHT},
    "affineTransform": {
        "scaleX": 30,
        "shearX": 0,
        "translateX": 240_000,
        "shearY": 0,
        "scaleY": -30,
        "translateY": 3_387_000,
    },
    "crsCode": "EPSG:32650",
}


def computed(ee: ModuleType, image: Any) -> np.ndarray:
    """Pixels of all bands, (height, width, bands), doubles."""
    found = ee.data.computePixels({"expression": image.toDouble(), "fileFormat": "NUMPY_NDARRAY", "grid": GRID})
    return np.stack([found[name].astype(float) for name in found.dtype.names], -1)


@pytest.fixture(scope="module")
def place(ee: ModuleType) -> dict[str, Any]:
    """The grid as arguments of a reduction, its pixels wholly inside."""
    corners = [240_000, 3_387_000 - 30 * HEIGHT, 240_000 + 30 * WIDTH, 3_387_000]
    return {
        "geometry": ee.Geometry.Rectangle(corners, "EPSG:32650", False),
        "crs": "EPSG:32650",
        "crsTransform": [30, 0, 240_000, 0, -30, 3_387_000],
    }


def terrain(ee: ModuleType) -> Any:
    """Three bands that vary over the grid and hang together."""
    metres = ee.Image.pixelCoordinates(ee.Projection("EPSG:32650"))
    x, y = metres.select("x").subtract(240_000).divide(100), metres.select("y").subtract(3_387_000).divide(100)
    return ee.Image.cat([x.add(y.multiply(0.5)), x.sin().add(y), x.multiply(y).divide(3)]).rename(["a", "b", "c"])


def test_principal_components_are_those_of_numpy(ee: ModuleType, place: dict[str, Any]) -> None:
    image = terrain(ee)
    names = ["a", "b", "c"]
    means = ee.Image.constant(image.reduceRegion(ee.Reducer.mean(), **place).values(names))
    arrays = image.subtract(means).toArray()
    covariance = ee.Array(arrays.reduceRegion(ee.Reducer.centeredCovariance(), **place).get("array"))
    eigens = covariance.eigen()
    vectors = eigens.slice(1, 1)
    components = ee.Image(vectors).matrixMultiply(arrays.toArray(1)).arrayProject([0]).arrayFlatten([["p", "q", "r"]])
    deviations = ee.Image(eigens.slice(1, 0, 1).sqrt()).arrayProject([0]).arrayFlatten([["sp", "sq", "sr"]])

    pixels = computed(ee, image).reshape(-1, 3)
    centred = pixels - pixels.mean(axis=0)
    expected = np.cov(centred.T, bias=True)
    np.testing.assert_allclose(covariance.getInfo(), expected, rtol=1e-6)
    np.testing.assert_allclose(
        eigens.slice(1, 0, 1).project([0]).getInfo(), np.linalg.eigvalsh(expected)[::-1], rtol=1e-6
    )
    found = computed(ee, components.divide(deviations)).reshape(-1, 3)
    np.testing.assert_allclose(np.cov(found.T, bias=True), np.eye(3), atol=1e-6)
    np.testing.assert_allclose(
        computed(ee, components).reshape(-1, 3), centred @ np.array(vectors.getInfo()).T, atol=1e-6
    )


def test_a_harmonic_regression_is_that_of_numpy(ee: ModuleType) -> None:
    independents = ["constant", "t", "cos", "sin"]
    times = [k / 10 for k in range(25)]

    def scene(t: float) -> Any:
        """A season whose amplitude grows eastwards, with noise, cloudy in the west every third time."""
        angle = 2 * math.pi * t
        base = terrain(ee).select("a")
        signal = base.multiply(math.cos(angle)).add(base.sin().multiply(t)).add(math.sin(37 * t)).rename("y")
        if round(t * 10) % 3 == 0:
            signal = signal.updateMask(base.gt(0))
        return ee.Image.constant([1, t, math.cos(angle), math.sin(angle)]).rename(independents).addBands(signal)

    scenes = ee.ImageCollection([scene(t) for t in times])
    trend = scenes.reduce(ee.Reducer.linearRegression(len(independents), 1))
    coefficients = trend.select("coefficients").arrayProject([0]).arrayFlatten([independents])
    fitted = scenes.map(
        lambda image: image.select(independents).multiply(coefficients).reduce("sum").rename("fitted")
    ).toBands()

    seen = [computed(ee, scene(t).select("y").addBands(scene(t).select("y").mask().rename("m"))) for t in times]
    found, curves = computed(ee, coefficients), computed(ee, fitted)
    x = np.array([[1, t, math.cos(2 * math.pi * t), math.sin(2 * math.pi * t)] for t in times])
    for row in range(HEIGHT):
        for column in range(WIDTH):
            y, valid = np.array([s[row, column] for s in seen]).T
            chosen = valid > 0
            expected = np.linalg.lstsq(x[chosen], y[chosen], rcond=None)[0]
            np.testing.assert_allclose(found[row, column], expected, atol=1e-6)
            np.testing.assert_allclose(curves[row, column], x @ expected, atol=1e-5)
