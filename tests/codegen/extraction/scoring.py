"""How extraction is scored against what a script did; fixed before the extractor was first run on the scripts.

The truth is the dynamic trace (`tests.codegen.trace`): of a script that ran to its end, the set of operators that its
own code called. The prediction is the set of operators that the extractor holds to be made when the script runs
(`Reached.RUNS`), guessed or not. A pair (script, operator) counts once, however often it is called:

- precision: of the pairs that are predicted, the share that the trace has,
- recall: of the pairs that the trace has, the share that is predicted,
- F1: their harmonic mean; over all pairs (micro), and its mean over the scripts (macro).

Scripts that did not run to their end are left out and counted. Names are compared as they are, but that Python's
`And`, `Or` and `Not` are the JavaScript client's `and`, `or` and `not`: a method of the wrong class is one false and
one missed pair. What the extractor holds to be reached later or never (`LATER`, `UNCALLED`) is no prediction; it is
counted beside.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from codegen.extraction.calls import Calls, Reached
from tests.codegen.trace.runs import Trace

_JAVASCRIPT = {"And": "and", "Or": "or", "Not": "not"}


@dataclass
class Score:
    """Counts over scripts: pairs that agree, wrong and missed operators, and what is no prediction."""

    scripts: int = 0
    left_out: int = 0
    agreed: int = 0
    wrong: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    waiting: Counter[str] = field(default_factory=Counter)
    each: list[float] = field(default_factory=list)

    @property
    def precision(self) -> float:
        return self.agreed / max(1, self.agreed + self.wrong.total())

    @property
    def recall(self) -> float:
        return self.agreed / max(1, self.agreed + self.missed.total())

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / max(1e-9, self.precision + self.recall)

    @property
    def macro_f1(self) -> float:
        return sum(self.each) / max(1, len(self.each))

    def __str__(self) -> str:
        waiting = ", ".join(f"{count} {name}" for name, count in sorted(self.waiting.items()))
        return (
            f"{self.scripts} scripts ({self.left_out} left out), {self.agreed} pairs agree: "
            f"precision {self.precision:.4f}, recall {self.recall:.4f}, F1 {self.f1:.4f}, "
            f"mean F1 of scripts {self.macro_f1:.4f}; "
            f"no prediction: {waiting or 'none'}; wrong: {dict(self.wrong)}; missed: {dict(self.missed)}"
        )


def operators_of(trace: Trace) -> set[str]:
    """The operators that a script called, under the names of the JavaScript client."""
    return {_javascript_name(name) for name in trace.operators}


def score(found: Iterable[tuple[Calls, Trace]]) -> Score:
    """Scores extractions against traces."""
    total = Score()
    for calls, trace in found:
        if trace.error:
            total.left_out += 1
            continue
        truth = operators_of(trace)
        predicted = {call.operator for call in calls.calls if call.reached == Reached.RUNS}
        total.scripts += 1
        total.agreed += len(truth & predicted)
        total.wrong.update(predicted - truth)
        total.missed.update(truth - predicted)
        rest = {(call.reached.name.lower(), call.operator) for call in calls.calls if call.reached != Reached.RUNS}
        total.waiting.update(reached for reached, operator in rest if operator not in predicted)
        if truth or predicted:
            total.each.append(2 * len(truth & predicted) / (len(truth) + len(predicted)))
    return total


def _javascript_name(name: str) -> str:
    *front, last = name.split(".")
    return ".".join([*front, _JAVASCRIPT.get(last, last)])
