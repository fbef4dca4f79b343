"""How much one request may take: time, elements, bytes. Beyond it Earth Engine refuses, and so do we, in its words.

Earth Engine gives an interactive request five minutes and does not publish its memory limits
(developers.google.com/earth-engine/guides/usage); the figures for memory are ours, of a size that a laptop bears.
"""

import math
import sys
import time
from dataclasses import dataclass
from typing import Any

from ee_emulator.errors import EarthEngineError

SECONDS = 300.0
"""Time that an interactive request has."""

GRACE = 5.0
"""Seconds beyond which a request is given up that does not come to look at the clock."""

MAX_ELEMENTS = 10_000_000
"""Elements of one list, array or table, and characters of one text."""

MAX_ELEMENTS_A_REQUEST = 64_000_000
"""Elements of all values that a request makes, those that it lets go among them."""

MAX_BYTES = 2**31
"""Pixels that a request may hold at once."""

LARGEST_INTEGER = 2**63
"""Earth Engine's whole numbers have 64 bits; beyond them ours stay exact for a while, but not without end."""


def elements(count: float) -> int:
    """The number of elements that an algorithm is about to make, as it may make them.

    Raises:
        EarthEngineError: They are too many.
    """
    if not count <= MAX_ELEMENTS:  # NaN as well
        raise out_of_memory()
    return max(int(count), 0)


def allow_bytes(size: float) -> None:
    """Refuses a computation that would hold so many bytes at once.

    Raises:
        EarthEngineError: They are too many.
    """
    if not size <= MAX_BYTES:
        raise out_of_memory()


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

    def spend(self, value: Any) -> None:
        """Counts a value that an algorithm made.

        Raises:
            EarthEngineError: It is too large, or the request has made too much.
        """
        size = _size(value)
        elements(size)
        self.elements -= size
        if self.elements < 0:
            raise out_of_memory()


def _size(value: Any) -> int:
    """Elements of a value itself; what it holds was counted when it was made."""
    if isinstance(value, list | dict | str):
        return len(value)
    if isinstance(value, int) and not -LARGEST_INTEGER <= value <= LARGEST_INTEGER:
        return sys.getsizeof(value)
    return int(getattr(getattr(value, "values", None), "size", 1))  # an array's numbers
