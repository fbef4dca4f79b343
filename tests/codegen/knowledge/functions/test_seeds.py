"""What is known beforehand is about operators that exist, and about functions of the taxonomy."""

from fnmatch import fnmatchcase

import numpy as np
import pytest

from codegen.knowledge.functions.affinity import affinity_table, by_text, operator_documents, strengths
from codegen.knowledge.functions.seeds import seeds
from codegen.knowledge.functions.taxonomy import function_ids, taxonomy


def test_the_taxonomy_has_21_functions_in_three_categories() -> None:
    assert len(set(function_ids())) == 21
    assert len({function.category for function in taxonomy()}) == 3


def test_every_pattern_matches_an_operator() -> None:
    known = seeds()
    patterns = {*known.exact, *known.nothing, *(name for word in known.words.values() for name in word.operators)}
    assert [p for p in patterns if not any(fnmatchcase(name, p) for name in operator_documents())] == []


def test_every_seed_is_of_a_function_and_every_function_has_a_sure_one() -> None:
    known = seeds()
    told = [seed for found in known.exact.values() for seed in found]
    assert {seed.function for seed in told} == set(function_ids())
    assert {*known.signs, *known.words} <= set(function_ids())
    assert {seed.function for seed in told if seed.strength == known.grades["certain"]} == set(function_ids())


def test_the_surest_pattern_counts() -> None:
    assert seeds().strengths("ee.ImageCollection.filterDate") == {"filter_time": 0.9}
    assert seeds().strengths("ee.Image.gt") == {"band_arithmetic": 0.6, "mask": 0.3}


@pytest.mark.parametrize("name", ["ee.call", "ee.ImageCollection.map", "ee.Image.aside"])
def test_what_is_called_for_any_purpose_serves_nothing(name: str) -> None:
    assert not strengths([name]).any()


def test_an_unknown_operator_serves_nothing() -> None:
    assert not strengths(["ee.Image.noSuchThing"]).any()


def test_what_has_no_seed_is_placed_by_its_description() -> None:
    placed = affinity_table().filter(by="text")
    assert placed["strength"].max() <= 0.6  # type: ignore[operator]
    found = strengths(["ee.Geometry.fromSTGeography"])[0]
    assert function_ids()[found.argmax()] == "load_vectors"


def test_descriptions_alone_tell_most_of_what_seeds_tell() -> None:
    seeded = [name for name in operator_documents() if seeds().strengths(name)]
    known, told = strengths(seeded), by_text(seeded, seeded, is_one=True)
    agreed = np.mean([known[row, told[row].argmax()] == known[row].max() for row in range(len(seeded))])
    assert agreed > 0.7
