"""How the calls of a script hang together, as pairs of operators and as chains in the notation of the papers.

Only calls that are made when the script runs are related (`Reached.RUNS`). What a function of the script's own gets and
returns is followed: the variable in between, the helper that a value passes through, is no part of a relation.

Relations between two calls (GEE-OPs and Geo-FuB name the three, METHODS.md section 5; the exact meaning is ours):

- sequential, (A, B): B is called on the result of A: `A(…).B(…)`, also through variables, helpers, lists and branches.
  Where the receiver may be one of several results, each counts.
- nested, (B, A): the result of A is, or is in, an argument of B: `B(A(…))`, `B([A(…)])`, `B({key: A(…)})`; for a
  function that B calls (`map`, `iterate`), A is what the function returns. What only happens inside such a function has
  no relation to B. What such a function is given by B starts anew: it is the result of no call.
- parallel, (A, A'): the results of both enter one call, as receiver or arguments, by different ways, and neither goes
  back to the other. The pair stands in alphabetical order. Where a value may be one of several, they are no pair among
  themselves; several in one argument (a list, an object) are none either, and what a function returns enters by no way.

A chain is written for each call whose result enters no other call:

- `A -> B`: B is called on the result of A.
- `{A || C} -> B`: the results of A and C both enter B, receiver first, then its arguments in order.
- `{A | C} -> B`: the results of A and C enter B by one way: as alternatives, or in one list or object; in the order in
  which they are made.
- `B(D)`: D is the chain of what a function that is given to B returns. An `iterate` or `map` whose function returns
  nothing that was called stands without brackets.
- A call that stands already in the same chain is written as its name alone, without what leads to it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, NamedTuple

from codegen.extraction.calls import Calls, OperatorCall, Reached

Relation = Literal["sequential", "nested", "parallel"]
_LONGEST = 4_000
"""Characters of a chain; one that is longer is cut off."""
_DEEPEST = 250
"""Steps back from the end of a chain; what lies before is not written."""


class Pair(NamedTuple):
    """Two operators and how they are related; see the module."""

    first: str
    second: str
    relation: Relation


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain.

    Attributes:
        text: In the notation of the module.
        operators: Its operators in the order in which they are written, the last one last.
    """

    text: str
    operators: tuple[str, ...]


def relations(related: Related) -> Counter[Pair]:
    """The related pairs of a script, with the number of places at which each is."""
    found: Counter[Pair] = Counter()
    for call in related.calls:
        for source in related.receivers(call):
            found[Pair(related.name(source), call.operator, "sequential")] += 1
        for way in related.arguments(call):
            for source in way:
                found[Pair(call.operator, related.name(source), "nested")] += 1
        ways = [way - call.callbacks for way in related.inputs(call)]
        for pair in related.parallel(ways) if len(ways) > 1 else ():
            found[pair] += 1
    return found


def chains(related: Related) -> list[Chain]:
    """The chains of a script, in the order of the calls that they end with."""
    used = {one for call in related.calls for way in related.inputs(call) for one in way if one != call.number}
    return [related.chain(call) for call in related.calls if call.number not in used]


class Related:
    """The calls that are made when a script runs, and what enters them.

    Attributes:
        calls: In the order in which the script comes to them.
    """

    def __init__(self, calls: Calls) -> None:
        self.calls = [call for call in calls.calls if call.reached == Reached.RUNS]
        self._by_number = {call.number: call for call in self.calls}
        self._ways = {call.number: self._entering(call) for call in self.calls}
        self._upstream = _upstream(self._ways)

    def _entering(self, call: OperatorCall) -> list[set[int]]:
        """The calls that enter by each way, the receiver first; only such as are made when the script runs."""
        ways = (call.receivers, *call.arguments)
        return [{one for one in way if one in self._by_number} for way in ways]

    def name(self, number: int) -> str:
        """Operator of a call."""
        return self._by_number[number].operator

    def receivers(self, call: OperatorCall) -> set[int]:
        """The calls on whose result a call is made."""
        return self._ways[call.number][0]

    def arguments(self, call: OperatorCall) -> list[set[int]]:
        """The calls that enter each argument."""
        return self._ways[call.number][1:]

    def inputs(self, call: OperatorCall) -> list[set[int]]:
        """The calls that enter by each way: the receiver, then the arguments; ways by which nothing enters left out."""
        return [way for way in self._ways[call.number] if way]

    def parallel(self, ways: list[set[int]]) -> Iterator[Pair]:
        """The pairs of calls that enter by different ways, neither of which goes back to the other."""
        for one, other in combinations(ways, 2):
            for a in sorted(one):
                for b in sorted(other):
                    if a != b and not self.comes_from(a, b) and not self.comes_from(b, a):
                        first, second = sorted((self.name(a), self.name(b)))
                        yield Pair(first, second, "parallel")

    def comes_from(self, number: int, source: int) -> bool:
        """Whether a call's result goes back to another call."""
        return bool(self._upstream[number] >> source & 1)

    def chain(self, call: OperatorCall) -> Chain:
        """The chain that ends with a call."""
        operators: list[str] = []
        text = self._text(call, set(), operators, 0)
        return Chain(text if len(text) <= _LONGEST else text[:_LONGEST] + "…", tuple(operators))

    def _text(self, call: OperatorCall, written: set[int], operators: list[str], depth: int) -> str:
        if call.number in written or depth > _DEEPEST:
            return call.operator
        written.add(call.number)
        ways: list[str] = []
        inside = ""
        for number, way in enumerate(self._ways[call.number]):
            returned = way & call.callbacks if number else set()
            if returned:
                inside = f"({self._either(returned, written, operators, depth)})"
            if way - returned:
                ways.append(self._either(way - returned, written, operators, depth))
        operators.append(call.operator)
        name = call.operator + inside
        if not ways:
            return name
        return f"{ways[0]} -> {name}" if len(ways) == 1 else f"{{{' || '.join(ways)}}} -> {name}"

    def _either(self, way: set[int], written: set[int], operators: list[str], depth: int) -> str:
        texts = [self._text(self._by_number[one], written, operators, depth + 1) for one in sorted(way)]
        return texts[0] if len(texts) == 1 else f"{{{' | '.join(texts)}}}"


def _upstream(ways: Mapping[int, list[set[int]]]) -> dict[int, int]:
    """All calls that each result goes back to, as bits; what goes round a loop goes back to itself."""
    sources = {number: sorted(set().union(*entering)) for number, entering in ways.items()}
    found = dict.fromkeys(ways, 0)
    changed = True
    while changed:
        changed = False
        for number, direct in sources.items():
            before = found[number]
            for source in direct:
                found[number] |= found[source] | 1 << source
            changed = changed or (found[number] != before and any(source >= number for source in direct))
    return found
