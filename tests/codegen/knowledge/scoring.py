"""How extraction is scored against what a script did; fixed before the extractor was first run on the scripts.

The truth is the dynamic trace (`tests.codegen.trace`): of a script that ran to its end, the set of operators that its own
code called. The prediction is the set of operators that the extractor holds to be made when the script runs
(`Reached.RUNS`), guessed or not. A pair (script, operator) counts once, however often it is called:

- precision: of the pairs that are predicted, the share that the trace has,
- recall: of the pairs that the trace has, the share that is predicted,
- F1: their harmonic mean; over all pairs (micro), and its mean over the scripts (macro).

Scripts that did not run to their end are left out and counted. Names are compared as they are: a method of the wrong class
is one false and one missed pair. What the extractor holds to be reached later or never (`LATER`, `UNCALLED`) is no
prediction; it is counted beside, and so is what the trace has of it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from codegen.knowledge.calls import Calls, Reached


@dataclass
class Score:
    """Counts over scripts."""

    scripts: int = 0
    left_out: int = 0
    agreed: int = 0
    wrong: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    not_predicted: int = 0
    macro: list[float] = field(default_factory=list)

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
        return sum(self.macro) / max(1, len(self.macro))


def score(found: Iterable[tuple[Calls, Mapping[str, object]]]) -> Score:
    """Scores extractions against traces, as `trace.cjs` writes them."""
    total = Score()
    for calls, trace in found:
        if trace["error"]:
            total.left_out += 1
            continue
        truth = {call["operator"] for call in trace["calls"]}  # type: ignore[attr-defined]
        predicted = {call.operator for call in calls.calls if call.reached == Reached.RUNS}
        total.scripts += 1
        total.agreed += len(truth & predicted)
        total.wrong.update(predicted - truth)
        total.missed.update(truth - predicted)
        total.not_predicted += len({call.operator for call in calls.calls} - predicted - truth)
        if truth or predicted:
            total.macro.append(2 * len(truth & predicted) / (len(truth) + len(predicted)))
    return total
