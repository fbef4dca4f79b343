"""Worked values of Date's and DateRange's algorithms."""

from tests.ee_emulator.worked import Worked

PAGE = "developers.google.com/earth-engine/apidocs/ee-date"
PRINTED = f"earth engine: {PAGE}"
SAID = f"documentation: {PAGE}"
GREGORIAN = "reference: the proleptic Gregorian calendar, by hand"
MOMENT = "2021-4-30T07:15:31.24"
"""Google's samples ask for the parts of this one."""


def _dates(*dates: int) -> dict[str, object]:
    return {"type": "DateRange", "dates": [*dates]}


_DATES = [
    Worked("Date", lambda ee: ee.Date(60_000), {"type": "Date", "value": 60_000}, PRINTED),
    Worked("Date", lambda ee: ee.Date("2020", "US/Mountain").format(), "2020-01-01T07:00:00", PRINTED),
    Worked("Date", lambda ee: ee.Date("1996-032").format("YYYY-MM-dd"), "1996-02-01", f"{SAID}: day of the year"),
    Worked("Date.advance", lambda ee: ee.Date(0).advance(49, "year").get("year"), 2019, "earth engine: geetools tests"),
    Worked(
        "Date.advance",
        lambda ee: ee.Date("2020-01-31").advance(1, "month").format("YYYY-MM-dd"),
        "2020-02-29",
        "reference: Joda-Time's plusMonths keeps to the last day of a shorter month",
    ),
    Worked("Date.advance", lambda ee: ee.Date("2020-01-01").advance(2, "years").get("year"), 2022, f"{SAID}-advance"),
    Worked(
        "Date.difference", lambda ee: ee.Date("2020-01-15").difference("2020-01-01", "days"), 14, f"{SAID}-difference"
    ),
    Worked(
        "Date.difference", lambda ee: ee.Date("2020-01-01").difference("2020-01-15", "weeks"), -2, f"{SAID}-difference"
    ),
    Worked("Date.format", lambda ee: ee.Date(MOMENT).format("e EEEE, D"), "5 Friday, 120", GREGORIAN),
    Worked("Date.format", lambda ee: ee.Date(175_382_039_000).format("a KK hh"), "PM 09 09", f"{PRINTED}-format"),
    Worked(
        "Date.format",
        lambda ee: ee.Date("2020-08-18").format(None, "Australia/Tasmania"),
        "2020-08-18T10:00:00",
        f"{PRINTED}-format",
    ),
    Worked("Date.fromYMD", lambda ee: ee.Date.fromYMD(2021, 4, 30).millis(), 1_619_740_800_000, GREGORIAN),
    Worked(
        "Date.fromYMD",
        lambda ee: ee.Date.fromYMD(2021, 4, 30, "America/Los_Angeles").format(),
        "2021-04-30T07:00:00",
        "reference: tz database, UTC-7 in summer",
    ),
    Worked(
        "Date.get",
        lambda ee: ee.List(
            [ee.Date(MOMENT).get(u) for u in ("year", "month", "week", "day", "hour", "minute", "second")]
        ),
        [2021, 4, 17, 30, 7, 15, 31],
        GREGORIAN,
    ),
    Worked(
        "Date.getFraction",
        lambda ee: ee.List([ee.Date(MOMENT).getFraction(u) for u in ("day", "hour", "minute", "second")]),
        [26_131.24 / 86_400, 931.24 / 3600, 31.24 / 60, 0.24],
        GREGORIAN,
    ),
    Worked(
        "Date.getRange",
        lambda ee: ee.Date("2013-3-15").getRange("year"),
        _dates(1356998400000, 1388534400000),
        f"{SAID}-getrange",
    ),
    Worked("Date.getRange", lambda ee: ee.Date(MOMENT).getRange("week").start().format("E d"), "Mon 26", GREGORIAN),
    Worked(
        "Date.getRelative",
        lambda ee: ee.List(
            [
                ee.Date(MOMENT).getRelative(*units)
                for units in (("month", "year"), ("week", "year"), ("day", "year"), ("day", "month"), ("minute", "day"))
            ]
        ),
        [3, 17, 119, 29, 435],
        GREGORIAN,
    ),
    Worked("Date.getRelative", lambda ee: ee.Date(MOMENT).getRelative("year", "month"), 0, f"{SAID}-getrelative"),
    Worked("Date.millis", lambda ee: ee.Date("1970-01-02T00:00:01").millis(), 86_401_000, GREGORIAN),
    Worked(
        "Date.parse",
        lambda ee: ee.Date.parse("MMM. dd, YYYY", "Apr. 30, 2021").millis(),
        1_619_740_800_000,
        f"{SAID}-parse",
    ),
    Worked("Date.parse", lambda ee: ee.Date.parse("MM/dd/YY", "4/30/21").millis(), 1_619_740_800_000, f"{SAID}-parse"),
    Worked("Date.unitRatio", lambda ee: ee.Date.unitRatio("day", "minute"), 1440, f"{SAID}-unitratio"),
    Worked(
        "Date.update",
        lambda ee: ee.Date(MOMENT).update(year=2010, minute=59).format("YYYY-MM-dd HH:mm:ss.SS"),
        "2010-04-30 07:59:31.24",
        f"{SAID}-update",
    ),
]

SUMMER = ("2017-06-24", "2017-07-24")
_RANGES = [
    Worked("DateRange", lambda ee: ee.DateRange(*SUMMER), _dates(1_498_262_400_000, 1_500_854_400_000), GREGORIAN),
    Worked("DateRange", lambda ee: ee.DateRange(0), _dates(0, 1), f"{SAID}range: without an end one millisecond"),
    Worked(
        "DateRange",
        lambda ee: ee.DateRange("2020-01-01T21:01:10", "2022-03-01T14:32:11"),
        _dates(1_577_912_470_000, 1_646_145_131_000),
        "earth engine: aazuspan/eerepr tests/data/test_regression_objects_daterange_.yml",
    ),
    Worked(
        "DateRange.contains",
        lambda ee: ee.DateRange(*SUMMER).contains("2017-07-24"),
        False,
        f"{SAID}range: the end is exclusive",
    ),
    Worked(
        "DateRange.contains",
        lambda ee: ee.DateRange(*SUMMER).contains(ee.DateRange("2017-06-30", "2017-07-10")),
        True,
        f"{SAID}range-contains",
    ),
    Worked("DateRange.end", lambda ee: ee.DateRange(*SUMMER).end().millis(), 1_500_854_400_000, GREGORIAN),
    Worked(
        "DateRange.intersection",
        lambda ee: ee.DateRange(0, 10).intersection(ee.DateRange(4, 20)),
        _dates(4, 10),
        "reference: intersection of half-open intervals",
    ),
    Worked(
        "DateRange.intersects",
        lambda ee: ee.DateRange(0, 10).intersects(ee.DateRange(10, 20)),
        False,
        "reference: half-open intervals",
    ),
    Worked(
        "DateRange.isEmpty",
        lambda ee: ee.DateRange("2017-07-24", "2017-06-24").isEmpty(),
        True,
        f"{SAID}range-isempty: start >= end",
    ),
    Worked(
        "DateRange.isUnbounded", lambda ee: ee.DateRange.unbounded().isUnbounded(), True, f"{SAID}range-isunbounded"
    ),
    Worked("DateRange.start", lambda ee: ee.DateRange(*SUMMER).start().millis(), 1_498_262_400_000, GREGORIAN),
    Worked(
        "DateRange.unbounded",
        lambda ee: ee.DateRange.unbounded().contains(ee.Date("1066-10-14")),
        True,
        f"{SAID}range-unbounded",
    ),
    Worked(
        "DateRange.union",
        lambda ee: ee.DateRange(100, 110).union(ee.DateRange(0, 10)),
        _dates(0, 110),
        f"{SAID}range-union: contains all points of both, a gap between them too",
    ),
]

WORKED = [*_DATES, *_RANGES]
