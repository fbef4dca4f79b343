"""How much one request may take: time, elements, bytes. Beyond it Earth Engine refuses, and so do we, in its words.

Earth Engine gives an interactive request five minutes and does not publish its memory limits
(developers.google.com/earth-engine/guides/usage); the figures for memory are ours, of a size that a laptop bears.
"""

import math
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ee_emulator.errors import EarthEngineError

SECONDS = 300.0
"""Time that an interactive request has."""

GRACE = 3.0
"""Seconds beyond which a request is given up that does not come to look at the clock."""

MAX_ELEMENTS = 10_000_000
"""Elements of one list, array or table, and characters of one text."""

MAX_ELEMENTS_A_REQUEST = 64_000_000
"""Elements of all values that a request makes, those that it lets go among them."""

MAX_INPUTS = 10_000
"""Inputs of a reducer."""

MAX_BYTES = 2**31
"""Bytes of pixels that a request may hold at once."""

GROWTH_BYTES = 4 * 2**30
"""Bytes by which the process may grow while a request runs: for what the other limits do not foresee."""


def elements(count: float) -> int:
    """The number of elements that an algorithm is about to make, as it may make them.

    Raises:
        EarthEngineError: They are too many.
    """
    if not count <= MAX_ELEMENTS:  # NaN as well
        raise out_of_memory()
    return int(max(count, 0))


def inputs(count: int) -> int:
    """The number of inputs of a reducer.

    Raises:
        EarthEngineError: None, or too many.
    """
    if not 1 <= count <= MAX_INPUTS:
        raise EarthEngineError(f"A reducer has between 1 and {MAX_INPUTS} inputs, got {count}.")
    return count


def allow_bytes(size: float) -> None:
    """Refuses a computation that would hold so many bytes at once.

    Raises:
        EarthEngineError: They are too many.
    """
    if not size <= MAX_BYTES:
        raise out_of_memory()


def narrowed(value: int) -> int | float:
    """A whole number where 64 bits hold it, else the nearest floating point one: numbers do not grow without end."""
    if -(2**63) <= value < 2**63:
        return value
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def as_long(value: float) -> int:
    """A number cast to 64 bits as Java casts: fractions are cut off, what is too large saturates, NaN is 0."""
    if value != value:
        return 0
    if abs(value) >= 2.0**63:
        return 2**63 - 1 if value > 0 else -(2**63)
    return int(value)


def resident_bytes() -> int:
    """Memory that the process has; 0 where the system does not say (it has no `/proc`)."""
    try:
        pages = int(Path("/proc/self/statm").read_bytes().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def out_of_memory() -> EarthEngineError:
    """Earth Engine's word for it."""
    return EarthEngineError("User memory limit exceeded.")


def timed_out() -> EarthEngineError:
    """Earth Engine's word for it, which comes with status 400."""
    return EarthEngineError("Computation timed out.")


@dataclass
class Budget:
    """What is left of a request's share.

    Attributes:
        deadline: When it ends, on the clock of `time.monotonic`.
        elements: How many elements it may still make.
    """

    deadline: float = math.inf
    elements: int = MAX_ELEMENTS_A_REQUEST

    @classmethod
    def of(cls, seconds: float) -> "Budget":
        """The share of a request that begins now."""
        return cls(time.monotonic() + seconds)

    def check_time(self) -> None:
        """To be called in every loop that can be long.

        Raises:
            EarthEngineError: The time is up.
        """
        if time.monotonic() > self.deadline:
            raise timed_out()

    def spend(self, value: Any) -> Any:
        """Counts a value that an algorithm made, and gives it back.

        Raises:
            EarthEngineError: It is too large, or the request has made too much.
        """
        if type(value) is int:
            return narrowed(value)
        size = _size(value)
        elements(size)
        self.elements -= size
        if self.elements < 0:
            raise out_of_memory()
        return value


def _size(value: Any) -> int:
    """Elements of a value itself; what it holds was counted when it was made."""
    if isinstance(value, list | dict | str):
        return len(value)
    return int(getattr(getattr(value, "values", None), "size", 1))  # an array's numbers
