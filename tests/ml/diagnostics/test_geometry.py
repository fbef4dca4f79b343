"""The numbers are what their definitions say, and find dimensions that are known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.diagnostics import geometry
from ml.diagnostics.distances import neighbourhoods


def test_contrast_of_points_on_a_line() -> None:
    around = neighbourhoods(np.array([[0.0], [1.0], [4.0]]), "euclidean", 1)
    # (4 − 1)/1, (3 − 1)/1, (4 − 3)/3
    assert geometry.relative_contrast(around) == pytest.approx(2.0)
    assert geometry.spread(around) == pytest.approx(2 / 3)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.01, 100))
def test_no_measure_depends_on_the_unit(seed: int, scale: float) -> None:
    points = np.random.default_rng(seed).normal(size=(60, 4))
    one, other = (neighbourhoods(p, "euclidean", 10) for p in (points, scale * points))
    for measure in (
        geometry.relative_contrast,
        geometry.spread,
        geometry.variation,
        geometry.hub_skewness,
        geometry.antihub_share,
        geometry.two_nn,
        geometry.maximum_likelihood,
    ):
        assert measure(one) == pytest.approx(measure(other), rel=1e-6)


def test_the_middle_of_a_star_is_everybodys_neighbour() -> None:
    angle = np.linspace(0, 2 * np.pi, 5, endpoint=False)  # the tips are farther from one another than from the middle
    points = np.vstack([np.zeros((1, 2)), np.column_stack([np.cos(angle), np.sin(angle)])])
    around = neighbourhoods(points, "euclidean", 1)
    assert geometry.occurrences(around)[0] == 5
    assert geometry.hub_skewness(around) > 1
    assert geometry.antihub_share(around) == pytest.approx(4 / 6)


def test_contrast_falls_and_hubs_grow_with_independent_dimensions() -> None:
    rng = np.random.default_rng(0)
    around = [neighbourhoods(rng.normal(size=(500, d)), "euclidean", 10) for d in (3, 20, 200)]
    contrast = [geometry.relative_contrast(a) for a in around]
    hubs = [geometry.hub_skewness(a) for a in around]
    assert contrast[0] > 3 * contrast[1] > 6 * contrast[2]
    assert hubs[0] < hubs[1] < hubs[2]


@pytest.mark.parametrize("dimension", [2, 5])
def test_intrinsic_dimension_of_a_flat_sheet_in_forty(dimension: int) -> None:
    rng = np.random.default_rng(1)
    sheet = rng.uniform(size=(1_500, dimension)) @ rng.normal(size=(dimension, 40))
    around = neighbourhoods(sheet, "euclidean", 10)
    assert geometry.two_nn(around) == pytest.approx(dimension, rel=0.15)
    assert geometry.maximum_likelihood(around) == pytest.approx(dimension, rel=0.2)


def test_pixels_next_door_do_not_make_the_dimension_grow() -> None:
    rng = np.random.default_rng(2)
    place = rng.uniform(size=(400, 3)) @ rng.normal(size=(3, 20))
    points = np.repeat(place, 4, axis=0) + 1e-4 * rng.normal(size=(1_600, 20))
    groups = np.repeat(np.arange(400), 4) % 20
    around = neighbourhoods(points, "euclidean", 12, groups)
    assert geometry.two_nn(around, groups) == pytest.approx(3, rel=0.25)
    assert geometry.two_nn(around) > 6  # as if groups were unknown


def test_variance_in_few_components() -> None:
    rng = np.random.default_rng(3)
    flat = rng.normal(size=(2_000, 4)) @ np.linalg.qr(rng.normal(size=(30, 4)))[0].T
    shares = geometry.variance_shares(flat)
    assert shares.sum() == pytest.approx(1)
    assert geometry.participation_ratio(shares) == pytest.approx(4, rel=0.02)
    assert geometry.components_for(shares, 0.9) == 4
    assert geometry.components_for(shares, 0.2) == 1


def test_rows_that_are_all_equal_have_no_contrast_and_no_dimension() -> None:
    around = neighbourhoods(np.ones((40, 3)), "euclidean", 5)
    assert np.isnan(geometry.relative_contrast(around))
    assert np.isnan(geometry.two_nn(around))
    assert np.isnan(geometry.maximum_likelihood(around))
    assert geometry.participation_ratio(geometry.variance_shares(np.ones((40, 3)))) == 0
