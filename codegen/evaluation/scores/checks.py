"""What must be true of records before scores are made of them; pure, for Dagster's asset checks and the terminal."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import polars as pl

from codegen.evaluation.scores.frame import ITEM, REFERENCE, SYSTEM

CaseKey = tuple[str, str, str]
"""Section, function and id of a case."""

MOST_NETWORK = 0.02
_NAMED = 5
"""Cases that a sentence names."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found.

    Attributes:
        name: Of the check.
        passed: Whether all is well.
        told: In a sentence: what is well, or what is wrong and where.
        figures: What was counted.
    """

    name: str
    passed: bool
    told: str
    figures: Mapping[str, float] = field(default_factory=dict)


def complete(records: pl.DataFrame, cases: Collection[CaseKey] | None = None, epochs: int | None = None) -> Finding:
    """Whether each system has one verdict for every case and epoch, and none besides.

    Args:
        records: A table with the columns of `Record`.
        cases: What was asked; None: all that any system met.
        epochs: How often; None: as often as any system was asked.
    """
    asked = _asked(records, cases)
    times = epochs if epochs is not None else int(_or_zero(records["epoch"].max()))
    every = pl.DataFrame({"epoch": range(1, times + 1)}, schema={"epoch": pl.Int64})
    wanted = records.select(SYSTEM).unique().join(asked, how="cross").join(every, how="cross")
    keys = [*ITEM, "epoch"]
    counted = records.with_columns(pl.col("epoch").cast(pl.Int64)).group_by(keys).len()
    missing = wanted.join(counted, on=keys, how="anti")
    foreign = counted.join(wanted, on=keys, how="anti")
    twice = counted.filter(pl.col("len") > 1)
    found = {"missing": missing, "not asked": foreign, "there twice": twice}
    wrong = [f"{table.height:,} {what} ({_names(table)})" for what, table in found.items() if table.height]
    told = f"Verdicts: {'; '.join(wrong)}." if wrong else f"Each of {wanted.height:,} verdicts is there once."
    figures = {"wanted": wanted.height, "missing": missing.height, "foreign": foreign.height, "twice": twice.height}
    return Finding("complete", not wrong and wanted.height > 0, told, {k: float(v) for k, v in figures.items()})


def reasons_given(records: pl.DataFrame) -> Finding:
    """Whether each failure has its class and its reason, and what passed has neither."""
    passed, unclassed = pl.col("passed"), pl.col("error").is_null()
    silent = pl.col("reason").fill_null("").str.strip_chars() == ""
    wrong = records.filter(pl.when(passed).then(~unclassed | ~silent).otherwise(unclassed | silent))
    told = f"{wrong.height:,} verdicts and reasons do not go together ({_names(wrong)})."
    return Finding(
        "reasons_given",
        not wrong.height,
        told if wrong.height else f"All {records.height:,} verdicts have the reason that they need.",
        {"wrong": float(wrong.height)},
    )


def network_share(records: pl.DataFrame, most: float = MOST_NETWORK) -> Finding:
    """Whether the network failed few verdicts only, of every system.

    Args:
        records: A table with the columns of `Record`.
        most: Share of a system's verdicts.
    """
    by_system = records.group_by(SYSTEM).agg(pl.col("error").eq_missing("network").mean().alias("share")).sort(SYSTEM)
    above = by_system.filter(pl.col("share") > most)
    worst = float(_or_zero(by_system["share"].max()))
    named = ", ".join(f"{model}/{solver}: {share:.1%}" for model, solver, share in above.head(_NAMED).iter_rows())
    told = f"The network failed {worst:.1%} of a system's verdicts at most."
    if named:
        told = f"The network failed more than {most:.1%} of the verdicts of {named}: run `eecode eval run` again."
    return Finding("network_share", not above.height, told, {"worst": worst, "most": most})


def reference_is_right(records: pl.DataFrame) -> Finding:
    """Whether the benchmark's own solutions pass every case, where they were judged."""
    of_reference = records.filter(pl.col("model") == REFERENCE)
    failed = of_reference.filter(~pl.col("passed"))
    figures = {"verdicts": float(of_reference.height), "failed": float(failed.height)}
    if not of_reference.height:
        return Finding("reference_is_right", True, "The reference was not judged here.", figures)
    share = 1 - failed.height / of_reference.height
    told = f"The reference passes {share:.2%} of {of_reference.height:,} verdicts"
    return Finding(
        "reference_is_right", not failed.height, told + (f"; not {_names(failed)}." if failed.height else "."), figures
    )


def all_checks(
    records: pl.DataFrame,
    cases: Collection[CaseKey] | None = None,
    epochs: int | None = None,
    most_network: float = MOST_NETWORK,
) -> list[Finding]:
    """Every check of this module."""
    return [
        complete(records, cases, epochs),
        reasons_given(records),
        network_share(records, most_network),
        reference_is_right(records),
    ]


def _asked(records: pl.DataFrame, cases: Collection[CaseKey] | None) -> pl.DataFrame:
    columns = list(ITEM[2:])
    if cases is None:
        return records.select(columns).unique()
    return pl.DataFrame(list(cases), schema=dict.fromkeys(columns, pl.String), orient="row").unique()


def _names(table: pl.DataFrame) -> str:
    """The first cases of a table."""
    columns = [name for name in (*SYSTEM, "case", "epoch") if name in table.columns]
    first = table.select(columns).sort(columns).head(_NAMED)
    shown = [f"{model}/{solver} {case} #{epoch}" for model, solver, case, epoch in first.iter_rows()]
    return ", ".join(shown) + (", …" if table.height > _NAMED else "")


def _or_zero(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
