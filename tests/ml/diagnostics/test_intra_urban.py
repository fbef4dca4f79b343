"""Planted clusters, gradients and changes of one city are found, whether its pixels lie together or apart."""

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from lake.aef import unit_length
from lake.errors import BadInputError
from lake.grid import CityGrid, city_grid
from ml.diagnostics.intra_urban import CityOrder, adjacent, blocks, centre_distances, from_centre, study_city
from ml.diagnostics.intra_urban_figures import city_figure, gradient_figure
from tests.ml.diagnostics.conftest import ORIGIN, spread, words

GRIDS = {"together": city_grid("wuhan", 2_000), "spread": spread(city_grid("wuhan", 12_000))}


def world(grid: CityGrid, changed: NDArray[np.bool_]) -> dict[int, NDArray[np.float64]]:
    """Three zones by distance and side; some pixels turn elsewhere until 2024, and all move a little."""
    rng = np.random.default_rng(3)
    km, (east, _) = centre_distances(grid), from_centre(grid)
    middle = np.median(km)
    zone = np.where(km < middle, 0, np.where(east > 0, 1, 2))
    axes = np.eye(8)
    first = axes[zone] + 0.05 * rng.normal(size=(len(zone), 8))
    last = first + 0.3 * axes[6] + 0.02 * rng.normal(size=first.shape)
    last[changed] = axes[7] + 0.3 * axes[6]
    return {2017: unit_length(first), 2024: unit_length(last)}


@pytest.fixture(scope="module", params=GRIDS)
def grid(request: pytest.FixtureRequest) -> CityGrid:
    return GRIDS[request.param]


@pytest.fixture(scope="module")
def changed(grid: CityGrid) -> NDArray[np.bool_]:
    east, north = from_centre(grid)
    return (east > 0) & (north > 0) & (blocks(grid) % 3 == 0)


@pytest.fixture(scope="module")
def study(grid: CityGrid, changed: NDArray[np.bool_]) -> CityOrder:
    values = world(grid, changed)
    labels = {"falls": -2 * centre_distances(grid), "flat": np.random.default_rng(0).normal(size=len(grid.pixel))}
    return study_city(grid, values, labels, origin=ORIGIN)


def test_zones_are_found_and_numbered_from_the_centre(study: CityOrder, changed: NDArray[np.bool_]) -> None:
    km = centre_distances(study.grid)
    inner = (km < np.median(km)) & ~changed
    assert study.clusters.max() == 3  # three zones and what changed
    assert (study.clusters[inner] == np.bincount(study.clusters[inner]).argmax()).mean() > 0.99
    means = [km[study.clusters == number].mean() for number in range(4)]
    assert means == sorted(means)
    assert study.together > 2 * study.by_chance


def test_similarity_falls_outwards_and_a_label_keeps_its_slope(study: CityOrder) -> None:
    slopes = {row["quantity"]: row for row in study.gradients.to_dicts()}
    assert slopes["similarity"]["high"] < 0
    assert slopes["falls"]["per_km"] == pytest.approx(-2)
    assert slopes["flat"]["low"] < 0 < slopes["flat"]["high"]
    text = study.to_markdown()
    assert "Similarity to the centre falls outwards" in text
    assert "flat has no gradient that can be told from none" in text


def test_rings_hold_equally_many_pixels_and_the_centre_is_not_compared_with_itself(study: CityOrder) -> None:
    of_label = study.rings.filter(pl.col("quantity") == "falls")
    assert of_label["pixels"].max() - of_label["pixels"].min() <= 1
    assert of_label["km"].is_sorted()
    assert np.isnan(study.similarity).sum() == 25
    inside = study.rings.filter((pl.col("low") > pl.col("mean")) | (pl.col("high") < pl.col("mean")))
    assert inside.is_empty()


def test_what_changed_is_found_and_what_all_share_is_drift(study: CityOrder, changed: NDArray[np.bool_]) -> None:
    assert study.change is not None
    assert study.change.share == pytest.approx(changed.mean(), abs=0.02)
    assert study.change.share_low <= study.change.share <= study.change.share_high
    assert study.change.distance[changed].min() > study.change.usual
    assert study.change.drift > 0.01
    assert f"{study.change.share:.1%} of the pixels" in study.to_markdown()


def test_adjacent_pixels_share_an_edge(grid: CityGrid) -> None:
    pairs = adjacent(grid)
    step = np.abs(np.diff(grid.rows[pairs])) + np.abs(np.diff(grid.columns[pairs]))
    assert (step == 1).all()
    places = set(zip(grid.rows.tolist(), grid.columns.tolist(), strict=True))
    assert len(pairs) == sum(((r + 1, c) in places) + ((r, c + 1) in places) for r, c in places)


def test_one_year_has_no_change_and_missing_pixels_have_no_cluster() -> None:
    grid = GRIDS["together"]
    values = world(grid, np.zeros(len(grid.pixel), bool))[2017]
    values[:50] = np.nan
    study = study_city(grid, {2017: values}, origin=ORIGIN)
    assert study.change is None
    assert (study.clusters[:50] == -1).all()
    assert (study.clusters[50:] >= 0).all()
    assert "From 2017" not in study.to_markdown()
    words(city_figure(study))


def test_what_does_not_fit_is_refused() -> None:
    grid = city_grid("wuhan", 40)
    with pytest.raises(BadInputError, match="No year of embeddings was given for wuhan"):
        study_city(grid, {}, origin=ORIGIN)
    with pytest.raises(BadInputError, match="wuhan: rent has 3 rows, the grid 40 pixels"):
        study_city(grid, {2020: np.ones((40, 2))}, {"rent": np.ones(3)}, origin=ORIGIN)
    with pytest.raises(BadInputError, match="wuhan: 0 pixels have an embedding in 2020; 30 are needed"):
        study_city(grid, {2020: np.full((40, 2), np.nan)}, origin=ORIGIN)


def test_figures_say_where_the_data_come_from(study: CityOrder) -> None:
    for figure in (city_figure(study), gradient_figure(study)):
        assert ORIGIN in words(figure)
    spread_out = len(study.grid.pixel) < 0.4 * study.grid.window.width * study.grid.window.height
    assert ("drawn larger than they are" in words(city_figure(study))) == spread_out
