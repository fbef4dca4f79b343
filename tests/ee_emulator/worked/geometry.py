"""Worked values of Geometry's constructors, measures and parts.

EEwPython is csaybar/EEwPython, 4_features.ipynb: what real Earth Engine printed in 2019, to the last digit.
"""

import math
from types import ModuleType
from typing import Any

from tests.ee_emulator.worked import Worked

BOOK = "earth engine: csaybar/EEwPython 4_features.ipynb"
PAGE = "documentation: developers.google.com/earth-engine/apidocs/ee-geometry"
HAND = "reference: by hand"
AUTHALIC = 6_371_007.180918475
DEGREE = 6_378_137 * math.pi / 180
UNIT_SQUARE = [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]


def book(ee: ModuleType) -> Any:
    """The polygon of the book."""
    return ee.Geometry.Polygon([[[-5, 40], [65, 40], [65, 60], [-5, 60], [-5, 60]]])


def flat(ee: ModuleType, west: float, south: float, east: float, north: float) -> Any:
    """A box with edges that are straight in degrees."""
    return ee.Geometry.Rectangle([west, south, east, north], "EPSG:4326", False)


_CONSTRUCTORS = [
    Worked(
        "GeometryConstructors.Point",
        lambda ee: ee.Geometry.Point(1, 2).buffer(0),
        {"type": "Point", "coordinates": [1, 2]},
        HAND,
    ),
    Worked(
        "GeometryConstructors.MultiPoint",
        lambda ee: ee.Geometry.MultiPoint([[1, 2], ee.Geometry.Point(3, 4)]),
        {"type": "MultiPoint", "coordinates": [[1, 2], [3, 4]]},
        HAND,
    ),
    Worked(
        "GeometryConstructors.LineString",
        lambda ee: ee.Geometry.LineString([ee.Geometry.Point(1, 1), ee.Geometry.Point(2, 2)]),
        {"type": "LineString", "coordinates": [[1, 1], [2, 2]]},
        HAND,
    ),
    Worked(
        "GeometryConstructors.LinearRing",
        lambda ee: ee.apply("GeometryConstructors.LinearRing", {"coordinates": [[0, 0], [1, 1], [2, 2], [0, 0]]}),
        {"type": "LinearRing", "coordinates": [[0, 0], [1, 1], [2, 2], [0, 0]]},
        "earth engine: aazuspan/eerepr tests/data/test_regression_objects_linearring_.yml",
    ),
    Worked(
        "GeometryConstructors.MultiLineString",
        lambda ee: ee.apply("GeometryConstructors.MultiLineString", {"coordinates": [[[0, 0], [1, 1]]]}),
        {"type": "MultiLineString", "coordinates": [[[0, 0], [1, 1]]]},
        "earth engine: aazuspan/eerepr tests/data/test_regression_objects_multilinestring_.yml",
    ),
    Worked(
        "GeometryConstructors.Polygon",
        lambda ee: ee.apply("GeometryConstructors.Polygon", {"coordinates": [[[0, 0], [10, 10], [20, 0], [0, 0]]]}),
        {"type": "Polygon", "coordinates": [[[0, 0], [20, 0], [10, 10], [0, 0]]]},
        "earth engine: gee_tools notebooks/geometry/getRegion.ipynb: outlines run counter-clockwise",
    ),
    Worked(
        "GeometryConstructors.Polygon",
        lambda ee: ee.apply(
            "GeometryConstructors.Polygon", {"coordinates": [[[170, -1], [-170, -1], [-170, 1], [170, 1]]]}
        ).bounds(),
        {"coordinates": [[[170, -1.0152], [190, -1.0152], [190, 1.0152], [170, 1.0152], [170, -1.0152]]]},
        f"{HAND}: the shortest way leads over the antimeridian; tan(1°) / cos(10°) = tan(1.0154°)",
        1e-3,
    ),
    Worked(
        "GeometryConstructors.MultiPolygon",
        lambda ee: ee.Geometry.MultiPolygon([[[0, 0], [1, 1], [2, 2], [0, 0]], [[4, 6], [3, 2], [1, 2], [4, 6]]]),
        {
            "type": "MultiPolygon",
            "coordinates": [[[[0, 0], [1, 1], [2, 2], [0, 0]], [[4, 6], [3, 2], [1, 2], [4, 6]]]],
        },
        "earth engine: aazuspan/eerepr tests/data/test_regression_objects_multipolygon_.yml: rings as they were given",
    ),
    Worked(
        "GeometryConstructors.MultiPolygon",
        lambda ee: ee.apply(
            "GeometryConstructors.MultiPolygon", {"coordinates": [UNIT_SQUARE, [[[5, 5], [6, 5], [6, 6], [5, 5]]]]}
        ),
        {"type": "MultiPolygon", "coordinates": [UNIT_SQUARE, [[[5, 5], [6, 5], [6, 6], [5, 5]]]]},
        HAND,
    ),
    Worked(
        "GeometryConstructors.MultiPolygon",
        lambda ee: ee.Geometry.MultiPolygon(
            ee.List([ee.Geometry.Polygon(UNIT_SQUARE), ee.Geometry.Polygon([[[5, 5], [6, 5], [6, 6], [5, 5]]])])
        ),
        {"type": "MultiPolygon", "coordinates": [UNIT_SQUARE, [[[5, 5], [6, 5], [6, 6], [5, 5]]]]},
        "documentation: developers.google.com/earth-engine/apidocs/ee-geometry-multipolygon (a list of polygons)",
    ),
    Worked(
        "GeometryConstructors.Polygon",
        lambda ee: ee.Geometry.Polygon(ee.List([ee.Geometry.LinearRing(UNIT_SQUARE[0])])),
        {"type": "Polygon", "coordinates": UNIT_SQUARE},
        "documentation: developers.google.com/earth-engine/apidocs/ee-geometry-polygon (a list of LinearRing objects)",
    ),
    Worked(
        "GeometryConstructors.Rectangle",
        lambda ee: ee.Geometry.Rectangle([ee.Number(0), 0, 1, 1]),
        {"type": "Polygon", "coordinates": UNIT_SQUARE},
        HAND,
    ),
    Worked(
        "GeometryConstructors.BBox",
        lambda ee: ee.Geometry.BBox(ee.Number(-122.09), 37.42, -122.08, 37.43),
        {
            "coordinates": [[[-122.09, 37.42], [-122.08, 37.42], [-122.08, 37.43], [-122.09, 37.43], [-122.09, 37.42]]],
            "geodesic": False,
        },
        f"{HAND}: as given, unrounded",
        0,
    ),
    Worked(
        "GeometryConstructors.BBox",
        lambda ee: ee.Geometry.BBox(ee.Number(170), -1, -170, 1).contains(ee.Geometry.Point(-175, 0)),
        True,
        f"{PAGE}-bbox: east may be less than west",
    ),
    Worked(
        "GeometryConstructors.BBox",
        lambda ee: ee.Geometry.BBox(ee.Number(-180), -90, 180, 90).area(1),
        4 * math.pi * AUTHALIC**2,
        f"{HAND}: the sphere",
    ),
    Worked(
        "GeometryConstructors.MultiGeometry",
        lambda ee: ee.apply(
            "GeometryConstructors.MultiGeometry",
            {"geometries": [ee.Geometry.Point(0, 0), ee.Geometry.LineString([[0, 0], [1, 0]])]},
        ),
        {"type": "GeometryCollection", "geometries": [{"type": "Point"}, {"type": "LineString"}]},
        HAND,
    ),
]

_MEASURES = [
    Worked("Geometry.area", lambda ee: book(ee).area().divide(1e6), 9918985.748240016, BOOK, 1e-12),
    Worked(
        "Geometry.area",
        lambda ee: ee.Geometry.Polygon([[[0, 0], [90, 0], [0, 90]]]).area(),
        math.pi * AUTHALIC**2 / 2,
        f"{HAND}: an octant",
    ),
    Worked(
        "Geometry.area",
        lambda ee: flat(ee, 0, 0, 90, 30).area(1),
        math.pi * AUTHALIC**2 / 4,
        f"{HAND}: a zone's share: 2πR² · sin(30°) / 4",
    ),
    Worked("Geometry.area", lambda ee: flat(ee, 0, 0, 2, 3).area(1, "EPSG:4326"), 6, f"{HAND}: square degrees"),
    Worked("Geometry.perimeter", lambda ee: book(ee).perimeter().divide(1e3), 13979.88727044261, BOOK, 1e-13),
    Worked(
        "Geometry.perimeter", lambda ee: ee.Geometry.LineString([[0, 0], [1, 0]]).perimeter(), 0, f"{PAGE}-perimeter"
    ),
    Worked(
        "Geometry.length",
        lambda ee: ee.Geometry.LineString([[0, 0], [1, 0]]).length(),
        DEGREE,
        f"{HAND}: the equator",
        1e-12,
    ),
    Worked("Geometry.length", lambda ee: book(ee).length(), 0, f"{PAGE}-length: polygonal parts are ignored"),
    Worked(
        "Geometry.distance",
        lambda ee: ee.Geometry.Point(114.29, 30.585).distance(ee.Geometry.Point(121.47, 31.23)),
        689_971.164,
        "reference: pyproj Geod(WGS84).inv; Andoyer's formula is good to about a hundred-thousandth",
        2e-5,
    ),
    Worked(
        "Geometry.distance",
        lambda ee: ee.Geometry.Point(5, -1).distance(ee.Geometry.LineString([[0, 0], [10, 0]])),
        110_574.4,
        "reference: the meridian's first degree on WGS-84 (pyproj), from a point abreast of the line",
        2e-5,
    ),
    Worked(
        "Geometry.withinDistance",
        lambda ee: ee.Geometry.Point(0, 0).withinDistance(ee.Geometry.Point(1, 0), 111_319),
        False,
        f"{HAND}: 111,319.49 m",
    ),
    Worked(
        "Geometry.withinDistance",
        lambda ee: ee.Geometry.Point(0, 0).withinDistance(ee.Geometry.Point(1, 0), 111_320),
        True,
        f"{HAND}: 111,319.49 m",
    ),
    Worked(
        "Geometry.closestPoint",
        lambda ee: ee.Geometry.Point(5, -1).closestPoint(ee.Geometry.LineString([[0, 0], [10, 0]])),
        {"type": "Point", "coordinates": [5, 0]},
        f"{HAND}: the point of the right geometry",
    ),
    Worked(
        "Geometry.closestPoints",
        lambda ee: ee.Geometry.Point(5, -1).closestPoints(ee.Geometry.LineString([[0, 0], [10, 0]])),
        {"left": {"coordinates": [5, -1]}, "right": {"coordinates": [5, 0]}},
        HAND,
    ),
    Worked(
        "Geometry.closestPoints",
        lambda ee: ee.Geometry.Point(5, -1).closestPoints(ee.Geometry.MultiPoint([])),
        {},
        f"{PAGE}-closestpoints: empty where a geometry is",
    ),
]

_PARTS = [
    Worked("Geometry.coordinates", lambda ee: ee.Geometry.Polygon(UNIT_SQUARE).coordinates(), UNIT_SQUARE, HAND),
    Worked(
        "Geometry.edgesAreGeodesics",
        lambda ee: flat(ee, 0, 0, 1, 1).edgesAreGeodesics(),
        False,
        f"{PAGE}-edgesaregeodesics",
    ),
    Worked("Geometry.geodesic", lambda ee: book(ee).geodesic(), True, BOOK),
    Worked(
        "Geometry.geometries",
        lambda ee: ee.Geometry.MultiPoint([[0, 0], [1, 0]]).geometries(),
        [{"coordinates": [0, 0]}, {"coordinates": [1, 0]}],
        "earth engine: geetools tests/test_FeatureCollection.py",
    ),
    Worked(
        "Geometry.isUnbounded",
        lambda ee: ee.Geometry(ee.Image(1).geometry()).isUnbounded(),
        True,
        f"{PAGE}-isunbounded: a constant image covers everything",
    ),
    Worked(
        "Geometry.projection",
        lambda ee: ee.Geometry.Point([1, 2], "EPSG:32650").projection().crs(),
        "EPSG:32650",
        f"{PAGE}-projection",
    ),
    Worked("Geometry.type", lambda ee: book(ee).type(), "Polygon", BOOK),
]

WORKED = [*_CONSTRUCTORS, *_MEASURES, *_PARTS]
