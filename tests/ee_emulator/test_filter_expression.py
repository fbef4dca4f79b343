"""The language of filters: what binds tighter, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ee_emulator import algorithms
from ee_emulator.algorithms.filter import expression
from ee_emulator.errors import EarthEngineError
from ee_emulator.values import Feature

algorithms.load()
ELEMENT = Feature(None, {"a": 1, "b": 2.5, "name": "Wuhan (武汉)", "system:x": -3})


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("a == 1", True),
        ("a = 1", True),
        ("1 < b", True),
        ("a != 1 || b > 2 && b < 2.6", True),
        ("(a != 1 || b > 2) && b < 2", False),
        ("!a == 1", False),
        ("!(a == 2) and not b < 1", True),
        ("name == 'Wuhan (武汉)'", True),
        ('name == "Wuhan"', False),
        ("system:x <= -3", True),
        ("system:x > -3e0", False),
        ("missing < 5", False),
        ("missing >= 5", True),
        ("a < b", True),
    ],
)
def test_expressions_are_understood(text: str, passes: bool) -> None:
    assert expression(text).test(ELEMENT) is passes


@pytest.mark.parametrize("text", ["", "a", "a ==", "a == 1 &&", "(a == 1", "a == 1)", "a + 1 == 2", "a == 'x", "== 1"])
def test_what_is_no_expression_is_refused(text: str) -> None:
    with pytest.raises(EarthEngineError, match="cannot parse"):
        expression(text)


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(EarthEngineError, match="nested too deeply"):
        expression("(" * 100_000 + "a == 1" + ")" * 100_000)


@given(st.text(alphabet="ab1 =<>!&|()'\".", max_size=30))
def test_any_text_is_understood_or_refused(text: str) -> None:
    try:
        expression(text).test(ELEMENT)
    except EarthEngineError:
        return
