"""The filters of `listAssets` and `listImages`: a part of Google's filter language (google.aip.dev/160).

`properties.cloud < 10 AND startTime >= "2020-01-01T00:00:00Z" AND intersects("{'type':'Point','coordinates':[0,0]}")`;
AND, OR, NOT and parentheses, and the comparisons = != < <= > >= and `:` (a list holds it).
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import shapely
import shapely.errors
import shapely.geometry
from shapely.geometry.base import BaseGeometry

from ee_emulator.errors import EarthEngineError

Described = Mapping[str, Any]
Test = Callable[[Described], bool]

_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<sign><=|>=|!=|[=<>:()])|(?P<word>[^\s=<>!:()"']+))"""
)
_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: bool(a == b),
    "!=": lambda a, b: bool(a != b),
    "<": lambda a, b: bool(a < b),
    "<=": lambda a, b: bool(a <= b),
    ">": lambda a, b: bool(a > b),
    ">=": lambda a, b: bool(a >= b),
}
_TIMES = ("startTime", "endTime", "updateTime")
MAX_DEPTH = 50


def asset_filter(query: str | None) -> Test:
    """The test of a filter on an asset's JSON; no filter passes everything.

    Raises:
        EarthEngineError: The filter cannot be read.
    """
    return _Parser(query).parse() if query and query.strip() else lambda _: True


class _Parser:
    def __init__(self, query: str) -> None:
        self._query = query
        self._tokens = self._split()
        self._depth = 0

    def parse(self) -> Test:
        test = self._any()
        if self._tokens:
            raise self._error(f"unexpected {self._tokens[0]!r}")
        return test

    def _split(self) -> list[str]:
        tokens, at = [], 0
        while at < len(self._query.rstrip()):
            found = _TOKEN.match(self._query, at)
            if found is None:
                raise self._error(f"cannot read it from position {at}")
            tokens.append(found.group().strip())
            at = found.end()
        return tokens

    def _error(self, problem: str) -> EarthEngineError:
        return EarthEngineError(f"Invalid filter {self._query!r}: {problem}.")

    def _next(self) -> str:
        if not self._tokens:
            raise self._error("it ends too early")
        return self._tokens.pop(0)

    def _any(self) -> Test:
        tests = [self._all()]
        while self._tokens and self._tokens[0].upper() == "OR":
            self._next()
            tests.append(self._all())
        return lambda asset: any(test(asset) for test in tests)

    def _all(self) -> Test:
        tests = [self._one()]
        while self._tokens and self._tokens[0] != ")" and self._tokens[0].upper() != "OR":
            if self._tokens[0].upper() == "AND":
                self._next()
            tests.append(self._one())
        return lambda asset: all(test(asset) for test in tests)

    def _one(self) -> Test:
        word = self._next()
        if word == "(":
            inner = self._nested(self._any)
            self._expect(")")
            return inner
        if word.upper() == "NOT":
            denied = self._nested(self._one)
            return lambda asset: not denied(asset)
        if word.lower() == "intersects" and self._tokens[:1] == ["("]:
            return self._intersects()
        return self._comparison(_unquoted(word))

    def _nested(self, read: Callable[[], Test]) -> Test:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._error("it is nested too deeply")
        inner = read()
        self._depth -= 1
        return inner

    def _expect(self, token: str) -> None:
        if self._next() != token:
            raise self._error(f"{token!r} is missing")

    def _comparison(self, field: str) -> Test:
        sign, wanted = self._next(), self._next()
        if sign != ":" and sign not in _COMPARISONS:
            raise self._error(f"{sign!r} is no comparison")
        value = self._moment(_unquoted(wanted)) if field in _TIMES else _plain(wanted)

        def test(asset: Described) -> bool:
            found = _field(asset, field)
            if field in _TIMES and isinstance(found, str):
                found = datetime.fromisoformat(found)
            if found is None:
                return False
            if sign == ":":
                return value in found if isinstance(found, str | list) and isinstance(value, str) else found == value
            ordered = isinstance(found, int | float) == isinstance(value, int | float)
            return _COMPARISONS[sign](found, value) if ordered else _COMPARISONS[sign](str(found), str(value))

        return test

    def _moment(self, text: str) -> datetime:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise self._error(f"{text!r} is no timestamp") from None
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    def _intersects(self) -> Test:
        self._expect("(")
        region = region_of(_unquoted(self._next()))
        self._expect(")")
        shapely.prepare(region)

        def test(asset: Described) -> bool:
            outline = asset.get("geometry")
            return outline is not None and bool(region.intersects(shapely.geometry.shape(outline)))

        return test


def region_of(text: str) -> BaseGeometry:
    """A region from GeoJSON, whose quotes may be single ones, or WKT.

    Raises:
        EarthEngineError: It is neither.
    """
    try:
        if text.lstrip().startswith("{"):
            region: BaseGeometry = shapely.geometry.shape(json.loads(text.replace("'", '"')))
            return region
        return shapely.from_wkt(text)
    except (ValueError, TypeError, KeyError, AttributeError, shapely.errors.ShapelyError) as error:
        raise EarthEngineError(f"Invalid region: it is neither GeoJSON nor WKT ({error}).") from None


def _field(asset: Described, field: str) -> Any:
    if field.startswith("properties."):
        name = field.removeprefix("properties.").strip("\"'")
        return (asset.get("properties") or {}).get(name)
    if field == "endTime" and field not in asset:  # a moment ends when it begins
        field = "startTime"
    return asset.get(field)


def _unquoted(token: str) -> str:
    return re.sub(r"\\(.)", r"\1", token[1:-1]) if token[:1] in "\"'" and len(token) > 1 else token


def _plain(token: str) -> Any:
    """A number or truth value that is not quoted, otherwise text."""
    if token[:1] in "\"'":
        return _unquoted(token)
    if token.lower() in ("true", "false"):
        return token.lower() == "true"
    try:
        return float(token)
    except ValueError:
        return token
