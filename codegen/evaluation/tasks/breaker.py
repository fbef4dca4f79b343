"""When to stop asking somebody who does not answer any more."""

from __future__ import annotations

import threading

IN_A_ROW = 10
"""Failures, each after all tries, upon which nobody believes in an answer."""


class Breaker:
    """Counts failures in a row; threads may share it."""

    def __init__(self, limit: int = IN_A_ROW) -> None:
        """Nothing has failed yet."""
        self._limit = limit
        self._failures = 0
        self._lock = threading.Lock()

    @property
    def is_open(self) -> bool:
        """Whether to stop asking."""
        with self._lock:
            return self._failures >= self._limit

    def failed(self) -> None:
        """One more."""
        with self._lock:
            self._failures += 1

    def succeeded(self) -> None:
        """All is well again."""
        with self._lock:
            self._failures = 0
