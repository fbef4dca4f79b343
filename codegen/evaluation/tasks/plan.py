"""What is to be evaluated, and how."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from codegen.evaluation.cases.case import PARTS, Part

SOLVERS = ("bare", "rag", "cop", "direct", "few_shot", "chain_of_thought", "self_debug")
"""See `codegen.evaluation.tasks.strategies`."""
SOLUTIONS = ("reference", "second")
"""Models that answer with a benchmark's own solutions; in its tasks they have the same names."""
EPOCHS = 5
"""METHODS, 7, as are the temperature and the limit of a case."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The settings of a run, all in plain values.

    Attributes:
        benchmark: Folder in AutoGEEval++'s published form.
        model: `reference`, `local`, `openai-api/<service>/<model>`, or any name of inspect_ai.
        parts: Of the benchmark; those that it lacks are left out.
        solver: How the model is asked.
        options: Of the solver: `without`, `tables_without`, `knowledge`, ….
        epochs: Times that each function is asked for, each with a seed of its own.
        limit: The first so many functions only.
        sample: So many functions, drawn over all types.
        seed: Of the draw, and of the model's; an epoch adds its number.
        temperature: Of the model.
        max_tokens: Of an answer.
        attempts: Times that a question is asked at most, where the endpoint fails.
        attempt_seconds: That an answer may take.
        connections: Questions at a time.
        workers: Programs judged at a time.
        url: Of an Earth Engine; empty: a local one is started.
        unsafe_local: Without a sandbox.
        limit_seconds: For a case.
        judge_again: Whether the same code is judged again in another epoch.
    """

    benchmark: str
    model: str
    parts: Sequence[Part] = PARTS
    solver: str = "bare"
    options: Mapping[str, Any] = field(default_factory=dict)
    epochs: int = EPOCHS
    limit: int | None = None
    sample: int | None = None
    seed: int = 0
    temperature: float = 0.2
    max_tokens: int = 1024
    attempts: int = 6
    attempt_seconds: int = 300
    connections: int = 10
    workers: int = field(default_factory=lambda: os.cpu_count() or 1)
    url: str = ""
    unsafe_local: bool = False
    limit_seconds: float = 300.0
    judge_again: bool = False

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return {**asdict(self), "parts": list(self.parts), "options": dict(self.options)}

    def asking(self) -> dict[str, Any]:
        """How the model is asked, as arguments of solvers."""
        return {
            "temperature": self.temperature,
            "max_tokens": self.max_tokens,
            "seed": self.seed,
            "attempts": self.attempts,
            "attempt_seconds": self.attempt_seconds,
            "connections": self.connections,
        }

    def place(self, journal: Path) -> dict[str, Any]:
        """Where programs are judged, as arguments of solvers and scorers."""
        return {
            "url": self.url,
            "workers": self.workers,
            "unsafe_local": self.unsafe_local,
            "limit_seconds": self.limit_seconds,
            "judge_again": self.judge_again,
            "journal": str(journal),
            "model": self.model,
        }

    @property
    def looks_up(self) -> bool:
        """Whether the solver needs the knowledge base."""
        return self.solver == "rag" or (self.solver == "cop" and "retrieval" not in self.options.get("without", ()))

    @property
    def label(self) -> str:
        """Name of the solver in records."""
        return label(self.solver, self.options.get("without", ()), self.options.get("tables_without", ()))


def label(name: str, without: Sequence[str] = (), tables_without: Sequence[str] = ()) -> str:
    """A solver's name in records, with what is left out of it: `cop -debugging -table:script`."""
    left_out = [*without, *(f"table:{table}" for table in tables_without)]
    return " ".join([name, *(f"-{one}" for one in left_out)])
