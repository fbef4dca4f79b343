"""Patterns of numbered operators, and the table of them: what sets and sequences have in common."""

from typing import NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa

from codegen.knowledge.patterns.kernels import COUNT, LENGTH, Integers, Mask, grow, spelled, undominated
from codegen.knowledge.patterns.rows import Rows
from lake.errors import BadInputError

MOST_PATTERNS = 1_000_000
"""Patterns after which mining gives up: so many, of ten operators each, take about a gigabyte while they are made."""


class Patterns(NamedTuple):
    """Frequent patterns.

    Attributes:
        items: Items of all patterns, one pattern after the other.
        starts: Where each begins in them, and the last one ends; (n + 1,).
        counts: Rows of each pattern; (n,).
        closed: Whether no longer pattern has the same count; (n,).
        maximal: Whether no longer pattern is frequent; (n,).
    """

    items: Integers
    starts: Integers
    counts: Integers
    closed: Mask
    maximal: Mask


def mined(rows: Rows, longest: int | None, most: int) -> Patterns:
    """Patterns whose items come one after the other, next to each other or not, in enough rows.

    Patterns one item longer than wanted are mined too: they tell which of the longest wanted are closed and maximal.

    Args:
        rows: The rows.
        longest: Items that a pattern may have; None for any number.
        most: Patterns after which to give up, those that are one item longer than wanted included.

    Raises:
        BadInputError: If `longest` or `most` is below 1, or there are more than `most` patterns.
    """
    if longest is not None and longest < 1:
        raise BadInputError(f"Patterns of at most {longest} operators: give 1 or more, or None for any number.")
    if most < 1:
        raise BadInputError(f"most_patterns is {most}: give 1 or more.")
    items, starts, weights = rows.grouped()
    deepest = int(np.diff(starts).max(initial=0))
    to_mine = deepest if longest is None else min(longest + 1, deepest)
    table = grow(items, starts, weights, len(rows.names), rows.least, to_mine, most)
    if len(table) > most + 1:
        raise BadInputError(_too_many(rows, longest, most))
    closed, maximal = undominated(table)
    length = table[:, LENGTH]
    wanted = np.flatnonzero((length > 0) & (length <= (longest or deepest)))
    return Patterns(*spelled(table, wanted), table[wanted, COUNT], closed[wanted], maximal[wanted])


def _too_many(rows: Rows, longest: int | None, most: int) -> str:
    length = "of any length" if longest is None else f"of up to {longest} operators, or one more to tell the maximal,"
    return (
        f"More than {most:,} patterns {length} are in at least {rows.least:,} of {len(rows):,} callers. Nothing is"
        " returned: raise min_support or the limit (most_patterns), or ask for shorter patterns."
    )


def as_table(patterns: Patterns, rows: Rows, schema: pl.Schema) -> pl.DataFrame:
    """Names of the items, their number, count, support, closed, maximal; columns and types are those of the schema.

    The most frequent first, then the shortest, then by name.
    """
    names = pa.array(rows.names, pa.large_string()).take(pa.array(patterns.items))
    columns = [
        pl.Series(pa.LargeListArray.from_arrays(pa.array(patterns.starts), names)),
        np.diff(patterns.starts),
        patterns.counts,
        patterns.counts / max(len(rows), 1),
        patterns.closed,
        patterns.maximal,
    ]
    items, size, count, *_ = schema
    table = pl.DataFrame(dict(zip(schema, columns, strict=True)), schema=schema)
    return table.sort([count, size, items], descending=[True, False, False])
