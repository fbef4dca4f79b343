"""What programs cost, and what operators they call that do not exist.

A program is what a system wrote for a task in an epoch; the cases of the task share it, and so its tokens, seconds and
lines, which are counted once. (AutoGEEval++ has both ways; its figures by case count a program as often as its task has
cases.) Where the network kept the model from answering there is no program.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from codegen.evaluation.scores.frame import ITEM, PROGRAM, SYSTEM
from codegen.evaluation.scores.intervals import Drawing, with_intervals

_OF_A_PROGRAM = (
    "prompt_tokens",
    "completion_tokens",
    "model_seconds",
    "lines",
    "operators",
    "unknown_operators",
)


def programs(records: pl.DataFrame, by: Sequence[str] = ()) -> pl.DataFrame:
    """Programs of each group: one with cases in two sections is in both, where `by` tells sections apart.

    Returns:
        `by`, `PROGRAM`, and of each what its records say alike: tokens, seconds of the model, lines, operators.
    """
    written = records.filter((pl.col("code") != "") | pl.col("error").ne_missing("network"))
    keys = list(dict.fromkeys((*by, *PROGRAM)))
    return written.group_by(keys).agg(pl.first(*_OF_A_PROGRAM)).sort(keys)


def resources(records: pl.DataFrame, by: Sequence[str] = ()) -> pl.DataFrame:
    """What a system used in each group.

    Returns:
        `by`, `SYSTEM`; `programs`; means of a program: `prompt_tokens`, `completion_tokens`, `model_seconds`, `lines`;
        `run_seconds`, the mean of a case; `total_tokens`, `total_model_seconds`, `total_run_seconds`; and what a case
        that passed cost: `tokens_per_right`, `seconds_per_right` (of the model), null where none passed.
    """
    keys = [*by, *SYSTEM]
    made = programs(records, by)
    tokens = pl.col("prompt_tokens") + pl.col("completion_tokens")
    of_programs = made.group_by(keys).agg(
        pl.len().cast(pl.Int64).alias("programs"),
        pl.mean("prompt_tokens", "completion_tokens", "model_seconds", "lines"),
        tokens.sum().alias("total_tokens"),
        pl.sum("model_seconds").alias("total_model_seconds"),
    )
    of_cases = records.group_by(keys).agg(
        pl.mean("run_seconds"),
        pl.sum("run_seconds").alias("total_run_seconds"),
        pl.col("passed").sum().cast(pl.Int64).alias("_right"),
    )
    per_right = [
        pl.when(pl.col("_right") > 0).then(pl.col(f"total_{what}") / pl.col("_right")).alias(name)
        for what, name in (("tokens", "tokens_per_right"), ("model_seconds", "seconds_per_right"))
    ]
    # A group in which the network prevented everything has verdicts and no programs.
    return of_cases.join(of_programs, on=keys, how="left").with_columns(per_right).drop("_right").sort(keys)


def validity(records: pl.DataFrame, by: Sequence[str] = (), drawing: Drawing | None = None) -> pl.DataFrame:
    """Static validity: operators that a system calls and that Earth Engine does not have.

    Returns:
        `by`, `SYSTEM`; means of a program: `operators`, `unknown_operators`; `hallucinated`, the share of all calls
        that name an unknown operator, null where there are no calls; `without_calls`, the share of programs that call
        nothing of Earth Engine, so that the next can be read; and `valid`, `valid_low`, `valid_high`: the share of
        programs without unknown operators.
    """
    keys = [*by, *SYSTEM]
    made = programs(records, by).with_columns((pl.col("unknown_operators") == 0).cast(pl.Float64).alias("valid"))
    calls = pl.col("operators").sum()
    means = made.group_by(keys).agg(
        pl.mean("operators", "unknown_operators"),
        pl.when(calls > 0).then(pl.col("unknown_operators").sum() / calls).alias("hallucinated"),
        (pl.col("operators") == 0).mean().alias("without_calls"),
    )
    return means.join(with_intervals(made, by, ["valid"], drawing), on=keys).sort(keys)


def validity_items(records: pl.DataFrame) -> pl.DataFrame:
    """Each task that a system wrote programs for, as `comparing.compared` takes items.

    Returns:
        Columns of `ITEM`, of which `case` is the task's name, and `valid`: the share of its programs without unknown
        operators.
    """
    made = programs(records, ("section",)).with_columns(pl.col("function").alias("case"))
    return made.group_by(ITEM).agg((pl.col("unknown_operators") == 0).mean().alias("valid")).sort(ITEM)
