"""Geometries are sets of points, however they are written."""

from typing import Any

import pytest
import shapely
import shapely.geometry
from hypothesis import assume, given
from hypothesis import strategies as st

from codegen.evaluation.judging.geometries import geometry_difference

COORDINATE = st.integers(-1000, 1000).map(lambda value: value / 100)
CORNERS = st.lists(st.tuples(COORDINATE, COORDINATE), min_size=3, max_size=8, unique=True)


def polygon(corners: list[tuple[float, float]]) -> dict[str, Any]:
    """Around given corners, in an order in which the ring does not cross itself."""
    hull = shapely.MultiPoint(corners).convex_hull
    assume(hull.geom_type == "Polygon" and hull.area > 0.01)
    return dict(shapely.geometry.mapping(hull))


@given(CORNERS, st.integers(0, 20), st.booleans())
def test_where_a_ring_begins_and_which_way_it_runs_makes_no_difference(
    corners: list[tuple[float, float]], turn: int, back: bool
) -> None:
    area = polygon(corners)
    ring = list(area["coordinates"][0])[:-1]
    turned = ring[turn % len(ring) :] + ring[: turn % len(ring)]
    turned = turned[::-1] if back else turned
    assert geometry_difference(area, {"type": "Polygon", "coordinates": [[*turned, turned[0]]]}) is None


@given(CORNERS, st.integers(0, 20), st.floats(0.001, 5), st.sampled_from([0, 1]))
def test_a_corner_that_has_moved_is_noticed(
    corners: list[tuple[float, float]], number: int, by: float, axis: int
) -> None:
    area = polygon(corners)
    ring = [list(point) for point in area["coordinates"][0]][:-1]
    centre = shapely.geometry.shape(area).centroid.coords[0]
    corner = ring[number % len(ring)]
    corner[axis] += by if corner[axis] >= centre[axis] else -by  # outwards: the ring stays one
    moved = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
    assume(not shapely.geometry.shape(moved).equals(shapely.geometry.shape(area)))
    assert geometry_difference(area, moved) is not None
    assert geometry_difference(moved, area) is not None


@given(CORNERS, st.data())
def test_noise_in_coordinates_makes_no_difference(corners: list[tuple[float, float]], data: st.DataObject) -> None:
    area = polygon(corners)
    noise = st.floats(-1e-11, 1e-11)
    ring = [[x + data.draw(noise), y + data.draw(noise)] for x, y in list(area["coordinates"][0])[:-1]]
    assert geometry_difference(area, {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}) is None


@given(st.lists(st.tuples(COORDINATE, COORDINATE), min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_points_and_their_repetition_make_no_difference(
    points: list[tuple[float, float]], random: Any
) -> None:
    shuffled = [*points, points[0]]
    random.shuffle(shuffled)
    one, other = ({"type": "MultiPoint", "coordinates": some} for some in (points, shuffled))
    assert geometry_difference(one, other) is None


def test_a_hole_is_a_difference_and_the_reason_tells_the_area() -> None:
    ring = [[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]]
    hole = [[1, 1], [2, 1], [2, 2], [1, 2], [1, 1]]
    whole, holed = ({"type": "Polygon", "coordinates": rings} for rings in ([ring], [ring, hole]))
    assert geometry_difference(holed, whole) == (
        "Expected a Polygon of area 15 within [0, 0, 4, 4], got a Polygon of area 16 within [0, 0, 4, 4]: "
        "they are not the same points."
    )


def test_a_ring_that_crosses_itself_is_a_geometry_too() -> None:
    bow = {"type": "Polygon", "coordinates": [[[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]]}
    halves = {
        "type": "MultiPolygon",
        "coordinates": [[[[0, 0], [1, 1], [0, 2], [0, 0]]], [[[2, 2], [1, 1], [2, 0], [2, 2]]]],
    }
    assert geometry_difference(bow, halves) is None


@pytest.mark.parametrize(
    "nonsense",
    [
        5,
        "Point",
        [],
        {},
        {"type": 5},
        {"type": "Point", "coordinates": "xy"},
        {"type": "Point", "coordinates": [["a", "b"]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, "NaN"], [1, 1], [0, 0]]]},
        {"type": "Point", "coordinates": [1, 2], "crs": {"properties": 5}},
        {"type": "Point", "coordinates": [1, 2], "crs": 5},
        {"type": "GeometryCollection", "geometries": [5]},
        {"type": "LineString", "coordinates": [[0, 0]]},
        {"type": "Point", "coordinates": [1e400, 2]},
    ],
)
def test_what_is_no_geometry_is_a_difference_and_no_accident(nonsense: Any) -> None:
    point = {"type": "Point", "coordinates": [1, 2]}
    assert geometry_difference(point, nonsense) is not None
