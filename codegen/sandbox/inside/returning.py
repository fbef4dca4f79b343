"""What a function gave back, as JSON: graphs for objects of Earth Engine, values for all else."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from typing import Any

DEEPEST = 100
"""Levels of lists and dictionaries."""

_PLAIN = (bool, int, str)
_SEQUENCES = (list, tuple, set, frozenset)


def returned(value: Any) -> dict[str, Any]:
    """As the fields of `codegen.sandbox.outcome.Returned`."""
    if _is_computed(value):
        return {"type": type_name(value), "expression": _graph(value), "value": None}
    return {"type": type_name(value), "expression": None, "value": _plain(value, 0)}


def type_name(value: Any) -> str:
    """`ee.Image` for objects of Earth Engine, subclasses as what they derive from; else as Python names the class."""
    kind = type(value)
    if not _is_computed(value):
        return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    import ee

    for base in kind.__mro__:
        if getattr(ee, base.__name__, None) is base:
            return f"ee.{base.__name__}"
    return f"ee.{kind.__name__}"


def _is_computed(value: Any) -> bool:
    import ee

    return isinstance(value, ee.encodable.Encodable)


def _graph(value: Any) -> Any:
    import ee

    return ee.serializer.encode(value, for_cloud_api=True)


def _plain(value: Any, depth: int) -> Any:
    """Numbers that JSON lacks, and what it cannot say at all, are marked: `{"!float": "nan"}`, `{"!repr": …}`."""
    if depth > DEEPEST:
        raise RecursionError(f"The value is nested deeper than {DEEPEST} levels.")
    if value is None or type(value) in _PLAIN:
        return value
    if type(value) is float:
        return value if math.isfinite(value) else {"!float": str(value)}
    if _is_computed(value):
        return {"!expression": _graph(value), "!type": type_name(value)}
    if isinstance(value, Mapping):
        return {_key(key): _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, _SEQUENCES):
        ordered = sorted(value, key=repr) if isinstance(value, (set, frozenset)) else value
        return [_plain(item, depth + 1) for item in ordered]
    if _is_of_numpy(value):
        return _plain(value.tolist(), depth + 1)
    for kind in (bool, int, float, str):  # subclasses: enumerations, say
        if isinstance(value, kind):
            return _plain(kind(value), depth + 1)
    return {"!repr": repr(value), "!type": type_name(value)}


def _key(key: Any) -> str:
    if key is None or isinstance(key, bool):
        return {None: "null", True: "true", False: "false"}[key]  # as JSON spells them
    return key if type(key) is str else str(key)


def _is_of_numpy(value: Any) -> bool:
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, (numpy.ndarray, numpy.generic)) and value.dtype.kind in "biufU"
