"""What may be meant by an operator that does not exist."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

from codegen.corpora.script import Language
from codegen.extraction.signatures import CLASSES, UNTYPED, signatures

_MOST = 3
_CUTOFF = 0.6
_PYTHON_SPELLING = {"and": "And", "or": "Or", "not": "Not"}
_JAVASCRIPT_SPELLING = {python: javascript for javascript, python in _PYTHON_SPELLING.items()}
OTHER_CLIENT: Mapping[Language, tuple[str, ...]] = {
    "python": ("evaluate", "getMap"),
    "javascript": ("And", "Or", "Not"),
}
"""Methods that the other client alone has, or spells so."""
_SPELLING: Mapping[Language, Mapping[str, str]] = {"python": _PYTHON_SPELLING, "javascript": _JAVASCRIPT_SPELLING}


def near_operators(owner: str, name: str, language: Language) -> str:
    """A hint in a sentence; empty where nothing is near.

    Args:
        owner: `ee`, `ee.Image`, `ee.Filter`.
        name: What it has not.
        language: For its spelling.
    """
    spelt = _SPELLING[language].get(name)
    if spelt is not None:
        return f"{'Python' if language == 'python' else 'JavaScript'} spells it {spelt}."
    class_ = owner.removeprefix("ee.")
    others = _classes_with(name)
    if class_ == UNTYPED:
        return f"Cast it first: {_either(f'ee.{one}(…).{name}(…)' for one in others)}." if others else ""
    near = _near(name, _names_of(owner) - set(OTHER_CLIENT[language]))
    if near:
        return f"Is {_either(_spelt(f'{owner}.{one}', language) for one in near)} meant?"
    return f"{_either(f'ee.{one}' for one in others)} has it." if others else ""


def _names_of(owner: str) -> set[str]:
    """What there is below `ee`, a class or a namespace."""
    table, prefix = signatures(), f"{owner}."
    below = {path.removeprefix(prefix) for path in table.paths if path.startswith(prefix)}
    return {name for name in below if "." not in name} | set(table.methods.get(owner.removeprefix("ee."), ()))


def _near(name: str, names: Iterable[str]) -> list[str]:
    """Names that are alike, whatever their case; the likeliest first."""
    by_lower = {one.lower(): one for one in sorted(names)}
    found = difflib.get_close_matches(name.lower(), by_lower, n=_MOST, cutoff=_CUTOFF)
    begun = [one for one in by_lower if len(name) > _MOST and (one.startswith(name.lower()) or name.lower() in one)]
    return [by_lower[one] for one in dict.fromkeys([*found, *sorted(begun, key=len)])][:_MOST]


def _classes_with(name: str) -> list[str]:
    """Classes that have a method, those that scripts are most about first."""
    first = ["Image", "ImageCollection", "FeatureCollection", "Feature", "Geometry", "Number", "List", "Dictionary"]
    owners = signatures().owners.get(name, ())
    ordered = [one for one in first if one in owners] + [one for one in CLASSES if one in owners and one not in first]
    return [one for one in ordered if one != UNTYPED][:_MOST]


def _spelt(name: str, language: Language) -> str:
    front, _, last = name.rpartition(".")
    return f"{front}.{_PYTHON_SPELLING.get(last, last)}" if language == "python" else name


def _either(options: Iterable[str]) -> str:
    *front, last = options
    return f"{', '.join(front)} or {last}" if front else last
