"""The tree finds a planted order of cities, and tests tell it from chance and from mere nearness."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lake.aef import unit_length
from lake.cities import CITIES
from lake.errors import BadInputError
from ml.diagnostics.hierarchy import Hierarchy, city_means, great_circle, study_hierarchy
from ml.diagnostics.hierarchy_figures import dendrogram_figure, map_figure
from ml.diagnostics.permutation import mantel, p_value, separation
from tests.ml.diagnostics.conftest import ORIGIN, Table, words


@pytest.fixture(scope="module")
def study(table: Table) -> Hierarchy:
    return study_hierarchy(table.embeddings, table.city, origin=ORIGIN, permutations=499)


def row(study: Hierarchy, attribute: str) -> dict[str, float]:
    return dict(study.agreement.row(by_predicate=pl.col("attribute") == attribute, named=True))


def test_planted_regions_are_found_and_letters_of_the_alphabet_are_not(table: Table, study: Hierarchy) -> None:
    region = row(study, "region")
    assert region["rand"] == 1
    assert region["separation"] > 0.9
    assert region["separation_p"] == 1 / 500
    assert region["beyond_nearness_p"] < 0.05
    assert "Cities of one region are more alike than cities at random" in study.to_markdown()
    letters = {"letter": {str(city): "a to l" if str(city) < "m" else "m to z" for city in table.city}}
    other = study_hierarchy(table.embeddings, table.city, origin=ORIGIN, attributes=letters, permutations=499)
    assert row(other, "letter")["separation_p"] > 0.05
    assert "Cities of one letter are no more alike" in other.to_markdown()


def test_of_a_region_that_is_nearness_little_is_left_once_kilometres_are_given() -> None:
    rng = np.random.default_rng(0)
    ids = sorted(CITIES)
    angle = np.array([[np.radians(CITIES[c].lon), np.radians(CITIES[c].lat)] for c in ids])
    points = np.column_stack([np.cos(angle[:, 0]), np.sin(angle[:, 0]), np.sin(angle[:, 1])])
    noisy = unit_length(points + 0.02 * rng.normal(size=points.shape))
    study = study_hierarchy(noisy, ids, origin=ORIGIN, permutations=199)
    assert study.mantel > 0.8
    assert study.mantel_p == 1 / 200
    region = study.cities["region"].to_numpy()
    apart = (region[:, None] != region).astype(np.float64)
    assert row(study, "region")["beyond_nearness"] < 0.5 * mantel(study.distances, apart, 9, 0)[0]


def test_means_are_directions_and_missing_rows_are_left_out() -> None:
    embeddings = np.array([[1.0, 0.0], [0.0, 1.0], [np.nan, 1.0], [np.nan, np.nan]])
    ids, means = city_means(embeddings, ["b", "b", "b", "a"])
    assert ids == ["b"]
    np.testing.assert_allclose(means, [[np.sqrt(0.5), np.sqrt(0.5)]])


def test_kilometres_from_beijing_to_shanghai() -> None:
    places = [CITIES["beijing"], CITIES["shanghai"]]
    km = great_circle(np.array([c.lon for c in places]), np.array([c.lat for c in places]))
    assert km[0, 1] == pytest.approx(1_067, abs=5)
    assert km[0, 0] == 0


def test_own_attributes_may_be_given_and_those_that_tell_nothing_are_left_out(table: Table) -> None:
    cities = {str(city) for city in table.city}
    attributes = {
        "coast": {c: "yes" if CITIES[c].lon > 117 else "no" for c in cities},
        "country": dict.fromkeys(cities, "China"),
        "code": {c: c for c in cities},
    }
    study = study_hierarchy(table.embeddings, table.city, origin=ORIGIN, attributes=attributes, permutations=99)
    assert study.agreement["attribute"].to_list() == ["coast"]
    assert study.cities["coast"].to_list() == [attributes["coast"][c] for c in study.cities["city"]]


def test_too_few_or_strange_cities_are_refused() -> None:
    points = np.eye(6)
    with pytest.raises(BadInputError, match="at least 5 of the 36 cities, got 2"):
        study_hierarchy(points[:2], ["wuhan", "xian"], origin=ORIGIN)
    with pytest.raises(BadInputError, match="unknown: paris"):
        study_hierarchy(points, ["wuhan", "xian", "jinan", "harbin", "paris", "beijing"], origin=ORIGIN)


def test_the_same_seed_gives_the_same_p(table: Table, study: Hierarchy) -> None:
    again = study_hierarchy(table.embeddings, table.city, origin=ORIGIN, permutations=499)
    assert again.agreement.equals(study.agreement)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-1, 1), min_size=1, max_size=30), st.floats(-1, 1))
def test_p_is_a_probability_and_never_zero(permuted: list[float], observed: float) -> None:
    assert 1 / (1 + len(permuted)) <= p_value(observed, np.array(permuted)) <= 1


def test_mantel_is_the_correlation_over_pairs_and_partial_takes_the_third_away() -> None:
    rng = np.random.default_rng(1)
    a, b, c = (np.triu(m, 1) + np.triu(m, 1).T for m in rng.normal(size=(3, 8, 8)))
    upper = np.triu_indices(8, 1)
    assert mantel(a, b, 9, 0)[0] == pytest.approx(np.corrcoef(a[upper], b[upper])[0, 1])
    left = [m[upper] - np.polyval(np.polyfit(c[upper], m[upper], 1), c[upper]) for m in (a, b)]
    assert mantel(a, b, 9, 0, given=c)[0] == pytest.approx(np.corrcoef(*left)[0, 1])


def test_separation_is_one_where_groups_are_apart_and_about_zero_by_chance() -> None:
    place = np.array([0.0, 0.1, 0.2, 5.0, 5.1, 5.2])
    distances = np.abs(place[:, None] - place)
    assert separation(distances, np.array([0, 0, 0, 1, 1, 1]), 99, 0)[0] == pytest.approx(1)
    assert abs(separation(distances, np.array([0, 1, 0, 1, 0, 1]), 99, 0)[0]) < 0.5


def test_figures_name_every_city_and_say_where_the_data_come_from(study: Hierarchy) -> None:
    for figure in (dendrogram_figure(study), map_figure(study)):
        text = words(figure)
        assert ORIGIN in text
        assert all(name in text for name in study.cities["name"])
