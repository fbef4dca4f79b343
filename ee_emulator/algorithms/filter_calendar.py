"""Filters of the calendar: of the fields of `system:time_start`."""

from collections.abc import Callable, Mapping
from typing import Any

from ee_emulator.algorithms.element import property_of
from ee_emulator.algorithms.filter import described, plain
from ee_emulator.errors import EarthEngineError
from ee_emulator.joda import to_datetime
from ee_emulator.registry import algorithm
from ee_emulator.values import Filter

_CALENDAR: Mapping[str, Callable[[Any], int]] = {
    "day_of_year": lambda d: int(d.timetuple().tm_yday),
    "day_of_month": lambda d: int(d.day),
    "day_of_week": lambda d: int(d.isoweekday()),
    "month": lambda d: int(d.month),
    "year": lambda d: int(d.year),
    "hour": lambda d: int(d.hour),
    "minute": lambda d: int(d.minute),
}


@algorithm("Filter.calendarRange")
def calendar_range(start: int, end: int | None, field: str) -> Filter:
    """A calendar field of `system:time_start` from start to end, both included; wraps round where start > end.

    Raises:
        EarthEngineError: An unknown field.
    """
    if field not in _CALENDAR:
        raise EarthEngineError(f"Unknown calendar field '{field}'; known: {', '.join(_CALENDAR)}.")
    last = start if end is None else end

    def test(element: Any) -> bool:
        moment = plain(property_of(element, "system:time_start"))
        if not isinstance(moment, int | float):
            return False
        value = _CALENDAR[field](to_datetime(moment))
        return start <= value <= last if start <= last else value >= start or value <= last

    return Filter(test, description=described("calendarRange", start=start, end=last, field=field))


@algorithm("Filter.dayOfYear")
def day_of_year(start: int, end: int) -> Filter:
    """Days of the year from start to end, both included; wraps round where start > end."""
    return calendar_range(start, end, "day_of_year")
