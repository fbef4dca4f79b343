"""A model that remembers what it was asked for one function, and what that took."""

from __future__ import annotations

from collections.abc import Sequence

from codegen.models.completion import Completion, LanguageModel, Message, Sampling


class Conversation:
    """A `LanguageModel` in front of another, for one function in one epoch.

    Attributes:
        turns: What was said, in its order; what a question repeats of what came before stands there once.
        prompt_tokens: Of all questions.
        completion_tokens: Of all answers.
        seconds: In which the model answered.
    """

    def __init__(self, model: LanguageModel, sampling: Sampling) -> None:
        """Nothing is said yet.

        Args:
            model: Is asked.
            sampling: For whoever asks with `say`.
        """
        self._model = model
        self.sampling = sampling
        self.turns: list[Message] = []
        self.prompt_tokens = 0
        self.completion_tokens = 0
        self.seconds = 0.0

    @property
    def name(self) -> str:
        """The model's."""
        return self._model.name

    @property
    def prompt(self) -> str:
        """What the model was asked at first."""
        return next((turn.content for turn in self.turns if turn.role == "user"), "")

    async def say(self, text: str) -> str:
        """Says something more, and gives the answer.

        Raises:
            ModelError: There is none.
        """
        return (await self.complete([*self.turns, Message("user", text)], self.sampling)).text

    async def complete(self, messages: Sequence[Message], sampling: Sampling) -> Completion:
        """Answers a conversation.

        Raises:
            ModelError: There is no answer.
        """
        self.turns += messages[_common(self.turns, messages) :]
        answer = await self._model.complete(messages, sampling)
        self.turns.append(Message("assistant", answer.text))
        self.prompt_tokens += answer.prompt_tokens
        self.completion_tokens += answer.completion_tokens
        self.seconds += answer.seconds
        return answer


def _common(before: Sequence[Message], now: Sequence[Message]) -> int:
    """How many of the first turns are the same; 0 where a conversation is another one."""
    length = len(before)
    return length if list(now[:length]) == list(before) else 0
