"""A chain that is killed at the n-th question: `python -m tests.codegen.chain.kill_me POOL N LOG`."""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from codegen.chain.generate import generate
from codegen.models.completion import Completion, Message, Sampling
from tests.codegen.chain.support import Scripted, StandIn, block, chain_answers, ended, failed

PROGRAMS = [f"import ee\nee.Initialize()\nprint({number})" for number in range(3)]
ANSWERS = [*chain_answers(), *map(block, PROGRAMS)]
"""Whatever was asked before: the first programs fail."""


class Mortal(Scripted):
    """Writes down each question before it answers; at one of them it kills the process."""

    def __init__(self, last: int, log: Path) -> None:
        super().__init__(self.reply)
        self.last, self.log = last, log

    def reply(self, messages: Sequence[Message]) -> str:
        number = next(n for n, mark in enumerate(MARKS) if mark in messages[-1].content)
        with self.log.open("a") as file:
            file.write(f"{number}\n")
        if number == self.last:
            os.kill(os.getpid(), signal.SIGKILL)
        return ANSWERS[number]

    async def complete(self, messages: Sequence[Message], sampling: Sampling) -> Completion:
        return await super().complete(messages, sampling)


MARKS = (
    "Fill in this form",
    "Divide the program",
    "Write the function `load_region`",
    "Write the function `mean_elevation`",
    "```text\nEEException in line 1: first",
    "```text\nEEException in line 1: second",
)


def sandbox() -> StandIn:
    """The draft fails, and so does the first that is mended."""

    def outcome(code: str) -> object:
        if "print(1)" in code:
            return ended("1")
        return failed("second" if "print(0)" in code else "first", 1)

    return StandIn(outcome)  # type: ignore[arg-type]


async def chain(pool: Path, last: int, log: Path) -> object:
    """The chain; a second call goes on."""
    return await generate("mean elevation", Mortal(last, log), pool_path=pool, sandbox=sandbox(), date="2026-01-01")


if __name__ == "__main__":
    asyncio.run(chain(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])))
