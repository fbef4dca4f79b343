"""Worked values of collections' algorithms."""

from types import ModuleType
from typing import Any

from tests.ee_emulator.worked import Worked

PAGE = "documentation: developers.google.com/earth-engine/apidocs/ee-featurecollection"
HAND = "reference: by hand"


def _shops(ee: ModuleType) -> Any:
    """Three points: two cafés and a bank; one has no stars."""
    rows = [(0, 0, {"kind": "cafe", "stars": 3}), (1, 0, {"kind": "bank"}), (0, 1, {"kind": "cafe", "stars": 5.5})]
    return ee.FeatureCollection([ee.Feature(ee.Geometry.Point(x, y), properties) for x, y, properties in rows])


def _boxes(ee: ModuleType) -> Any:
    """Two boxes of four square degrees that share one."""
    corners = ([0, 0, 2, 2], [1, 1, 3, 3])
    return ee.FeatureCollection([ee.Feature(ee.Geometry.Rectangle(c, "EPSG:4326", False)) for c in corners])


_MAKING = [
    Worked(
        "Collection",
        lambda ee: ee.FeatureCollection([ee.Feature(ee.Geometry.Point([0, 0]), {"foo": "bar"})]),
        {
            "type": "FeatureCollection",
            "columns": {"foo": "String", "system:index": "String"},
            "features": [{"id": "0", "properties": {"foo": "bar"}}],
        },
        "earth engine: aazuspan/eerepr tests/data/test_regression_objects_feature_collection_.yml",
    ),
    Worked(
        "Collection.fromColumns",
        lambda ee: ee.FeatureCollection(
            ee.apply("Collection.fromColumns", {"columns": [[1, 2], ["a", "b"]], "propertyNames": ["n", "t"]})
        ).aggregate_array("t"),
        ["a", "b"],
        "documentation: algorithms.json: a list of values for each property",
    ),
    Worked(
        "Collection.loadTable",
        lambda ee: ee.FeatureCollection("projects/local-ee/assets/poi_2020").limit(1).size(),
        1,
        "own: a table of the simulated planet; real Earth Engine has other ones",
    ),
    Worked(
        "Collection.cache",
        lambda ee: ee.FeatureCollection(ee.apply("Collection.cache", {"collection": _shops(ee)})).size(),
        3,
        "documentation: algorithms.json",
    ),
    Worked(
        "Collection.merge",
        lambda ee: _shops(ee).merge(_shops(ee)).aggregate_array("system:index"),
        ["1_0", "1_1", "1_2", "2_0", "2_1", "2_2"],
        f"{PAGE}-merge: ids are prefixed with 1_ and 2_",
    ),
    Worked(
        "Collection.flatten",
        lambda ee: ee.FeatureCollection([_shops(ee), _shops(ee)]).flatten().size(),
        6,
        f"{PAGE}-flatten",
    ),
    Worked(
        "Collection.union",
        lambda ee: _boxes(ee).union(1).aggregate_array("system:index"),
        ["union_result"],
        f"{PAGE}-union: a single feature with that id",
    ),
    Worked("Collection.union", lambda ee: _boxes(ee).union(1).geometry().area(1, "EPSG:4326"), 7, f"{HAND}: 4 + 4 − 1"),
    Worked(
        "FeatureCollection.randomPoints",
        lambda ee: (
            ee.FeatureCollection.randomPoints(ee.Geometry.Polygon([[[0, 0], [9, 0], [0, 9]]]), 50, 3)
            .filterBounds(ee.Geometry.Polygon([[[0, 0], [9, 0], [0, 9]]]))
            .size()
        ),
        50,
        f"{PAGE}-randompoints: so many, all within the region",
    ),
]

_CHOOSING = [
    Worked(
        "Collection.filter",
        lambda ee: _shops(ee).filter('kind == "cafe" && !(stars < 4)').aggregate_array("stars"),
        [5.5],
        "documentation: apidocs/ee-filter-expression: ==, <, ! and &&",
    ),
    Worked("Collection.first", lambda ee: _shops(ee).first().get("kind"), "cafe", f"{PAGE}-first"),
    Worked(
        "Collection.limit",
        lambda ee: _shops(ee).limit(2, "stars", False).aggregate_array("stars"),
        [5.5, 3],
        f"{PAGE}-limit: ordered by a property, descending",
    ),
    Worked(
        "Collection.distinct",
        lambda ee: _shops(ee).distinct("kind").aggregate_array("kind"),
        ["cafe", "bank"],
        f"{PAGE}-distinct",
    ),
    Worked(
        "Collection.distinct",
        lambda ee: _shops(ee).merge(_shops(ee)).distinct([".geo"]).size(),
        3,
        f"{PAGE}-distinct: .geo compares geometries",
    ),
    Worked("Collection.size", lambda ee: _shops(ee).size(), 3, f"{PAGE}-size"),
    Worked("Collection.toList", lambda ee: _shops(ee).toList(5, 2), [{"properties": {"stars": 5.5}}], f"{PAGE}-tolist"),
    Worked(
        "Collection.remap",
        lambda ee: (
            ee.FeatureCollection([ee.Feature(None, {"isTree": name}) for name in ("Tree", "NotTree", "nonsense")])
            .remap(["NotTree", "Tree"], [0, 1], "isTree")
            .aggregate_array("isTree")
        ),
        [1, 0],
        f"{PAGE}-remap: a value that is not listed drops its element",
    ),
]

_COMPUTING = [
    Worked(
        "Collection.map",
        lambda ee: _shops(ee).map(lambda f: f.set("x", 1)).aggregate_array("x"),
        [1, 1, 1],
        f"{PAGE}-map",
    ),
    Worked(
        "Collection.map",
        lambda ee: _shops(ee).map(lambda f: ee.Algorithms.If(f.get("stars"), f, None), True).size(),
        2,
        f"{PAGE}-map: nulls are dropped",
    ),
    Worked(
        "Collection.iterate", lambda ee: _shops(ee).iterate(lambda f, n: ee.Number(n).add(1), 10), 13, f"{PAGE}-iterate"
    ),
    Worked(
        "Collection.geometry",
        lambda ee: _shops(ee).geometry(),
        {"type": "MultiPoint", "coordinates": [[0, 0], [1, 0], [0, 1]]},
        f"{PAGE}-geometry",
    ),
    Worked(
        "Collection.bounds",
        lambda ee: _shops(ee).bounds(),
        {"coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]},
        HAND,
    ),
    Worked(
        "Collection.randomColumn",
        lambda ee: _shops(ee).randomColumn("r", 7).filter("r >= 0 and r < 1").size(),
        3,
        f"{PAGE}-randomcolumn: in [0, 1)",
    ),
    Worked(
        "Collection.reduceColumns",
        lambda ee: ee.FeatureCollection([ee.Feature(None, {"foo": n, "weight": n}) for n in (1, 2, 3)]).reduceColumns(
            ee.Reducer.mean(), ["foo"], ["weight"]
        ),
        {"mean": 14 / 6},
        "earth engine: csaybar/EEwPython 5_Reducer.ipynb",
    ),
    Worked(
        "Collection.reduceToImage",
        lambda ee: (
            _shops(ee)
            .reduceToImage(["stars"], ee.Reducer.max())
            .reduceRegion(ee.Reducer.first(), ee.Geometry.Point(0, 1), 10)
            .get("max")
        ),
        5.5,
        HAND,
    ),
]

STARS = [2, 4, 4, 10]


def _rated(ee: ModuleType) -> Any:
    features = [ee.Feature(None, {"stars": n}) for n in STARS]
    return ee.FeatureCollection([*features, ee.Feature(None, {"name": "x"})])


_AGGREGATES = [
    Worked(
        f"AggregateFeatureCollection.{name}",
        lambda ee, name=name: getattr(_rated(ee), f"aggregate_{name}")("stars"),
        expected,
        source,
    )
    for name, expected, source in (
        ("array", STARS, f"{PAGE}-aggregate_array"),
        ("first", 2, f"{PAGE}-aggregate_first"),
        ("count", 4, f"{PAGE}-aggregate_count: values that are not null"),
        ("count_distinct", 3, f"{PAGE}-aggregate_count_distinct"),
        ("min", 2, HAND),
        ("max", 10, HAND),
        ("mean", 5, HAND),
        ("product", 320, HAND),
        ("sum", 20, HAND),
        ("total_var", 9, f"{HAND}: (9 + 1 + 1 + 25) / 4"),
        ("total_sd", 3, f"{HAND}: √9"),
        ("sample_var", 12, f"{HAND}: 36 / 3"),
        ("sample_sd", 12**0.5, f"{HAND}: √12"),
        ("histogram", {"2": 1, "4": 2, "10": 1}, HAND),
        ("stats", {"sum": 20, "mean": 5, "total_var": 9, "sample_var": 12, "min": 2, "max": 10}, HAND),
    )
]
_TEXTS = [
    Worked(
        "AggregateFeatureCollection.min",
        lambda ee: _shops(ee).aggregate_min("kind"),
        "bank",
        f"{PAGE}-aggregate_min: of values of any type",
    ),
    Worked(
        "AggregateFeatureCollection.histogram",
        lambda ee: _shops(ee).aggregate_histogram("kind"),
        {"bank": 1, "cafe": 2},
        f"{PAGE}-aggregate_histogram",
    ),
    Worked(
        "AggregateFeatureCollection.mean", lambda ee: _shops(ee).aggregate_mean("missing"), None, f"{HAND}: of nothing"
    ),
]

WORKED = [*_MAKING, *_CHOOSING, *_COMPUTING, *_AGGREGATES, *_TEXTS]
