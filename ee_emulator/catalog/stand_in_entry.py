"""A catalogue's entry for a stand-in, read into the asset that it describes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ee_emulator.catalog.base import Asset
from ee_emulator.catalog.stand_in import (
    SIMULATED,
    WORLD,
    Column,
    Range,
    StandInCollection,
    StandInImage,
    StandInTable,
)

KEYS = {
    "stand_in",
    "bands",
    "columns",
    "scale",
    "start",
    "end",
    "every",
    "rows",
    "geometry",
    "bounds",
    "image_properties",
}
KINDS = ("image", "collection", "table")
DEFAULT_SCALE = 1_000.0
DEFAULT_ROWS = 100
DAY_MS = 86_400_000
CALENDAR = {"year": "Y", "month": "M"}
MAX_IMAGES = 100_000


def stand_in(entry: Mapping[str, Any], milliseconds: Callable[[Any], float]) -> Asset:
    """The stand-in of an entry.

    Args:
        entry: Its keys and values, without anything else.
        milliseconds: Turns a date of the catalogue into ms since 1970 UTC.

    Raises:
        ValueError: The entry is wrong; says what it needs.
    """
    kind = entry["stand_in"]
    if kind not in KINDS:
        raise ValueError(f"'stand_in' is one of {', '.join(KINDS)}")
    properties = {**(entry.get("properties") or {}), "simulated": SIMULATED}
    if kind == "table":
        return _table(entry, properties)
    ranges = {name: _range(name, given) for name, given in _mapping(entry, "bands").items()}
    scale = float(entry.get("scale", DEFAULT_SCALE))
    if not scale > 0:
        raise ValueError("'scale' is a positive number of metres")
    if kind == "image":
        times = {f"system:time_{k}": int(milliseconds(entry[k])) for k in ("start", "end") if k in entry}
        return StandInImage(entry["id"], ranges, scale, {**times, **properties})
    if "start" not in entry or "end" not in entry:
        raise ValueError("a collection needs 'start' and 'end'")
    start, end = (int(milliseconds(entry[key])) for key in ("start", "end"))
    of_images = {**(entry.get("image_properties") or {}), "simulated": SIMULATED}
    return StandInCollection(
        entry["id"], ranges, scale, _moments(start, end, entry.get("every", 1)), of_images, properties
    )


def _moments(start: int, end: int, every: Any) -> NDArray[np.int64]:
    """When images begin and the last one ends: every calendar `year` or `month`, or so many days."""
    if end <= start:
        raise ValueError("'end' must come after 'start'")
    if every in CALENDAR:
        unit = CALENDAR[every]
        first, last = (np.datetime64(ms, "ms").astype(f"datetime64[{unit}]") for ms in (start, end - 1))
        return np.arange(first, last + 2).astype("datetime64[ms]").astype(np.int64)
    if isinstance(every, bool) or not isinstance(every, int | float) or not every > 0:
        raise ValueError("'every' is year, month or a positive number of days")
    step = max(1, int(every * DAY_MS))
    if (end - start) / step > MAX_IMAGES:
        raise ValueError(f"'every' makes more than {MAX_IMAGES} images")
    return np.arange(start, end + step, step, dtype=np.int64)


def _table(entry: Mapping[str, Any], properties: Mapping[str, Any]) -> StandInTable:
    columns = {name: _column(name, given) for name, given in (entry.get("columns") or {}).items()}
    geometry = entry.get("geometry", "polygon")
    if geometry not in ("point", "polygon"):
        raise ValueError("'geometry' is point or polygon")
    west, south, east, north = entry.get("bounds", WORLD)
    rows = int(entry.get("rows", DEFAULT_ROWS))
    return StandInTable(entry["id"], columns, rows, geometry == "point", (west, south, east, north), properties)


def _mapping(entry: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    given = entry.get(key)
    if not isinstance(given, Mapping) or not given:
        raise ValueError(f"'{key}' is a mapping of names to ranges, such as {{NDVI: [-1, 1]}}")
    return given


def _column(name: str, given: Any) -> Column:
    if isinstance(given, list) and given and all(isinstance(item, str) for item in given):
        return tuple(given)
    return _range(name, given)


def _range(name: str, given: Any) -> Range:
    """`[low, high]`, or `{range: [low, high], type: uint8}`; whole numbers without a type are int32."""
    limits, dtype = (given.get("range"), given.get("type")) if isinstance(given, Mapping) else (given, None)
    if not isinstance(limits, list) or len(limits) != 2 or not all(isinstance(v, int | float) for v in limits):
        raise ValueError(f"'{name}' is a range of two numbers: {given!r}")
    low, high = limits
    whole = isinstance(low, int) and isinstance(high, int)
    try:
        kind = np.dtype(dtype or ("int32" if whole else "float32"))
    except TypeError:
        raise ValueError(f"'{name}' has an unknown type: {dtype!r}") from None
    return Range(float(low), float(high), kind.name)
