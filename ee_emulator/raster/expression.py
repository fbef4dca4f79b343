"""The language of `Image.expression` and `Number.expression`, parsed by precedence climbing."""

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from ee_emulator.errors import EarthEngineError

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?)|(?P<text>'[^']*'|\"[^\"]*\")"
    r"|(?P<name>[A-Za-z_]\w*)|(?P<operator>\*\*|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%^&|<>!~?:(),.\[\]=]))"
)
# Loosest first; `**` binds to the right and tighter than a sign before it.
_LEVELS: tuple[Mapping[str, str], ...] = (
    {"||": "or", "or": "or"},
    {"&&": "and", "and": "and"},
    {"|": "bitwiseOr"},
    {"^": "bitwiseXor"},
    {"&": "bitwiseAnd"},
    {"==": "eq", "!=": "neq"},
    {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte"},
    {"<<": "leftShift", ">>": "rightShift"},
    {"+": "add", "-": "subtract"},
    {"*": "multiply", "/": "divide", "%": "mod"},
)
_CONSTANTS = {"PI": math.pi, "E": math.e, "EPSILON": 2.220446049250313e-16}

Apply = Callable[..., Any]
"""Calls an Image algorithm: `apply("add", left, right)`."""


class Parser:
    """Evaluates while it parses: images combine into lazy images, numbers into numbers.

    Args:
        text: The expression.
        names: Images by variable name.
        default: The image that `b()` and free band names refer to.
        apply: Calls Image algorithms.
        constant: Makes an image of a number.
        algorithm: Named in errors.
    """

    def __init__(
        self,
        text: str,
        names: Mapping[str, Any],
        default: Any,
        apply: Apply,
        constant: Apply,
        algorithm: str = "Image.parseExpression",
    ) -> None:
        self._text = text
        self._algorithm = algorithm
        self._names = names
        self._default = default
        self._apply = apply
        self._constant = constant
        self._tokens = self._tokenise(text)
        self._at = 0

    def _tokenise(self, text: str) -> list[tuple[str, str]]:
        tokens, position = [], 0
        text = text.rstrip()
        while position < len(text):
            match = _TOKEN.match(text, position)
            if match is None:
                raise self._error(f"unexpected '{text[position:].strip()[:1]}'")
            kind = str(match.lastgroup)
            tokens.append((kind, match.group(kind)))
            position = match.end()
        return tokens

    def _error(self, what: str) -> EarthEngineError:
        return EarthEngineError(f"{self._algorithm}: cannot parse '{self._text}': {what}.")

    def _peek(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _take(self, expected: str | None = None) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise self._error("it ends too early")
        kind, text = self._tokens[self._at]
        if expected is not None and text != expected:
            raise self._error(f"expected '{expected}', found '{text}'")
        self._at += 1
        return kind, text

    def parse(self) -> Any:
        """The value of the whole expression."""
        value = self._assigned()
        if self._at < len(self._tokens):
            raise self._error(f"unexpected '{self._peek()}'")
        return value

    def _assigned(self) -> Any:
        """`name = expression` names the result's band."""
        ahead = self._tokens[self._at : self._at + 2]
        if len(ahead) == 2 and ahead[0][0] == "name" and ahead[1][1] == "=":
            self._at += 2
            return self._apply("rename", self._conditional(), [ahead[0][1]])
        return self._conditional()

    def _conditional(self) -> Any:
        condition = self._level(0)
        if self._peek() != "?":
            return condition
        self._take("?")
        chosen = self._conditional()
        self._take(":")
        otherwise = self._conditional()
        # `where` keeps the mask of its input: start from the branch that is not chosen.
        return self._apply("_choose", condition, chosen, otherwise)

    def _level(self, level: int) -> Any:
        if level == len(_LEVELS):
            return self._unary()
        left = self._level(level + 1)
        while self._peek() in _LEVELS[level]:
            operator = _LEVELS[level][self._take()[1]]
            left = self._apply(operator, left, self._level(level + 1))
        return left

    def _unary(self) -> Any:
        if self._peek() in ("-", "+", "!", "~", "not"):
            sign = self._take()[1]
            value = self._unary()
            if sign == "+":
                return value
            if sign == "-":
                return self._apply("multiply", value, self._constant(-1))
            return self._apply("bitwiseNot" if sign == "~" else "not", value)
        return self._power()

    def _power(self) -> Any:
        base = self._postfix()
        if self._peek() == "**":
            self._take()
            return self._apply("pow", base, self._unary())
        return base

    def _postfix(self) -> Any:
        value = self._primary()
        while self._peek() in (".", "["):
            if self._take()[1] == ".":
                value = self._apply("select", value, [self._take()[1]])
            else:
                _, text = self._take()
                value = self._apply("select", value, [_literal(text)])
                self._take("]")
        return value

    def _primary(self) -> Any:
        kind, text = self._take()
        if text == "(":
            value = self._conditional()
            self._take(")")
            return value
        if kind == "number":
            return self._constant(int(text) if text.isdigit() and len(text) < 19 else float(text))
        if kind == "name":
            return self._call(text) if self._peek() == "(" else self._name(text)
        raise self._error(f"unexpected '{text}'")

    def _name(self, name: str) -> Any:
        if name in self._names:
            return self._names[name]
        if name in _CONSTANTS:
            return self._constant(_CONSTANTS[name])
        raise self._error(f"'{name}' is not among the given variables")

    def _call(self, name: str) -> Any:
        self._take("(")
        if name == "b":
            if self._default is None:
                raise self._error("there is no image whose band b() could be")
            return self._apply("select", self._default, self._band_arguments())
        arguments = []
        while self._peek() != ")":
            arguments.append(self._conditional())
            if self._peek() == ",":
                self._take()
        self._take(")")
        return self._apply(name, *arguments)

    def _band_arguments(self) -> list[Any]:
        bands = []
        while self._peek() != ")":
            bands.append(_literal(self._take()[1]))
            if self._peek() == ",":
                self._take()
        self._take(")")
        return bands


def _literal(text: str) -> Any:
    return text[1:-1] if text[:1] in "'\"" else int(text) if text.isdigit() else text
