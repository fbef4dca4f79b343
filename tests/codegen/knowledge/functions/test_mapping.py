"""Which functions combinations stand for: what every user of Earth Engine would say, seen before or not."""

import numpy as np
import polars as pl
import pytest

from codegen.knowledge.functions import function_tables, map_combination
from codegen.knowledge.functions.association import association, normalised
from codegen.knowledge.functions.mapping import MOST_FUNCTIONS
from tests.codegen.knowledge.functions.test_function_tables import corpus, patterns_of

OBVIOUS = [
    ("ee.Reducer.mean ee.Image.reduceRegion", "zonal_statistics"),
    ("ee.Reducer.mean ee.ImageCollection.reduce", "composite"),
    ("ee.Reducer.linearFit ee.ImageCollection.reduce", "time_series"),
    ("ee.Reducer.mean ee.Image.reduceNeighborhood", "neighbourhood"),
    ("ee.Image.pixelArea ee.Image.multiply ee.Image.reduceRegion", "zonal_statistics"),
    ("ee.ImageCollection ee.ImageCollection.filterDate ee.ImageCollection.median", "composite"),
    ("ee.Filter.date ee.ImageCollection.filter", "filter_time"),
    ("ee.Filter.lt ee.ImageCollection.filter", "filter_property"),
    ("ee.Geometry.Point ee.ImageCollection.filterBounds", "filter_place"),
    ("ee.Image.normalizedDifference ee.Image.rename", "spectral_index"),
    ("ee.Image.select ee.Image.bitwiseAnd ee.Image.eq ee.Image.updateMask", "mask"),
    ("ee.Image.select ee.Image.multiply ee.Image.add", "band_arithmetic"),
    ("ee.Terrain.slope ee.Image.gt", "terrain"),
    ("ee.Classifier.train ee.Image.classify", "classify"),
    ("ee.Geometry.Point ee.Geometry.buffer", "geometry"),
    ("ee.Image.toArray ee.Image.arrayProject ee.Image.arrayFlatten", "arrays"),
    ("ee.Date.fromYMD ee.Date.advance", "dates_and_lists"),
    ("ee.FeatureCollection ee.FeatureCollection.style", "show_map"),
    ("ee.Image.reduceRegion ui.Chart.image.series", "chart"),
    ("ee.Geometry.Rectangle Export.image.toDrive", "export_and_app"),
]


@pytest.fixture(scope="module")
def made() -> dict[str, pl.DataFrame]:
    callers, scripts = corpus()
    return function_tables(callers, patterns_of(callers), scripts)


@pytest.mark.parametrize(("operators", "function"), OBVIOUS)
def test_obvious_combinations_that_were_never_seen(operators: str, function: str) -> None:
    assert map_combination(operators.split())[0][0] == function


def test_a_seen_combination_is_looked_up(made: dict[str, pl.DataFrame]) -> None:
    for id_, operators in made["combinations"].select("combination", "operators").iter_rows():
        rows = made["mapping"].filter(combination=id_).sort("rank")
        assert map_combination(operators, made) == list(rows.select("function", "score").iter_rows())


def test_an_unseen_combination_is_weighed_by_how_rare_functions_are(made: dict[str, pl.DataFrame]) -> None:
    unseen = ["ee.ImageCollection", "ee.Terrain.aspect"]
    plain, weighed = dict(map_combination(unseen)), dict(map_combination(unseen, made))
    assert weighed["terrain"] > plain["terrain"]


def test_ranks_follow_scores(made: dict[str, pl.DataFrame]) -> None:
    for _, rows in made["mapping"].group_by("combination"):
        assert rows.sort("rank")["score"].is_sorted(descending=True)
        assert rows["rank"].sort().to_list() == list(range(1, rows.height + 1))
        assert rows.height <= MOST_FUNCTIONS


def test_what_stands_beside_without_serving_gets_nothing(made: dict[str, pl.DataFrame]) -> None:
    slopes = map_combination(["ee.Terrain.slope", "ee.Terrain.hillshade"], made)
    assert [function for function, _ in slopes] == ["terrain"]


def test_repeating_an_operator_changes_nothing() -> None:
    once = map_combination(["ee.Image.select", "ee.Image.divide"])
    assert map_combination(["ee.Image.select", "ee.Image.select", "ee.Image.divide"]) == once


def test_scores_sum_to_one() -> None:
    assert sum(score for _, score in map_combination(["ee.Image.gt", "ee.Image.updateMask"])) == pytest.approx(
        1, abs=1e-3
    )


@pytest.mark.parametrize("operators", [[], ["ee.Nothing"], ["ee.ImageCollection.map"]])
def test_of_nothing_known_nothing_is_told(operators: list[str]) -> None:
    assert map_combination(operators) == []


def test_few_units_prove_less_than_many() -> None:
    base = np.array([0.1])
    few, many = association(np.array([[2.0], [200.0]]), np.array([2.0, 200.0]), base)[:, 0]
    assert 0 < few < many < np.log2(10)


def test_what_is_as_frequent_as_elsewhere_is_not_associated() -> None:
    told = association(np.array([[5.0, 0.0]]), np.array([10.0]), np.array([0.5, 0.0]))
    assert told.tolist() == [[0.0, 0.0]]
    assert normalised(told).tolist() == [[0.0, 0.0]]
