"""The calls of operators that a script makes, and what they are made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

from codegen.extraction.program import Place


class Reached(IntEnum):
    """How a call is come to; the higher, the surer."""

    UNCALLED = 0
    """It stands in a function that nothing calls."""
    LATER = 1
    """It stands in a function that is handed to something which may call it later: a button, an awaited answer."""
    RUNS = 2
    """It is made when the script runs, if the branch that it stands in is taken."""


@dataclass(slots=True)
class OperatorCall:
    """One place at which an operator is called.

    Attributes:
        number: From 0, in the order in which the script comes to them.
        operator: Its full name.
        place: Where it is written.
        function: Name of the function that it stands in, `<1>` and so on for one without; empty at the top.
        reached: How it is come to.
        receivers: Calls whose result it is called on.
        arguments: Of each argument, the calls whose results are in it; those of a function are what it returns.
        callbacks: Calls that stand in functions given to it.
        datasets: Ids of data sets among its arguments.
        guessed: Whether its class was told from the operator's name alone.
    """

    number: int
    operator: str
    place: Place
    function: str
    reached: Reached
    receivers: set[int] = field(default_factory=set)
    arguments: list[set[int]] = field(default_factory=list)
    callbacks: set[int] = field(default_factory=set)
    datasets: set[str] = field(default_factory=set)
    guessed: bool = False


@dataclass(frozen=True, slots=True)
class Calls:
    """What was told of a script.

    Attributes:
        calls: By number.
        unresolved: Names below `ee` that are no operators, with how often they are written.
        broken_bytes: Bytes that no rule of the language covers.
        cut: Whether the script was too intricate to be followed to its end.
    """

    calls: tuple[OperatorCall, ...]
    unresolved: dict[str, int]
    broken_bytes: int
    cut: bool
