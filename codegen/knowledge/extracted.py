"""What was told of each script, as tables: extracted once a script, in parallel, and gone on from where it was stopped.

A part is a folder with a table each of calls, relations, chains and data sets of some scripts, and one of outcomes with
a row for every script of the part. Parts lie below a digest of the code that made them: other code, other parts.
"""

import hashlib
import logging
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from codegen.extraction.calls import Calls
from codegen.extraction.extract import extract
from codegen.extraction.relations import Related, chains, relations
from lake.errors import BadInputError
from lake.jobs import ExecutorKind, run_jobs

log = logging.getLogger(__name__)

CALLS = {
    "script": pl.String, "number": pl.UInt32, "operator": pl.String, "line": pl.UInt32, "column": pl.UInt32,
    "function": pl.String, "reached": pl.String, "guessed": pl.Boolean,
}  # fmt: skip
RELATIONS = {
    "script": pl.String, "first": pl.String, "second": pl.String, "relation": pl.String, "count": pl.UInt32,
}  # fmt: skip
CHAINS = {"script": pl.String, "chain": pl.String, "operators": pl.List(pl.String)}
DATA_SETS = {"script": pl.String, "dataset": pl.String, "operator": pl.String}
"""An operator that loads a data set, or whose result goes back to it."""
OUTCOMES = {
    "script": pl.String, "calls": pl.UInt32, "unresolved": pl.UInt32, "broken_bytes": pl.UInt32, "cut": pl.Boolean,
}  # fmt: skip
TABLES: dict[str, dict[str, Any]] = {
    "calls": CALLS,
    "relations": RELATIONS,
    "chains": CHAINS,
    "datasets": DATA_SETS,
    "outcomes": OUTCOMES,
}

_A_PART = 4_000
"""Scripts of a part: some seconds of work, and some megabytes."""


@dataclass(frozen=True, slots=True)
class _Job:
    """Rows of a table of scripts to extract from, and the folder to leave what was found in."""

    scripts: Path
    start: int
    count: int
    part: Path


@dataclass(frozen=True)
class Extracted:
    """What was told of some scripts.

    Attributes:
        parts: Folders that hold them, with perhaps others.
        scripts: Table with the scripts' ids.
    """

    parts: tuple[Path, ...]
    scripts: Path

    def scan(self, table: str) -> pl.LazyFrame:
        """One of `TABLES`, of these scripts only."""
        ids = pl.scan_parquet(self.scripts).select(script="id")
        if not self.parts:
            return pl.LazyFrame(schema=TABLES[table])
        found = pl.scan_parquet([part / f"{table}.parquet" for part in self.parts])
        return found.join(ids, on="script", how="semi")


def extract_scripts(
    scripts: Path,
    folder: Path,
    version: str,
    say: Callable[[str], None],
    executor: ExecutorKind = "local",
    workers: int | None = None,
) -> Extracted:
    """Extracts from the scripts that no part of this version holds yet.

    Args:
        scripts: Parquet table with `id`, `language` and `text`.
        folder: Of the parts; a killed run goes on with those that it finished.
        version: Digest of the code; see `codegen.knowledge.building.code`.
        say: Told how far it is.
        executor: See `lake.jobs`.
        workers: See `lake.jobs`.

    Raises:
        BadInputError: A part could not be made.
    """
    parts = folder / version
    parts.mkdir(parents=True, exist_ok=True)
    todo = _not_extracted(scripts, parts)
    waiting = folder / "waiting.parquet"
    todo.write_parquet(waiting, row_group_size=_A_PART)
    jobs = [
        _Job(waiting, start, min(_A_PART, todo.height - start), parts / _name(todo["id"][start : start + _A_PART]))
        for start in range(0, todo.height, _A_PART)
    ]
    done = 0
    if len(jobs) == 1 and executor == "local":  # a process takes longer to come up
        _extract_part(jobs.pop())
        say(f"Extracted from {todo.height:,} scripts.")
    for job, result in run_jobs(_extract_part, jobs, executor, workers) if jobs else ():
        if isinstance(result, BaseException):
            raise BadInputError(f"Extracting {job.count} scripts into {job.part} failed: {result}") from result
        done += job.count
        say(f"Extracted from {done:,} of {todo.height:,} scripts.")
    waiting.unlink()
    return Extracted(tuple(sorted(path for path in parts.iterdir() if path.suffix != ".new")), scripts)


def _not_extracted(scripts: Path, parts: Path) -> pl.DataFrame:
    known = [path / "outcomes.parquet" for path in parts.iterdir() if path.suffix != ".new"]
    table = pl.scan_parquet(scripts).select("id", "language", "text")
    if known:
        there = pl.scan_parquet(known).select(id="script")
        table = table.join(there, on="id", how="anti", maintain_order="left")
    return table.collect()


def _name(ids: Sequence[str] | pl.Series) -> str:
    return hashlib.sha256("\n".join(ids).encode()).hexdigest()[:16]


def _extract_part(job: _Job) -> None:
    """One part, in a process of its own; the folder appears when it is whole."""
    rows = pl.scan_parquet(job.scripts).slice(job.start, job.count).collect()
    collected: dict[str, list[tuple[object, ...]]] = {name: [] for name in TABLES}
    for script, language, text in rows.iter_rows():
        _collect(script, extract(text, language), collected)
    new = job.part.with_suffix(".new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir()
    for name, schema in TABLES.items():
        pl.DataFrame(collected[name], schema=schema, orient="row").write_parquet(new / f"{name}.parquet")
    shutil.rmtree(job.part, ignore_errors=True)
    new.rename(job.part)


def _collect(script: str, calls: Calls, into: dict[str, list[tuple[object, ...]]]) -> None:
    into["calls"] += [
        (script, c.number, c.operator, c.place.line, c.place.column, c.function, c.reached.name.lower(), c.guessed)
        for c in calls.calls
    ]
    related = Related(calls)
    pairs = relations(related)
    into["relations"] += [(script, pair.first, pair.second, pair.relation, count) for pair, count in pairs.items()]
    into["chains"] += [(script, chain.text, list(chain.operators)) for chain in chains(related)]
    into["datasets"] += [(script, *found) for found in sorted(set(_data_sets(related)))]
    unresolved = sum(calls.unresolved.values())
    into["outcomes"].append((script, len(calls.calls), unresolved, calls.broken_bytes, calls.cut))


def _data_sets(related: Related) -> Iterator[tuple[str, str]]:
    """Each data set with the operators that it is loaded by or that its content goes through."""
    loading = {call.number: call.datasets for call in related.calls if call.datasets}
    for number, datasets in loading.items():
        for call in related.calls:
            if call.number == number or related.comes_from(call.number, number):
                for dataset in datasets:
                    yield dataset, call.operator
