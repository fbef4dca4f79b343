"""Models whose answers are scripted, and a sandbox's stand-in for tests of what happens around it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from codegen.models.completion import Completion, Message, Sampling
from codegen.sandbox.outcome import Language, Outcome, ProgramError

FORM = {
    "objective": "Mean elevation around Wuhan",
    "space_and_time": "5 km around 114.3 E, 30.6 N",
    "data": "USGS/SRTMGL1_003",
    "method": "mean of the pixels",
    "output_format": "printed text",
    "output_type": "number",
    "unclear": [],
}
DESIGN = [
    {
        "name": "load_region",
        "purpose": "Makes the region.",
        "inputs": [],
        "outputs": [{"name": "region", "type": "ee.Geometry"}],
    },
    {
        "name": "mean_elevation",
        "purpose": "Averages the elevation.",
        "inputs": [{"name": "region", "type": "ee.Geometry"}],
        "outputs": [{"name": "mean", "type": "ee.Number"}],
    },
]
REGION = "def load_region():\n    return ee.Geometry.Point([114.3, 30.6]).buffer(5000)\n"
MEAN = (
    "def mean_elevation(region):\n"
    "    found = ee.Image('USGS/SRTMGL1_003').reduceRegion(ee.Reducer.mean(), region, 90)\n"
    "    return ee.Number(found.get('elevation'))\n"
)
PROGRAM = (
    f"import ee\n\nee.Initialize()\n\n\n{REGION}\n\n{MEAN}\n\n"
    "def main():\n    return mean_elevation(load_region())\n\n\nprint(main().getInfo())\n"
)


def block(code: str, name: str = "python") -> str:
    """Code as a model writes it."""
    return f"Here it is:\n\n```{name}\n{code}\n```\nHope it helps!"


def chain_answers(*parts: str) -> list[str]:
    """Answers to the requirement analysis and the design, and then these blocks of code."""
    return [json.dumps(FORM), json.dumps(DESIGN), *map(block, parts or (REGION, MEAN))]


class Scripted:
    """Answers from a list, or as a function of the conversation says; remembers what it was asked."""

    def __init__(self, answers: Sequence[str] | Callable[[Sequence[Message]], str], name: str = "scripted") -> None:
        self.name = name
        self.asked: list[Sequence[Message]] = []
        self.samplings: list[Sampling] = []
        self._answers = answers

    async def complete(self, messages: Sequence[Message], sampling: Sampling) -> Completion:
        self.asked.append(messages)
        self.samplings.append(sampling)
        answers = self._answers
        text = answers(messages) if callable(answers) else answers[len(self.asked) - 1]
        return Completion(text, self.name, 10, len(text.split()), 0.5)

    @property
    def prompts(self) -> list[str]:
        """What was said to it each time, system and user."""
        return ["\n".join(one.content for one in messages) for messages in self.asked]


class StandIn:
    """A sandbox that runs nothing: what comes of a program is told by the test."""

    def __init__(self, outcome: Callable[[str], Outcome] | None = None) -> None:
        self.ran: list[str] = []
        self.called: list[tuple[str, str, Mapping[str, Any]]] = []
        self._outcome = outcome or (lambda code: ended("42\n"))

    def run(self, code: str, language: Language) -> Outcome:
        self.ran.append(code)
        return self._outcome(code)

    def call(self, code: str, function: str, params: Mapping[str, Any]) -> Outcome:
        self.called.append((code, function, params))
        return self._outcome(code)


def ended(stdout: str = "") -> Outcome:
    """A program that came to its end."""
    return Outcome("ended", None, stdout, "", None, seconds=0.1, exit_code=0)


def failed(message: str, line: int | None = 3, kind: str = "EEException") -> Outcome:
    """A program that raised."""
    return Outcome("failed", ProgramError("run", kind, message, line, f"{kind}: {message}"), "", "", None, exit_code=1)
