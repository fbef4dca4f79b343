"""Where the calls of one script are written down while it is followed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from codegen.extraction.calls import OperatorCall, Reached
from codegen.extraction.program import Place
from codegen.extraction.values import Calls, Value, calls_in


class Ledger:
    """The calls of one script; a place that is come to again adds to what is known of it.

    Attributes:
        calls: By place and operator.
        unresolved: Names below `ee` that are no operators, with how often they were come to.
        reached: How what is followed now is come to.
    """

    def __init__(self) -> None:
        self.calls: dict[tuple[Place, str], OperatorCall] = {}
        self.unresolved: dict[str, int] = {}
        self.reached = Reached.RUNS
        self._functions = [""]
        self._collecting: list[set[int]] = []

    def note(
        self, operator: str, place: Place, receivers: Calls, arguments: Sequence[Value], guessed: bool
    ) -> OperatorCall:
        """Writes down a call."""
        call = self.calls.get((place, operator))
        if call is None:
            call = OperatorCall(len(self.calls), operator, place, self._functions[-1], self.reached, guessed=guessed)
            self.calls[place, operator] = call
        call.reached = max(call.reached, self.reached)
        call.guessed = call.guessed and guessed
        call.receivers |= receivers
        call.arguments += [set() for _ in range(len(arguments) - len(call.arguments))]
        for taken, argument in zip(call.arguments, arguments, strict=False):
            taken |= calls_in(argument)
        for collected in self._collecting:
            collected.add(call.number)
        return call

    def note_unresolved(self, name: str) -> None:
        """Writes down a name that is no operator."""
        self.unresolved[name] = self.unresolved.get(name, 0) + 1

    @contextmanager
    def within(self, function: str) -> Iterator[None]:
        """While a function is followed."""
        self._functions.append(function)
        yield
        self._functions.pop()

    @contextmanager
    def at_most(self, reached: Reached) -> Iterator[None]:
        """While something is followed that is come to less surely."""
        before, self.reached = self.reached, min(self.reached, reached)
        yield
        self.reached = before

    @contextmanager
    def collecting(self, numbers: set[int]) -> Iterator[None]:
        """Puts the numbers of the calls that are noted meanwhile into a set."""
        self._collecting.append(numbers)
        yield
        self._collecting.pop()
