"""Operators that many callers call one after the other."""

from collections.abc import Sequence

import polars as pl

from codegen.knowledge.patterns.mining import MOST_PATTERNS, as_table, mined
from codegen.knowledge.patterns.rows import numbered

SEQUENCES = pl.Schema(
    [
        ("operators", pl.List(pl.String)),
        ("length", pl.Int64),
        ("count", pl.Int64),
        ("support", pl.Float64),
        ("closed", pl.Boolean),
        ("maximal", pl.Boolean),
    ]
)


def frequent_sequences(
    sequences: Sequence[Sequence[str]],
    min_support: float,
    max_length: int | None = None,
    most_patterns: int = MOST_PATTERNS,
) -> pl.DataFrame:
    """Every sequence of operators that at least a share of the callers call in this order, others between them or not.

    Args:
        sequences: The operators of each caller in the order of the calls; a caller counts once for a sequence.
        min_support: Least share of the callers, in (0, 1].
        max_length: Operators that a sequence may have; None for any number.
        most_patterns: Sequences after which to give up, those of `max_length` + 1 included, which are looked at for
            the flags.

    Returns:
        A sequence a row: operators, length, count, support (share of the callers), closed (no longer sequence that
        contains it has the same count) and maximal (none is frequent, whatever `max_length`). The most frequent
        first, then the shortest, then by the operators.

    Raises:
        BadInputError: If an argument is out of its range, or there are more than `most_patterns` sequences.
    """
    rows = numbered(sequences, min_support)
    return as_table(mined(rows, max_length, most_patterns), rows, SEQUENCES)
