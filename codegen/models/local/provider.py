"""The embedded model as a model of inspect_ai, for its solvers and for `inspect eval --model eecode/local`."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import partial

import anyio
from inspect_ai.model import ChatMessage, GenerateConfig, ModelAPI, ModelOutput, ModelUsage
from inspect_ai.tool import ToolChoice, ToolInfo

from codegen.models.completion import Message
from codegen.models.errors import ModelError, PromptTooLongError
from codegen.models.local.engines import Draw, Generated, answer, describe
from codegen.models.local.names import EMBEDDED, MODEL

_PLAIN = GenerateConfig()
_DEFAULT_TEMPERATURE = 0.2
_DEFAULT_TOKENS = 1024


class EmbeddedAPI(ModelAPI):
    """Answers one conversation at a time, in a thread; the model is loaded at the first."""

    def __init__(
        self,
        model_name: str,
        base_url: str | None = None,
        api_key: str | None = None,
        config: GenerateConfig = _PLAIN,
    ) -> None:
        """Checks that the packages are there.

        Raises:
            ModelError: There is no such model, or a package is missing; says which.
        """
        if model_name != MODEL:
            raise ModelError(f"The embedded model is called {EMBEDDED}; there is no other.")
        describe()
        super().__init__(model_name, base_url, api_key, [], config)

    async def generate(
        self,
        input: list[ChatMessage],
        tools: list[ToolInfo],
        tool_choice: ToolChoice,
        config: GenerateConfig,
    ) -> ModelOutput:
        """Answers; a conversation that is too long ends with `model_length`, as those of other providers do.

        Raises:
            ModelError: Tools or pictures are asked for, or the model cannot be loaded.
        """
        if tools:
            raise ModelError(f"{EMBEDDED} calls no tools; use another model, or a solver without tools.")
        nobody_waits = threading.Event()
        ask = partial(answer, _messages(input), _draw(config), nobody_waits.is_set)
        try:
            given = await anyio.to_thread.run_sync(ask, abandon_on_cancel=True)
        except PromptTooLongError as error:
            return ModelOutput.from_content(EMBEDDED, str(error), stop_reason="model_length", error=str(error))
        finally:
            nobody_waits.set()
        return _output(given)

    def max_connections(self) -> int:
        """One."""
        return 1

    def max_tokens(self) -> int:
        """Of an answer, unless told."""
        return _DEFAULT_TOKENS


def _draw(config: GenerateConfig) -> Draw:
    return Draw(
        temperature=_DEFAULT_TEMPERATURE if config.temperature is None else config.temperature,
        max_tokens=config.max_tokens or _DEFAULT_TOKENS,
        seed=config.seed,
        stop=tuple(config.stop_seqs or ()),
        top_p=1.0 if config.top_p is None else config.top_p,
        top_k=config.top_k or 0,
    )


def _messages(chat: Sequence[ChatMessage]) -> list[Message]:
    return [_message(turn) for turn in chat]


def _message(turn: ChatMessage) -> Message:
    if isinstance(turn.content, list) and any(part.type not in ("text", "reasoning") for part in turn.content):
        raise ModelError(f"{EMBEDDED} reads text only; use another model for pictures and sounds.")
    return Message("user" if turn.role == "tool" else turn.role, turn.text)


def _output(given: Generated) -> ModelOutput:
    output = ModelOutput.from_content(EMBEDDED, given.text, stop_reason=given.ended)
    total = given.prompt_tokens + given.completion_tokens
    output.usage = ModelUsage(
        input_tokens=given.prompt_tokens, output_tokens=given.completion_tokens, total_tokens=total
    )
    return output
