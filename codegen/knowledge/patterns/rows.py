"""The operators of callers as numbers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import chain, count, pairwise

import numpy as np

from codegen.knowledge.patterns.kernels import Integers, renumbered, rows_with, without_repeats
from lake.errors import BadInputError


@dataclass(frozen=True)
class Rows:
    """A caller a row; operators that too few callers have are left out.

    Attributes:
        names: Names of the operators, the rarest first, of equals by name.
        least: Rows that are enough.
        items: The operators of all rows, one row after the other, as positions in `names`.
        starts: Where each row begins in `items`, and where the last one ends; (rows + 1,).
    """

    names: tuple[str, ...]
    least: int
    items: Integers
    starts: Integers

    def __len__(self) -> int:
        return len(self.starts) - 1

    def as_sets(self) -> Rows:
        """Each operator of a caller once, the rarest first."""
        items, starts = without_repeats(self.items, self.starts)
        return replace(self, items=items, starts=starts)

    def grouped(self) -> tuple[Integers, Integers, Integers]:
        """Identical rows as one: items, starts, and how often each row occurs."""
        size = self.items.itemsize
        packed = self.items.tobytes()  # bytes are told apart many times faster than tuples of numbers
        times = Counter([packed[begin:end] for begin, end in pairwise((self.starts * size).tolist())])
        starts = np.cumsum([0, *map(len, times)]) // size
        return np.frombuffer(b"".join(times), np.int64), starts, np.fromiter(times.values(), np.int64, len(times))


def numbered(callers: Sequence[Collection[str]], min_support: float) -> Rows:
    """The operators of each caller as numbers, in their order.

    Raises:
        BadInputError: If the support is not in (0, 1], a caller's operators are one text, or a name is none.
    """
    if not 0 < min_support <= 1:
        raise BadInputError(f"min_support is {min_support}: it is a share of the callers, above 0 and at most 1.")
    if any(issubclass(kind, str) for kind in set(map(type, callers))):
        raise BadInputError("The operators of a caller are given as one text: give a list of names for each caller.")
    starts = np.cumsum([0, *map(len, callers)])
    number: defaultdict[str, int] = defaultdict(count().__next__)
    items = np.fromiter(map(number.__getitem__, chain.from_iterable(callers)), np.int64, starts[-1])
    names = list(number)
    for name in names:
        if not isinstance(name, str):
            raise BadInputError(f"An operator's name is {name!r}, which is no text.")
    count_of, least = rows_with(items, starts, len(names)).tolist(), least_count(min_support, len(callers))
    kept = [position for position, its_count in enumerate(count_of) if its_count >= least]
    kept.sort(key=lambda position: (count_of[position], names[position]))
    rank = np.full(len(names), -1)
    rank[kept] = np.arange(len(kept))
    return Rows(tuple(names[position] for position in kept), least, *renumbered(items, starts, rank))


def least_count(min_support: float, rows: int) -> int:
    """The smallest count, at least 1, whose share of the rows is `min_support` or more."""
    least = max(int(min_support * rows) - 1, 1)
    while rows and least / rows < min_support:  # and not the product rounded up: 0.07 × 100 lies above 7
        least += 1
    return least
