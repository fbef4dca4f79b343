"""Worked values of Geometry's relations and of geometries made from others; sources as in `geometry`."""

import base64
import math
import struct
from types import ModuleType
from typing import Any

import s2geometry

from tests.ee_emulator.worked import Worked
from tests.ee_emulator.worked.geometry import BOOK, DEGREE, HAND, PAGE, UNIT_SQUARE, book, flat


def _disc(ee: ModuleType, lon: float) -> Any:
    return ee.Geometry.Point([lon, 30]).buffer(1e6)


def _vertices(ee: ModuleType, geometry: Any) -> Any:
    """The outline's vertices in order of their coordinates: where a ring starts is a convention."""
    return ee.List(geometry.coordinates().get(0)).slice(1).sort()


_LENS = [
    [-44.9523663730671, 22.236219158145893],
    [-42.8163731673025, 23.67714126914173],
    [-41.08300105123353, 25.655356624825323],
    [-39.97033818901132, 27.98095430596674],
    [-39.59493017414427, 30.488323793900133],
    [-40.03967834989804, 32.988557385293525],
    [-41.33580499173312, 35.27844072904945],
    [-43.43756311193738, 37.15451165759298],
    [-45.00485301797899, 37.8945510308092],
]
"""Of the intersection of two discs: the vertices of the first disc that lie in the second, and the two crossings."""


def _encoded(shape: Any) -> str:
    encoder = s2geometry.Encoder()
    shape.Encode(encoder)
    return base64.b64encode(bytes(encoder.buffer())).decode()


def _packed(*numbers: float) -> str:
    return base64.b64encode(struct.pack(f"<{len(numbers)}d", *numbers)).decode()


def _place(lon: float, lat: float) -> Any:
    return s2geometry.S2LatLng.FromDegrees(lat, lon)


def _rectangle() -> Any:
    return s2geometry.S2LatLngRect(_place(170, 0), _place(-170, 5))


def _polyline(*places: tuple[float, float]) -> Any:
    line = s2geometry.S2Polyline()
    line.InitFromS2LatLngs([_place(*place) for place in places])
    return line


def _triangle() -> Any:
    loop = s2geometry.S2Loop()
    loop.Init([_place(*place).ToPoint() for place in ((0, 0), (10, 0), (0, 10))])
    return s2geometry.S2Polygon(loop)


_RELATIONS = [
    Worked("Geometry.intersects", lambda ee: _disc(ee, -50).intersects(_disc(ee, -40)), True, BOOK),
    Worked("Geometry.disjoint", lambda ee: _disc(ee, -50).disjoint(ee.Geometry.Point(0, 0)), True, HAND),
    Worked(
        "Geometry.contains",
        lambda ee: book(ee).contains(ee.Geometry.Point(30, 63)),
        True,
        f"{HAND}: the great circle between 60°N 5°W and 60°N 65°E reaches 64.7°N",
    ),
    Worked(
        "Geometry.contains",
        lambda ee: flat(ee, -5, 40, 65, 60).contains(ee.Geometry.Point(30, 63), 1),
        False,
        f"{HAND}: edges straight in degrees",
    ),
    Worked(
        "Geometry.containedIn",
        lambda ee: ee.Geometry.Point(0.5, 0.5).containedIn(ee.Geometry.Polygon(UNIT_SQUARE)),
        True,
        HAND,
    ),
    Worked(
        "Geometry.intersection",
        lambda ee: _vertices(ee, _disc(ee, -50).intersection(_disc(ee, -40), 1)).slice(-len(_LENS)),
        sorted(_LENS),
        BOOK,
        1e-12,
    ),
    Worked("Geometry.union", lambda ee: _vertices(ee, _disc(ee, -50).union(_disc(ee, -40), 1)).size(), 33, BOOK),
    Worked(
        "Geometry.difference", lambda ee: _vertices(ee, _disc(ee, -50).difference(_disc(ee, -40), 1)).size(), 26, BOOK
    ),
    Worked(
        "Geometry.symmetricDifference",
        lambda ee: _disc(ee, -50).symmetricDifference(_disc(ee, -40), 1),
        {"type": "MultiPolygon"},
        BOOK,
    ),
    Worked(
        "Geometry.symmetricDifference",
        lambda ee: flat(ee, 0, 0, 2, 1).symmetricDifference(flat(ee, 1, 0, 3, 1)).area(1, "EPSG:4326"),
        2,
        HAND,
    ),
]

_CONSTRUCTIONS = [
    Worked(
        "Geometry.buffer",
        lambda ee: ee.List(_disc(ee, -50).coordinates().get(0)).slice(0, 3),
        [[-50, 38.99886595148144], [-53.20474725917394, 38.602502406482586], [-56.06709669803667, 37.45722975411991]],
        BOOK,
        1e-13,
    ),
    Worked(
        "Geometry.buffer",
        lambda ee: _vertices(ee, book(ee).buffer(1_000_000)).slice(48, 49),
        [[62.03323359073045, 31.419574967003722]],
        f"{BOOK}: one of 94 vertices",
        1e-12,
    ),
    Worked(
        "Geometry.buffer",
        lambda ee: ee.Geometry.Point(1, 2).buffer(-5),
        {"type": "GeometryCollection", "geometries": []},
        f"{HAND}: nothing is left",
    ),
    Worked(
        "Geometry.bounds",
        lambda ee: ee.Geometry.Polygon([[[0, 0], [10, 10], [20, 0]]]).bounds(),
        {
            "coordinates": [
                [
                    [0, -4.4794226470436166e-14],
                    [20, -4.4794226470436166e-14],
                    [20, 10.000000000000025],
                    [0, 10.000000000000025],
                    [0, 0],
                ]
            ]
        },
        "earth engine: gee_tools notebooks/geometry/getRegion.ipynb",
        1e-12,
    ),
    Worked("Geometry.centroid", lambda ee: book(ee).centroid(), {"coordinates": [30, 54.56306390486972]}, BOOK, 1e-12),
    Worked(
        "Geometry.centroid",
        lambda ee: ee.apply(
            "GeometryConstructors.MultiGeometry",
            {"geometries": [ee.Geometry.Point(80, 80), ee.Geometry.LineString([[0, 0], [10, 0]])]},
        ).centroid(),
        {"coordinates": [5, 0]},
        f"{PAGE}-centroid: lower-dimensional components are ignored",
    ),
    Worked(
        "Geometry.convexHull",
        lambda ee: ee.Geometry.MultiPoint([[0, 0], [2, 0], [1, 2], [1, 1]]).convexHull(),
        {"coordinates": [[[0, 0], [2, 0], [1, 2], [0, 0]]]},
        HAND,
    ),
    Worked(
        "Geometry.convexHull",
        lambda ee: ee.Geometry.MultiPoint([[0, 0], [2, 0], [1, 0]]).convexHull(),
        {"type": "LineString"},
        f"{PAGE}-convexhull: collinear points",
    ),
    Worked(
        "Geometry.convexHull",
        lambda ee: ee.Geometry.Point(1, 2).convexHull(),
        {"type": "Point"},
        f"{PAGE}-convexhull: a single point",
    ),
    Worked(
        "Geometry.dissolve",
        lambda ee: (
            ee.Geometry.MultiPolygon(
                [[[[0, 0], [2, 0], [2, 2], [0, 2]]], [[[1, 1], [3, 1], [3, 3], [1, 3]]]], "EPSG:4326", False
            )
            .dissolve(1)
            .area(1, "EPSG:4326")
        ),
        7,
        f"{HAND}: 4 + 4 − 1",
    ),
    Worked(
        "Geometry.simplify",
        lambda ee: ee.Geometry.LineString([[0, 0], [1, 0.001], [2, 0]]).simplify(1000),
        {"coordinates": [[0, 0], [2, 0]]},
        f"{HAND}: 111 m off the line",
    ),
    Worked(
        "Geometry.simplify",
        lambda ee: ee.Geometry.LineString([[0, 0], [1, 0.001], [2, 0]]).simplify(50),
        {"coordinates": [[0, 0], [1, 0.001], [2, 0]]},
        f"{HAND}: 111 m off the line",
    ),
    Worked(
        "Geometry.transform",
        lambda ee: ee.Geometry.Point(114.29, 30.585).transform("EPSG:32650", 1),
        {"coordinates": [240_126.308777, 3_386_739.534735], "crs": {"properties": {"name": "EPSG:32650"}}},
        "reference: pyproj",
        1e-6,
    ),
    Worked(
        "Geometry.cutLines",
        lambda ee: ee.Geometry.LineString([[0, 0], [2, 0]]).cutLines([DEGREE / 2, DEGREE]),
        {"type": "MultiLineString", "coordinates": [[[0, 0], [0.5, 0]], [[0.5, 0], [1, 0]], [[1, 0], [2, 0]]]},
        f"{HAND}: along the equator",
    ),
    Worked(
        "Geometry.cutLines",
        lambda ee: ee.Geometry.Point(0, 0).cutLines([1]),
        {"type": "MultiLineString", "coordinates": []},
        f"{PAGE}-cutlines: all other types become empty",
    ),
    Worked(
        "Geometry.coveringGrid",
        lambda ee: (
            ee.Geometry.Point([31.6, -8.54])
            .buffer(100000)
            .coveringGrid("EPSG:32736", 2**14)
            .filter(ee.Filter.eq("system:index", "18,551"))
            .size()
        ),
        1,
        f"{PAGE}-coveringgrid: the sample picks a cell by this index",
    ),
    Worked(
        "Geometry.coveringGrid",
        lambda ee: (
            ee.Geometry.LineString([[500_010, 10], [500_210, 10]], "EPSG:32650", False)
            .coveringGrid("EPSG:32650", 100)
            .first()
        ),
        {
            "id": "5000,0",
            "geometry": {"coordinates": [[[500_000, 0], [500_100, 0], [500_100, 100], [500_000, 100], [500_000, 0]]]},
        },
        HAND,
    ),
    *(
        Worked(
            f"Geometry.{name}",
            lambda ee, name=name, given=given: ee.apply(f"Geometry.{name}", given).coordinates().get(0),
            [
                [-45, -35.26438968275466],
                [45, -35.26438968275466],
                [45, 35.26438968275466],
                [-45, 35.26438968275466],
                [-45, -35.26438968275466],
            ],
            "reference: face 0 of S2's cube: corners (1, ±1, ±1), latitude atan(1 / √2)",
        )
        for name, given in (
            ("fromS2CellToken", {"cellToken": "1000000000000000"}),
            ("fromS2CellId", {"cellId": 0x1000000000000000}),
            ("s2Cell", {"cellId": 0x1000000000000000}),
        )
    ),
]

_ENCODED = [
    Worked(
        f"Geometry.{name}",
        lambda ee, name=name, encoded=encoded: ee.apply(f"Geometry.{name}", {"encoded": encoded()}).coordinates(),
        expected,
        "reference: Google's S2 library, which encoded it",
    )
    for name, encoded, expected in (
        ("fromS2LatLng", lambda: _packed(math.radians(5), math.radians(6)), [6, 5]),
        ("fromS2Point", lambda: _packed(0, 1, 0), [90, 0]),
        ("fromS2LatLngRect", lambda: _encoded(_rectangle()), [[[170, 0], [190, 0], [190, 5], [170, 5], [170, 0]]]),
        ("fromS2Polyline", lambda: _encoded(_polyline((1, 2), (3, 4))), [[1, 2], [3, 4]]),
        ("fromS2Polygon", lambda: _encoded(_triangle()), [[[0, 0], [10, 0], [0, 10], [0, 0]]]),
    )
]

WORKED = [*_ENCODED, *_RELATIONS, *_CONSTRUCTIONS]
