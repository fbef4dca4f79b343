"""Which steps of the chain are taken, and what it may look up."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from codegen.chain.names import STEPS as STEPS
from codegen.chain.names import STRATEGIES as STRATEGIES
from codegen.chain.names import Step as Step
from codegen.chain.names import Strategy as Strategy
from codegen.retrieval.documents import KINDS, Kind
from lake.errors import BadInputError


@dataclass(frozen=True, slots=True)
class Steps:
    """What is switched on; a study leaves one out at a time.

    Attributes:
        taken: Steps. Without `requirement` the request is all that is known; without `design` the program is written
            in one piece; without `debugging` nothing is mended, whatever check and execution say.
        tables: Kinds of documents that retrieval may use.
    """

    taken: frozenset[Step] = field(default_factory=lambda: frozenset(STEPS))
    tables: frozenset[Kind] = field(default_factory=lambda: frozenset(KINDS))

    def has(self, step: Step) -> bool:
        """Whether a step is taken."""
        return step in self.taken

    def without(self, *names: str) -> Steps:
        """The same without some steps or tables, by name.

        Raises:
            BadInputError: A name is neither's.
        """
        if unknown := sorted(set(names) - set(STEPS) - set(KINDS)):
            raise BadInputError(
                f"There is no step or table {', '.join(map(repr, unknown))}. Steps: {', '.join(STEPS)}; "
                f"tables: {', '.join(KINDS)}."
            )
        left = [one for one in STEPS if one in self.taken and one not in names]
        tables = [one for one in KINDS if one in self.tables and one not in names]
        return replace(self, taken=frozenset(left), tables=frozenset(tables))


ALL = Steps()


def only(steps: Collection[Step]) -> Steps:
    """These steps alone."""
    return Steps(frozenset(steps))
