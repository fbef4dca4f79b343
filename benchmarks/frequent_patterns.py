"""Frequent sets of operators and rules against mlxtend on the same callers, and frequent sequences of many callers.

Made-up callers: 3 to 30 operators out of 1,000 that follow Zipf's law, and in most of them one or two of 30 groups that
go together. mlxtend wants a table with a column for each operator; ours takes the names as they are. The ratio is to
its `fpgrowth` alone, and the table is timed beside it. Both have to find the same sets, supports and rules.

Usage: python benchmarks/frequent_patterns.py [--callers N] [--supports S ...] [--sequences N] [--repeats N]
"""

import argparse
import time
import warnings
from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
import pandas as pd
import polars as pl
from mlxtend.frequent_patterns import association_rules as their_rules
from mlxtend.frequent_patterns import fpgrowth
from mlxtend.preprocessing import TransactionEncoder

from codegen.knowledge.patterns.itemsets import frequent_itemsets
from codegen.knowledge.patterns.rules import association_rules
from codegen.knowledge.patterns.sequences import frequent_sequences

KINDS, GROUPS, GROUPED = 1_000, 30, 0.7
CONFIDENCE = 0.1
TARGET = 10.0
"""Times that `fpgrowth` takes as long."""
SEQUENCE_TARGET = 60.0
"""Seconds that the sequences of 100,000 callers may take."""
Result = TypeVar("Result")


def made_up(callers: int) -> list[list[str]]:
    """Operators of each caller in order."""
    rng = np.random.default_rng(0)
    zipf = 1 / np.arange(1, KINDS + 1)
    rarer = np.sqrt(zipf)
    groups = [
        rng.choice(KINDS, rng.integers(2, 7), replace=False, p=rarer / rarer.sum()).tolist() for _ in range(GROUPS)
    ]
    lengths = rng.integers(3, 31, callers)
    drawn = rng.choice(KINDS, int(lengths.sum()), p=zipf / zipf.sum())
    rows = [row.tolist() for row in np.split(drawn, np.cumsum(lengths)[:-1])]
    for row in rows:
        if rng.random() < GROUPED:
            for group in rng.integers(0, GROUPS, rng.integers(1, 3)):
                places = np.sort(rng.choice(len(row), min(len(row), len(groups[group])), replace=False))
                for place, operator in zip(places, groups[group], strict=False):
                    row[place] = operator
    names = [f"ee.Class{operator % 40}.operator{operator}" for operator in range(KINDS)]
    return [[names[operator] for operator in row] for row in rows]


def timed(work: Callable[[], Result]) -> tuple[float, Result]:
    """Seconds and result."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def columns(callers: Sequence[Sequence[str]]) -> pd.DataFrame:
    """The table that mlxtend wants."""
    encoder = TransactionEncoder()
    return pd.DataFrame(encoder.fit_transform(callers), columns=encoder.columns_)


def same_sets(ours: pl.DataFrame, theirs: pd.DataFrame) -> bool:
    """Whether sets and supports are the same, to the last bit."""
    found = {frozenset(items): support for items, support in ours.select("items", "support").iter_rows()}
    return len(ours) == len(theirs) and found == dict(zip(theirs["itemsets"], theirs["support"], strict=True))


def same_rules(ours: pl.DataFrame, theirs: pd.DataFrame) -> bool:
    """Whether rules are the same to 1e-12, but for those right at the confidence, which mlxtend rounds."""
    measures = ["confidence", "lift"]
    mine = {(frozenset(a), frozenset(c)): m for a, c, *m in ours.select("antecedent", "consequent", *measures).rows()}
    rows = theirs[["antecedents", "consequents", *measures]].itertuples(index=False, name=None)
    other = {(a, c): m for a, c, *m in rows}
    at_the_border = all((mine.get(rule) or other[rule])[0] - CONFIDENCE < 1e-12 for rule in mine.keys() ^ other.keys())
    return at_the_border and all(
        np.allclose(mine[rule], other[rule], rtol=1e-12) for rule in mine.keys() & other.keys()
    )


def compare(callers: Sequence[Sequence[str]], support: float, repeats: int) -> None:
    """Prints a row for sets and one for rules; the best of some runs, which take turns."""
    encoding, table = timed(lambda: columns(callers))
    runs = [
        (timed(lambda: frequent_itemsets(callers, support)), timed(lambda: fpgrowth(table, support, use_colnames=True)))
        for _ in range(repeats)
    ]
    ours, theirs = min(mine for (mine, _), _ in runs), min(other for _, (other, _) in runs)
    (_, sets), (_, their_sets) = runs[0]
    found = f"{len(sets):,} sets, {sets['closed'].sum():,} closed, {sets['maximal'].sum():,} maximal"
    reached = "reached" if theirs / ours >= TARGET else "MISSED"
    print(
        f"{len(callers):>8,}{support:>9.3f}{ours:>9.3f}{theirs:>10.3f}{encoding:>8.3f}{theirs / ours:>8.1f}"
        f"{(theirs + encoding) / ours:>8.1f}  (target {TARGET:g}: {reached}); {found}"
    )
    if not same_sets(sets, their_sets):
        raise SystemExit("The sets are not mlxtend's.")
    ours, rules = timed(lambda: association_rules(sets, CONFIDENCE))
    theirs, their_table = timed(lambda: their_rules(their_sets, metric="confidence", min_threshold=CONFIDENCE))
    print(f"{'rules':>17}{ours:>9.3f}{theirs:>10.3f}{'':8}{theirs / ours:>8.1f}{'':10}{len(rules):,} rules")
    if not same_rules(rules, their_table):
        raise SystemExit("The rules are not mlxtend's.")


def growth(most: int, support: float, repeats: int) -> None:
    """Prints seconds for more and more callers."""
    callers = made_up(most)
    print(f"\nGrowth with the callers, support {support:g}\n{'callers':>10}{'seconds':>10}{'µs a caller':>14}")
    for count in (most // 8, most // 4, most // 2, most):
        part = callers[:count]
        seconds = min(timed(lambda part=part: frequent_itemsets(part, support))[0] for _ in range(repeats))
        print(f"{count:>10,}{seconds:>10.3f}{1e6 * seconds / count:>14.2f}")


def sequences(count: int) -> None:
    """Prints seconds for frequent sequences."""
    callers = made_up(count)
    length = sum(map(len, callers)) / count
    print(f"\nSequences of {count:,} callers of {length:.1f} operators\n{'support':>9}{'length':>8}{'seconds':>9}")
    for support, longest in ((0.05, None), (0.01, None), (0.005, 5), (0.002, 5)):
        seconds, found = timed(lambda s=support, m=longest: frequent_sequences(callers, s, m))
        reached = "reached" if seconds <= SEQUENCE_TARGET else "MISSED"
        print(
            f"{support:>9.3f}{longest or 'any':>8}{seconds:>9.2f}  (at most {SEQUENCE_TARGET:g} s wanted: {reached}); "
            f"{len(found):,} sequences of up to {found['length'].max()}, {found['closed'].sum():,} closed"
        )


def main() -> None:
    """Measures, checks that both agree, and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--callers", type=int, default=20_000)
    parser.add_argument("--supports", type=float, nargs="+", default=[0.05, 0.01, 0.005])
    parser.add_argument("--sequences", type=int, default=100_000, help="callers whose sequences are mined")
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")  # mlxtend divides by zero
    callers = made_up(arguments.callers)
    frequent_itemsets(callers[:100], 0.5)  # translates the loops, or reads them
    print(f"{'callers':>8}{'support':>9}{'ours, s':>9}{'fpgrowth':>10}{'table':>8}{'ratio':>8}{'+ table':>8}")
    for support in arguments.supports:
        compare(callers, support, arguments.repeats)
    growth(8 * arguments.callers, 0.01, arguments.repeats)
    sequences(arguments.sequences)


if __name__ == "__main__":
    main()
