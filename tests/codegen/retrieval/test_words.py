"""Words of English, Chinese and code."""

import pytest

from codegen.retrieval.lexical import build_lexical
from codegen.retrieval.words import spoken, stem, words


def test_a_name_is_found_by_itself_and_by_its_parts() -> None:
    assert words("ee.Image.reduceRegion") == ["image", "reduceregion", "reduce", "region"]
    assert spoken("ee.Image.reduceRegion") == "image reduce region"


def test_capitals_in_a_row_are_one_word() -> None:
    assert words("getThumbURL NDVI2") == ["getthumburl", "get", "thumb", "url", "ndvi2", "ndvi", "2"]


def test_chinese_is_taken_in_pairs_of_characters() -> None:
    assert words("按日期筛选") == ["按日", "日期", "期筛", "筛选"]
    assert words("云") == ["云"]


@pytest.mark.parametrize(
    ("word", "expected"),
    [("selects", "select"), ("images", "image"), ("properties", "property"), ("class", "class"), ("radius", "radius"),
     ("gas", "gas"), ("values", "value")],
)  # fmt: skip
def test_stem_takes_away_an_s_only(word: str, expected: str) -> None:
    assert stem(word) == expected


def test_bm25_of_a_small_collection_by_hand() -> None:
    """Of three texts of equal length one has the word, once: log(1 + 2.5 / 1.5), times 1 for its frequency."""
    scores = build_lexical(["red blue", "green blue", "grey blue"]).scores("red")
    assert scores.tolist() == pytest.approx([0.980829, 0, 0], rel=1e-5)


def test_a_word_that_is_repeated_counts_less_each_time_and_a_short_text_more() -> None:
    scores = build_lexical(["cloud", "cloud cloud", "cloud sky sea sun"]).scores("clouds")
    assert scores[1] > scores[2]
    assert scores[0] > scores[2]
    assert scores[1] < 2 * scores[0]


def test_nothing_is_found_in_nothing() -> None:
    assert build_lexical([]).scores("red").tolist() == []
    assert build_lexical([""]).scores("red").tolist() == [0]
