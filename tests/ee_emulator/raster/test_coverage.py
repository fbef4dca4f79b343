"""Shares of pixels in polygons, against the geometry library's intersections."""

from __future__ import annotations

import numpy as np
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st

from ee_emulator.raster.coverage import coverage
from ee_emulator.raster.grid import Grid

GRID = Grid("EPSG:32650", Affine(10, 0, 100, 0, -10, 300), 13, 9)
NUMBERS = st.integers(-8, 40).map(float) | st.floats(-20, 60)


def by_intersection(shape: shapely.Geometry, grid: Grid) -> np.ndarray:
    columns, rows = np.meshgrid(np.arange(grid.width), np.arange(grid.height))
    t = grid.transform
    corners = [(columns + dx, rows + dy) for dx, dy in ((0, 0), (1, 0), (1, 1), (0, 1))]
    rings = np.stack([np.stack([t.a * c + t.b * r + t.c, t.d * c + t.e * r + t.f], -1) for c, r in corners], axis=-2)
    boxes = shapely.polygons(rings)
    return shapely.area(shapely.intersection(shape, boxes)) / shapely.area(boxes)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=3, max_size=9))
def test_shares_are_those_of_intersections(points: list[tuple[float, float]]) -> None:
    """Corners of random outlines lie inside and outside of the grid, many of them on its lines."""
    places = [(100 + 5 * x, 300 - 5 * y) for x, y in points]
    shape = shapely.make_valid(shapely.Polygon(places))
    areas = [part for part in shapely.get_parts(shape) if part.geom_type in ("Polygon", "MultiPolygon")]
    polygons = shapely.union_all(areas)
    np.testing.assert_allclose(coverage(polygons, GRID), by_intersection(polygons, GRID), atol=1e-7)


def test_holes_and_several_parts_count() -> None:
    ring = shapely.Point(165, 255).buffer(38).difference(shapely.Point(165, 255).buffer(17))
    shape = shapely.union_all([ring, shapely.box(95, 291, 104, 330), shapely.Point(165, 255).buffer(6)])
    np.testing.assert_allclose(coverage(shape, GRID), by_intersection(shape, GRID), atol=1e-9)


def test_a_turned_lattice_has_shares_as_well() -> None:
    turned = Grid("EPSG:32650", Affine.translation(165, 255) * Affine.rotation(30) * Affine.scale(7, -9), 8, 6)
    shape = shapely.Point(190, 230).buffer(25)
    np.testing.assert_allclose(coverage(shape, turned), by_intersection(shape, turned), atol=1e-9)


def test_what_covers_or_misses_the_grid_covers_or_misses_it_wholly() -> None:
    assert (coverage(shapely.box(-1e7, -1e7, 1e7, 1e7), GRID) == 1).all()
    assert (coverage(shapely.box(1e6, 0, 2e6, 300), GRID) == 0).all()
    assert (coverage(shapely.Polygon(), GRID) == 0).all()
