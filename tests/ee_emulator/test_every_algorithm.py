"""Every registered algorithm: the shipped signature, defaults, nulls, coercions, and at least one worked value."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from ee_emulator import algorithms
from ee_emulator.catalog.chain import ChainCatalog
from ee_emulator.errors import EarthEngineError
from ee_emulator.registry import IMPLEMENTATIONS, REQUIRED, Context, invoke
from ee_emulator.values import Function
from tests.ee_emulator.worked import SOURCES, Worked, collect

algorithms.load()
WORKED = collect()
CONTEXT = Context(ChainCatalog([]))
NO_VALUE: Any = object()
TAKES_ANYTHING = ("Object", "<any>", "")


def difference(expected: Any, got: Any, tolerance: float, at: str = "value") -> str | None:
    """Why an answer is not the one expected; None where it is."""
    if isinstance(expected, bool) or expected is None or isinstance(expected, str):
        return None if expected == got and isinstance(got, type(expected)) else f"{at}: {got!r} is not {expected!r}"
    if isinstance(expected, int | float):
        number = isinstance(got, int | float) and not isinstance(got, bool)
        close = number and math.isclose(expected, got, rel_tol=tolerance, abs_tol=tolerance)
        return None if close else f"{at}: {got!r} is not {expected!r}"
    if isinstance(expected, list):
        if not isinstance(got, list) or len(expected) != len(got):
            return f"{at}: {got!r} is not {expected!r}"
        found = (difference(e, g, tolerance, f"{at}[{k}]") for k, (e, g) in enumerate(zip(expected, got, strict=True)))
        return next((why for why in found if why), None)
    if not isinstance(got, dict) or expected.keys() - got.keys():
        return f"{at}: {got!r} lacks something of {expected!r}"
    return next((why for k, e in expected.items() if (why := difference(e, got[k], tolerance, f"{at}.{k}"))), None)


def functions_in(node: Any) -> Iterator[str]:
    """Names of the algorithms that a serialised expression calls."""
    if isinstance(node, dict):
        if isinstance(node.get("functionName"), str):
            yield node["functionName"].removeprefix("algorithms/")
        for child in node.values():
            yield from functions_in(child)
    elif isinstance(node, list):
        for child in node:
            yield from functions_in(child)


def _called(worked: Worked) -> str:
    return f"{worked.algorithm}-{WORKED.index(worked)}"


@pytest.mark.parametrize("worked", WORKED, ids=_called)
def test_an_algorithm_answers_its_worked_value(ee: ModuleType, worked: Worked) -> None:
    call = worked.call(ee)
    assert worked.algorithm in set(functions_in(json.loads(ee.serializer.toJSON(call))))
    assert difference(worked.expected, call.getInfo(), worked.tolerance) is None


@pytest.mark.parametrize("name", sorted(IMPLEMENTATIONS))
def test_an_algorithm_refuses_what_its_signature_does_not_have(name: str) -> None:
    if IMPLEMENTATIONS[name].lazy:
        pytest.skip("evaluates its own arguments")
    with pytest.raises(EarthEngineError, match="Unrecognized argument 'surplus'"):
        invoke(name, {"surplus": 1}, CONTEXT)


@pytest.mark.parametrize("name", sorted(IMPLEMENTATIONS))
def test_an_algorithm_names_the_argument_that_is_null_or_of_a_wrong_type(name: str) -> None:
    implementation = IMPLEMENTATIONS[name]
    required = [a for a in implementation.signature.arguments if a.default is REQUIRED and a.type not in TAKES_ANYTHING]
    if implementation.lazy or not required:
        pytest.skip("no argument that must be there")
    first = required[0]
    with pytest.raises(EarthEngineError, match=f"'{first.name}' is required and may not be null"):
        invoke(name, {a.name: None for a in implementation.signature.arguments}, CONTEXT)
    if first.type == "Algorithm":
        return
    with pytest.raises(EarthEngineError, match=f"Parameter '{first.name}': "):
        invoke(name, {first.name: Function([], lambda _: NO_VALUE)}, CONTEXT)


def test_sources_say_who_says_so() -> None:
    wrong = [w.algorithm for w in WORKED if w.source.partition(":")[0] not in SOURCES or ": " not in w.source]
    assert wrong == []


def test_every_algorithm_has_a_worked_value() -> None:
    best: dict[str, int] = {}
    for worked in WORKED:
        rank = SOURCES.index(worked.source.partition(":")[0])
        best[worked.algorithm] = min(rank, best.get(worked.algorithm, rank))
    counts = Counter(SOURCES[rank] for rank in best.values())
    own = counts["own"] / max(len(best), 1)
    print(f"worked values of {len(best)} algorithms, by their best source: {dict(counts)}; own runs only: {own:.1%}")
    assert sorted(IMPLEMENTATIONS.keys() - best.keys()) == []
