"""Requests that take too much: a clear refusal in time, and a server that goes on answering everyone else."""

from __future__ import annotations

import importlib
import math
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FrameType
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ee_emulator.limits import as_long, narrowed
from ee_emulator.process import start_emulator
from ee_emulator.regex import Pattern
from ee_emulator.workers import may_end

SECONDS = 4.0
DEEP = 30_000
"""Steps in one request; twice as many do not fit into its body."""
PATH = "/v1/projects/local-ee"
Node = dict[str, Any]
Values = dict[str, Node]


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    """A server whose requests have four seconds; it has to live through all of these tests."""
    with (
        start_emulator(options=["--timeout", str(SECONDS)]) as server,
        httpx.Client(base_url=server.url, timeout=60) as client,
    ):
        yield client
        assert server.process.poll() is None
        assert "Traceback" not in server.log.read_text()


def constant(value: Any) -> Node:
    return {"constantValue": value}


def reference(key: str) -> Node:
    return {"valueReference": key}


def call(name: str, /, **arguments: Any) -> Node:
    nodes = {key: value if isinstance(value, dict) else constant(value) for key, value in arguments.items()}
    return {"functionInvocationValue": {"functionName": name, "arguments": nodes}}


def function(body: str, *names: str) -> Node:
    return {"functionDefinitionValue": {"argumentNames": list(names), "body": body}}


def chain(first: Node, step: Callable[[Node], Node], times: int = DEEP) -> Values:
    """A step upon a step, the last of which is `z`."""
    values = {"0": first} | {str(k): step(reference(str(k - 1))) for k in range(1, times)}
    return values | {"z": step(reference(str(times - 1)))}


def compute(http: httpx.Client, values: Values | Node) -> Any:
    """The value, or the error's message; the result is that of `z`."""
    expression = {"result": "z", "values": values if "z" in values else {"z": values}}
    response = http.post(f"{PATH}/value:compute", json={"expression": expression})
    assert response.status_code in (200, 400)
    answer = response.json()
    return answer["error"]["message"] if "error" in answer else answer["result"]


# Depth -------------------------------------------------------------------------------------------------------------


def test_a_chain_of_calls_may_be_as_long_as_it_likes() -> None:
    from ee_emulator.graph import evaluate
    from tests.ee_emulator.raster.arrays import CONTEXT

    values = chain(constant(0), lambda below: call("Number.add", left=below, right=1), 100_000)
    assert evaluate({"result": "z", "values": values}, CONTEXT) == 100_000


def _nested_functions() -> Values:
    values: Values = {"f0": function("b0", "x0"), "b0": {"argumentReference": "x0"}}
    for k in range(1, DEEP):
        argument: Node = {"arrayValue": {"values": [{"argumentReference": f"x{k}"}]}}
        values[f"f{k}"] = function(f"b{k}", f"x{k}")
        values[f"b{k}"] = call("List.map", list=argument, baseAlgorithm=reference(f"f{k - 1}"))
    return values | {"z": call("List.map", list=[1], baseAlgorithm=reference(f"f{DEEP - 1}"))}


@pytest.mark.parametrize(
    "values",
    [
        chain(constant(0), lambda below: call("If", condition=1, trueCase=below, falseCase=1)),
        chain(constant(0), lambda below: {"arrayValue": {"values": [below]}}),
        chain(call("Collection", features=[]), lambda below: call("Collection.limit", collection=below, limit=1)),
        chain(call("Filter.equals", leftField="a", rightValue=1), lambda below: call("Filter.not", filter=below)),
        _nested_functions(),
        call("Number.expression", expression="(" * 3_000 + "1" + ")" * 3_000, vars=constant({})),
    ],
    ids=["branches", "lists", "collections", "filters", "functions", "brackets"],
)
def test_any_other_depth_gives_a_value_or_a_refusal(http: httpx.Client, values: Values) -> None:
    started = time.monotonic()
    answer = compute(http, values)
    assert isinstance(answer, dict | int | float) or any(
        words in answer for words in ("nesting is too deep", "timed out", "cannot be written as JSON")
    )
    assert time.monotonic() - started < 30  # most of it to send and to read the graph


# Memory ------------------------------------------------------------------------------------------------------------


def iterate(step: Node, first: Any, times: int) -> Values:
    """`step`, an expression of the argument `p`, applied to what it gave before."""
    folded = call("List.iterate", list=call("List.sequence", start=1, end=times), function=reference("f"), first=first)
    return {"f": function("b", "x", "p"), "b": step, "z": folded}


P: Node = {"argumentReference": "p"}
MUCH: dict[str, Values | Node] = {
    "sequence": call("List.size", list=call("List.sequence", start=0, end=1e9)),
    "count": call("List.sequence", start=0, end=1, count=10**9),
    "repeat": call("List.repeat", value=1, count=10**9),
    "doubled text": iterate(call("String.cat", string1=P, string2=P), "ab", 60),
    "doubled list": iterate(call("List.cat", list=P, other=P), [1], 60),
    "array": call("Array", values=call("List.repeat", value=call("List.repeat", value=0, count=10**4), count=10**4)),
    "nested maps": {
        "many": call("List.sequence", start=1, end=1e6),
        "f": function("b", "x"),
        "b": call("List.cat", list=reference("many"), other={"arrayValue": {"values": [{"argumentReference": "x"}]}}),
        "z": call("List.size", list=call("List.map", list=reference("many"), baseAlgorithm=reference("f"))),
    },
    "inputs": call("Reducer.min", numInputs=10**9),
}


@pytest.mark.parametrize("what", MUCH)
def test_what_does_not_fit_in_memory_is_refused_at_once(http: httpx.Client, what: str) -> None:
    started = time.monotonic()
    answer = compute(http, MUCH[what])
    assert "User memory limit exceeded." in answer or "between 1 and 10000 inputs" in answer
    assert time.monotonic() - started < SECONDS


def test_pixels_beyond_number_are_refused(http: httpx.Client) -> None:
    grid = {"dimensions": {"width": 31_623, "height": 31_623}, "affineTransform": {"scaleX": 1}, "crsCode": "EPSG:3857"}
    expression = {"result": "z", "values": {"z": call("Image.constant", value=1)}}
    response = http.post(f"{PATH}/image:computePixels", json={"expression": expression, "grid": grid})
    assert "must be less than or equal to" in response.json()["error"]["message"]
    square = call("GeometryConstructors.Rectangle", coordinates=[0, 0, 1, 1])
    region = {"image": call("Image.constant", value=1), "reducer": call("Reducer.sum"), "geometry": square, "scale": 3}
    assert "Too many pixels in the region" in compute(http, call("Image.reduceRegion", **region))
    assert "User memory limit exceeded." in compute(http, call("Image.reduceRegion", **region, maxPixels=1e13))


@given(st.integers())
def test_whole_numbers_keep_to_64_bits(number: int) -> None:
    found = narrowed(number)
    assert found == number if isinstance(found, int) else math.isclose(found, number) or math.isinf(found)
    assert isinstance(found, int) == (-(2**63) <= number < 2**63)


@given(st.floats())
def test_a_cast_to_64_bits_saturates(number: float) -> None:
    found = as_long(number)
    assert -(2**63) <= found <= 2**63 - 1
    if abs(number) < 2**63:
        assert found == math.trunc(number)


# Time --------------------------------------------------------------------------------------------------------------


def test_a_runaway_iteration_is_stopped(http: httpx.Client) -> None:
    started = time.monotonic()
    answer = compute(http, iterate(call("Number.add", left=P, right=1), 0, 5_000_000))
    assert "Computation timed out." in answer
    assert time.monotonic() - started < SECONDS + 2


def test_stuck_threads_are_replaced_while_others_are_served(http: httpx.Client) -> None:
    """More requests than the server has threads, each a single call of hours that never looks at the clock."""
    numbers = call("List.sequence", start=1, end=1_000_000)
    hours = call("List.removeAll", list=numbers, other=call("List.sequence", start=-1_000_000, end=-1))
    with ThreadPoolExecutor(3) as threads:
        stuck = [threads.submit(compute, http, hours) for _ in range(3)]
        time.sleep(0.5)
        asked = time.monotonic()
        assert compute(http, call("Number.add", left=1, right=2)) == 3
        assert time.monotonic() - asked < SECONDS
        assert ["Computation timed out." in future.result() for future in stuck] == [True] * 3
    assert [compute(http, call("Number.add", left=k, right=2)) for k in range(8)] == list(range(2, 10))


def test_a_pattern_that_backtracks_without_end_is_stopped(http: httpx.Client) -> None:
    assert "timed out" in compute(http, call("String.match", input="a" * 60 + "!", regex="(a+)+$"))
    assert compute(http, call("String.match", input="S2A_2020", regex="(.*)_(.*)")) == ["S2A_2020", "S2A", "2020"]


# Start -------------------------------------------------------------------------------------------------------------


def test_the_server_starts_without_what_it_does_not_need_yet() -> None:
    """Each of these takes a tenth of a second to import, some of them several."""
    heavy = {"ee", "geopandas", "numba", "pandas", "rasterio", "scipy", "skimage", "sklearn", "xarray", "zarr"}
    program = f"import sys, ee_emulator.server as s; s.build_catalog(); print(sorted({heavy} & sys.modules.keys()))"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


# Ending threads ----------------------------------------------------------------------------------------------------


def frame_in_our_code() -> FrameType:
    """A frame of the package, caught where it calls back."""
    frames: list[FrameType | None] = []

    def catch(_: re.Match[str]) -> str:
        frames.append(sys._getframe().f_back)
        return ""

    Pattern(re.compile("a")).sub(catch, "a")
    assert frames[0] is not None
    return frames[0]


def test_a_thread_is_ended_in_our_own_code_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that imports would leave half a module for everybody."""
    assert may_end(frame_in_our_code())
    assert not may_end(sys._getframe())
    (tmp_path / "half_a_module.py").write_text(f"from {__name__} import frame_in_our_code as f\nframe = f()")
    monkeypatch.syspath_prepend(tmp_path)
    assert not may_end(importlib.import_module("half_a_module").frame)
