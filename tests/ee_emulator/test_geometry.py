"""Geometries on the globe: rules that hold wherever a shape lies, over the antimeridian and round the poles too."""

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ee_emulator import algorithms
from ee_emulator.catalog.chain import ChainCatalog
from ee_emulator.encode import encode
from ee_emulator.errors import EarthEngineError
from ee_emulator.geometry import geodesy, overlay, sphere
from ee_emulator.registry import Context, invoke
from ee_emulator.values import ErrorMargin, Feature, Geometry

algorithms.load()
CONTEXT = Context(ChainCatalog([]))

longitudes = st.floats(-180, 180)
latitudes = st.floats(-80, 80)
sizes = st.floats(0.01, 15)


def call(name: str, **arguments: Any) -> Any:
    return invoke(name, arguments, CONTEXT)


def point(lon: float, lat: float) -> Geometry:
    return Geometry(shapely.Point(lon, lat))


def polygon(*places: tuple[float, float], geodesic: bool = True) -> Geometry:
    made: Geometry = call("GeometryConstructors.Polygon", coordinates=[[*map(list, places)]], geodesic=geodesic)
    return made


def triangle(lon: float, lat: float, size: float) -> Geometry:
    return polygon((lon, lat), (lon + size, lat - size / 2), (lon + size / 3, lat + size / 2))


@settings(max_examples=50, deadline=None)
@given(longitudes, st.floats(-90, 90), st.floats(1, 3e6), st.floats(0.001, 0.2))
def test_a_points_buffer_is_a_circle_about_it(lon: float, lat: float, metres: float, share: float) -> None:
    grown = geodesy.buffer(point(lon, lat), metres, ErrorMargin(metres * share))
    centre, ring = sphere.vectors(np.array([[lon, lat]])), sphere.vectors(shapely.get_coordinates(grown.shape))
    assert sphere.angles(ring, np.broadcast_to(centre, ring.shape)) == pytest.approx(metres / sphere.RADIUS, rel=1e-6)
    middles = sphere.arc(ring[:-1], ring[1:], 0.5)
    short = metres - sphere.angles(middles, np.broadcast_to(centre, middles.shape)) * sphere.RADIUS
    assert (short <= metres * share * 1.05 + 1e-3).all()


@settings(max_examples=40, deadline=None)
@given(longitudes, latitudes, sizes, st.floats(-180, 180))
def test_measures_do_not_depend_on_the_meridian(lon: float, lat: float, size: float, turn: float) -> None:
    here, there = triangle(lon, lat, size), triangle(lon + turn, lat, size)
    assert geodesy.area(there) == pytest.approx(geodesy.area(here), rel=1e-6)
    assert geodesy.perimeter(there) == pytest.approx(geodesy.perimeter(here), rel=1e-9)


@settings(max_examples=40, deadline=None)
@given(longitudes, latitudes, sizes, st.floats(0, 1), st.floats(-0.5, 0.5))
def test_areas_of_what_is_shared_and_united_add_up(lon: float, lat: float, size: float, x: float, y: float) -> None:
    assume(abs(lat + y * size) + size / 2 < 90)  # beyond a pole there is nothing to be shared
    a, b = triangle(lon, lat, size), triangle(lon + x * size, lat + y * size, size)
    shared, united = overlay.combine("intersection", a, b), overlay.combine("union", a, b)
    left, right = overlay.combine("difference", a, b), overlay.combine("symmetricDifference", a, b)
    total = geodesy.area(a) + geodesy.area(b)
    slack = total * 1e-6
    assert geodesy.area(shared) + geodesy.area(united) == pytest.approx(total, abs=slack)
    assert geodesy.area(left) + geodesy.area(shared) == pytest.approx(geodesy.area(a), abs=slack)
    assert geodesy.area(right) == pytest.approx(geodesy.area(united) - geodesy.area(shared), abs=slack)
    assert overlay.relate("intersects", a, b) is not overlay.relate("disjoint", a, b)
    assert overlay.relate("contains", united, Geometry(a.shape.representative_point()))


@settings(max_examples=60, deadline=None)
@given(longitudes, latitudes, longitudes, latitudes)
def test_distances_are_the_ellipsoids_to_a_few_parts_in_a_hundred_thousand(
    lon: float, lat: float, other_lon: float, other_lat: float
) -> None:
    a, b = point(lon, lat), point(other_lon, other_lat)
    true = geodesy.GEOD.inv(lon, lat, other_lon, other_lat)[2]
    if true < 15e6:  # the formula fails towards the antipode
        assert geodesy.distance(a, b) == pytest.approx(true, rel=3e-5, abs=1e-3)
        assert geodesy.distance(a, b) == geodesy.distance(b, a)


@settings(max_examples=30, deadline=None)
@given(longitudes, latitudes, sizes, st.floats(0.1, 0.9))
def test_lines_that_are_cut_keep_their_length(lon: float, lat: float, size: float, share: float) -> None:
    line = Geometry(shapely.LineString([(lon, lat), (lon + size, lat / 2), (lon + size, lat + 1)]))
    length = geodesy.length(line)
    cut = call("Geometry.cutLines", geometry=line, distances=[share * length])
    lengths = [geodesy.length(line.with_shape(part)) for part in sphere.parts(cut.shape)]
    assert lengths == pytest.approx([share * length, (1 - share) * length], rel=1e-2)


@settings(max_examples=30, deadline=None)
@given(st.floats(-170, 170), st.floats(-80, 80), st.floats(0.1, 20), st.floats(0.05, 10))
def test_edges_straight_in_degrees_are_kept_to_the_margin(lon: float, lat: float, width: float, height: float) -> None:
    box = Geometry(shapely.box(lon, lat, lon + width, lat + height), geodesic=False)
    exact, divided = geodesy.area(box), geodesy.area(Geometry(geodesy.arcs(box, ErrorMargin(10))))
    assert divided == pytest.approx(exact, abs=10 * geodesy.perimeter(box))


def test_an_arc_leaves_the_parallel_and_a_straight_edge_keeps_to_it() -> None:
    corners = [(-5.0, 40.0), (65.0, 40.0), (65.0, 60.0), (-5.0, 60.0)]
    arcs, straight, place = polygon(*corners), polygon(*corners, geodesic=False), point(30, 63)
    assert overlay.relate("contains", arcs, place)
    assert not overlay.relate("contains", straight, place)
    assert geodesy.extent(arcs) == pytest.approx((-5, 40, 65, 64.68876994613073))
    assert geodesy.extent(straight) == (-5, 40, 65, 60)


def test_a_shape_round_a_pole_holds_the_pole() -> None:
    cap = polygon((0, 60), (90, 60), (180, 60), (-90, 60))
    assert overlay.relate("contains", cap, point(45, 89.9))
    assert geodesy.extent(cap) == pytest.approx((-180, 60, 180, 90))
    assert geodesy.area(cap) == pytest.approx(
        geodesy.area(Geometry(shapely.box(-180, 60, 180, 90), geodesic=False)), rel=0.4
    )


def test_rings_that_cross_are_taken_by_the_even_odd_rule() -> None:
    bow = polygon((0, 0), (1, 1), (1, 0), (0, 1))
    halves = geodesy.area(polygon((0, 0), (0.5, 0.5), (0, 1))) * 2
    assert geodesy.area(bow) == pytest.approx(halves, rel=1e-3)
    hole = call(
        "GeometryConstructors.Polygon",
        coordinates=[[[0, 0], [4, 0], [4, 4], [0, 4]], [[1, 1], [2, 1], [2, 2], [1, 2]]],
    )
    assert not overlay.relate("contains", hole, point(1.5, 1.5))
    assert geodesy.perimeter(hole) > geodesy.perimeter(polygon((0, 0), (4, 0), (4, 4), (0, 4)))


def test_vertices_come_through_unrounded() -> None:
    a = polygon((0.1, 0.2), (10.3, 0.4), (10.5, 10.6), (0.7, 10.8))
    b = polygon((-5.1, -5.2), (50.3, -5.4), (50.5, 50.6), (-5.7, 50.8))
    shared = overlay.combine("intersection", a, b)
    assert set(shared.shape.exterior.coords) == set(a.shape.exterior.coords)


def test_what_shares_only_an_edge_shares_no_area() -> None:
    a, b = (Geometry(shapely.box(x, 0, x + 1, 1), geodesic=False) for x in (0, 1))
    assert encode(overlay.combine("intersection", a, b)) == {
        "type": "GeometryCollection",
        "geometries": [],
        "geodesic": False,
    }
    assert overlay.relate("intersects", a, b)


def test_what_is_empty_meets_nothing_and_what_is_unbounded_everything() -> None:
    nothing = Geometry(shapely.GeometryCollection())
    everything = Geometry(shapely.box(-180, -90, 180, 90), unbounded=True)
    place = point(1, 2)
    assert not overlay.relate("intersects", nothing, place)
    assert not overlay.relate("contains", place, nothing)
    assert overlay.relate("disjoint", nothing, place)
    assert overlay.relate("contains", everything, place)
    assert not overlay.relate("contains", place, everything)
    assert overlay.combine("intersection", everything, place) is place
    assert geodesy.distance(nothing, place) == float("inf")
    assert call("Geometry.closestPoint", left=nothing, right=place) is None
    with pytest.raises(EarthEngineError, match="unbounded"):
        call("Geometry.area", geometry=everything)


def test_cells_cover_a_shape_and_each_of_them_meets_it() -> None:
    shape = call("Geometry.buffer", geometry=point(114.3, 30.6), distance=5000)
    cells: list[Feature] = list(call("Geometry.coveringGrid", geometry=shape, proj="EPSG:32650", scale=1000).elements())
    united = shapely.union_all([cell.geometry.shape for cell in cells if cell.geometry])
    assert united.covers(geodesy.projected(shape, "EPSG:32650"))
    assert 81 <= len(cells) <= 121
    assert all(cell.geometry and cell.geometry.shape.area == pytest.approx(1e6) for cell in cells)


def test_random_points_are_even_on_the_sphere() -> None:
    box = Geometry(shapely.box(0, 0, 10, 80), geodesic=False)
    places = call("FeatureCollection.randomPoints", region=box, points=4000, seed=1)
    north = sum(f.geometry.shape.y > 30 for f in places.elements())
    expected = 1 - np.sin(np.radians(30)) / np.sin(np.radians(80))
    assert north / 4000 == pytest.approx(expected, abs=0.03)


def test_random_points_of_lines_lie_on_them_and_of_mixed_shapes_in_the_areas() -> None:
    line = Geometry(shapely.LineString([(0, 0), (10, 0), (10, 30)]))
    on_line = list(call("FeatureCollection.randomPoints", region=line, points=400, seed=1).elements())
    assert sum(f.geometry.shape.x == pytest.approx(10) for f in on_line) == pytest.approx(300, abs=30)
    mixed = Geometry(shapely.GeometryCollection([shapely.Point(50, 50), shapely.box(0, 0, 1, 1)]))
    inside = call("FeatureCollection.randomPoints", region=mixed, points=20, seed=1).elements()
    assert all(overlay.relate("intersects", mixed.with_shape(mixed.shape.geoms[1]), f.geometry) for f in inside)


def test_a_grid_of_too_many_cells_is_refused() -> None:
    shape = Geometry(shapely.box(0, 0, 10, 10), geodesic=False)
    grid = call("Geometry.coveringGrid", geometry=shape, proj="EPSG:4326", scale=10)
    with pytest.raises(EarthEngineError, match="more than 1000000"):
        list(grid.elements())
