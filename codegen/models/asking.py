"""A language model behind inspect_ai: conversations are translated, failures are met with patience and explained."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from codegen.models.completion import Completion, Message, Sampling
from codegen.models.errors import EmptyAnswerError, ModelError, PromptTooLongError
from codegen.models.explaining import Place, explain, is_malformed
from codegen.models.patience import PATIENT, Patience, TransientError, persist
from codegen.models.redaction import redacted

if TYPE_CHECKING:
    from inspect_ai.model import ChatMessage, GenerateConfig, Model, ModelOutput, ModelUsage

log = logging.getLogger(__name__)

CONNECTIONS = 10
"""Questions at a time."""
_UNBOUNDED = 1_000_000


@dataclass(frozen=True, slots=True)
class _Client:
    """An event loop's own."""

    model: Model
    free: asyncio.Semaphore


class InspectModel:
    """A model of inspect_ai as a `LanguageModel`.

    Retries are ours: inspect_ai's own would wait up to half an hour and do not heed `Retry-After`, and the clients
    below it ask again too. So each is told to ask once, and what may be asked again is inspect_ai's to say.

    Any number of event loops may ask, one after the other or at a time in threads; each has a client and a bound of
    questions at a time of its own. inspect_ai's bound is one for all loops, and those that wait at it would hang.
    """

    def __init__(
        self,
        make: Callable[[], Model],
        place: Place,
        first: Model | None = None,
        patience: Patience = PATIENT,
        connections: int = CONNECTIONS,
    ) -> None:
        """Opens nothing yet.

        Args:
            make: Gives a new client.
            place: Where it asks.
            first: One that is there already.
            patience: With failures.
            connections: Questions at a time in an event loop.
        """
        self.make = make
        self._first = first
        self._place = place
        self._patience = patience
        self._connections = connections
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, _Client] = WeakKeyDictionary()
        self._opening = threading.Lock()

    def __repr__(self) -> str:
        """Without keys."""
        return f"InspectModel({self._place!r})"

    @property
    def name(self) -> str:
        """As the user gave it."""
        return self._place.name

    async def complete(self, messages: Sequence[Message], sampling: Sampling) -> Completion:
        """Answers a conversation.

        Tokens are 0 where the endpoint does not tell them.

        Raises:
            PromptTooLongError: The model has no room for the conversation.
            EmptyAnswerError: It said nothing.
            ModelError: There is no answer, after all tries; says why and what to do.
        """
        client, said, config = self._client(), _chat(messages), self._config(sampling)
        async with client.free:
            return await self._persist(client.model, said, config, sampling)

    async def _persist(
        self, model: Model, said: list[ChatMessage], config: GenerateConfig, sampling: Sampling
    ) -> Completion:
        started = time.monotonic()
        try:
            output, attempts = await persist(lambda: _ask(model, said, config), self._patience, self._say)
        except TransientError as error:
            spent = time.monotonic() - started
            raise ModelError(explain(error.cause, self._place, self._patience.attempts, spent)) from None
        except Exception as error:
            if isinstance(error, ModelError) or _is_control(error):
                raise
            # `from None`: the cause may carry a key, and a traceback would show it.
            raise ModelError(explain(error, self._place, 1, time.monotonic() - started)) from None
        return self._completion(output, sampling, attempts, time.monotonic() - started)

    def _client(self) -> _Client:
        loop = asyncio.get_running_loop()
        with self._opening:
            if loop not in self._clients:
                model, self._first = self._first or self.make(), None
                self._clients[loop] = _Client(ask_once(model), asyncio.Semaphore(self._connections))
            return self._clients[loop]

    def _config(self, sampling: Sampling) -> GenerateConfig:
        from inspect_ai.model import GenerateConfig

        return GenerateConfig(
            temperature=sampling.temperature,
            max_tokens=sampling.max_tokens,
            seed=sampling.seed,
            stop_seqs=list(sampling.stop) or None,
            max_retries=0,
            attempt_timeout=self._patience.attempt_seconds,
            max_connections=_UNBOUNDED,
        )

    def _completion(self, output: ModelOutput, sampling: Sampling, attempts: int, seconds: float) -> Completion:
        reason = output.stop_reason if not output.empty else "stop"
        text = output.completion
        if output.usage is None and reason in ("model_length", "content_filter"):  # a refusal in the guise of an answer
            told = redacted(text, self._place.key)
            if reason == "model_length":
                raise PromptTooLongError(f"{self.name} has no room for the conversation: {told}")
            raise ModelError(f"{self.name} refuses the conversation: {told}")
        if not text.strip():
            raise EmptyAnswerError(f"{self.name} gave an empty answer. {_emptiness(reason, sampling)}")
        prompt_tokens, completion_tokens = _tokens(output.usage)
        return Completion(text, self.name, prompt_tokens, completion_tokens, seconds, attempts=attempts)

    def _say(self, error: TransientError, attempt: int, wait: float) -> None:
        why = redacted(f"{type(error.cause).__name__}: {error.cause}", self._place.key)
        log.warning(
            "%s: attempt %d of %d failed (%s); asking again in %.1f s",
            self.name,
            attempt,
            self._patience.attempts,
            why,
            wait,
        )


def ask_once(model: Model) -> Model:
    """The model, with the retries of the library below it switched off: OpenAI's, Anthropic's and their kin."""
    below: Any = getattr(model.api, "client", None)
    if below is not None and hasattr(below, "max_retries"):
        below.max_retries = 0
    return model


async def _ask(model: Model, said: list[ChatMessage], config: GenerateConfig) -> ModelOutput:
    """One attempt.

    Raises:
        TransientError: Asking again may help.
    """
    from tenacity import RetryError

    try:
        return await model.generate(said, config=config, cache=False)
    except RetryError as error:  # inspect_ai would ask again, and may not
        cause = error.last_attempt.exception() or error
        decision = model.api.should_retry(cause) if isinstance(cause, Exception) else None
        raise TransientError(cause, getattr(decision, "retry_after", None)) from None
    except Exception as error:
        if is_malformed(error):
            raise TransientError(error) from None
        raise


def _is_control(error: Exception) -> bool:
    """Whether an error is inspect_ai's way to end a sample: a limit that is met."""
    from inspect_ai.util import LimitExceededError

    return isinstance(error, LimitExceededError)


def _chat(messages: Sequence[Message]) -> list[ChatMessage]:
    from inspect_ai.model import ChatMessageAssistant, ChatMessageSystem, ChatMessageUser

    kinds = {"system": ChatMessageSystem, "user": ChatMessageUser, "assistant": ChatMessageAssistant}
    return [kinds[message.role](content=message.content) for message in messages]


def _tokens(usage: ModelUsage | None) -> tuple[int, int]:
    """Of the prompt, what a provider had in its own cache included, and of the answer."""
    if usage is None:
        return 0, 0
    prompt = usage.input_tokens + (usage.input_tokens_cache_read or 0) + (usage.input_tokens_cache_write or 0)
    return prompt, usage.output_tokens


def _emptiness(reason: str, sampling: Sampling) -> str:
    if reason == "max_tokens":
        return f"All {sampling.max_tokens} tokens went before it said anything, as when a model thinks: allow more."
    if reason == "content_filter":
        return "The provider's filter held it back."
    return "It ended at once: look at the prompt, and at what the model takes as the end of a turn."
