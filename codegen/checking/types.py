"""Which values a parameter of a type refuses: `types.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml

from codegen.corpora.script import Language
from codegen.extraction.signatures import UNTYPED, signatures
from codegen.extraction.values import (
    Array,
    Closure,
    EarthEngine,
    Integer,
    Known,
    Method,
    String,
    Value,
    alternatives,
)
from codegen.extraction.values import Mapping as Fields

_PLAIN = {"number": "number", "boolean": "boolean"}
_BY_NAME = ("Reducer", "Kernel", "Join", "Classifier", "Clusterer")
"""Types of which a static function may be named by a string: `'mean'` for a reducer."""


@dataclass(frozen=True, slots=True)
class Refusals:
    """What a type refuses.

    Attributes:
        written: Literals, by language.
        objects: Classes of Earth Engine.
    """

    written: Mapping[Language, frozenset[str]]
    objects: frozenset[str]


@cache
def refusals() -> Mapping[str, Refusals]:
    """The table, by type."""
    text = resources.files("codegen.checking").joinpath("types.yaml").read_text(encoding="utf-8")
    told: dict[str, dict[str, list[str]]] = yaml.safe_load(text)
    found: dict[str, Refusals] = {}
    for name, row in told.items():
        python = frozenset(row["written"])
        written: dict[Language, frozenset[str]] = {
            "python": python,
            "javascript": python | frozenset(row.get("javascript", ())),
        }
        found |= dict.fromkeys((name, *row.get("also", ())), Refusals(written, frozenset(row["objects"])))
    return found


def refused(value: Value, type_: str, language: Language, is_cast: bool = False) -> str | None:
    """What a value is that a type refuses, in words; None where it may be taken.

    Args:
        value: Refused only if it is so whatever it may be.
        type_: As Earth Engine's list of algorithms writes it: `List<String>`.
        language: Of the client.
        is_cast: Whether objects of any class are taken, as constructors do.
    """
    base = type_.split("<", 1)[0]
    rule = refusals().get(base)
    if rule is None:
        return None
    told = [_refused(one, base, rule, language, is_cast) for one in alternatives(value)]
    return None if None in told or not told else told[0]


def _refused(value: Value, base: str, rule: Refusals, language: Language, is_cast: bool) -> str | None:
    if isinstance(value, EarthEngine):
        return f"an ee.{value.owner}" if value.owner in rule.objects and not is_cast else None
    sort = sort_of(value)
    if sort == "string" and base in _BY_NAME and isinstance(value, String):
        known = signatures().path(f"ee.{base}.{value.value}") is not None
        return None if known else f"the string {value.value!r}, which names no ee.{base}"
    return f"a {sort}" if sort in rule.written[language] else None


def sort_of(value: Value) -> str | None:
    """What sort of literal a value is; None where it cannot be told, or is no literal."""
    if isinstance(value, String):
        return "string"
    if isinstance(value, Integer):
        return "number"
    if isinstance(value, Known):
        return _PLAIN.get(value.kind)
    if isinstance(value, Array):
        return "list"
    if isinstance(value, Fields):
        return "dictionary" if value.of is None else None
    return "function" if isinstance(value, Closure | Method) else None


def is_untold(value: Value) -> bool:
    """Whether nothing is known of a value: it may be anything that a call takes."""
    return any(not isinstance(one, EarthEngine) and sort_of(one) is None for one in alternatives(value))


def is_untyped(owner: str) -> bool:
    """Whether a class is that of objects of which the client does not know the type."""
    return owner == UNTYPED
