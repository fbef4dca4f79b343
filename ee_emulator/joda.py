"""Joda-Time's way with dates: calendar fields, patterns and time zones, as Earth Engine uses them."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ee_emulator.errors import EarthEngineError
from ee_emulator.regex import Pattern

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Milliseconds in fixed units; months and years have their mean length (Gregorian calendar) where one is needed.
DAY = 86_400_000.0
UNIT_MS: Mapping[str, float] = {
    "year": 365.25 * DAY,
    "month": 365.25 * DAY / 12,
    "week": 7 * DAY,
    "day": DAY,
    "hour": 3_600_000.0,
    "minute": 60_000.0,
    "second": 1_000.0,
}


def unit(name: str) -> str:
    """The canonical name of a unit (`days` → `day`).

    Raises:
        EarthEngineError: There is no such unit.
    """
    singular = name.lower().removesuffix("s")
    if singular not in UNIT_MS:
        raise EarthEngineError(f"Unknown date unit '{name}'; known: {', '.join(UNIT_MS)}.")
    return singular


def zone(name: str | None) -> tzinfo:
    """A time zone from its name or offset; UTC for None.

    Raises:
        EarthEngineError: There is no such zone.
    """
    if name is None or name in ("UTC", "Z", "GMT"):
        return UTC
    offset = re.fullmatch(r"([+-])(\d\d):?(\d\d)", name)
    if offset:
        minutes = int(offset[2]) * 60 + int(offset[3])
        return timezone(timedelta(minutes=-minutes if offset[1] == "-" else minutes))
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # it looks for a file of that name
        raise EarthEngineError(f"The datetime zone id '{name}' is not recognised.") from None


def to_datetime(ms: float, time_zone: str | None = None) -> datetime:
    """The calendar fields of a moment.

    Raises:
        EarthEngineError: Outside the years 1 to 9999.
    """
    try:
        return (EPOCH + timedelta(milliseconds=ms)).astimezone(zone(time_zone))
    except OverflowError:
        raise EarthEngineError(f"Date out of range: {ms} ms.") from None


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970; what is finer is cut off."""
    delta = moment.astimezone(UTC) - EPOCH
    return delta.days * 86_400_000 + delta.seconds * 1_000 + delta.microseconds // 1_000


_ISO = re.compile(
    r"(?P<year>[+-]?\d{1,6})(?:-(?P<ordinal>\d{3})|-W(?P<week>\d{1,2})(?:-(?P<weekday>\d))?"
    r"|-(?P<month>\d{1,2})(?:-(?P<day>\d{1,2}))?)?"
    r"(?:[T ](?P<hour>\d{1,2})(?::(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:[.,](?P<fraction>\d+))?)?)?)?"
    r"(?P<zone>Z|[+-]\d{2}:?\d{2})?"
)


def parse_iso(text: str, time_zone: str | None = None) -> int:
    """Milliseconds of an ISO 8601 text.

    Raises:
        EarthEngineError: Not a date.
    """
    match = _ISO.fullmatch(text.strip())
    if match is None:
        raise EarthEngineError(f'Invalid format: "{text}" is malformed.')
    part = match.groupdict()
    numbers = [int(part[key] or default) for key, default in _ISO_DEFAULTS]
    microseconds = int((part["fraction"] or "0").ljust(6, "0")[:6])
    try:
        moment = datetime(*numbers, microseconds, tzinfo=zone(part["zone"] or time_zone))  # type: ignore[misc,arg-type]
        moment = _on_day(moment, part)
    except ValueError as error:
        raise EarthEngineError(f'Invalid format: "{text}": {error}.') from None
    return to_ms(moment)


def _on_day(moment: datetime, part: Mapping[str, str | None]) -> datetime:
    """The moment on the day of the year or of the ISO week that a text names, where it names one.

    Raises:
        ValueError: There is no such day.
    """
    if part["ordinal"]:
        days = int(part["ordinal"]) - 1
        if not 0 <= days < 366 or (moment + timedelta(days=days)).year != moment.year:
            raise ValueError(f"day of year {part['ordinal']} is out of range")
        return moment + timedelta(days=days)
    if part["week"]:
        day = datetime.fromisocalendar(moment.year, int(part["week"]), int(part["weekday"] or 1))
        return moment.replace(year=day.year, month=day.month, day=day.day)
    return moment


_ISO_DEFAULTS = (("year", 1970), ("month", 1), ("day", 1), ("hour", 0), ("minute", 0), ("second", 0))
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def _number(value: int, width: int) -> str:
    return f"{value:0{width}d}"


def _year(value: int, width: int) -> str:
    return f"{value % 100:02d}" if width == 2 else _number(value, width)


def _hour_of_half_day(moment: datetime) -> int:
    return moment.hour % 12


def _zone_text(moment: datetime, width: int) -> str:
    minutes = int((moment.utcoffset() or timedelta()).total_seconds() // 60)
    sign, minutes = ("-", -minutes) if minutes < 0 else ("+", minutes)
    if width >= 3:
        return str(moment.tzinfo)
    return f"{sign}{minutes // 60:02d}{':' if width == 2 else ''}{minutes % 60:02d}"


# Java's English names of zones by the abbreviation that holds at the moment; China's CST is told by its offset.
_LONG_ZONE_NAMES: Mapping[str, str] = {
    "UTC": "Coordinated Universal Time",
    "GMT": "Greenwich Mean Time",
    "BST": "British Summer Time",
    "WET": "Western European Time",
    "WEST": "Western European Summer Time",
    "CET": "Central European Time",
    "CEST": "Central European Summer Time",
    "EET": "Eastern European Time",
    "EEST": "Eastern European Summer Time",
    "MSK": "Moscow Standard Time",
    "JST": "Japan Standard Time",
    "AKST": "Alaska Standard Time",
    "AKDT": "Alaska Daylight Time",
    "PST": "Pacific Standard Time",
    "PDT": "Pacific Daylight Time",
    "MST": "Mountain Standard Time",
    "MDT": "Mountain Daylight Time",
    "CST": "Central Standard Time",
    "CDT": "Central Daylight Time",
    "EST": "Eastern Standard Time",
    "EDT": "Eastern Daylight Time",
}


def _long_zone_name(moment: datetime) -> str:
    """The zone's English name; its offset where it has none, as Joda-Time does."""
    if moment.tzname() == "CST" and moment.utcoffset() == timedelta(hours=8):
        return "China Standard Time"
    return _LONG_ZONE_NAMES.get(moment.tzname() or "", _zone_text(moment, 2))


_FIELDS: Mapping[str, Callable[[datetime, int], str]] = {
    "G": lambda d, n: "AD",
    "C": lambda d, n: _number(d.year // 100, n),
    "Y": lambda d, n: _year(d.year, n),
    "y": lambda d, n: _year(d.year, n),
    "x": lambda d, n: _year(d.isocalendar().year, n),
    "w": lambda d, n: _number(d.isocalendar().week, n),
    "e": lambda d, n: _number(d.isoweekday(), n),
    "E": lambda d, n: _DAYS[d.weekday()][: None if n >= 4 else 3],
    "D": lambda d, n: _number(d.timetuple().tm_yday, n),
    "M": lambda d, n: _number(d.month, n) if n < 3 else _MONTHS[d.month - 1][: None if n >= 4 else 3],
    "d": lambda d, n: _number(d.day, n),
    "a": lambda d, n: "AM" if d.hour < 12 else "PM",
    "K": lambda d, n: _number(_hour_of_half_day(d), n),
    "h": lambda d, n: _number(_hour_of_half_day(d) or 12, n),
    "H": lambda d, n: _number(d.hour, n),
    "k": lambda d, n: _number(d.hour or 24, n),
    "m": lambda d, n: _number(d.minute, n),
    "s": lambda d, n: _number(d.second, n),
    "S": lambda d, n: f"{d.microsecond:06d}".ljust(n, "0")[:n],
    "z": lambda d, n: (d.tzname() or "") if n < 4 else _long_zone_name(d),
    "Z": _zone_text,
}
_TOKEN = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+")


def format_date(moment: datetime, pattern: str | None) -> str:
    """A moment by a Joda pattern; ISO 8601 for None.

    Raises:
        EarthEngineError: A letter that is no field.
    """
    if pattern is None:
        text = moment.strftime("%Y-%m-%dT%H:%M:%S").zfill(19)
        return text + (f".{moment.microsecond // 1000:03d}" if moment.microsecond >= 1000 else "")
    return "".join(_format_token(match, moment) for match in _TOKEN.finditer(pattern))


def _format_token(match: re.Match[str], moment: datetime) -> str:
    token = match.group(0)
    if match.group(1) is not None:
        return match.group(1).replace("''", "'") or "'"
    letter = match.group(2)
    if letter is None:
        return token
    if letter not in _FIELDS:
        raise EarthEngineError(f"Illegal pattern component: {token}")
    return _FIELDS[letter](moment, len(token))


_PARSED: Mapping[str, tuple[str, str]] = {
    "y": ("year", r"[+-]?\d+"),
    "Y": ("year", r"[+-]?\d+"),
    "x": ("weekyear", r"\d+"),
    "w": ("week", r"\d+"),
    "e": ("weekday", r"\d"),
    "M": ("month", r"\d+"),
    "d": ("day", r"\d+"),
    "D": ("day_of_year", r"\d+"),
    "H": ("hour", r"\d+"),
    "k": ("hour", r"\d+"),
    "h": ("half_hour", r"\d+"),
    "K": ("half_hour", r"\d+"),
    "m": ("minute", r"\d+"),
    "s": ("second", r"\d+"),
    "S": ("fraction", r"\d+"),
    "a": ("half", r"[AaPp][Mm]"),
    "E": ("weekday_name", r"[A-Za-z]+"),
    "Z": ("zone", r"Z|[+-]\d\d:?\d\d|[A-Za-z_/]+"),
}


def parse_date(pattern: str, text: str, time_zone: str | None) -> int:
    """Milliseconds of a text written by a Joda pattern.

    Raises:
        EarthEngineError: The text does not follow the pattern.
    """
    expression = ""
    for token in _TOKEN.finditer(pattern):
        expression += _parsing(token, pattern)
    try:
        match = Pattern(re.compile(expression)).fullmatch(text)
    except re.error:  # two groups of one name
        raise EarthEngineError(f'Invalid pattern: "{pattern}" names a field twice.') from None
    if match is None:
        raise EarthEngineError(f'Invalid format: "{text}" is malformed for "{pattern}".')
    try:
        return to_ms(_assemble(match.groupdict(), time_zone))
    except ValueError as error:
        raise EarthEngineError(f'Cannot parse "{text}": {error}.') from None


def _parsing(match: re.Match[str], pattern: str) -> str:
    token, letter = match.group(0), match.group(2)
    if letter is None:
        return re.escape((match.group(1) or "'") if token.startswith("'") else token)
    if letter not in _PARSED:
        raise EarthEngineError(f"Illegal pattern component: {token} in {pattern}")
    name, digits = _PARSED[letter]
    if letter == "M" and len(token) >= 3:
        return r"(?P<month_name>[A-Za-z]+)"
    if digits.endswith(r"\d+"):
        # Adjacent fields are told apart by their width.
        following = pattern[match.end() : match.end() + 1]
        digits = rf"\d{{{len(token)}}}" if following.isalpha() else digits
    return f"(?P<{name}>{digits})"


def _assemble(part: dict[str, str], time_zone: str | None) -> datetime:
    tz = zone(part.get("zone") or time_zone)
    year = int(part.get("year", part.get("weekyear", 1970)))
    if part.get("year") and len(part["year"]) == 2:
        year += 2000 if year < 70 else 1900
    month = _month(part["month_name"]) if "month_name" in part else int(part.get("month", 1))
    moment = datetime(year, month, int(part.get("day", 1)), tzinfo=tz)
    if "day_of_year" in part:
        moment = datetime(year, 1, 1, tzinfo=tz) + timedelta(days=int(part["day_of_year"]) - 1)
    if "week" in part:
        moment = datetime.fromisocalendar(year, int(part["week"]), int(part.get("weekday", 1))).replace(tzinfo=tz)
    hour = int(part.get("hour", 0)) % 24
    if "half_hour" in part:
        hour = int(part["half_hour"]) % 12 + (12 if part.get("half", "am").lower() == "pm" else 0)
    fraction = int(part.get("fraction", "0").ljust(6, "0")[:6])
    return moment.replace(
        hour=hour, minute=int(part.get("minute", 0)), second=int(part.get("second", 0)), microsecond=fraction
    )


def _month(name: str) -> int:
    for number, full in enumerate(_MONTHS, start=1):
        if full.lower().startswith(name.lower()[:3]):
            return number
    raise ValueError(f"unknown month {name}")
