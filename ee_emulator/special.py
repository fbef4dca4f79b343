"""Special functions as Apache Commons Math takes them, and Earth Engine with it."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

ASYMPTOTIC = 49.0
"""From here on the asymptotic series of the derivatives of log gamma serve; before, steps of one lead here."""
FARTHEST = -1_000.0
"""Below, where steps would be too many, scipy's values serve; they differ by less than the last digits there."""

Numbers = NDArray[np.float64]


def _scipys(name: str) -> Callable[..., Any]:
    """A function of scipy, whose import takes a tenth of a second and waits for the first call."""

    def function(*arguments: Any) -> Any:
        from scipy import special

        return getattr(special, name)(*arguments)

    return function


gamma, gammainc, erf, erfc, erfinv, erfcinv = map(_scipys, ("gamma", "gammainc", "erf", "erfc", "erfinv", "erfcinv"))


def digamma(x: Any) -> Numbers:
    """The derivative of log gamma; minus infinity at 0 and the negative whole numbers.

    The series has the wrong sign in its third term, in version 3.0 of the library and in Earth Engine, which prints
    digamma(1) = −0.577215667, off by 3e-9.
    """
    given = np.asarray(x, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        total, place = _stepped(given, lambda at: -1 / at)
        inverse = 1 / (place * place)
        near = total + np.log(place) - 0.5 / place - inverse * (1 / 12 + inverse * (1 / 120 - inverse / 252))
        far = np.where(given == np.floor(given), -np.inf, _scipys("digamma")(given))
    return np.where(given > FARTHEST, near, far)


def trigamma(x: Any) -> Numbers:
    """The second derivative of log gamma; infinite at 0 and the negative whole numbers."""
    given = np.asarray(x, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        total, place = _stepped(given, lambda at: 1 / (at * at))
        inverse = 1 / (place * place)
        near = total + 1 / place + inverse / 2 + inverse / place * (1 / 6 - inverse * (1 / 30 + inverse / 42))
        far = np.where(given == np.floor(given), np.inf, _scipys("polygamma")(1, given))
    return np.where(given > FARTHEST, near, far)


def _stepped(x: Numbers, term: Any) -> tuple[Numbers, Numbers]:
    """The sum of a term over the steps of one from each place to the asymptotic range, and where they end."""
    place = np.where(x > FARTHEST, x, ASYMPTOTIC)
    total = np.zeros_like(place)
    while (below := place < ASYMPTOTIC).any():
        total = np.where(below, total + term(np.where(below, place + 0.0, 1.0)), total)
        place = np.where(below, place + 1, place)
    return total, place
