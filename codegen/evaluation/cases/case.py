"""A benchmark: tasks, each a function to be written, and the cases that the function is called with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Part = Literal["unit", "combination", "theme"]
PARTS: tuple[Part, ...] = ("unit", "combination", "theme")

Section = Literal["unit", "boundary", "combination", "theme"]
"""As figures are told: boundary cases are those cases of unit tasks that are edge tests."""
SECTIONS: tuple[Section, ...] = ("unit", "boundary", "combination", "theme")

ERROR_MESSAGE = "error_message"
"""Type of a result where an error is expected: AutoGEEval++ passes whatever does not let it escape."""


@dataclass(frozen=True, slots=True)
class PythonSource:
    """Source of a function without parameters that makes a parameter: a `!python` scalar. Run in the sandbox only."""

    text: str


@dataclass(frozen=True, slots=True)
class Case:
    """A call of a function, and what it has to give.

    Attributes:
        function: Name of the function.
        number: Place among the function's cases, from 1.
        params: By name: plain values, or the source of what makes them.
        out_type: `ee.Image`, …, a class of Python (`int`, `str`, `dict`), or `error_message`.
        answer: File of the expected answer, below `ref_answer`.
        edge_test: Whether it is a boundary case.
    """

    function: str
    number: int
    params: Mapping[str, Any]
    out_type: str
    answer: str
    edge_test: bool = False

    @property
    def id(self) -> str:
        """As in the published files: `imageAddTask_testcase1`."""
        return f"{self.function}_testcase{self.number}"


@dataclass(frozen=True, slots=True)
class Task:
    """A function to be written.

    Attributes:
        function: Its name.
        part: Where it belongs.
        instruction: Signature and docstring, as they stand in the prompt.
        cases: What it is tried with.
        reference: A solution, where there is one.
        second: Another, written differently, where there is one.
        operators: Operators of Earth Engine that the reference calls: `ee.Image.add`.
        type: The Earth Engine type that it is about, of the 26 (`codegen.evaluation.cases.types`); empty: not told.
        difficulty: `easy`, `medium`, `hard`; empty: not told.
    """

    function: str
    part: Part
    instruction: str
    cases: tuple[Case, ...]
    reference: str | None = None
    second: str | None = None
    operators: tuple[str, ...] = ()
    type: str = ""
    difficulty: str = ""


@dataclass(frozen=True, slots=True)
class Benchmark:
    """All tasks of a folder.

    Attributes:
        name: Of the folder, or as its manifest says.
        folder: Where it lies.
        tasks: In the order of their files.
    """

    name: str
    folder: Path
    tasks: tuple[Task, ...]

    def cases(self) -> Iterator[tuple[Task, Case]]:
        """Each case with its task."""
        for task in self.tasks:
            for case in task.cases:
                yield task, case


def section(task: Task, case: Case) -> Section:
    """Under which heading a case is counted."""
    return "boundary" if task.part == "unit" and case.edge_test else task.part
