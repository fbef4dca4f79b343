"""Worked values of clusterers, on three groups far apart; clusters are compared by who shares one."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from tests.ee_emulator.worked import Worked

POINTS = [(0, 1), (0.5, 1), (0.25, 1.5), (4, 9), (4.5, 9), (4, 9.5), (9, -7), (9, -6.5), (9.5, -7)]
TOGETHER = [0, 0, 0, 3, 3, 3, 6, 6, 6]
"""For each point the first one of its cluster."""
FAR = "reference: by hand, groups that lie so far apart are told apart by every method of the kind"


def points(ee: ModuleType) -> Any:
    """The points as features."""
    return ee.FeatureCollection([ee.Feature(None, {"a": a, "b": b}) for a, b in POINTS])


def clustered(ee: ModuleType, clusterer: Any) -> Any:
    """For each point the first one of its cluster, so that the clusters' numbers do not matter."""
    model = clusterer.train(points(ee), ["a", "b"])
    numbers = points(ee).cluster(model).aggregate_array("cluster")
    return numbers.map(lambda number: numbers.indexOf(number))


def apart(name: str, make: Callable[[ModuleType], Any]) -> Worked:
    """A clusterer that finds the groups."""
    return Worked(f"Clusterer.{name}", lambda ee: clustered(ee, make(ee)), TOGETHER, FAR)


WORKED = [
    Worked(
        "Clusterer.wekaKMeans",
        lambda ee: ee.Clusterer.wekaKMeans(2),
        {"type": "Clusterer.wekaKMeans", "nClusters": 2},
        "earth engine: aazuspan/eerepr, tests/data/test_regression_objects_clusterer_.yml",
    ),
    apart("wekaKMeans", lambda ee: ee.Clusterer.wekaKMeans(3, init=1)),
    apart("wekaKMeans", lambda ee: ee.Clusterer.wekaKMeans(3, init=3, distanceFunction="Manhattan")),
    apart("wekaCascadeKMeans", lambda ee: ee.Clusterer.wekaCascadeKMeans(2, 3, init=True)),
    apart("wekaXMeans", lambda ee: ee.Clusterer.wekaXMeans(2, 3)),
    apart("wekaLVQ", lambda ee: ee.Clusterer.wekaLVQ(3)),
    apart("wekaCobweb", lambda ee: ee.Clusterer.wekaCobweb(1, 0.1)),
    Worked(
        "Clusterer.train",
        lambda ee: ee.Clusterer.wekaKMeans(2).train(points(ee), ["b"]),
        {"type": "Clusterer.train", "inputProperties": ["b"]},
        "own: the client's own names of what it sends; nobody prints a trained clusterer whole",
    ),
    Worked(
        "Clusterer.schema",
        lambda ee: ee.Clusterer.wekaKMeans(2).train(points(ee), ["b", "a"]).schema(),
        ["b", "a"],
        "documentation: apidocs/ee-clusterer-schema (the names of the inputs)",
    ),
    Worked(
        "FeatureCollection.cluster",
        lambda ee: points(ee).cluster(ee.Clusterer.wekaKMeans(1).train(points(ee), ["a"]), "which").first(),
        {"properties": {"a": 0, "b": 1, "which": 0}},
        "documentation: apidocs/ee-featurecollection-cluster; of one cluster the number is 0",
    ),
    Worked(
        "Image.cluster",
        lambda ee: (
            ee.Image.constant([4, 9])
            .rename(["a", "b"])
            .cluster(ee.Clusterer.wekaKMeans(1).train(points(ee), ["a", "b"]))
            .reduceRegion(ee.Reducer.first(), ee.Geometry.Point([0, 0]), 1)
        ),
        {"cluster": 0},
        "documentation: apidocs/ee-image-cluster; of one cluster the number is 0",
    ),
]
