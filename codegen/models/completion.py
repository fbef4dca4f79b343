"""What a language model is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Sampling:
    """How an answer is drawn.

    Attributes:
        temperature: 0.2 as in AutoGEEval (METHODS, 7).
        max_tokens: Of the answer.
        seed: Makes answers repeatable where the model heeds it; also tells apart draws that a cache must not merge.
        stop: Texts at which the answer ends.
    """

    temperature: float = 0.2
    max_tokens: int = 1024
    seed: int | None = None
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Completion:
    """An answer and what it cost.

    Attributes:
        text: What the model said.
        model: Who said it.
        prompt_tokens: As the model counts them.
        completion_tokens: Of the answer.
        seconds: From asking to having it, tries that failed included; what it took at first where it is from a cache.
        cached: Whether it was answered from a cache.
        attempts: Times that the model was asked; 0 from a cache.
    """

    text: str
    model: str
    prompt_tokens: int
    completion_tokens: int
    seconds: float
    cached: bool = False
    attempts: int = 1


class LanguageModel(Protocol):
    """Whoever answers: see `codegen.models.opening`."""

    @property
    def name(self) -> str:
        """As in a leaderboard."""
        ...

    async def complete(self, messages: Sequence[Message], sampling: Sampling) -> Completion:
        """Answers a conversation.

        Raises:
            ModelError: There is no answer, after all tries; says why and what to do.
        """
        ...
