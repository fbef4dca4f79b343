"""Date and DateRange: moments in milliseconds, calendars in time zones."""

import math
from calendar import monthrange
from datetime import datetime, timedelta
from typing import Any

from ee_emulator.errors import EarthEngineError
from ee_emulator.joda import (
    UNIT_MS,
    format_date,
    parse_date,
    parse_iso,
    to_datetime,
    to_ms,
    zone,
)
from ee_emulator.joda import (
    unit as canonical,
)
from ee_emulator.registry import Context, algorithm, coerce
from ee_emulator.values import Date, DateRange


@algorithm("Date")
def date(value: Any, time_zone: str | None, *, context: Context) -> Date:
    """A date from milliseconds, ISO text or another date."""
    if isinstance(value, str):
        return Date(parse_iso(value, time_zone))
    moment: Date = coerce(value, "Date", context)
    return moment


@algorithm("Date.fromYMD")
def from_ymd(year: int, month: int, day: int, time_zone: str | None) -> Date:
    """Midnight of a calendar day; months and days beyond their range carry over."""
    years, months = divmod(month - 1, 12)
    try:
        first = datetime(year + years, months + 1, 1, tzinfo=zone(time_zone))
        return Date(to_ms((first.replace(tzinfo=None) + timedelta(days=day - 1)).replace(tzinfo=first.tzinfo)))
    except (ValueError, OverflowError) as error:
        raise EarthEngineError(f"Invalid date {year}-{month}-{day}: {error}.") from None


@algorithm("Date.parse")
def parse(format: str, date: str, time_zone: str | None) -> Date:
    """A date from text by a Joda pattern."""
    return Date(parse_date(format, date, time_zone))


@algorithm("Date.format")
def format_(date: Date, format: str | None, time_zone: str | None) -> str:
    """Text by a Joda pattern; ISO 8601 by default."""
    return format_date(to_datetime(date.ms, time_zone), format)


@algorithm("Date.millis")
def millis(date: Date) -> int:
    """Milliseconds since 1970-01-01 UTC."""
    return int(date.ms)


def advance_ms(ms: float, delta: float, unit: str, time_zone: str | None) -> float:
    """A moment moved by calendar months and years, or by fixed units; fractions of months take their mean length."""
    if unit not in ("year", "month"):
        return ms + delta * UNIT_MS[unit]
    whole = int(delta // 1)
    months = whole * (12 if unit == "year" else 1)
    moved = to_ms(_add_months(to_datetime(ms, time_zone), months))
    fraction = delta - whole
    if not fraction:
        return moved
    following = to_ms(_add_months(to_datetime(ms, time_zone), months + (12 if unit == "year" else 1)))
    return moved + fraction * (following - moved)


def _add_months(moment: datetime, months: int) -> datetime:
    years, month = divmod(moment.month - 1 + months, 12)
    year = moment.year + years
    if not 1 <= year <= 9999:
        raise EarthEngineError(f"Date out of range: year {year}.")
    day = min(moment.day, monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


@algorithm("Date.advance")
def advance(date: Date, delta: float, unit: str, time_zone: str | None) -> Date:
    """The date moved by so many units."""
    if not math.isfinite(delta):
        raise EarthEngineError(f"A date cannot be advanced by {delta}.")
    moved = advance_ms(date.ms, delta, canonical(unit), time_zone)
    if not math.isfinite(moved):
        raise EarthEngineError(f"Date out of range: {delta} {unit} on.")
    return Date(int(moved))


@algorithm("Date.difference")
def difference(date: Date, start: Date, unit: str) -> float:
    """Time from `start` to `date` in units; months and years have their mean length."""
    return (date.ms - start.ms) / UNIT_MS[canonical(unit)]


@algorithm("Date.unitRatio")
def unit_ratio(numerator: str, denominator: str) -> float:
    """How many of one unit make another."""
    return UNIT_MS[canonical(numerator)] / UNIT_MS[canonical(denominator)]


def _start_of(moment: datetime, unit: str) -> datetime:
    """The beginning of the unit in which a moment lies."""
    if unit == "week":
        return _start_of(moment, "day") - timedelta(days=moment.weekday())
    fields = {"month": 1, "day": 1, "hour": 0, "minute": 0, "second": 0, "microsecond": 0}
    order = ["year", *fields]
    finer = order[order.index(unit) + 1 :]
    return moment.replace(**{name: fields[name] for name in finer})  # type: ignore[arg-type]


def _next(moment: datetime, unit: str) -> datetime:
    if unit in ("year", "month"):
        return _add_months(moment, 12 if unit == "year" else 1)
    return moment + timedelta(milliseconds=UNIT_MS[unit])


@algorithm("Date.get")
def get(date: Date, unit: str, time_zone: str | None) -> int:
    """A calendar field; for `week` the ISO week of the year."""
    moment, name = to_datetime(date.ms, time_zone), canonical(unit)
    return moment.isocalendar().week if name == "week" else int(getattr(moment, name))


@algorithm("Date.getFraction")
def get_fraction(date: Date, unit: str, time_zone: str | None) -> float:
    """How much of the current unit has passed, in [0, 1)."""
    moment = to_datetime(date.ms, time_zone)
    start = _start_of(moment, canonical(unit))
    return (moment - start) / (_next(start, canonical(unit)) - start)


@algorithm("Date.getRange")
def get_range(date: Date, unit: str, time_zone: str | None) -> DateRange:
    """The unit in which the date lies."""
    start = _start_of(to_datetime(date.ms, time_zone), canonical(unit))
    return DateRange(to_ms(start), to_ms(_next(start, canonical(unit))))


@algorithm("Date.getRelative")
def get_relative(date: Date, unit: str, in_unit: str, time_zone: str | None) -> int:
    """How many whole units have passed in a coarser one, from 0: day of the year, month of the year, …."""
    moment, name = to_datetime(date.ms, time_zone), canonical(unit)
    start = _start_of(moment, canonical(in_unit))
    if name in ("year", "month"):
        months = (moment.year - start.year) * 12 + moment.month - start.month
        return months // 12 if name == "year" else months
    return int((moment - start) / timedelta(milliseconds=UNIT_MS[name]))


@algorithm("Date.update")
def update(
    date: Date,
    year: int | None,
    month: int | None,
    day: int | None,
    hour: int | None,
    minute: int | None,
    second: float | None,
    time_zone: str | None,
) -> Date:
    """With some calendar fields replaced."""
    given = {"year": year, "month": month, "day": day, "hour": hour, "minute": minute}
    fields: dict[str, int] = {name: value for name, value in given.items() if value is not None}
    try:
        if second is not None:
            fields |= {"second": int(second), "microsecond": round(second % 1 * 1e6)}
        return Date(to_ms(to_datetime(date.ms, time_zone).replace(**fields)))  # type: ignore[arg-type]
    except (ValueError, OverflowError) as error:
        raise EarthEngineError(f"{error}.") from None


# Ranges ----------------------------------------------------------------------------------------------------------


@algorithm("DateRange")
def date_range(start: Any, end: Any, time_zone: str | None, *, context: Context) -> DateRange:
    """From a start to an end; without an end the one millisecond of the start.

    Raises:
        EarthEngineError: The end lies before the start.
    """
    if isinstance(start, DateRange):
        return start
    first = date(start, time_zone, context=context)
    last = Date(first.ms + 1) if end is None else date(end, time_zone, context=context)
    return DateRange(first.ms, last.ms)


@algorithm("DateRange.unbounded")
def unbounded() -> DateRange:
    """All time."""
    return DateRange(None, None)


@algorithm("DateRange.start")
def start(date_range: DateRange) -> Date | None:
    """The beginning."""
    return None if date_range.start is None else Date(date_range.start)


@algorithm("DateRange.end")
def end(date_range: DateRange) -> Date | None:
    """The end, which is not part of the range."""
    return None if date_range.end is None else Date(date_range.end)


def _limits(value: DateRange) -> tuple[float, float]:
    return (
        float("-inf") if value.start is None else value.start,
        float("inf") if value.end is None else value.end,
    )


def contains_ms(value: DateRange, ms: float) -> bool:
    """Whether a moment lies in a range."""
    low, high = _limits(value)
    return low <= ms < high


@algorithm("DateRange.contains")
def contains(date_range: DateRange, other: Any, *, context: Context) -> bool:
    """Whether a date or a whole range lies in this one."""
    if isinstance(other, DateRange):
        (low, high), (other_low, other_high) = _limits(date_range), _limits(other)
        return low <= other_low and other_high <= high
    return contains_ms(date_range, coerce(other, "Date", context).ms)


def _from_limits(low: float, high: float) -> DateRange:
    return DateRange(None if low == float("-inf") else low, None if high == float("inf") else high)


@algorithm("DateRange.intersection")
def intersection(date_range: DateRange, other: DateRange) -> DateRange:
    """What both share; an empty range where they share nothing."""
    (a, b), (c, d) = _limits(date_range), _limits(other)
    low = max(a, c)
    return _from_limits(low, max(low, min(b, d)))


@algorithm("DateRange.intersects")
def intersects(date_range: DateRange, other: DateRange) -> bool:
    """Whether they share any moment."""
    (a, b), (c, d) = _limits(date_range), _limits(other)
    return a < d and c < b


@algorithm("DateRange.isEmpty")
def is_empty(date_range: DateRange) -> bool:
    """Whether no moment lies in it."""
    low, high = _limits(date_range)
    return low >= high


@algorithm("DateRange.isUnbounded")
def is_unbounded(date_range: DateRange) -> bool:
    """Whether it is all time."""
    return date_range.start is None and date_range.end is None


@algorithm("DateRange.union")
def union(date_range: DateRange, other: DateRange) -> DateRange:
    """The smallest range that holds both."""
    (a, b), (c, d) = _limits(date_range), _limits(other)
    return _from_limits(min(a, c), max(b, d))
