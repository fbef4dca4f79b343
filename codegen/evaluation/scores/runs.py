"""What `eecode eval run` leaves behind: folders with `records.parquet` and `run.json`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from codegen.evaluation.scores.frame import SYSTEM, checked, systems
from lake.errors import BadInputError

RECORDS = "records.parquet"
ABOUT = "run.json"
_SIDE_BY_SIDE = 4
"""Values of several runs that are all told."""


@dataclass(frozen=True)
class Run:
    """Records, and what is told of them.

    Attributes:
        records: As `frame.checked` gives them.
        about: Of `run.json`; empty where there is none.
    """

    records: pl.DataFrame
    about: Mapping[str, Any]


def read_run(folder: Path) -> Run:
    """Reads a run.

    Raises:
        BadInputError: There are no records, or they are not such.
    """
    path = folder / RECORDS
    if not path.is_file():
        raise BadInputError(f"{folder} is no run: it has no {RECORDS}. Name a folder that `eecode eval run` wrote.")
    try:
        records = pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise BadInputError(f"{path} cannot be read: {error}. Run `eecode eval run` again; it goes on.") from None
    return Run(checked(records), _about(folder / ABOUT))


def read_runs(folders: Iterable[Path]) -> Run:
    """Reads several runs as one; what they tell differently is told of all of them.

    Raises:
        BadInputError: As `read_run`; or a verdict is in two of them.
    """
    runs = [read_run(folder) for folder in folders]
    if not runs:
        raise BadInputError("No run is named: name folders that `eecode eval run` wrote.")
    records = checked(pl.concat([run.records for run in runs]))
    return Run(records, merged([run.about for run in runs]))


def merged(abouts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What several runs tell: the value that all share, all values, or the ends of many; a truth if any says so."""
    names = dict.fromkeys(name for about in abouts for name in about)
    return {name: _one([about[name] for about in abouts if name in about]) for name in names}


def told_apart(a: Run, b: Run, names: tuple[str, str]) -> tuple[Run, Run]:
    """Two runs whose systems have different names: where they share one, the run's name is added to the model's."""
    shared = set(systems(a.records)) & set(systems(b.records))
    if not shared:
        return a, b
    first, second = names if names[0] != names[1] else ("a", "b")
    return _renamed(a, first, shared), _renamed(b, second, shared)


def _renamed(run: Run, name: str, shared: set[tuple[str, str]]) -> Run:
    known = pl.DataFrame(sorted(shared), schema=dict.fromkeys(SYSTEM, pl.String), orient="row").with_columns(_both=True)
    renamed = pl.when(pl.col("_both").fill_null(False)).then(pl.format("{} ({})", "model", pl.lit(name)))
    table = run.records.join(known, on=SYSTEM, how="left")
    return Run(checked(table.with_columns(renamed.otherwise("model").alias("model"))), run.about)


def _about(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BadInputError(f"{path} is no JSON: {error}. Remove it, or run `eecode eval run` again.") from None
    if not isinstance(told, dict):
        raise BadInputError(f"{path} must hold an object, not {type(told).__name__}.")
    return told


def _one(values: list[Any]) -> Any:
    if all(isinstance(value, Mapping) for value in values):
        return merged(values)
    if all(isinstance(value, bool) for value in values):
        return any(values)
    distinct = list({json.dumps(value, sort_keys=True, default=str): value for value in values}.values())
    if len(distinct) == 1:
        return distinct[0]
    texts = sorted(str(value) for value in distinct)
    return ", ".join(texts) if len(texts) <= _SIDE_BY_SIDE else f"{texts[0]} … {texts[-1]} ({len(texts)} values)"
