"""Checks of a knowledge base's tables: nothing lost, nothing made up."""

import polars as pl

from quality.outcome import CheckSpec, Outcome, enumerate_names

MOST_UNRESOLVED = 0.05
"""Share of the calls below `ee` that may name no operator; above it, the scripts are of another client or not ours."""
MOST_CUT = 0.01
"""Share of the scripts that may be too intricate to be followed."""

SCRIPTS = CheckSpec("scripts", True, "Every corpus keeps scripts, each id once, and tells of the others why.")
OPERATORS = CheckSpec("operators", True, "Each operator of relations, chains and patterns stands in the syntax table.")
COUNTS = CheckSpec("counts", True, "Every script has an outcome, and no count is below one or above what there is.")
FOLLOWED = CheckSpec(
    "followed",
    False,
    f"Under {MOST_UNRESOLVED:.0%} of the calls name no operator, and under {MOST_CUT:.0%} of the scripts were cut.",
)
CORPUS_CHECKS = (SCRIPTS,)
TABLE_CHECKS = (OPERATORS, COUNTS, FOLLOWED)


def check_corpus(scripts: pl.DataFrame, dropped: pl.DataFrame) -> list[Outcome]:
    """Checks of what was selected of one corpus."""
    problems = []
    if scripts.is_empty():
        problems.append("No script was kept: `dropped` tells of each why; look at the corpus's path.")
    if scripts["id"].n_unique() < scripts.height:
        problems.append("Some ids stand twice: select the corpus anew.")
    if dropped["reason"].is_in(["", None]).any():
        problems.append("Some scripts were put aside without a reason.")
    return [SCRIPTS.outcome(problems, {"kept": scripts.height, "put_aside": dropped.height})]


def check_tables(tables: dict[str, pl.DataFrame], scripts: int) -> list[Outcome]:
    """Checks of the tables.

    Args:
        tables: By name.
        scripts: Scripts that they were made of.
    """
    return [_operators(tables), _counts(tables, scripts), _followed(tables["outcomes"])]


def _operators(tables: dict[str, pl.DataFrame]) -> Outcome:
    known = set(tables["operators"]["name"])
    used = {
        "relationships": set(tables["relationships"]["first"]) | set(tables["relationships"]["second"]),
        "chains": set(tables["chains"]["operators"].explode().drop_nulls()),
        "patterns": set(tables["patterns"]["operators"].explode().drop_nulls()),
    }
    unknown = {name: sorted(found - known) for name, found in used.items() if found - known}
    problems = [
        f"{name} has {enumerate_names(found)}, which no source of the table tells." for name, found in unknown.items()
    ]
    return OPERATORS.outcome(problems, {name: len(found) for name, found in used.items()})


def _counts(tables: dict[str, pl.DataFrame], scripts: int) -> Outcome:
    problems = []
    if tables["outcomes"].height != scripts:
        problems.append(f"{scripts:,} scripts have {tables['outcomes'].height:,} outcomes: build anew.")
    for name in ("relationships", "chains"):
        table = tables[name]
        if table.filter((pl.col("count") < pl.col("scripts")) | (pl.col("scripts") < 1)).height:
            problems.append(f"{name} has rows that are in more scripts than places.")
        if (most := table["scripts"].max()) is not None and int(str(most)) > scripts:
            problems.append(f"{name} has rows that are in more scripts than there are.")
    return COUNTS.outcome(problems, {"scripts": scripts})


def _followed(outcomes: pl.DataFrame) -> Outcome:
    calls, unresolved, cut = (int(outcomes[name].sum()) for name in ("calls", "unresolved", "cut"))
    share, cut_share = unresolved / max(1, calls + unresolved), cut / max(1, outcomes.height)
    problems = []
    if share >= MOST_UNRESOLVED:
        problems.append(f"{share:.1%} of the calls name no operator: see `outcomes.unresolved` for which scripts.")
    if cut_share >= MOST_CUT:
        problems.append(f"{cut_share:.1%} of the scripts were too intricate to be followed: see `outcomes.cut`.")
    return FOLLOWED.outcome(problems, {"calls": calls, "unresolved": unresolved, "cut": cut})
