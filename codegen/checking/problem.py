"""What a check finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "syntax",
    "unknown_operator",
    "unknown_name",
    "unknown_argument",
    "missing_argument",
    "too_many_arguments",
    "wrong_type",
    "unknown_dataset",
]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that will fail.

    Attributes:
        kind: What sort of fault.
        operator: The operator, name or id that it is about; empty for a fault of syntax.
        message: What is wrong and what may be meant, in a sentence or two.
        line: Where, from 1; None where it cannot be told.
    """

    kind: Kind
    operator: str
    message: str
    line: int | None

    @property
    def is_warning(self) -> bool:
        """Whether the program may run all the same: a data set may be younger than the catalogue."""
        return self.kind == "unknown_dataset"


@dataclass(frozen=True, slots=True)
class Counts:
    """How many of a program's operators there are.

    Attributes:
        calls: Places at which an operator is called, those that do not exist included.
        unknown: Of these, places at which it does not exist: a model made it up.
    """

    calls: int
    unknown: int
