"""Relations and chains, form by form; the labelled scripts judge them as a whole."""

from collections import Counter

import pytest

from codegen.extraction.extract import extract
from codegen.extraction.relations import Related, chains, relations


def pairs(code: str) -> Counter[str]:
    short = lambda name: name.removeprefix("ee.")  # noqa: E731
    found = relations(Related(extract(code, "javascript")))
    sign = {"sequential": ">", "nested": "(", "parallel": "|"}
    return Counter({f"{short(p.first)} {sign[p.relation]} {short(p.second)}": count for p, count in found.items()})


def written(code: str) -> list[str]:
    return [chain.text.replace("ee.", "") for chain in chains(Related(extract(code, "javascript")))]


FORMS = {
    "sequential, through a variable": (
        "var a = ee.Image(1); a.sin();",
        {"Image > Image.sin": 1},
        ["Image -> Image.sin"],
    ),
    "nested and parallel": (
        "ee.Image(1).add(ee.Number(2))",
        {"Image > Image.add": 1, "Image.add ( Number": 1, "Image | Number": 1},
        ["{Image || Number} -> Image.add"],
    ),
    "what comes from the other is not parallel to it": (
        "var a = ee.Image(1); a.add(a.sin())",
        {"Image > Image.sin": 1, "Image > Image.add": 1, "Image.add ( Image.sin": 1},
        ["{Image || Image -> Image.sin} -> Image.add"],
    ),
    "a list is one way": (
        "ee.List([ee.Number(1), ee.String('a')])",
        {"List ( Number": 1, "List ( String": 1},
        ["{Number | String} -> List"],
    ),
    "a function's return is nested, what it is given is new": (
        "ee.ImageCollection('a/b').map(function(i) { var s = i.select('c'); return s.sin(); })",
        {
            "ImageCollection > ImageCollection.map": 1,
            "Image.select > Image.sin": 1,
            "ImageCollection.map ( Image.sin": 1,
        },
        ["ImageCollection -> ImageCollection.map(Image.select -> Image.sin)"],
    ),
    "alternatives": (
        "var a = c ? ee.Image(1) : ee.Image('a/b'); a.sin();",
        {"Image > Image.sin": 2},
        ["{Image | Image} -> Image.sin"],
    ),
    "what nobody calls is not related": ("function f() { ee.Image(1).sin(); } ee.Number(1);", {}, ["Number"]),
    "a loop": (
        "var a = ee.Image(1); for (var i = 0; i < 3; i++) { a = a.sin(); }",
        {"Image > Image.sin": 1, "Image.sin > Image.sin": 1},
        ["{Image | Image.sin} -> Image.sin"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_forms(form: str) -> None:
    code, expected, chain = FORMS[form]
    assert pairs(code) == expected
    assert written(code) == chain


def test_a_shared_beginning_is_written_out_once_a_chain() -> None:
    code = "var a = ee.Image(1).sin(); a.add(a.cos()); Map.addLayer(a);"
    assert written(code) == [
        "{Image -> Image.sin || Image.sin -> Image.cos} -> Image.add",
        "Image -> Image.sin -> Map.addLayer",
    ]


def test_a_chain_of_any_length_is_cut_and_not_fatal() -> None:
    (chain,) = chains(Related(extract("ee.Image(1)" + ".add(ee.Image(2))" * 3_000, "javascript")))
    assert chain.text.endswith("…")
    assert len(chain.text) <= 4_001
