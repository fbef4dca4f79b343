"""A study: every condition is asked for every task, a slice after the other, until all is done or the time is over.

| file | what |
|---|---|
| `study.json` | model, conditions, slices, what each took |
| `slices/slice_01/` | the tasks of the first slice, as a benchmark |
| `CONDITION/slice_01/` | a run of `eecode eval run`, with its journal: killed, it goes on |
| `report.html`, `report.md`, `tables/` | what came of it |
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from codegen.evaluation.cases.case import Benchmark, Part, Task
from codegen.evaluation.cases.reading import missing_answers, read_benchmark
from codegen.evaluation.study.conditions import Condition, Conditions
from codegen.evaluation.study.costs import Clock, counted, duration, expected_seconds, most_calls, next_size, rest, told
from codegen.evaluation.study.problems import problems_of
from codegen.evaluation.study.reading import read_study, slice_folder
from codegen.evaluation.study.slices import in_order, write_slice
from codegen.evaluation.study.state import State, Step, begun
from codegen.evaluation.tasks.identity import instructions_hash, judge_hash, part_hash, parts_of, prompts_hash, versions
from codegen.evaluation.tasks.knowledge import default_knowledge, knowledge_search
from codegen.evaluation.tasks.plan import Plan
from codegen.evaluation.tasks.running import RUN, Say, evaluate
from ee_emulator.process import earth_engine_at
from lake.errors import BadInputError

SLICES = "slices"
PARTS: tuple[Part, ...] = ("combination", "theme")
"""Of the benchmark, those whose tasks are problems."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A study.

    Attributes:
        benchmark: Folder.
        model: As of `Plan`.
        conditions: What is compared.
        parts: Of the benchmark.
        sample: So many tasks, of each class of problems as many as is its share; None: all.
        epochs: Times that each is asked for.
        seed: Of the order of tasks, and of the model's.
        knowledge: Folder of the knowledge base; None: DATA_DIR/knowledge.
        limit_minutes: Nothing is begun that is expected to end later; None: until all is done.
        settings: Other fields of `Plan`.
    """

    benchmark: Path
    model: str
    conditions: Conditions
    parts: tuple[Part, ...] = PARTS
    sample: int | None = None
    epochs: int = 1
    seed: int = 0
    knowledge: Path | None = None
    limit_minutes: float | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where a study stands.

    Attributes:
        folder: Where it lies.
        tasks: That were wanted.
        missing: Programs that nobody was asked for, by condition; of those that have any.
        failed: Programs that are not judged, as the model or Earth Engine did not answer; likewise.
    """

    folder: Path
    tasks: int
    missing: Mapping[str, int]
    failed: Mapping[str, int]


class _OverError(Exception):
    """There is no time left, or nobody answers."""


def run_study(wanted: Wanted, out: Path, say: Say = lambda line: None) -> Outcome:
    """Asks as planned; what is finished in the folder is not done again.

    Args:
        wanted: What is to be done. A later call may want more tasks, epochs or conditions.
        out: Folder of the study.
        say: Is told how far it is.

    Raises:
        BadInputError: The benchmark is incomplete, there is no knowledge base, or the folder is another study's.
        ModelError: A key or an address is missing.
        SandboxError: Programs cannot be run safely.
    """
    benchmark, tasks = _drawn(wanted)
    state = begun(out, _new_state(wanted, benchmark, tasks))
    _check_knowledge(wanted)
    state.save(out)
    study = _Running(wanted, out, benchmark, tasks, state, say)
    study.tell_plan()
    with earth_engine_at(wanted.settings.get("url")) as url:
        try:
            for number in study.slices():
                study.run_slice(number, url)
        except _OverError as over:
            say(str(over))
    return study.outcome()


@dataclass(slots=True)
class _Running:
    """A study on its way."""

    wanted: Wanted
    out: Path
    benchmark: Benchmark
    tasks: list[Task]
    state: State
    say: Say
    clock: Clock = field(init=False)
    judging: dict[int, Mapping[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clock = Clock(self.wanted.limit_minutes)

    def tell_plan(self) -> None:
        """How much there is to do."""
        rows, count = self.state.conditions.rows, len(self.tasks)
        self.say(
            f"{counted(len(rows), 'condition')}, {counted(count, 'task')}, {counted(self.state.epochs, 'time')}: "
            f"{counted(len(rows) * count * self.state.epochs, 'program')}, with "
            f"{most_calls(rows, count, self.state.epochs):,} questions at most."
        )
        self.tell_cost()

    def tell_cost(self) -> None:
        """What is to come, where something was measured."""
        if self.state.steps and (waiting := self.waiting()):
            self.say(told(rest(self.state, read_study(self.out).programs, waiting)))

    def slices(self) -> Iterator[int]:
        """Numbers of the slices that there are, and then of new ones as long as tasks and time are left."""
        yield from range(1, len(self.state.slices) + 1)
        while left := self.left():
            if len(self.state.slices) == 1:
                self.tell_cost()
            size = next_size(self.state, len(left), self.clock.left)
            if not size or not self.clock.has(0):
                raise _OverError("The time is over: not one more task of all conditions would end in it.")
            known = problems_of(left[:size], self.benchmark.folder)
            self.state.slices.append({task.function: known[task.function] for task in left[:size]})
            self.state.save(self.out)
            yield len(self.state.slices)

    def left(self) -> list[Task]:
        """Tasks that no slice has."""
        there = self.state.problems
        return [task for task in self.tasks if task.function not in there]

    def run_slice(self, number: int, url: str) -> None:
        """Asks all conditions for a slice."""
        self.written(number)
        count = len(self.state.slices[number - 1])
        for row in self.state.conditions.rows:
            if not self.remaining(row, number):
                continue
            expected = expected_seconds(self.state, row.name, count)
            if not self.clock.has(expected):
                raise _OverError(f"The time is over: {row.name} would take {duration(expected)} for the next slice.")
            self.run_step(row, number, url)

    def run_step(self, row: Condition, number: int, url: str) -> None:
        """Asks a condition for a slice."""
        folder = self.out / row.name / slice_folder(number)
        is_new = not (folder / RUN).exists()
        before = sum(len(one) for one in self.state.slices[: number - 1])
        count = len(self.state.slices[number - 1])
        place = f"{before + 1:,}–{before + count:,}" if count > 1 else f"{before + 1:,}"
        self.say(f"{row.name}, task {place} of {max(len(self.tasks), len(self.state.problems)):,}")
        started = time.monotonic()
        result = evaluate(self.plan(row, number, url), folder, say=lambda line: self.say(f"  {line}"))
        seconds = time.monotonic() - started
        judged = result.programs - len(result.failed)
        self.say(f"  {judged:,} of {result.programs:,} judged, {duration(seconds)}")
        if is_new and not result.failed:
            self.state.steps.append(Step(row.name, number, result.programs, round(seconds, 2), code_hash()))
            self.state.save(self.out)
        if not judged:
            reason = next(iter(result.failed.values()))
            raise _OverError(f"Not one program of {row.name} could be judged, so the study ends here: {reason}")

    def plan(self, row: Condition, number: int, url: str = "") -> Plan:
        """A run."""
        knowledge = self.wanted.knowledge or default_knowledge()
        own = {
            "parts": self.wanted.parts,
            "solver": row.solver,
            "options": {**row.options, **({"knowledge": str(knowledge)} if row.looks_up else {})},
            "epochs": self.state.epochs,
            "seed": self.wanted.seed,
            "url": url,
        }
        folder = self.out / SLICES / slice_folder(number)
        return Plan(str(folder), self.wanted.model, **{**self.wanted.settings, **own})

    def remaining(self, row: Condition, number: int) -> int:
        """Programs of a slice that a condition is to be asked for, or that are to be judged.

        Raises:
            BadInputError: Another condition of the same name was asked for some.
        """
        count = len(self.state.slices[number - 1])
        folder = self.out / row.name / slice_folder(number)
        about = _about(folder)
        if about is None:
            return count * self.state.epochs
        before, now = about["settings"], self.plan(row, number).plain()
        if any(before[name] != now[name] for name in ("solver", "options")):
            raise BadInputError(
                f"{folder} was asked in another way than {row.name} is now: give the condition another name, or remove "
                f"{folder.parent}."
            )
        outcome = about.get("outcome")
        if outcome is None or not self.written(number).items() <= about["judging"].items():
            return count * self.state.epochs
        return len(outcome["failed"]) + count * max(0, self.state.epochs - int(before["epochs"]))

    def written(self, number: int) -> Mapping[str, Any]:
        """Writes a slice, once; tells what verdicts on it depend on today, as a run tells it."""
        if number not in self.judging:
            folder, names = self.out / SLICES / slice_folder(number), self.state.slices[number - 1]
            write_slice(self.benchmark, [task for task in self.benchmark.tasks if task.function in names], folder)
            written = read_benchmark(folder, self.wanted.parts)
            parts = {f"cases ({part})": part_hash(written, part) for part in parts_of(written)}
            self.judging[number] = {"judge": judge_hash(), **parts}
        return self.judging[number]

    def waiting(self) -> dict[str, int]:
        """Programs that are to be asked for or judged, by condition; of those that have any."""
        numbers, left = range(1, len(self.state.slices) + 1), len(self.left()) * self.state.epochs
        rows = self.state.conditions.rows
        counts = {row.name: sum(self.remaining(row, number) for number in numbers) + left for row in rows}
        return {name: count for name, count in counts.items() if count}

    def outcome(self) -> Outcome:
        """Where it stands."""
        waiting, failed = self.waiting(), self.failed()
        missing = {name: count - failed.get(name, 0) for name, count in waiting.items() if count > failed.get(name, 0)}
        return Outcome(self.out, len(self.tasks), missing, failed)

    def failed(self) -> dict[str, int]:
        """Programs that the model or Earth Engine did not answer for, by condition."""
        counts = {}
        for row in self.state.conditions.rows:
            abouts = [_about(self.out / row.name / slice_folder(n + 1)) for n in range(len(self.state.slices))]
            outcomes = [about["outcome"] for about in abouts if about is not None and about.get("outcome")]
            if number := sum(len(outcome["failed"]) for outcome in outcomes):
                counts[row.name] = number
        return counts


def _about(folder: Path) -> dict[str, Any] | None:
    """What a run tells of itself; None where it was not begun."""
    path = folder / RUN
    if not path.exists():
        return None
    about: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return about


def code_hash() -> str:
    """Of what decides how a model is asked: the prompts, and the chain."""
    root = Path(str(files("codegen"))) / "chain"
    made = hashlib.sha256(prompts_hash().encode())
    for path in sorted(path for path in root.rglob("*") if path.suffix in (".py", ".md", ".yaml", ".js")):
        made.update(path.read_bytes())
    return made.hexdigest()[:16]


def _drawn(wanted: Wanted) -> tuple[Benchmark, list[Task]]:
    benchmark = read_benchmark(wanted.benchmark, wanted.parts)
    if wanted.epochs < 1 or (wanted.sample is not None and wanted.sample < 1):
        raise BadInputError("A study wants 1 task and 1 epoch or more.")
    if lacking := missing_answers(benchmark):
        raise BadInputError(
            f"{wanted.benchmark} lacks the expected answers of {len(lacking):,} cases, the first is {lacking[0]}: "
            "build it again, or complete your copy."
        )
    order = in_order(benchmark.tasks, problems_of(benchmark.tasks, benchmark.folder), wanted.seed)
    return benchmark, order[: wanted.sample]


def _new_state(wanted: Wanted, benchmark: Benchmark, tasks: list[Task]) -> State:
    parts = [part for part in parts_of(benchmark) if part in wanted.parts]
    plan = Plan(str(wanted.benchmark), wanted.model, seed=wanted.seed, **wanted.settings)
    fixed = {
        "model": wanted.model,
        "benchmark": benchmark.name,
        "parts": parts,
        "seed": wanted.seed,
        "temperature": plan.temperature,
        "max_tokens": plan.max_tokens,
        "instructions": instructions_hash(benchmark.tasks),
    }
    about = {
        "benchmark_hash": "-".join(part_hash(benchmark, part) for part in parts),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions(),
        "benchmark_tasks": len(benchmark.tasks),
    }
    return State(fixed, about, wanted.conditions, wanted.epochs, len(tasks))


def _check_knowledge(wanted: Wanted) -> None:
    """Opens the knowledge base now: a condition without it would fail task by task."""
    if any(row.looks_up for row in wanted.conditions.rows):
        knowledge_search(wanted.knowledge or default_knowledge())
