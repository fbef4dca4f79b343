"""What models cost: calls, tokens, time."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from codegen.models.completion import Completion, LanguageModel, Message, Sampling
from codegen.models.errors import ModelError


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over calls of a model.

    Attributes:
        calls: Questions, failures included.
        cached: Of them, answered from a cache.
        failures: Of them, without an answer.
        prompt_tokens: Of all answers; those from a cache count with what they took at first, as do the following.
        completion_tokens: Likewise.
        seconds: Likewise; calls at a time count each.
    """

    calls: int = 0
    cached: int = 0
    failures: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0

    def __add__(self, other: Totals) -> Totals:
        """Of both."""
        return Totals(
            self.calls + other.calls,
            self.cached + other.cached,
            self.failures + other.failures,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.seconds + other.seconds,
        )


class Meter:
    """A model that counts; from any number of threads and tasks.

    Around a cached model it counts what answers cost at first; inside one, what is spent now.
    """

    def __init__(self, model: LanguageModel) -> None:
        """Starts at zero."""
        self._model = model
        self._totals = Totals()
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        """The model and its sums."""
        return f"Meter({self._model!r}, {self.totals!r})"

    @property
    def name(self) -> str:
        """The model's."""
        return self._model.name

    @property
    def totals(self) -> Totals:
        """So far."""
        with self._lock:
            return self._totals

    async def complete(self, messages: Sequence[Message], sampling: Sampling) -> Completion:
        """Answers a conversation, and counts it.

        Raises:
            ModelError: As the model's.
        """
        try:
            answer = await self._model.complete(messages, sampling)
        except ModelError:
            self._add(Totals(calls=1, failures=1))
            raise
        self._add(
            Totals(
                calls=1,
                cached=int(answer.cached),
                prompt_tokens=answer.prompt_tokens,
                completion_tokens=answer.completion_tokens,
                seconds=answer.seconds,
            )
        )
        return answer

    def _add(self, more: Totals) -> None:
        with self._lock:
            self._totals += more
