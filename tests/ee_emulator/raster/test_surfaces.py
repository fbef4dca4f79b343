"""Distances to features and values between them, against brute force and textbook properties."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ee_emulator.errors import EarthEngineError
from ee_emulator.geometry import geodesy, sphere
from ee_emulator.raster.projection import convert
from ee_emulator.values import Feature, FeatureCollection, Geometry
from tests.ee_emulator.raster.arrays import UTM, call, masked_list, native, pixels
from tests.ee_emulator.raster.test_distance import in_tiles
from tests.ee_emulator.raster.test_drawing import features


def centre(column: float, row: float) -> Geometry:
    """A place by the test lattice's columns and rows."""
    lon, lat = convert(UTM, "EPSG:4326", np.array([500_000 + 10 * column]), np.array([3_400_000 - 10 * row]))
    return Geometry(shapely.Point(lon[0], lat[0]))


def samples(values: dict[tuple[float, float], Any]) -> FeatureCollection:
    made = [Feature(centre(*place), {"z": value}) for place, value in values.items()]
    return FeatureCollection(lambda: made)


def surface(name: str, collection: FeatureCollection, side: int = 8, **options: Any) -> Any:
    made = call(f"FeatureCollection.{name}", collection=collection, propertyName="z", **options)
    return pixels(made, native(side, side), "z")


IDW = {"range": 100.0, "mean": 10.0, "stdDev": 1.0}
KRIGING = {"shape": "spherical", "range": 100.0, "sill": 2.0, "nugget": 0.1}


@given(st.integers(0, 1000))
@settings(max_examples=10, deadline=None)
def test_the_distance_is_that_to_the_nearest_of_all_shapes(seed: int) -> None:
    random = np.random.default_rng(seed)
    shapes = [shapely.Point(random.random(2) * 20), shapely.LineString(random.random((3, 2)) * 20)]
    shapes.append(shapely.box(*(random.random(2) * 9), *(random.random(2) * 9 + 10)))
    collection = features(*shapes)
    got = pixels(call("Collection.distance", features=collection), native(5, 5))
    outlines = [f.geometry for f in collection.elements()]
    outlines[2] = Geometry(outlines[2].shape.boundary, UTM, False)
    for row in range(5):
        for column in range(5):
            expected = min(geodesy.distance(centre(column + 0.5, row + 0.5), o, None, True) for o in outlines)
            assert got.values[row, column] == pytest.approx(expected, abs=0.01)


def test_beyond_the_radius_there_is_no_distance() -> None:
    made = call("Collection.distance", features=samples({(0.5, 0.5): 1}), searchRadius=25)
    row = masked_list(pixels(made, native(5, 1)))[0]
    assert [None if v is None else round(v) for v in row] == [0, 10, 20, None, None]


def test_without_features_everything_is_masked() -> None:
    made = call("Collection.distance", features=samples({}))
    assert not pixels(made, native(2, 2)).mask.any()
    assert not surface("kriging", samples({}), **KRIGING).mask.any()


def test_tiles_give_the_distances_of_the_whole() -> None:
    shapes = [shapely.LineString([(2, 3), (38, 31)]), shapely.Point(5, 30)]
    made = call("Collection.distance", features=features(*shapes), searchRadius=120)
    whole = pixels(made, native(40, 40))
    values, mask = in_tiles(made, native(40, 40), 13, 9)
    np.testing.assert_array_equal(mask, whole.mask)
    np.testing.assert_allclose(values, whole.values, atol=1e-6)


@pytest.mark.parametrize(("name", "options"), [("inverseDistance", IDW), ("kriging", KRIGING)])
def test_a_surface_goes_through_its_points_and_ends_beyond_their_reach(name: str, options: dict[str, Any]) -> None:
    got = surface(name, samples({(0.5, 0.5): 12.0, (5.5, 3.5): 9.0}), side=20, **options)
    assert got.values[0, 0] == pytest.approx(12.0, abs=1e-3)
    assert got.values[3, 5] == pytest.approx(9.0, abs=1e-3)
    assert got.mask[3, 14]
    assert not got.mask[19, 19]


@pytest.mark.parametrize(("name", "options"), [("inverseDistance", IDW), ("kriging", KRIGING)])
def test_equal_values_make_a_flat_surface(name: str, options: dict[str, Any]) -> None:
    got = surface(name, samples({(0.5, 0.5): 10.0, (5.5, 3.5): 10.0, (2.0, 7.0): 10.0}), **options)
    np.testing.assert_allclose(got.values[got.mask], 10.0, rtol=1e-9)


@pytest.mark.parametrize(("name", "options"), [("inverseDistance", IDW), ("kriging", KRIGING)])
def test_overlapping_points_are_reduced_to_one(name: str, options: dict[str, Any]) -> None:
    made = [Feature(centre(2.5, 2.5), {"z": value}) for value in (10.0, 20.0)]
    largest = surface(name, FeatureCollection(lambda: made), reducer=call("Reducer.max"), **options)
    mean = surface(name, FeatureCollection(lambda: made), **options)
    assert largest.values[2, 2] == pytest.approx(20.0, abs=1e-3)
    assert mean.values[2, 2] == pytest.approx(15.0, abs=1e-3)


def test_a_larger_gamma_draws_to_the_mean_sooner() -> None:
    near, far = (surface("inverseDistance", samples({(0.5, 0.5): 20.0}), gamma=g, **IDW).values[0] for g in (0.1, 5.0))
    assert (far[1:] < near[1:]).all()
    assert (np.diff(far) < 0).all()
    assert (far >= 10.0).all()


@pytest.mark.parametrize("gap", [1e-8, 1e-12, 3e-14])
def test_points_that_almost_overlap_break_nothing(gap: float) -> None:
    got = surface("kriging", samples({(2.5, 2.5): 4.0, (2.5 + gap, 2.5): 6.0, (7.0, 7.0): 5.0}), **KRIGING)
    assert got.mask.all()
    assert 3.99 <= got.values[2, 2] <= 6.01


def test_kriging_weights_are_those_of_the_textbook() -> None:
    places = {(1.0, 1.0): 3.0, (6.0, 2.0): 5.0, (2.0, 6.0): 8.0}
    got = surface("kriging", samples(places), **KRIGING).values[3, 3]

    def gamma(h: np.ndarray) -> np.ndarray:
        return np.where(h > 0, 0.1 + 1.9 * np.where(h < 100, 1.5 * h / 100 - 0.5 * (h / 100) ** 3, 1.0), 0.0)

    vectors = sphere.vectors(np.concatenate([shapely.get_coordinates(centre(*p).shape) for p in [*places, (3.5, 3.5)]]))
    apart = sphere.RADIUS * sphere.angles(vectors[:, None], vectors[None])
    np.fill_diagonal(apart, 0)
    system = np.block([[gamma(apart[:3, :3]), np.ones((3, 1))], [np.ones((1, 3)), np.zeros((1, 1))]])
    weights = np.linalg.solve(system, [*gamma(apart[3, :3]), 1.0])
    assert got == pytest.approx(weights[:3] @ [3.0, 5.0, 8.0], rel=1e-9)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("kriging", KRIGING | {"shape": "linear"}, "Unknown shape 'linear'"),
        ("kriging", KRIGING | {"range": 0}, "must be positive"),
        ("inverseDistance", IDW | {"range": -1}, "must be positive"),
    ],
)
def test_what_cannot_be_done_is_refused(name: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(EarthEngineError, match=message):
        surface(name, samples({(1, 1): 1.0}), **options)
    with pytest.raises(EarthEngineError, match="must be a number"):
        surface("kriging", samples({(1, 1): "much"}), **KRIGING)
