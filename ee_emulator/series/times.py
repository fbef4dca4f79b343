"""Times of images in the representations that the algorithms take."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ee_emulator.errors import EarthEngineError

Numbers = NDArray[np.float64]

MS_PER_DAY = 86_400_000.0
EPOCH_AS_JDAY = 719_529.0
"""1970-01-01 as the serial day of MATLAB, which CCDC counts in (gee-ccdc-tools, `ccdcUtilities/dates.js`)."""

JDAYS, YEARS, MILLISECONDS = 0, 1, 2
"""The values of `dateFormat`."""

YEAR_LENGTH = {JDAYS: 365.25, YEARS: 1.0, MILLISECONDS: 365.25 * MS_PER_DAY}
"""Length of a year in the units of a date format."""


def _year_starts(times_ms: Sequence[float], later: int = 0) -> NDArray[np.datetime64]:
    moments = np.asarray(times_ms, np.float64).astype(np.int64).astype("datetime64[ms]")
    return np.asarray(moments.astype("datetime64[Y]") + later)


def calendar_years(times_ms: Sequence[float]) -> Numbers:
    """The calendar year (UTC) of each moment."""
    return np.asarray(_year_starts(times_ms).astype(np.int64) + 1970, np.float64)


def days_of_year(times_ms: Sequence[float]) -> Numbers:
    """The day of the year (UTC, from 1) of each moment."""
    return np.floor((np.asarray(times_ms, np.float64) - _ms(_year_starts(times_ms))) / MS_PER_DAY) + 1


def represented(times_ms: Sequence[float], date_format: int) -> Numbers:
    """Moments as serial days, as calendar years with their elapsed fraction, or as they are.

    Raises:
        EarthEngineError: There is no such format.
    """
    moments = np.asarray(times_ms, np.float64)
    if date_format == JDAYS:
        return moments / MS_PER_DAY + EPOCH_AS_JDAY
    if date_format == YEARS:
        starts, ends = _ms(_year_starts(times_ms)), _ms(_year_starts(times_ms, 1))
        return calendar_years(times_ms) + (moments - starts) / (ends - starts)
    if date_format == MILLISECONDS:
        return moments
    raise EarthEngineError(f"Invalid dateFormat: {date_format}. Must be 0, 1 or 2.")


def _ms(moments: NDArray[np.datetime64]) -> Numbers:
    return np.asarray(moments.astype("datetime64[ms]").astype(np.int64), np.float64)
