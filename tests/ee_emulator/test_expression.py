"""Expression graphs of any shape: evaluated, or refused in Earth Engine's way; never a crash."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ee_emulator.encode import encode
from ee_emulator.errors import EarthEngineError
from ee_emulator.graph import evaluate
from tests.ee_emulator.raster.arrays import CONTEXT

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
KEYS = st.sampled_from(["0", "1", "2", "nowhere"])
NAMES = st.sampled_from(
    ["Number.add", "List.map", "String.cat", "If", "Image.constant", "Date", "Collection", "Number.fly"]
)
ARGUMENTS = st.sampled_from(["left", "right", "list", "baseAlgorithm", "string1", "condition", "trueCase", "value"])


def _invocations(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    callee = st.builds(lambda name: {"functionName": name}, NAMES) | st.builds(lambda k: {"functionReference": k}, KEYS)
    arguments = st.dictionaries(ARGUMENTS, inner, max_size=3)
    return st.builds(lambda c, a: {"functionInvocationValue": {**c, "arguments": a}}, callee, arguments)


NODES = st.recursive(
    st.builds(lambda value: {"constantValue": value}, JSON)
    | st.builds(lambda key: {"valueReference": key}, KEYS)
    | st.builds(lambda name: {"argumentReference": name}, st.sampled_from(["x", "y"]))
    | st.builds(lambda k: {"functionDefinitionValue": {"argumentNames": ["x"], "body": k}}, KEYS)
    | JSON,
    lambda inner: (
        _invocations(inner)
        | st.builds(lambda items: {"arrayValue": {"values": items}}, st.lists(inner, max_size=3))
        | st.builds(lambda items: {"dictionaryValue": {"values": items}}, st.dictionaries(ARGUMENTS, inner, max_size=3))
    ),
    max_leaves=5,
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(["0", "1", "2"]), NODES, max_size=3))
def test_graphs_of_any_shape_are_evaluated_or_refused(values: dict[str, Any]) -> None:
    refusal: EarthEngineError | None = None
    try:
        encode(evaluate({"result": "0", "values": values}, CONTEXT))
    except EarthEngineError as error:
        refusal = error
    assert refusal is None or (refusal.status == 400 and refusal.message)


def test_a_value_that_two_others_share_is_computed_once() -> None:
    """Each level refers twice to the one below: evaluated naively, 2⁶⁰ calls."""
    values: dict[str, Any] = {"0": {"constantValue": 1}}
    for k in range(1, 61):
        below = {"valueReference": str(k - 1)}
        arguments = {"left": below, "right": below}
        values[str(k)] = {"functionInvocationValue": {"functionName": "Number.add", "arguments": arguments}}
    assert evaluate({"result": "60", "values": values}, CONTEXT) == 2**60
