"""What else callers use that use some operators: rules between the parts of frequent sets."""

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from codegen.knowledge.patterns.kernels import Integers
from codegen.knowledge.patterns.mining import MOST_PATTERNS
from lake.errors import BadInputError

RULES = pl.Schema(
    [
        ("antecedent", pl.List(pl.String)),
        ("consequent", pl.List(pl.String)),
        ("count", pl.Int64),
        ("support", pl.Float64),
        ("confidence", pl.Float64),
        ("lift", pl.Float64),
    ]
)
Keys = NDArray[np.uint64]


class _Sets(NamedTuple):
    """Frequent sets by the sums of their items' keys, random 64-bit numbers, so that a set less a part is a difference.

    Attributes:
        item_keys: Keys of the items of all sets, one set after the other.
        starts: Where each set begins in them; (n,).
        sizes: Items of each set; (n,).
        counts: Callers of each set; (n,).
        keys: Key of each set; (n,).
        order: Sets by key; (n,).
    """

    item_keys: Keys
    starts: Integers
    sizes: Integers
    counts: Integers
    keys: Keys
    order: Integers

    def of(self, keys: Keys) -> Integers:
        """The sets that have these keys."""
        places = np.searchsorted(self.keys, keys, sorter=self.order)
        found = self.order[np.minimum(places, len(self.order) - 1)]
        if (self.keys[found] != keys).any():
            raise BadInputError(
                "Some parts of the sets are missing: give all the rows that frequent_itemsets returned."
            )
        return found


def association_rules(itemsets: pl.DataFrame, min_confidence: float, most_rules: int = MOST_PATTERNS) -> pl.DataFrame:
    """Rules "who uses the antecedent uses the consequent too", out of every set and its parts.

    Args:
        itemsets: As `frequent_itemsets` returns them; the parts of a set have to be there with it.
        min_confidence: Least share of those who use the antecedent that use the consequent too, in [0, 1].
        most_rules: Rules after which to give up.

    Returns:
        A rule a row: antecedent and consequent (sorted), count and support of both together, confidence, and lift
        (confidence over the support of the consequent). The surest first, then the most frequent, then by antecedent
        and consequent.

    Raises:
        BadInputError: If the confidence is out of its range, a part of a set is missing or a set stands twice, or
            there are more than `most_rules` rules.
    """
    if not 0 <= min_confidence <= 1:
        raise BadInputError(f"min_confidence is {min_confidence}: it is a share, from 0 to 1.")
    if itemsets.is_empty():
        return RULES.to_frame()
    whole, antecedent, consequent = _rules(_sets(itemsets), min_confidence, most_rules)
    confidence = itemsets["count"][whole] / itemsets["count"][antecedent]
    rules = pl.DataFrame(
        {
            "antecedent": itemsets["items"][antecedent],
            "consequent": itemsets["items"][consequent],
            "count": itemsets["count"][whole],
            "support": itemsets["support"][whole],
            "confidence": confidence,
            "lift": confidence / itemsets["support"][consequent],
        },
        schema=RULES,
    )
    return rules.sort(["confidence", "count", "antecedent", "consequent"], descending=[True, True, False, False])


def _sets(itemsets: pl.DataFrame) -> _Sets:
    names = itemsets["items"].explode()
    numbers = names.rank("dense").to_numpy() - 1
    item_keys = np.random.default_rng(0).integers(1, 2**64, names.n_unique(), np.uint64)[numbers]
    sizes = itemsets["items"].list.len().to_numpy().astype(np.int64)
    starts = np.cumsum(sizes) - sizes
    keys = np.add.reduceat(item_keys, starts)
    order = np.argsort(keys)
    if (np.diff(keys[order]) == 0).any():
        raise BadInputError("A set stands twice among the itemsets: give each once.")
    return _Sets(item_keys, starts, sizes, itemsets["count"].to_numpy(), keys, order)


def _rules(sets: _Sets, min_confidence: float, most: int) -> tuple[Integers, Integers, Integers]:
    """Set, antecedent and consequent of each rule, as positions of sets.

    A consequent that fails fails with more operators in it as well, so that only those that hold are extended
    (R. Agrawal and R. Srikant, "Fast Algorithms for Mining Association Rules", VLDB 1994, section 3).
    """
    whole, last, consequent = np.arange(len(sets.keys)), np.full(len(sets.keys), -1), np.zeros_like(sets.keys)
    nothing = np.empty(0, np.int64)
    rounds, held = [(nothing, nothing, nothing)], 0
    for size in range(1, int(sets.sizes.max())):
        extensible = sets.sizes[whole] > size
        whole, last, consequent = _extended(sets, whole[extensible], last[extensible], consequent[extensible])
        antecedent = sets.of(sets.keys[whole] - consequent)
        holds = sets.counts[whole] / sets.counts[antecedent] >= min_confidence
        whole, last, consequent = whole[holds], last[holds], consequent[holds]
        rounds.append((whole, antecedent[holds], sets.of(consequent)))
        held += len(whole)
        if held > most:
            raise BadInputError(
                f"More than {most:,} rules have a confidence of {min_confidence:g} or more. Nothing is returned: raise"
                " min_confidence, the support of the sets, or the limit of rules (most_rules)."
            )
    whole, antecedents, consequents = (np.concatenate(parts) for parts in zip(*rounds, strict=True))
    return whole, antecedents, consequents


def _extended(sets: _Sets, whole: Integers, last: Integers, consequent: Keys) -> tuple[Integers, Integers, Keys]:
    """Consequents with each one more item of their set, out of those that stand behind their last."""
    more = sets.sizes[whole] - 1 - last
    parent = np.repeat(np.arange(len(whole)), more)
    place = np.arange(len(parent)) - np.repeat(np.cumsum(more) - more, more) + last[parent] + 1
    return whole[parent], place, consequent[parent] + sets.item_keys[sets.starts[whole[parent]] + place]
