"""What real Earth Engine answers, row by row; the rows lie beside the repository and are skipped where they do not.

A row that needs an algorithm that is not there yet says so by name; every other row is either right or named here with
the reason why not.
"""

import importlib.util
import json
from argparse import Namespace
from collections import Counter
from types import ModuleType
from typing import Any

import pytest

from ee_emulator.process import Emulator
from lake.settings import REPOSITORY

FOLDER = REPOSITORY.parent / "shared" / "conformance"
UNSUPPORTED_ROWS = 0
"""Rows that need an algorithm that is not there; the number may only fall."""

_ZONE_SIGN = "Etc/GMT+8 is eight hours behind (tz database), without daylight saving: the comment is an hour off"
_PRINTED = "the sample prints the client's word for null"
_ARRAY_SAMPLE = "copied from the sample of Array.bitCount: even the pixel type of an array is passed to a number"
DIFFERENT = {
    "apidocs/ee_date_format:32": _ZONE_SIGN,
    "apidocs/ee_date_format:js34": _ZONE_SIGN,
    "apidocs/ee_feature:20": _PRINTED,
    "apidocs/ee_feature:js22": _PRINTED,
    "apidocs/ee_image_arrayget:29": "an element is a number: the next one on the same page is printed as one",
    **{f"apidocs/ee_number_bitcount:{line}": _ARRAY_SAMPLE for line in (16, 17, 18, 19, 20, 23, 24, 25)},
    "EEwPython/4_features.ipynb:c46.r": "the ring of 2019 starts at another vertex",
}


def _comparison() -> ModuleType:
    spec = importlib.util.spec_from_file_location("compare", FOLDER / "compare.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def results(emulator: Emulator) -> list[dict[str, Any]]:
    if not FOLDER.is_dir():
        pytest.skip(f"Earth Engine's answers are not there: {FOLDER}")
    compare = _comparison()
    options = Namespace(url=emulator.url, project="local-ee", timeout=60)
    lines = (FOLDER / "visible.jsonl").read_text(encoding="utf-8").splitlines()
    return [compare.check(json.loads(line), options) for line in lines if line.strip()]


def _is_unsupported(result: dict[str, Any]) -> bool:
    return not result["ok"] and "not supported by the emulator: " in result["why"]


def test_answers_are_earth_engines_but_for_the_differences_named(results: list[dict[str, Any]]) -> None:
    passed, failed = Counter(), Counter()
    for result in results:
        (passed if result["ok"] else failed)[result["type"]] += 1
    for kind in sorted(passed | failed):
        print(f"{kind:20}{passed[kind]:5} passed{failed[kind]:5} failed")
    wrong = {r["id"]: r["why"] for r in results if not r["ok"] and not _is_unsupported(r)}
    assert {key: why for key, why in wrong.items() if key not in DIFFERENT} == {}
    assert DIFFERENT.keys() - wrong.keys() == set(), "these are right now: take them off the list"


def test_rows_that_need_what_is_not_there_become_fewer(results: list[dict[str, Any]]) -> None:
    assert sum(map(_is_unsupported, results)) <= UNSUPPORTED_ROWS
