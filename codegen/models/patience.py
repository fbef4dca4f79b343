"""How long a model is waited for, and how often it is asked again."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from lake.errors import BadInputError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Patience:
    """Bounds of asking again after 429, 5xx, time-outs and broken connections.

    The n-th wait is drawn between half and all of `first_wait` · 2ⁿ⁻¹, or what the server asked for in `Retry-After`
    where that is longer, and never longer than `longest_wait`.

    Attributes:
        attempts: Times that a question is asked at most.
        first_wait: Seconds.
        longest_wait: Seconds.
        attempt_seconds: Time that an answer may take; whole seconds, as inspect_ai counts them.
    """

    attempts: int = 6
    first_wait: float = 1.0
    longest_wait: float = 60.0
    attempt_seconds: int = 300

    def __post_init__(self) -> None:
        """Refuses bounds that would ask never, or wait forever."""
        if self.attempts < 1 or self.attempt_seconds < 1 or not 0 <= self.first_wait <= self.longest_wait:
            raise BadInputError(
                f"{self}: attempts and attempt_seconds are at least 1, and first_wait between 0 and longest_wait."
            )

    def wait(self, attempt: int, asked_for: float | None) -> float:
        """Seconds until the next attempt.

        Args:
            attempt: The one that failed, from 1.
            asked_for: By the server.
        """
        backoff: float = self.first_wait * 2.0 ** min(attempt - 1, 30) * random.uniform(0.5, 1.0)  # noqa: S311
        return min(max(backoff, asked_for or 0.0), self.longest_wait)


PATIENT = Patience()


class TransientError(Exception):
    """A failed attempt after which asking again may help.

    Attributes:
        asked_for: Seconds that the server wants to be left alone for.
    """

    def __init__(self, cause: BaseException, asked_for: float | None = None) -> None:
        """Carries what went wrong."""
        super().__init__(type(cause).__name__)
        self.cause = cause
        self.asked_for = asked_for


async def persist(
    ask: Callable[[], Awaitable[T]], patience: Patience, say: Callable[[TransientError, int, float], None]
) -> tuple[T, int]:
    """Asks until there is an answer.

    Args:
        ask: Makes one attempt.
        patience: Bounds.
        say: Is told of an attempt that failed, its number and the seconds until the next.

    Returns:
        The answer, and how many times it was asked for.

    Raises:
        TransientError: The last attempt's, after all of them.
    """
    import anyio

    for attempt in range(1, patience.attempts):
        try:
            return await ask(), attempt
        except TransientError as error:
            wait = patience.wait(attempt, error.asked_for)
            say(error, attempt, wait)
            await anyio.sleep(wait)
    return await ask(), patience.attempts
