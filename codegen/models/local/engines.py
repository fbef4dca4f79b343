"""What runs the embedded model: llama.cpp where it is installed, else transformers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, Protocol

from codegen.models.completion import Message
from codegen.models.errors import ModelError, PromptTooLongError
from codegen.models.local.names import CONTEXT, INSTALL, MODULE, PACKAGE, WEIGHTS

Cancelled = Callable[[], bool]
"""Whether nobody waits for the answer any more; asked at every token."""


@dataclass(frozen=True, slots=True)
class Draw:
    """How an answer is drawn; `top_k` 0 and `top_p` 1 take no token out."""

    temperature: float
    max_tokens: int
    seed: int | None = None
    stop: tuple[str, ...] = ()
    top_p: float = 1.0
    top_k: int = 0


@dataclass(frozen=True, slots=True)
class Generated:
    """An answer, and whether it ended by itself."""

    text: str
    prompt_tokens: int
    completion_tokens: int
    ended: Literal["stop", "max_tokens"]


class Engine(Protocol):
    """Answers one conversation at a time; see `answer`."""

    def count(self, messages: Sequence[Message]) -> int:
        """Tokens of a conversation as the model reads it, its chat template included."""
        ...

    def generate(self, messages: Sequence[Message], draw: Draw, cancelled: Cancelled) -> Generated:
        """Answers; the text ends before the first of the stop texts."""
        ...


_one_at_a_time = threading.Lock()


def answer(messages: Sequence[Message], draw: Draw, cancelled: Cancelled = lambda: False) -> Generated:
    """Answers a conversation; waits while another is answered, and at first while the model is loaded.

    The prompt is never cut: code without its head is another task. The answer's bound is cut to the room that is left.

    Raises:
        ModelError: A package is missing, or the weights cannot be read.
        PromptTooLongError: The conversation leaves no room for an answer; tells the numbers.
    """
    with _one_at_a_time:
        engine = _engine()
        prompt = engine.count(messages)
        room = CONTEXT - prompt
        if room < 1:
            raise PromptTooLongError(
                f"the prompt has {prompt:,} tokens, and the embedded model has {CONTEXT:,} for prompt and answer; "
                "shorten the prompt or use another model."
            )
        bounded = Draw(draw.temperature, min(draw.max_tokens, room), draw.seed, draw.stop, draw.top_p, draw.top_k)
        return engine.generate(messages, bounded, cancelled)


def describe() -> str:
    """What answers, for a cache: package and engine with their versions. Loads nothing.

    Raises:
        ModelError: A package is missing; says which.
    """
    weights()
    return ", ".join(f"{package} {_version(package)}" for package in (PACKAGE, _engine_package()))


def weights() -> Path:
    """The file of the package, which is found but not imported: it needs llama.cpp to be.

    Raises:
        ModelError: The package is missing.
    """
    found = find_spec(MODULE)
    folders = (found.submodule_search_locations or []) if found else []
    files = [Path(folder) / WEIGHTS for folder in folders]
    there = [file for file in files if file.is_file()]
    if not there:
        raise ModelError(f"The embedded model is not installed: {INSTALL}")
    return there[0]


def cut(text: str, stop: Sequence[str]) -> str:
    """The text before the first of the stop texts."""
    ends = [text.find(end) for end in stop if end and end in text]
    return text[: min(ends)] if ends else text


def _engine_package() -> str:
    if find_spec("llama_cpp"):
        return "llama-cpp-python"
    for package in ("transformers", "gguf", "accelerate"):
        try:
            version(package)
        except PackageNotFoundError:
            raise ModelError(f"The embedded model needs {package}: pip install transformers gguf accelerate") from None
    return "transformers"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # put there by hand
        return "unknown"


@cache
def _engine() -> Engine:
    """Loaded once a process."""
    if _engine_package() == "transformers":
        from codegen.models.local.with_transformers import TransformersEngine

        return TransformersEngine(weights())
    from codegen.models.local.with_llama_cpp import LlamaCppEngine

    return LlamaCppEngine(weights())
