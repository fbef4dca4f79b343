"""A run: a model is asked for functions, they are judged, and what comes of it lies in a folder.

| file | what |
|---|---|
| `run.json` | settings, versions, hashes, what failed |
| `journal.jsonl` | answers and verdicts, as they come; what makes a run go on where it was |
| `records.parquet` | a record a case and epoch |
| `logs/` | the log of inspect_ai, for its viewer |
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codegen.evaluation.cases.case import Task
from codegen.evaluation.cases.reading import missing_answers, read_benchmark
from codegen.evaluation.record import Record
from codegen.evaluation.scores.frame import records_frame
from codegen.evaluation.tasks import rig as rigs
from codegen.evaluation.tasks.choosing import choose
from codegen.evaluation.tasks.identity import (
    instructions_hash,
    judge_hash,
    knowledge_hash,
    part_hash,
    parts_of,
    prompts_hash,
    versions,
)
from codegen.evaluation.tasks.journal import Journal, Judged, Key
from codegen.evaluation.tasks.knowledge import default_knowledge, knowledge_search
from codegen.evaluation.tasks.logs import remove_superseded
from codegen.evaluation.tasks.plan import SOLUTIONS, Plan
from codegen.evaluation.tasks.records import NOTHING, failure, records
from codegen.evaluation.tasks.rig import Place, Rig
from lake.atomic import replacing
from lake.errors import BadInputError

if TYPE_CHECKING:
    from inspect_ai import Task as InspectTask
    from inspect_ai.log import EvalLog
    from inspect_ai.model import Model

JOURNAL, RUN, RECORDS, LOGS = "journal.jsonl", "run.json", "records.parquet", "logs"
SAY_SECONDS = 5.0
"""Between lines that tell how far a run is."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a run.

    Attributes:
        folder: Where it lies.
        programs: Functions times epochs.
        cases: Records.
        failed: Why programs are not judged, by function and epoch: the model or Earth Engine did not answer.
    """

    folder: Path
    programs: int
    cases: int
    failed: Mapping[Key, str]


def run_evaluation(
    benchmark: Path, model: str, *, out: Path, fresh: bool = False, say: Say = lambda line: None, **settings: Any
) -> Path:
    """Evaluates a model; what is finished in the folder is not done again. See `evaluate`.

    Args:
        benchmark: Folder.
        model: Name.
        out: Folder of the run.
        fresh: Whether to forget what is in it.
        say: Is told how far it is.
        settings: Other fields of `Plan`.

    Returns:
        The folder, with `records.parquet`.
    """
    return evaluate(Plan(str(benchmark), model, **settings), out, fresh=fresh, say=say).folder


def evaluate(plan: Plan, out: Path, *, fresh: bool = False, say: Say = lambda line: None) -> Result:
    """Evaluates a model as planned; what is finished in the folder is not done again.

    A function for which the model or Earth Engine did not answer fails, and the others go on; the next call with the
    same plan asks for the failed ones alone.

    Args:
        plan: What is to be done.
        out: Folder of the run.
        fresh: Whether to forget what is in it.
        say: Is told how far it is.

    Raises:
        BadInputError: The benchmark is incomplete, the folder is another run's, another process works on it, or there
            is no such model or solver.
        ModelError: A key or an address is missing.
        SandboxError: Programs cannot be run safely.
    """
    started = time.monotonic()
    plan, out = replace(plan, benchmark=str(Path(plan.benchmark).resolve())), out.resolve()
    tasks = _chosen(plan)
    keys = [(task.function, epoch) for epoch in range(1, plan.epochs + 1) for task in tasks]
    if fresh:
        _forget(out)
    place = Place(**{**plan.place(out / JOURNAL), "benchmark": plan.benchmark})
    task, asked = _inspect_task(plan, place)
    with _opened(place) as found:
        told = _begin(plan, out, found, tasks, say)
        done = found.journal.finished(keys)
        if done:
            say(f"{done:,} of {len(keys):,} programs were judged before.")
        with _progress(found, keys, done, say):
            log = _run(plan, out, task, asked)
        result = _write_records(plan, out, found, tasks, keys)
        outcome = {**_outcome(result, log), "reused_verdicts": found.reused}
        _write_run(out, {**told, "seconds": round(time.monotonic() - started, 1), "outcome": outcome})
    if not result.failed:
        remove_superseded(out / LOGS)
    return result


def settings_of(folder: Path) -> dict[str, Any]:
    """The settings of a run, as arguments of `Plan`.

    Raises:
        BadInputError: There is no run in the folder.
    """
    path = folder / RUN
    try:
        settings: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["settings"]
    except (OSError, ValueError, KeyError):
        raise BadInputError(f"There is no run in {folder}: `eecode eval run` makes one.") from None
    return settings


def _chosen(plan: Plan) -> list[Task]:
    benchmark = read_benchmark(Path(plan.benchmark), plan.parts)
    if plan.epochs < 1:
        raise BadInputError("A run wants 1 epoch or more.")
    if lacking := missing_answers(benchmark):
        raise BadInputError(
            f"{plan.benchmark} lacks the expected answers of {len(lacking):,} cases, the first is {lacking[0]}: build "
            "it again, or complete your copy."
        )
    chosen = choose(benchmark.tasks, plan.limit, plan.sample, plan.seed)
    if plan.model in SOLUTIONS and (lacking := [task.function for task in chosen if not getattr(task, plan.model)]):
        raise BadInputError(
            f"{plan.benchmark} has no {plan.model} solution of {len(lacking):,} functions, the first is {lacking[0]}. "
            "Our own benchmark has them, a copy of a published one may not: name another model."
        )
    return chosen


@contextmanager
def _opened(place: Place) -> Iterator[Rig]:
    found = rigs.rig(place)
    try:
        found.open()
        yield found
    finally:
        rigs.close(place)


def _begin(plan: Plan, out: Path, found: Rig, tasks: Sequence[Task], say: Say) -> dict[str, Any]:
    """Says in journal and `run.json` what the run depends on."""
    parts = [part for part in parts_of(found.benchmark) if part in plan.parts]
    asking = {
        "model": plan.model,
        "solver": plan.solver,
        **{f"option {name}": value for name, value in plan.options.items() if name != "knowledge"},
        **{name: plan.asking()[name] for name in ("temperature", "max_tokens", "seed")},
        "prompts": prompts_hash(plan.solver),
        **({"knowledge base": knowledge_hash(_knowledge(plan))} if plan.looks_up else {}),
        **{f"instructions ({p})": instructions_hash(t for t in found.benchmark.tasks if t.part == p) for p in parts},
    }
    judging = {
        "judge": judge_hash(),
        "limit_seconds": plan.limit_seconds,
        "Earth Engine": plan.url or "local",
        **{f"cases ({part})": part_hash(found.benchmark, part) for part in parts},
    }
    if found.journal.begin(asking, judging):
        say("The judge or the benchmark's answers are others than before: what was answered is judged again.")
    cases = sum(len(task.cases) for task in tasks)
    say(f"{len(tasks):,} functions with {cases:,} cases, {plan.epochs} times.")
    told = {
        "benchmark": found.benchmark.name,
        "benchmark_hash": "-".join(part_hash(found.benchmark, part) for part in parts),
        "simulated": not found.is_real,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "settings": plan.plain(),
        "versions": versions(),
        "asking": asking,
        "judging": judging,
    }
    _write_run(out, told)
    return told


def _inspect_task(plan: Plan, place: Place) -> tuple[InspectTask, Model]:
    """Task and model of inspect_ai."""
    from codegen.evaluation.tasks.benchmark import autogeeval
    from codegen.evaluation.tasks.models import inspect_model

    task = autogeeval(
        benchmark=plan.benchmark,
        part=list(plan.parts),
        solver=plan.solver,
        epochs=plan.epochs,
        limit=plan.limit,
        sample=plan.sample,
        seed=plan.seed,
        place=place.plain(),
        asking=plan.asking(),
        options=dict(plan.options),
    )
    if plan.looks_up:  # now, as each function would fail by itself without it
        knowledge_search(_knowledge(plan))
    return task, inspect_model(plan.model)


def _knowledge(plan: Plan) -> Path:
    return Path(plan.options.get("knowledge") or default_knowledge())


def _run(plan: Plan, out: Path, task: InspectTask, model: Model) -> EvalLog:
    from inspect_ai import eval as inspect_eval

    logs = inspect_eval(
        task,
        model=model,
        log_dir=str(out / LOGS),
        display="none",
        max_samples=plan.connections + 2 * plan.workers,
        temperature=plan.temperature,
        max_tokens=plan.max_tokens,
        log_realtime=False,  # the journal keeps what is done; this would keep it a second time, at twice the cost
        log_buffer=100,
        log_header_only=True,
    )
    if not logs or logs[0].status == "cancelled":  # inspect_ai keeps the interrupt to itself
        raise KeyboardInterrupt
    return logs[0]


@contextmanager
def _progress(found: Rig, keys: Sequence[Key], done: int, say: Say) -> Iterator[None]:
    """Tells how far it is, now and then."""
    started = last = 0.0
    count, lock = 0, threading.Lock()

    def judged(key: Key, judged: Judged) -> None:
        nonlocal started, last, count
        with lock:
            now = time.monotonic()
            if not started:
                started = last = now
            count += 1
            if now - last < SAY_SECONDS:
                return
            last = now
        failed = f", {len(found.failures):,} failed" if found.failures else ""
        left = (len(keys) - done - count - len(found.failures)) * (now - started) / count
        say(f"{done + count:,} of {len(keys):,} programs judged{failed}, {_duration(left)} to go")

    found.journal.on_judged = judged
    yield


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def _write_records(plan: Plan, out: Path, found: Rig, tasks: Sequence[Task], keys: Sequence[Key]) -> Result:
    """Records of all programs; those of the failed ones say that the network failed, and are made again next time."""
    by_name = {task.function: task for task in tasks}
    made: list[Record] = []
    failed: dict[Key, str] = {}
    for key in keys:
        task, answered, judged = by_name[key[0]], found.journal.answered(key), found.journal.judged(key)
        if answered is None or judged is None:
            failed[key] = found.failures.get(key, "it was not begun")
            answered, judged = answered or NOTHING, failure(task, failed[key])
        made += records(plan.model, plan.label, task, key[1], answered, judged)
    with replacing(out / RECORDS) as temporary:
        records_frame(made).write_parquet(temporary)
    return Result(out, len(keys), len(made), failed)


def _outcome(result: Result, log: EvalLog) -> dict[str, Any]:
    failed = [
        {"function": function, "epoch": epoch, "reason": reason} for (function, epoch), reason in result.failed.items()
    ]
    return {
        "programs": result.programs,
        "records": result.cases,
        "failed": failed,
        "log": Path(log.location).name,
        "inspect": log.status,
    }


def _write_run(out: Path, told: Mapping[str, Any]) -> None:
    with replacing(out / RUN) as temporary:
        temporary.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _forget(out: Path) -> None:
    Journal(out / JOURNAL).close()  # refuses where another process works on it
    for name in (JOURNAL, RUN, RECORDS):
        (out / name).unlink(missing_ok=True)
    for log in (out / LOGS).glob("*.eval"):
        log.unlink()
