"""What real Earth Engine answers, row by row; the rows lie beside the repository and are skipped where they do not.

Every row is either right or named here with the reason why we think that it is not a server's answer. The counts stand
in docs/local-earth-engine.md.
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
PAGE = REPOSITORY / "docs" / "local-earth-engine.md"

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


def test_answers_are_earth_engines_but_for_the_differences_named(results: list[dict[str, Any]]) -> None:
    wrong = {r["id"]: r["why"] for r in results if not r["ok"]}
    assert {key: why for key, why in wrong.items() if key not in DIFFERENT} == {}
    assert DIFFERENT.keys() - wrong.keys() == set(), "these are right now: take them off the list"


def test_the_page_has_the_counts_by_type(results: list[dict[str, Any]]) -> None:
    rows, passed = Counter(r["type"] for r in results), Counter(r["type"] for r in results if r["ok"])
    lines = [f"| {kind} | {rows[kind]} | {passed[kind]} |" for kind in sorted(rows)]
    lines.append(f"| **all** | **{rows.total()}** | **{passed.total()}** |")
    print("\n".join(lines))
    assert "\n".join(lines) in PAGE.read_text(encoding="utf-8")
