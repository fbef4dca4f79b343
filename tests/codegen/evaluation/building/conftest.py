"""A local Earth Engine for the room's tests, and a hand-made task."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from codegen.evaluation.building.draft import Draft
from codegen.evaluation.cases.case import Case, PythonSource, Task
from ee_emulator.client import initialise
from ee_emulator.process import start_emulator


@pytest.fixture(scope="package")
def url() -> Iterator[str]:
    with start_emulator() as server:
        initialise(server.url)
        yield server.url


def number(value: float) -> PythonSource:
    return PythonSource(f"def get():\n    import ee\n    return ee.Number({value})\n")


@pytest.fixture(scope="session")
def make() -> Callable[..., Draft]:
    """A task around `Number.add`; what is given takes the place of its parts."""

    def made(**given: Any) -> Draft:
        head = "def addTask(left: ee.Number, right: ee.Number) -> ee.Number:\n    return "
        pairs = given.get("pairs", [(2, 3), (4.5, -1)])
        cases = tuple(
            Case("addTask", at, {"left": number(left), "right": number(right)}, given.get("out_type", "ee.Number"), "")
            for at, (left, right) in enumerate(pairs, 1)
        )
        task = Task(
            function="addTask",
            part="unit",
            instruction=f'{head[:-11]}\n    """Adds."""\n',
            cases=cases,
            reference=head + given.get("reference", "left.add(right)"),
            second=head + given.get("second", "left.subtract(right.multiply(-1))"),
            operators=("ee.Number.add",),
            type="ee.Number",
        )
        independence = given.get("independence", "independent")
        return Draft(task, independence, given.get("values", {}), given.get("chooses", False))

    return made
