"""Where unfinished code stops, and what comes next."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codegen.corpora.script import Language
from codegen.retrieval.completion import Continuations, language_of, open_end
from codegen.retrieval.questions import KnowledgeSearch
from tests.codegen.retrieval.conftest import ee

DATED = tuple(ee("ImageCollection", "ImageCollection.filterDate"))


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("ee.ImageCollection('x').filterDate('a', 'b').", "javascript"),
        ("ee.ImageCollection('x').filterDate('a', 'b')", "javascript"),
        ("var c = ee.ImageCollection('x').filterDate('a', 'b');\n", "javascript"),
        ("var c = ee.ImageCollection('x').filterDate('a', 'b');\nvar d = ee.Image('y');\nc.", "javascript"),
        ("ee.ImageCollection('x')\n  .filterDate('a', 'b') // until (here\n  /* and { */", "javascript"),
        ("import ee\nc = (ee.ImageCollection('x')\n  .filterDate('a', 'b')\n  .", "python"),
        ("c = ee.ImageCollection('x').filterDate('a', 'b')  # a comment (\nc.", "python"),
        ("print(ee.ImageCollection('x').filterDate('a', 'b').", "javascript"),
    ],
)
def test_the_end_is_where_the_code_stops(code: str, language: Language) -> None:
    end = open_end(code, language)
    assert (end.chain, end.owner, end.inside) == (DATED, "ImageCollection", None)


def test_the_end_may_lie_in_a_function() -> None:
    end = open_end("ee.ImageCollection('x').map(function(i) { return i.select('B4').mul", "javascript")
    assert end.chain[-1] == "ee.Image.select"
    assert (end.owner, end.prefix) == ("Image", "mul")


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("var s = ee.Image('a').reduceRegion(", "javascript"),
        ("var s = ee.Image('a').reduceRegion({reducer: ee.Reducer.mean(), geometry: ", "javascript"),
        ("var s = ee.Image('a').reduceRegion({reducer: ee.Reducer.mean(), ", "javascript"),
        ("s = ee.Image('a').reduceRegion(reducer=ee.Reducer.mean(), geometry=", "python"),
        ("s = ee.Image('a').reduceRegion(ee.Reducer.mean(), ", "python"),
    ],
)
def test_the_end_may_lie_among_arguments(search: KnowledgeSearch, code: str, language: Language) -> None:
    answer = search.complete(code, language)
    assert answer.inside == "ee.Image.reduceRegion"
    assert [one.operator for one in answer.suggestions] == ["ee.Reducer.mean", "ee.Geometry.Polygon"]


def test_the_longest_run_of_the_same_calls_tells_first(search: KnowledgeSearch) -> None:
    suggestions = search.complete("ee.ImageCollection('x').filterBounds(g).filterDate('a', 'b').", k=4).suggestions
    assert [(one.operator, one.count, one.matched, one.source) for one in suggestions] == [
        ("ee.ImageCollection.first", 4, 3, "chains"),
        ("ee.ImageCollection.median", 20, 1, "chains"),
        ("ee.ImageCollection.select", 15, 1, "chains"),
        ("ee.ImageCollection.map", 9, 1, "chains"),
    ]


def test_where_no_chain_goes_on_relationships_and_the_class_do(search: KnowledgeSearch) -> None:
    after_select = search.complete("ee.Image('x').select('B1').", k=10).suggestions
    assert [(one.operator, one.source) for one in after_select[:2]] == [
        ("ee.Image.updateMask", "chains"),
        ("ee.Image.reduceRegion", "relationships"),
    ]
    assert {one.source for one in after_select[2:]} == {"class"}
    assert {one.operator.rsplit(".", 1)[0] for one in after_select[2:]} == {"ee.Image"}


def test_a_name_that_is_begun_narrows_the_choice(search: KnowledgeSearch) -> None:
    suggestions = search.complete("ee.ImageCollection('x').filterDate('a', 'b').me").suggestions
    assert [one.operator for one in suggestions] == ["ee.ImageCollection.median"]


def test_a_run_does_not_go_from_one_chain_into_the_next() -> None:
    chains = pl.DataFrame({"operators": [["a", "b"], ["c", "b"], ["b", "d"]], "count": [1, 1, 5]})
    continuations = Continuations(chains)
    assert continuations.after(["b"]) == [("d", 5)]
    assert continuations.after(["a", "b"]) == []
    assert continuations.after(["nowhere"]) == []
    assert Continuations(chains.clear()).after(["a"]) == []


@pytest.mark.parametrize(
    ("code", "language"),
    [("ee.ImageCollection('X').map(function(i){ return i.", "javascript"), ("c.map(lambda i: i.", "python"),
     ("import ee\nee.Image(1).", "python"), ("var a = ee.Image(1).", "javascript")],
)  # fmt: skip
def test_the_language_is_told(code: str, language: Language) -> None:
    assert language_of(code) == language


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(["ee.Image('a')", ".select('b", "(", ")", "{", "}", "'", '"', "// x", "# y", "\n", ".", ",",
                         "ee.", "var x = ", "/*", "*/", '"""', "import ee\n", "function(i) {", "云", "\\", ":", "="]),
        max_size=12,
    ).map("".join),
    st.sampled_from(["javascript", "python"]),
)  # fmt: skip
def test_no_code_is_too_broken(code: str, language: Language) -> None:
    open_end(code, language)
