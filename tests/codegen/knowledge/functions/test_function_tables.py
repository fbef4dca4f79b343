"""Functions, what units serve, and combinations, on small corpora whose scripts are for obvious things."""

import polars as pl
import pytest

from codegen.corpora.script import Script
from codegen.knowledge.functions import function_tables
from codegen.knowledge.functions.clusters import ClusterSummary
from codegen.knowledge.functions.combinations import combination_id
from codegen.knowledge.functions.measuring import functions_of_scripts, functions_of_units, structural_accuracy
from codegen.knowledge.patterns.sequences import frequent_sequences

CALLERS = {"script": pl.String, "function": pl.String, "operators": pl.List(pl.String)}
OBVIOUS = {
    "composite": (
        "ee.ImageCollection ee.ImageCollection.filterDate ee.ImageCollection.filterBounds ee.ImageCollection.median",
        {"load_images", "filter_time", "filter_place", "composite", "show_map"},
    ),
    "zonal": (
        "ee.FeatureCollection ee.ImageCollection ee.ImageCollection.mean ee.Reducer.mean ee.Image.reduceRegions",
        {"load_vectors", "load_images", "composite", "zonal_statistics", "show_map"},
    ),
    "classify": (
        "ee.ImageCollection ee.Image.sampleRegions ee.Classifier.smileRandomForest ee.Classifier.train"
        " ee.Image.classify",
        {"load_images", "classify", "show_map"},
    ),
    "terrain": ("ee.Terrain.slope ee.Terrain.hillshade", {"terrain", "show_map"}),
    "mask": ("ee.Image.select ee.Image.updateMask", {"select_bands", "mask", "show_map"}),
    "trend": (
        "ee.ImageCollection ee.Reducer.linearFit ee.ImageCollection.reduce",
        {"load_images", "time_series", "composite", "show_map"},
    ),
    "edges": ("ee.Kernel.gaussian ee.Image.convolve", {"neighbourhood", "show_map"}),
    "export": ("ee.Geometry.Rectangle Export.image.toDrive", {"load_vectors", "export_and_app", "show_map"}),
}


def script(id_: str, text: str = "Map.addLayer(x)", comments: str = "") -> Script:
    return Script(id_, "test", f"{id_}.js", "unknown", "javascript", text, comments)


def callers_of(operators: dict[tuple[str, str], str]) -> pl.DataFrame:
    return pl.DataFrame([(*key, names.split()) for key, names in operators.items()], schema=CALLERS, orient="row")


def corpus(times: int = 12) -> tuple[pl.DataFrame, list[Script]]:
    names = {f"{name}{number}": told for number in range(times) for name, (told, _) in OBVIOUS.items()}
    return callers_of({(name, ""): told for name, told in names.items()}), [script(name) for name in names]


def patterns_of(callers: pl.DataFrame) -> pl.DataFrame:
    return frequent_sequences(callers["operators"].to_list(), 0.05, 4)


@pytest.fixture(scope="module")
def made() -> dict[str, pl.DataFrame]:
    callers, scripts = corpus()
    return function_tables(callers, patterns_of(callers), scripts)


def test_obvious_scripts_serve_obvious_functions(made: dict[str, pl.DataFrame]) -> None:
    told = functions_of_scripts(made["unit_functions"])
    assert {name: told[f"{name}0"] for name in OBVIOUS} == {name: functions for name, (_, functions) in OBVIOUS.items()}


def test_scores_are_shares_and_pass_the_threshold(made: dict[str, pl.DataFrame]) -> None:
    assert made["unit_functions"]["score"].is_between(0.5, 1.0).all()
    assert made["mapping"]["score"].is_between(0.0, 1.0).all()
    assert made["clusters"]["score"].is_between(0.0, 1.0).all()


def test_all_functions_are_told_also_those_that_nothing_serves(made: dict[str, pl.DataFrame]) -> None:
    functions = made["functions"]
    assert functions.height == 21
    assert functions.filter(function="arrays").select("units", "scripts", "terms", "operators").row(0) == (0, 0, [], [])
    terrain = functions.filter(function="terrain")
    assert terrain.select("units", "scripts").row(0) == (12, 12)
    assert terrain["operators"][0].to_list() == ["ee.Terrain.hillshade", "ee.Terrain.slope"]
    assert "terrain" in terrain["terms"][0].to_list()


def test_every_unit_is_in_one_cluster(made: dict[str, pl.DataFrame]) -> None:
    assert made["clusters"]["units"].sum() == len(OBVIOUS) * 12
    assert made["clusters"]["units"].is_sorted(descending=True)


def test_who_names_clusters_is_told_what_is_in_them() -> None:
    callers, scripts = corpus()
    told: list[ClusterSummary] = []

    def name(summary: ClusterSummary) -> str:
        told.append(summary)
        return f"about {summary.function}"

    clusters = function_tables(callers, patterns_of(callers), scripts, namer=name)["clusters"]
    assert clusters["name"].to_list() == [f"about {summary.function}" for summary in told]
    assert all(summary.terms and summary.units for summary in told)


def test_the_order_of_callers_and_scripts_changes_nothing(made: dict[str, pl.DataFrame]) -> None:
    callers, scripts = corpus()
    again = function_tables(callers.sample(fraction=1, shuffle=True, seed=3), patterns_of(callers), scripts[::-1])
    for name, table in made.items():
        assert table.equals(again[name]), name


def test_nothing_leaks_between_scripts() -> None:
    with_words = script("speaking", "ndvi = x.expression('(a-b)/(a+b)'); print(x)", "NDVI")
    without = script("silent", "y = x.expression('a')")
    callers = callers_of(
        {("speaking", ""): "ee.Image.expression", ("silent", ""): "ee.Image.expression", ("silent", "f"): "ee.Number"}
    )
    told = functions_of_units(function_tables(callers, patterns_of(callers), [with_words, without])["unit_functions"])
    assert told == {
        ("speaking", ""): {"band_arithmetic", "spectral_index", "chart"},
        ("silent", ""): {"band_arithmetic"},
        ("silent", "f"): {"dates_and_lists"},
    }


def test_signs_stand_for_the_top_level_only() -> None:
    callers = callers_of({("one", ""): "ee.ImageCollection", ("one", "mask"): "ee.Image.updateMask"})
    told = functions_of_units(function_tables(callers, patterns_of(callers), [script("one")])["unit_functions"])
    assert told == {("one", ""): {"load_images", "show_map"}, ("one", "mask"): {"mask"}}


def test_a_script_that_only_shows_something_is_a_unit() -> None:
    made = function_tables(pl.DataFrame(schema=CALLERS), patterns_of(pl.DataFrame(schema=CALLERS)), [script("one")])
    assert made["unit_functions"].rows() == [("one", "", "show_map", 0.9)]


@pytest.mark.parametrize(
    ("text", "functions"),
    [
        ("x = ee.Image('USGS/SRTMGL1_003')", {"load_images"}),
        ("x = ee.Image().paint(y)", set()),
        ("x = ee.Image(y)", set()),
    ],
)
def test_an_image_is_loaded_where_it_is_named(text: str, functions: set[str]) -> None:
    callers = callers_of({("one", ""): "ee.Image"})
    made = function_tables(callers, patterns_of(callers), [script("one", text)])
    assert functions_of_scripts(made["unit_functions"]).get("one", set()) == functions


def test_an_empty_corpus_gives_empty_tables() -> None:
    callers = pl.DataFrame(schema=CALLERS)
    made = function_tables(callers, patterns_of(callers), [])
    assert made["functions"].height == 21
    assert [made[name].height for name in ("clusters", "unit_functions", "combinations", "mapping")] == [0, 0, 0, 0]


def test_callers_without_scripts_are_told_by_their_operators() -> None:
    callers, _ = corpus()
    told = functions_of_scripts(function_tables(callers, patterns_of(callers), [])["unit_functions"])
    assert told["terrain0"] == {"terrain"}


def test_combinations_are_closed_and_counted(made: dict[str, pl.DataFrame]) -> None:
    callers, _ = corpus()
    combinations = made["combinations"]
    assert structural_accuracy(combinations, callers) == 1.0
    slopes = combinations.filter(combination=combination_id(["ee.Terrain.slope", "ee.Terrain.hillshade"]))
    assert slopes.select("count", "support", "relations").row(0) == (12, 0.125, [""])
    # the first three of the composite's four have its count, and are no combination of their own
    assert combination_id(OBVIOUS["composite"][0].split()[:3]) not in combinations["combination"]


def test_relations_are_counted_ones_where_there_are_any() -> None:
    callers = callers_of({(str(n), ""): "ee.Filter.eq ee.ImageCollection.filter ee.Image ee.Image.add" for n in "ab"})
    related = pl.DataFrame(
        {
            "first": ["ee.ImageCollection.filter", "ee.Image", "ee.Image"],
            "second": ["ee.Filter.eq", "ee.ImageCollection.filter", "ee.Image.add"],
            "relation": ["nested", "parallel", "sequential"],
            "count": [3, 2, 1],
        }
    )
    by_count = function_tables(callers, patterns_of(callers), [], related)["combinations"]
    untold = function_tables(callers, patterns_of(callers), [])["combinations"]
    whole = pl.col("operators").list.len() == 4
    assert by_count.filter(whole)["relations"].to_list() == [["nested", "parallel", "sequential"]]
    assert untold.filter(whole)["relations"].to_list() == [["", "", ""]]
