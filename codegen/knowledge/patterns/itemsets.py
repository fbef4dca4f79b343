"""Sets of operators that many callers use together."""

from collections.abc import Collection, Sequence

import numpy as np
import polars as pl

from codegen.knowledge.patterns.mining import MOST_PATTERNS, Patterns, as_table, mined
from codegen.knowledge.patterns.rows import numbered

ITEMSETS = pl.Schema(
    [
        ("items", pl.List(pl.String)),
        ("size", pl.Int64),
        ("count", pl.Int64),
        ("support", pl.Float64),
        ("closed", pl.Boolean),
        ("maximal", pl.Boolean),
    ]
)


def frequent_itemsets(
    transactions: Sequence[Collection[str]],
    min_support: float,
    max_size: int | None = None,
    most_patterns: int = MOST_PATTERNS,
) -> pl.DataFrame:
    """Every set of operators that at least a share of the callers use, as FP-growth and Apriori find them.

    Args:
        transactions: The operators of each caller; repeats within a caller do not count, empty callers do.
        min_support: Least share of the callers, in (0, 1].
        max_size: Operators that a set may have; None for any number.
        most_patterns: Sets after which to give up, those of `max_size` + 1 included, which are looked at for the flags.

    Returns:
        A set a row: items (sorted), size, count, support (share of the callers), closed (no larger set has the same
        count) and maximal (no larger set is frequent, whatever `max_size`). The most frequent first, then the
        smallest, then by the items.

    Raises:
        BadInputError: If an argument is out of its range, or there are more than `most_patterns` sets.
    """
    rows = numbered(transactions, min_support).as_sets()
    return as_table(_by_name(mined(rows, max_size, most_patterns), rows.names), rows, ITEMSETS)


def _by_name(sets: Patterns, names: Sequence[str]) -> Patterns:
    """The items of each set in the order of their names."""
    by_name = np.array(sorted(range(len(names)), key=names.__getitem__), np.int64)
    place = np.argsort(by_name)
    of_set = np.repeat(np.arange(len(sets.counts)), np.diff(sets.starts))
    kinds = max(len(names), 1)
    return sets._replace(items=by_name[np.sort(of_set * kinds + place[sets.items]) % kinds])
