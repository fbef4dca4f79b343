"""The records of a study, each condition's under its own name, and what each program took."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from codegen.evaluation.scores.frame import PROGRAM, SCHEMA, checked
from codegen.evaluation.scores.programs import programs
from codegen.evaluation.scores.runs import RECORDS, merged, read_run
from codegen.evaluation.study.state import State, read_state
from codegen.evaluation.tasks.running import JOURNAL

_CALLS = {"solver": pl.String, "function": pl.String, "epoch": pl.Int64, "calls": pl.Int64}


@dataclass(frozen=True)
class Study:
    """What came of a study so far.

    Attributes:
        state: Of its folder.
        records: With the columns of `Record`; `solver` is the name of the condition.
        programs: A row a program: `PROGRAM`, what it took, `calls` of the model and whether there `is_code`.
        about: What the runs tell alike, or each of them.
    """

    state: State
    records: pl.DataFrame
    programs: pl.DataFrame
    about: Mapping[str, Any]


def read_study(out: Path) -> Study:
    """Reads what is there; runs that are not finished have what they had when they were last ended.

    Raises:
        BadInputError: There is no study, or a file is broken.
    """
    state = read_state(out)
    records, calls, abouts = [pl.DataFrame(schema=SCHEMA)], [pl.DataFrame(schema=_CALLS)], []
    for row in state.conditions.rows:
        for folder in _runs(out / row.name, len(state.slices)):
            run = read_run(folder)
            records.append(run.records.with_columns(solver=pl.lit(row.name)))
            abouts.append(run.about)
            counted = [(row.name, *one) for one in _calls(folder / JOURNAL)]
            calls.append(pl.DataFrame(counted, schema=_CALLS, orient="row"))
    whole = checked(pl.concat(records))
    return Study(state, whole, with_calls(whole, pl.concat(calls)), merged(abouts))


def with_calls(records: pl.DataFrame, calls: pl.DataFrame) -> pl.DataFrame:
    """A row a program, with the questions that it took; one that nobody counted took one."""
    code = records.group_by(PROGRAM).agg((pl.first("code") != "").alias("is_code"))
    made = programs(records).join(code, on=PROGRAM, how="left")
    joined = made.join(calls, on=["solver", "function", "epoch"], how="left", maintain_order="left")
    return joined.with_columns(pl.col("calls").fill_null(1))


def slice_folder(number: int) -> str:
    """Name of a slice's folder, counted from 1."""
    return f"slice_{number:02}"


def _runs(folder: Path, slices: int) -> Iterator[Path]:
    for number in range(1, slices + 1):
        run = folder / slice_folder(number)
        if (run / RECORDS).is_file():
            yield run


def _calls(journal: Path) -> list[tuple[str, int, int]]:
    """Function, epoch and questions of each answer; of what a killed process left half written, nothing."""
    found: dict[tuple[str, int], int] = {}
    for line in journal.read_bytes().splitlines() if journal.is_file() else ():
        try:
            entry = json.loads(line)
            if entry["kind"] == "answer":
                function, epoch = entry["key"]
                found[function, epoch] = sum(role == "assistant" for role, _ in entry["turns"])
        except (ValueError, KeyError, TypeError):
            continue
    return [(*key, calls) for key, calls in found.items()]
