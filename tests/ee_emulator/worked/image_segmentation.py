"""Worked values of superpixels and clusters, on the row of six pixels of `image_distance`."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from tests.ee_emulator.worked import Worked
from tests.ee_emulator.worked.image_distance import along_the_row, columns


def _parts(ee: ModuleType, clusters: Any) -> Any:
    """How many pixels of the row each cluster has, the smallest first."""
    row = ee.Geometry.Rectangle([0, 0, 600, 100], "EPSG:3857", False)
    counts = clusters.select("clusters").reduceRegion(ee.Reducer.frequencyHistogram(), row, 100, "EPSG:3857")
    return ee.Dictionary(counts.get("clusters")).values().sort()


def _two_heights(ee: ModuleType) -> Any:
    return columns(ee).gte(4).multiply(100)


WORKED = [
    Worked(
        "Image.Segmentation.seedGrid",
        lambda ee: along_the_row(ee, ee.Algorithms.Image.Segmentation.seedGrid(1)),
        {"seeds": [1, 1, 1, 1, 1, 1]},
        "reference: by hand, seeds one pixel apart are all pixels",
    ),
    Worked(
        "Image.Segmentation.SNIC",
        lambda ee: along_the_row(
            ee,
            ee.Algorithms.Image.Segmentation.SNIC(
                image=columns(ee).gte(3).multiply(100),
                size=3,
                compactness=0,
                neighborhoodSize=6,
                seeds=columns(ee).eq(1).Or(columns(ee).eq(4)),
            ).select("x_mean"),
        ),
        {"x_mean": [0, 0, 0, 100, 100, 100]},
        "reference: by hand, Achanta and Süsstrunk 2017: seeds in two even halves take a half each",
    ),
    Worked(
        "Image.Segmentation.KMeans",
        lambda ee: _parts(ee, ee.Algorithms.Image.Segmentation.KMeans(_two_heights(ee), 2, gridSize=600)),
        [2, 4],
        "reference: scikit-learn's KMeans, two values are two clusters",
    ),
    Worked(
        "Image.Segmentation.GMeans",
        lambda ee: _parts(ee, ee.Algorithms.Image.Segmentation.GMeans(_two_heights(ee), pValue=2, gridSize=600)),
        [2, 4],
        "reference: Hamerly and Elkan 2003, two values are not normal and are split once",
    ),
]
