"""The language of `Filter.expression`: `cloud < 20 && (city == "Wuhan" || !(year <= 2015))`."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ee_emulator.errors import EarthEngineError
from ee_emulator.values import Filter

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'[^']*'|\"[^\"]*\")|(?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![\w:]))"
    r"|(?P<name>[A-Za-z_.][\w.:]*)|(?P<operator>&&|\|\||==|!=|<=|>=|[<>=!()]))"
)
MOST_NESTED = 200
_COMPARISONS = {"==": "eq", "=": "eq", "!=": "neq", "<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}


@dataclass(frozen=True)
class Field:
    """An operand that is a property."""

    name: str


class FilterParser:
    """Builds a filter from the loosest operator to the tightest: or, and, not, comparison.

    Args:
        text: The expression.
        compare: Makes a filter of an operator's name and two operands.
        both: Makes what passes all of several filters.
        either: Makes what passes any of several filters.
        negate: Makes what does not pass a filter.
    """

    def __init__(
        self,
        text: str,
        compare: Callable[[str, Any, Any], Filter],
        both: Callable[[list[Filter]], Filter],
        either: Callable[[list[Filter]], Filter],
        negate: Callable[[Filter], Filter],
    ) -> None:
        self._text = text
        if text.count("(") + text.count("!") + text.lower().count("not") > MOST_NESTED:
            raise self._error("it is nested too deeply")
        self._compare, self._both, self._either, self._negate = compare, both, either, negate
        self._tokens = self._tokenise()
        self._at = 0

    def _tokenise(self) -> list[tuple[str, str]]:
        tokens, position, text = [], 0, self._text.rstrip()
        while position < len(text):
            match = _TOKEN.match(text, position)
            if match is None:
                raise self._error(f"unexpected '{text[position:].strip()[:1]}'")
            tokens.append((str(match.lastgroup), match.group(str(match.lastgroup))))
            position = match.end()
        return tokens

    def _error(self, what: str) -> EarthEngineError:
        return EarthEngineError(f"Filter.expression: cannot parse '{self._text}': {what}.")

    def _peek(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _take(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise self._error("it ends too early")
        self._at += 1
        return self._tokens[self._at - 1]

    def parse(self) -> Filter:
        """The filter of the whole text."""
        found = self._disjunction()
        if self._at < len(self._tokens):
            raise self._error(f"unexpected '{self._peek()}'")
        return found

    def _disjunction(self) -> Filter:
        found = [self._conjunction()]
        while self._peek().lower() in ("||", "or"):
            self._take()
            found.append(self._conjunction())
        return found[0] if len(found) == 1 else self._either(found)

    def _conjunction(self) -> Filter:
        found = [self._term()]
        while self._peek().lower() in ("&&", "and"):
            self._take()
            found.append(self._term())
        return found[0] if len(found) == 1 else self._both(found)

    def _term(self) -> Filter:
        if self._peek().lower() in ("!", "not"):
            self._take()
            return self._negate(self._term())
        if self._peek() == "(":
            self._take()
            inner = self._disjunction()
            if self._take()[1] != ")":
                raise self._error("expected ')'")
            return inner
        left, operator, right = self._operand(), self._take()[1], self._operand()
        if operator not in _COMPARISONS:
            raise self._error(f"'{operator}' is no comparison")
        return self._compare(_COMPARISONS[operator], left, right)

    def _operand(self) -> Any:
        kind, text = self._take()
        if kind == "text":
            return text[1:-1]
        if kind == "number":
            return float(text) if any(letter in text for letter in ".eE") else int(text)
        if kind == "name":
            return {"true": True, "false": False}.get(text.lower(), Field(text))
        raise self._error(f"unexpected '{text}'")
