"""The embedded model through llama.cpp, which computes with the packed weights."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any

from codegen.models.completion import Message
from codegen.models.errors import ModelError
from codegen.models.local.engines import Cancelled, Draw, Generated
from codegen.models.local.names import CONTEXT

_SEEDS = 2**32 - 1
"""llama.cpp takes 32 bits; all of them set means that it chooses."""


class LlamaCppEngine:
    """The package's file as it is; each answer starts from a clean state, so that its seed settles it."""

    def __init__(self, weights: Path) -> None:
        """Loads the model.

        Raises:
            ModelError: The library or the weights cannot be loaded.
        """
        # By name: it need not be installed, and has no types.
        try:
            llama: Any = import_module("llama_cpp")
            formats: Any = import_module("llama_cpp.llama_chat_format")
            self._model: Any = llama.Llama(model_path=str(weights), n_ctx=CONTEXT, verbose=False)
        except (ImportError, OSError, RuntimeError, ValueError) as error:
            raise ModelError(
                f"llama.cpp cannot load the embedded model {weights}: {error}. Repair llama-cpp-python, or remove it: "
                "transformers is used then."
            ) from None
        self._end = self._spelled(self._model.token_eos())
        template = self._model.metadata["tokenizer.chat_template"]
        self._template = formats.Jinja2ChatFormatter(template, self._end, self._spelled(self._model.token_bos()))

    def count(self, messages: Sequence[Message]) -> int:
        """Tokens of a conversation."""
        return len(self._read(messages))

    def generate(self, messages: Sequence[Message], draw: Draw, cancelled: Cancelled) -> Generated:
        """Answers."""
        self._model.reset()
        given = self._model.create_completion(
            self._read(messages),
            temperature=max(draw.temperature, 0.0),
            max_tokens=draw.max_tokens,
            seed=random.randrange(_SEEDS) if draw.seed is None else draw.seed % _SEEDS,  # noqa: S311
            stop=[*draw.stop, self._end],
            top_p=draw.top_p,
            top_k=draw.top_k,
            min_p=0.0,
            repeat_penalty=1.0,
            stopping_criteria=lambda ids, scores: cancelled(),
        )
        choice, usage = given["choices"][0], given["usage"]
        cut_off = choice["finish_reason"] == "length"
        return Generated(
            choice["text"], usage["prompt_tokens"], usage["completion_tokens"], "max_tokens" if cut_off else "stop"
        )

    def _read(self, messages: Sequence[Message]) -> list[int]:
        prompt = self._template(messages=[asdict(message) for message in messages]).prompt
        return list(self._model.tokenize(prompt.encode(), add_bos=False, special=True))

    def _spelled(self, token: int) -> str:
        return str(self._model.detokenize([token], special=True).decode())
