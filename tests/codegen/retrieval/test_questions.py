"""Questions about operators, data sets and texts."""

import pytest

from codegen.retrieval.questions import (
    AmbiguousAnswer,
    CompletionAnswer,
    DataSetAnswer,
    KnowledgeSearch,
    OperatorAnswer,
    TextAnswer,
)
from codegen.retrieval.rules import asked_of_operator
from lake.errors import BadInputError
from tests.codegen.retrieval.conftest import DATA_SET


@pytest.mark.parametrize(
    ("question", "name", "side"),
    [
        ("what follows reduceRegion?", "reduceRegion", "follows"),
        ("What most often comes after `ee.Image.select`?", "ee.Image.select", "follows"),
        ("which operators come before Image.clip()", "Image.clip", "precedes"),
        ("what is nested in reduceRegion", "reduceRegion", "arguments"),
        ("ee.Image.reduceRegion 之后是什么", "ee.Image.reduceRegion", "follows"),
        ("reduceRegion后面一般接什么？", "reduceRegion", "follows"),
        ("filterDate 之前通常用哪些算子？", "filterDate", "precedes"),
        ("reduceRegion 里嵌套什么", "reduceRegion", "arguments"),
        ("ee.Image.clip", "ee.Image.clip", None),
    ],
)
def test_fixed_forms_are_told(question: str, name: str, side: str | None) -> None:
    asked = asked_of_operator(question)
    assert asked is not None
    assert (asked.name, asked.side) == (name, side)


@pytest.mark.parametrize(
    "question", ["mask clouds", "what is an image?", "how do I clip?", "坡度怎么算", "what follows"]
)
def test_other_texts_are_not(question: str) -> None:
    assert asked_of_operator(question) is None


@pytest.mark.parametrize("question", ["what follows reduceRegion?", "ee.Image.reduceRegion 之后是什么"])
def test_what_follows(search: KnowledgeSearch, question: str) -> None:
    answer = search.ask(question)
    assert isinstance(answer, OperatorAnswer)
    assert answer.operator == "ee.Image.reduceRegion"
    assert answer.signature.startswith("ee.Image.reduceRegion(reducer, geometry?")
    assert [(one.operator, one.count, one.scripts) for one in answer.sides["follows"]] == [("ee.Dictionary.get", 7, 6)]
    assert list(answer.sides) == ["follows"]


def test_all_that_is_known_of_an_operator(search: KnowledgeSearch) -> None:
    answer = search.operator("Image.reduceRegion")
    assert isinstance(answer, OperatorAnswer)
    assert [one.operator for one in answer.sides["arguments"]] == ["ee.Reducer.mean", "ee.Geometry.Polygon"]
    assert [one.operator for one in answer.sides["precedes"]] == ["ee.Image.select"]
    assert [chain.count for chain in answer.chains] == [7]
    beside = search.operator("ee.Geometry.Polygon", "beside")
    assert isinstance(beside, OperatorAnswer)
    assert [one.operator for one in beside.sides["beside"]] == ["ee.Reducer.mean"], "whichever was counted first"
    masked = search.operator("updateMask")
    assert isinstance(masked, OperatorAnswer)
    assert [pattern.operators for pattern in masked.patterns] == [("ee.Image.select", "ee.Image.updateMask")]


def test_an_operator_that_only_scripts_name(search: KnowledgeSearch) -> None:
    answer = search.operator("addLayer")
    assert isinstance(answer, OperatorAnswer)
    assert (answer.operator, answer.signature) == ("Map.addLayer", "")


def test_a_name_of_several_classes_lists_them(search: KnowledgeSearch) -> None:
    answer = search.ask("what follows select?")
    assert isinstance(answer, AmbiguousAnswer)
    assert answer.operators == ("ee.Image.select", "ee.ImageCollection.select", "ee.Feature.select")


def test_a_data_set(search: KnowledgeSearch) -> None:
    for question in (DATA_SET, f"which operators go with {DATA_SET}?"):
        answer = search.ask(question)
        assert isinstance(answer, DataSetAnswer)
        assert [one.operator for one in answer.operators] == ["ee.ImageCollection.filterDate", "ee.Image.updateMask"]


@pytest.mark.parametrize("question", ["radar backscatter", "雷达后向散射", "what follows the storm?", "slope/aspect"])
def test_anything_else_is_searched_for(search: KnowledgeSearch, question: str) -> None:
    answer = search.ask(question, kinds=["dataset"])
    assert isinstance(answer, TextAnswer)
    if "storm" not in question and "slope" not in question:
        assert answer.hits[0].document.dataset == "COPERNICUS/S1_GRD"


def test_code_is_completed(search: KnowledgeSearch) -> None:
    assert isinstance(search.ask("ee.ImageCollection('x').filterDate('a', 'b')."), CompletionAnswer)


def test_what_is_not_known_is_refused_with_a_hint(search: KnowledgeSearch) -> None:
    with pytest.raises(BadInputError, match=r"Is ee\.Image\.clip"):
        search.operator("ee.Image.clipp")
    with pytest.raises(BadInputError, match="COPERNICUS/S1_GRD"):
        search.dataset("COPERNICUS/S1_GRDH")
    with pytest.raises(BadInputError, match="no code"):
        search.complete(" ")
    with pytest.raises(BadInputError, match="empty"):
        search.ask("")
