"""Answers kept on disk: asked once, answered for good.

inspect_ai has a cache too, of pickles that are not written atomically and lie in a folder of the process; this one is
readable, and a file that a killed process or a full disk spoiled is asked for again.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from codegen.models.completion import Completion, LanguageModel, Message, Sampling
from lake.atomic import replacing
from lake.errors import BadInputError

log = logging.getLogger(__name__)


class CachedModel:
    """A model whose answers are kept, one JSON file each: `<folder>/<model>/<2 hex digits>/<hash>.json`.

    An answer is known again by the model's name, where it is asked, the conversation and the sampling. So draws with
    different seeds are different answers, and two without a seed are one.
    """

    def __init__(self, model: LanguageModel, folder: Path, endpoint: str = "") -> None:
        """Makes the folder.

        Args:
            model: Asked for what is not kept yet.
            folder: Of all models' answers.
            endpoint: Where it is asked: the same name at another address may be another model.

        Raises:
            BadInputError: The folder cannot be made.
        """
        self._model = model
        self._endpoint = endpoint
        self._folder = folder / re.sub(r"[^\w.-]+", "_", model.name)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BadInputError(f"No answers can be kept in {folder}: {error}. Name another folder.") from None

    def __repr__(self) -> str:
        """The model and where its answers are."""
        return f"CachedModel({self._model!r}, {str(self._folder)!r})"

    @property
    def name(self) -> str:
        """The model's."""
        return self._model.name

    async def complete(self, messages: Sequence[Message], sampling: Sampling) -> Completion:
        """The answer that is kept, with the tokens and seconds that it took; or a new one.

        Raises:
            ModelError: As the model's; failures are not kept.
        """
        asked = self._asked(messages, sampling)
        path = self._path(asked)
        found = _read(path, asked)
        if found is not None:
            return found
        answer = await self._model.complete(messages, sampling)
        _write(path, asked, answer)
        return answer

    def _asked(self, messages: Sequence[Message], sampling: Sampling) -> dict[str, Any]:
        return {
            "model": self.name,
            "endpoint": hashlib.sha256(self._endpoint.encode()).hexdigest()[:16],  # an address may carry a password
            "messages": [asdict(message) for message in messages],
            "sampling": {**asdict(sampling), "stop": list(sampling.stop)},
        }

    def _path(self, asked: dict[str, Any]) -> Path:
        digest = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
        return self._folder / digest[:2] / f"{digest}.json"


def _read(path: Path, asked: dict[str, Any]) -> Completion | None:
    try:
        entry = json.loads(path.read_bytes())
        if entry["asked"] != asked:
            raise ValueError("it answers another question")
        return replace(_completion(entry["answer"]), cached=True, attempts=0)
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:  # what a crash, a full disk or an editor left
        log.warning("The kept answer %s cannot be read (%s): it is removed and asked for again.", path, error)
        path.unlink(missing_ok=True)
        return None


def _completion(answer: dict[str, Any]) -> Completion:
    read = Completion(**answer)
    whole = isinstance(read.text, str) and isinstance(read.model, str)
    numbers = (read.prompt_tokens, read.completion_tokens, read.seconds)
    if not whole or not all(isinstance(number, int | float) for number in numbers):
        raise TypeError("it has values of wrong types")
    return read


def _write(path: Path, asked: dict[str, Any], answer: Completion) -> None:
    entry = json.dumps({"asked": asked, "answer": asdict(answer)}, indent=1)
    with replacing(path) as temporary:
        temporary.write_text(entry, encoding="ascii")
