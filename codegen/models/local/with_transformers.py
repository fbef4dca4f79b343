"""The embedded model through transformers, on the processor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codegen.models.completion import Message
from codegen.models.errors import ModelError
from codegen.models.local.converted import converted, quiet
from codegen.models.local.engines import Cancelled, Draw, Generated, cut

if TYPE_CHECKING:
    import torch

_SLACK = 4
"""Tokens beyond a stop text's bytes within which it is looked for."""


class TransformersEngine:
    """Weights in 32 bits; answers are the same for the same seed, whatever else draws random numbers."""

    def __init__(self, weights: Path) -> None:
        """Loads the model.

        Raises:
            ModelError: The weights cannot be read.
        """
        from transformers import AutoModelForCausalLM, AutoTokenizer

        folder = converted(weights)
        try:
            with quiet():
                self._tokenizer: Any = AutoTokenizer.from_pretrained(folder, local_files_only=True)
                self._model: Any = AutoModelForCausalLM.from_pretrained(folder, local_files_only=True)
        except (OSError, ValueError) as error:
            raise ModelError(f"The embedded model in {folder} cannot be read ({error}): remove the folder.") from None

    def count(self, messages: Sequence[Message]) -> int:
        """Tokens of a conversation."""
        return len(self._read(messages)["input_ids"])

    def generate(self, messages: Sequence[Message], draw: Draw, cancelled: Cancelled) -> Generated:
        """Answers."""
        import torch
        from transformers import StoppingCriteriaList

        read = {key: torch.tensor([value]) for key, value in self._read(messages).items()}
        length = read["input_ids"].shape[1]
        stopping = StoppingCriteriaList([self._ending(length, draw.stop, cancelled)])
        with _seeded(draw.seed), _one_thread():
            given = self._model.generate(
                **read, max_new_tokens=draw.max_tokens, stopping_criteria=stopping, **_drawing(draw)
            )
        said = given[0, length:].tolist()
        text = self._tokenizer.decode(said, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        answer = cut(text, draw.stop)
        ended = answer != text or said[-1] == self._tokenizer.eos_token_id
        return Generated(answer, length, len(said), "stop" if ended else "max_tokens")

    def _read(self, messages: Sequence[Message]) -> dict[str, list[int]]:
        said = [asdict(message) for message in messages]
        return dict(self._tokenizer.apply_chat_template(said, add_generation_prompt=True, return_dict=True))

    def _ending(self, prompt: int, stop: tuple[str, ...], cancelled: Cancelled) -> Any:
        """A criterion: a stop text was said, or nobody waits any more."""
        import torch

        tail = max((len(end.encode()) for end in stop), default=0) + _SLACK

        def ends(ids: torch.Tensor, scores: Any, **_: Any) -> torch.Tensor:
            said = self._tokenizer.decode(ids[0, prompt:][-tail:]) if stop else ""
            return torch.tensor([cancelled() or any(end in said for end in stop)])

        return ends


def _drawing(draw: Draw) -> dict[str, Any]:
    if draw.temperature <= 0:
        return {"do_sample": False}
    return {"do_sample": True, "temperature": draw.temperature, "top_p": draw.top_p, "top_k": draw.top_k}


@contextmanager
def _one_thread() -> Iterator[None]:
    """A token is too little work to share: on two busy cores two threads made 1.5 tokens a second, one makes 7."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


@contextmanager
def _seeded(seed: int | None) -> Iterator[None]:
    """Answers are drawn from torch's one generator: it is set for the answer, and put back after it."""
    import torch

    if seed is None:
        yield
        return
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield
