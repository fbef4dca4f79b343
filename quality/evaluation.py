"""Checks of judged cases: each there once an epoch, every failure told, the benchmark's own solutions right."""

import polars as pl

from quality.outcome import CheckSpec, Outcome, enumerate_names

REFERENCE = "reference"
"""The model that answers with the benchmark's own solutions."""
MOST_NETWORK = 0.02
"""Share of cases that Earth Engine or the model's endpoint may have failed on; above it, scores are of the network."""

_KEY = ["model", "solver", "case", "epoch"]
_CLASSES = ("syntax", "parameter", "output_type", "wrong_answer", "runtime", "network")

COMPLETE = CheckSpec("complete", True, "Every case of the part is judged once in every epoch, and none that is not.")
TOLD = CheckSpec("told", True, "A case that failed has a class of error and a reason, one that passed has neither.")
ANSWERS = CheckSpec("answers", True, "The benchmark's own solutions pass every case.")
NETWORK = CheckSpec("network", False, f"Under {MOST_NETWORK:.0%} of the cases failed for the network.")
RECORD_CHECKS = (COMPLETE, TOLD, ANSWERS, NETWORK)


def check_records(records: pl.DataFrame, cases: set[str], epochs: int) -> list[Outcome]:
    """Checks of the cases that one model was judged on.

    Args:
        records: Columns as `codegen.evaluation.record.Record`.
        cases: Ids of the cases that were to be judged.
        epochs: How often each.
    """
    return [_complete(records, cases, epochs), _told(records), _answers(records), _network(records)]


def _complete(records: pl.DataFrame, cases: set[str], epochs: int) -> Outcome:
    judged = set(records["case"])
    problems = []
    if missing := sorted(cases - judged):
        problems.append(f"{len(missing):,} cases were not judged ({enumerate_names(missing)}): materialise again.")
    if strange := sorted(judged - cases):
        problems.append(f"{enumerate_names(strange)} are no cases of the benchmark: build it anew, then judge again.")
    counts = records.group_by(_KEY).len()
    if twice := counts.filter(pl.col("len") > 1).height:
        problems.append(f"{twice:,} cases are judged more than once in an epoch.")
    per_case = records.group_by("case").agg(pl.col("epoch").n_unique())
    if short := per_case.filter(pl.col("epoch") != epochs).height:
        problems.append(f"{short:,} cases have not {epochs} epochs: materialise again.")
    return COMPLETE.outcome(problems, {"cases": len(judged), "epochs": epochs, "records": records.height})


def _told(records: pl.DataFrame) -> Outcome:
    failed = ~pl.col("passed")
    untold = records.filter(failed & (pl.col("error").is_null() | (pl.col("reason") == "")))
    excused = records.filter(pl.col("passed") & (pl.col("error").is_not_null() | (pl.col("reason") != "")))
    unknown = set(records["error"].drop_nulls()) - set(_CLASSES)
    problems = []
    if untold.height:
        problems.append(f"{enumerate_names(untold['case'])} failed and no class or reason is told.")
    if excused.height:
        problems.append(f"{enumerate_names(excused['case'])} passed and yet have an error.")
    if unknown:
        problems.append(f"{enumerate_names(sorted(unknown))} are no classes of errors.")
    return TOLD.outcome(problems, {"failed": int(records.filter(failed).height)})


def _answers(records: pl.DataFrame) -> Outcome:
    own = records.filter((pl.col("model") == REFERENCE) & ~pl.col("passed"))
    problems = []
    if own.height:
        problems.append(
            f"{enumerate_names(own['case'].unique(maintain_order=True))} fail with the benchmark's own solution: "
            "the answers are of another local Earth Engine; build the benchmark anew."
        )
    return ANSWERS.outcome(problems, {"own": int((records["model"] == REFERENCE).sum())})


def _network(records: pl.DataFrame) -> Outcome:
    failed = int((records["error"] == "network").sum())
    share = failed / max(1, records.height)
    problems = []
    if share >= MOST_NETWORK:
        problems.append(f"{share:.1%} of the cases failed for the network: see that it answers, and materialise again.")
    return NETWORK.outcome(problems, {"network": failed, "share": share})
