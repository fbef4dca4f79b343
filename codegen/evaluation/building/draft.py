"""A task on its way into the benchmark: its answers are not there yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from codegen.evaluation.cases.case import Task

Independence = Literal["independent", "route", "documented"]
"""How a second reference came to its answer.

`independent`: by other operators, or in Python alone; `route`: by the same algorithm, called in another form;
`documented`: it is a value from documentation, or worked out from first principles.
"""


@dataclass(frozen=True, slots=True)
class Draft:
    """A task without answers.

    Attributes:
        task: With both references; `answer` of its cases is empty.
        independence: Of the second reference.
        values: What a case gives as documentation or first principles have it, by number of the case: as `getInfo`
            would give it. Where a case has one, the reference has to give it too.
        chooses: Whether the answer is by its nature one of the parameters, now this one, now that one: the greater of
            two numbers. Then a case may be passed by giving back a parameter; all cases never.
    """

    task: Task
    independence: Independence
    values: Mapping[int, Any] = field(default_factory=dict)
    chooses: bool = False
