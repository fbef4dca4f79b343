"""Worked values of Feature's algorithms: Geometry's functions on features, with what features add."""

from types import ModuleType
from typing import Any

from tests.ee_emulator.worked import Worked
from tests.ee_emulator.worked.geometry import AUTHALIC, DEGREE

PAGE = "documentation: developers.google.com/earth-engine/apidocs/ee-feature"
HAND = "reference: by hand"


def _octant(ee: ModuleType) -> Any:
    return ee.Feature(ee.Geometry.Polygon([[[0, 0], [90, 0], [0, 90]]]), {"name": "octant"})


def _line(ee: ModuleType) -> Any:
    return ee.Feature(ee.Geometry.LineString([[0, 0], [2, 0]]), {"name": "line"})


def _point(ee: ModuleType, lon: float, lat: float) -> Any:
    return ee.Feature(ee.Geometry.Point(lon, lat), {"name": "point"})


def _box(ee: ModuleType, west: float, east: float) -> Any:
    """One degree high, with edges that are straight in degrees."""
    return ee.Feature(ee.Geometry.Rectangle([west, 0, east, 1], "EPSG:4326", False), {"west": west})


_MAKING = [
    Worked(
        "Feature",
        lambda ee: ee.Feature(None),
        {"type": "Feature", "geometry": None, "properties": {}},
        "earth engine: developers.google.com/earth-engine/apidocs/ee-feature",
    ),
    Worked(
        "Feature.id",
        lambda ee: ee.Feature(None, {"system:index": "abc123"}).id(),
        "abc123",
        "earth engine: developers.google.com/earth-engine/apidocs/ee-feature",
    ),
    Worked(
        "Feature.geometry",
        lambda ee: _point(ee, 1, 2).geometry(),
        {"type": "Point", "coordinates": [1, 2]},
        f"{PAGE}-geometry",
    ),
    Worked(
        "Feature.setGeometry",
        lambda ee: _point(ee, 1, 2).setGeometry(ee.Geometry.Point(3, 4)),
        {"geometry": {"coordinates": [3, 4]}, "properties": {"name": "point"}},
        f"{PAGE}-setgeometry",
    ),
    Worked(
        "Feature.select",
        lambda ee: ee.Feature(None, {"a1": 1, "a2": 2, "b": 3}).select(["a.", "b"], ["x", "y", "z"]).toDictionary(),
        {"x": 1, "y": 2, "z": 3},
        f"{PAGE}-select: names or patterns, renamed",
    ),
    Worked(
        "Feature.select",
        lambda ee: _octant(ee).select(["name"], None, False),
        {"geometry": None, "properties": {"name": "octant"}},
        f"{PAGE}-select",
    ),
]

_MEASURES = [
    Worked("Feature.area", lambda ee: _octant(ee).area(), 3.141592653589793 * AUTHALIC**2 / 2, f"{HAND}: an octant"),
    Worked("Feature.length", lambda ee: _line(ee).length(), 2 * DEGREE, f"{HAND}: the equator"),
    Worked("Feature.perimeter", lambda ee: _line(ee).perimeter(), 0, f"{PAGE}-perimeter"),
    Worked("Feature.distance", lambda ee: _point(ee, 3, 0).distance(_line(ee)), DEGREE, f"{HAND}: the equator"),
    Worked(
        "Feature.withinDistance",
        lambda ee: _point(ee, 3, 0).withinDistance(_line(ee), 111_320),
        True,
        f"{HAND}: 111,319.49 m",
    ),
    Worked(
        "Feature.closestPoint",
        lambda ee: _point(ee, 3, 0).closestPoint(_line(ee)),
        {"type": "Point", "coordinates": [2, 0]},
        HAND,
    ),
    Worked(
        "Feature.closestPoints",
        lambda ee: _line(ee).closestPoints(_point(ee, 3, 0)),
        {"left": {"coordinates": [2, 0]}, "right": {"coordinates": [3, 0]}},
        HAND,
    ),
    Worked("Feature.contains", lambda ee: _octant(ee).contains(_point(ee, 45, 45)), True, HAND),
    Worked("Feature.containedIn", lambda ee: _octant(ee).containedIn(_point(ee, 45, 45)), False, HAND),
    Worked(
        "Feature.intersects",
        lambda ee: _octant(ee).intersects(_line(ee)),
        True,
        f"{HAND}: the line is part of the outline",
    ),
    Worked("Feature.disjoint", lambda ee: _octant(ee).disjoint(_point(ee, -1, 0)), True, HAND),
]

_CONSTRUCTIONS = [
    Worked(
        "Feature.bounds",
        lambda ee: _box(ee, 0, 2).bounds(),
        {"geometry": {"coordinates": [[[0, 0], [2, 0], [2, 1], [0, 1], [0, 0]]]}, "properties": {"west": 0}},
        HAND,
    ),
    Worked(
        "Feature.buffer",
        lambda ee: ee.List(_point(ee, -50, 30).buffer(1e6).geometry().coordinates().get(0)).get(1),
        [-53.20474725917394, 38.602502406482586],
        "earth engine: csaybar/EEwPython 4_features.ipynb",
    ),
    Worked(
        "Feature.centroid",
        lambda ee: _line(ee).centroid(),
        {"geometry": {"coordinates": [1, 0]}, "properties": {"name": "line"}},
        HAND,
    ),
    Worked(
        "Feature.convexHull",
        lambda ee: _point(ee, 1, 2).convexHull(),
        {"geometry": {"coordinates": [1, 2]}, "properties": {"name": "point"}},
        f"{PAGE}-convexhull",
    ),
    Worked(
        "Feature.dissolve",
        lambda ee: ee.Feature(_octant(ee).dissolve()),
        {"type": "Feature", "geometry": {"type": "Polygon"}, "properties": {"name": "octant"}},
        f"{PAGE}-dissolve: single geometries stay",
    ),
    Worked(
        "Feature.simplify",
        lambda ee: _line(ee).simplify(10),
        {"geometry": {"coordinates": [[0, 0], [2, 0]]}, "properties": {"name": "line"}},
        HAND,
    ),
    Worked(
        "Feature.transform",
        lambda ee: _point(ee, 117, 0).transform("EPSG:32650", 1),
        {"geometry": {"coordinates": [500_000, 0]}, "properties": {"name": "point"}},
        "reference: UTM's central meridian",
    ),
    Worked(
        "ProjectionTransform",
        lambda ee: ee.apply("ProjectionTransform", {"feature": _point(ee, 117, 0), "proj": "EPSG:32650"}),
        {"geometry": {"coordinates": [500_000, 0]}},
        "reference: UTM's central meridian",
    ),
    Worked(
        "Feature.cutLines",
        lambda ee: _line(ee).cutLines([DEGREE]),
        {"geometry": {"coordinates": [[[0, 0], [1, 0]], [[1, 0], [2, 0]]]}},
        HAND,
    ),
    *(
        Worked(
            f"Feature.{verb}",
            lambda ee, verb=verb: getattr(_box(ee, 0, 2), verb)(_box(ee, 1, 4), 1).geometry().area(1, "EPSG:4326"),
            expected,
            f"{HAND}: boxes of 2 and 3 square degrees that share 1",
        )
        for verb, expected in (("intersection", 1), ("union", 4), ("difference", 1), ("symmetricDifference", 3))
    ),
    Worked(
        "Feature.union",
        lambda ee: _box(ee, 0, 2).union(_box(ee, 1, 4), 1).toDictionary(),
        {"west": 0},
        f"{PAGE}-union: properties of the left",
    ),
]

WORKED = [*_MAKING, *_MEASURES, *_CONSTRUCTIONS]
