"""From drafts to tasks with answers: each solution is run, what is unsound is left out, answers are written.

What is done is not done again: a line of `.finished.jsonl` beside the answers has a task and a hash of all that its
answers depend on. A build that was ended goes on after the last whole line.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from codegen.evaluation.building.digest import digest
from codegen.evaluation.building.draft import Draft
from codegen.evaluation.building.trying import Problem, Tried, sound, try_draft
from codegen.evaluation.cases.case import Case, Task
from codegen.evaluation.cases.folders import ANSWERS, written_folder
from codegen.evaluation.judging.answers import write_answer

JOURNAL = ".finished.jsonl"
_ROOT = Path(__file__).resolve().parents[3]
_CODE = (
    "codegen/evaluation/building", "codegen/evaluation/cases", "codegen/evaluation/judging", "codegen/sandbox/inside",
    "ee_emulator",
)  # fmt: skip
"""What answers depend on besides the task."""
_STEP = 100


@dataclass(frozen=True, slots=True)
class Finished:
    """A task with answers.

    Attributes:
        task: Its sound cases, numbered from 1 and each with its answer's file; without any where it is unsound.
        hashes: Of its answers.
        problems: What was wrong with what was left out.
    """

    task: Task
    hashes: tuple[str, ...]
    problems: tuple[Problem, ...]


def finish(
    drafts: Sequence[Draft], url: str, folder: Path, say: Callable[[str], None] = lambda _: None
) -> list[Finished]:
    """Gives drafts of one part their answers.

    Args:
        drafts: In the order of the benchmark.
        url: Of a local Earth Engine.
        folder: Of the benchmark; answers are written below it.
        say: Hears of progress.
    """
    from ee_emulator.client import initialise

    initialise(url)
    target = written_folder(folder, drafts[0].task.part) if drafts else folder
    target.mkdir(parents=True, exist_ok=True)
    known = _known(target / JOURNAL)
    finished = []
    with (target / JOURNAL).open("a", encoding="utf-8") as journal:
        for number, one in enumerate(drafts, 1):
            key = draft_hash(one)
            entry = known.get(one.task.function)
            if entry is None or entry["key"] != key or not _are_there(target, entry):
                entry = _entry(one, key, try_draft(one, url), target)
                journal.write(json.dumps(entry) + "\n")
                journal.flush()
            finished.append(_finished(one, entry))
            if number % _STEP == 0 or number == len(drafts):
                say(f"{one.task.part}: {number:,} of {len(drafts):,} tasks.")
    _sweep(target, finished)
    return finished


def _entry(one: Draft, key: str, tried: Tried, target: Path) -> dict[str, Any]:
    """A line of the journal; the answers it speaks of are written first."""
    kept = []
    for number, case in enumerate(sound(one, tried), 1):
        answer = tried.answers[case.number]
        name = write_answer(target / ANSWERS, f"{one.task.function}_testcase{number}", answer)
        kept.append({"number": case.number, "answer": name, "hash": digest(answer)})
    problems = [[problem.number, problem.fault, problem.told] for problem in tried.problems]
    return {"function": one.task.function, "key": key, "cases": kept, "problems": problems}


def _finished(one: Draft, entry: Mapping[str, Any]) -> Finished:
    by_number = {case.number: case for case in one.task.cases}
    cases = tuple(
        _numbered(by_number[kept["number"]], number, kept["answer"]) for number, kept in enumerate(entry["cases"], 1)
    )
    problems = tuple(Problem(one.task.function, number, fault, told) for number, fault, told in entry["problems"])
    return Finished(replace(one.task, cases=cases), tuple(kept["hash"] for kept in entry["cases"]), problems)


def _numbered(case: Case, number: int, answer: str) -> Case:
    return replace(case, number=number, answer=answer)


def _known(journal: Path) -> dict[str, dict[str, Any]]:
    """The last whole line of each function."""
    return {entry["function"]: entry for entry in _lines(journal)}


def _lines(journal: Path) -> Iterator[dict[str, Any]]:
    if not journal.is_file():
        return
    text = journal.read_text(encoding="utf-8")
    if text and not text.endswith("\n"):  # a build was ended while it wrote; what follows begins on a line of its own
        journal.write_text(text[: text.rfind("\n") + 1], encoding="utf-8")
    for line in text.split("\n")[:-1]:
        yield json.loads(line)


def _are_there(target: Path, entry: Mapping[str, Any]) -> bool:
    return all((target / ANSWERS / kept["answer"]).is_file() for kept in entry["cases"])


def _sweep(target: Path, finished: Sequence[Finished]) -> None:
    """Removes answers that no case has, which an earlier build left."""
    wanted = {case.answer for one in finished for case in one.task.cases}
    for path in (target / ANSWERS).glob("[!.]*"):
        if path.name not in wanted:
            path.unlink()


def draft_hash(one: Draft) -> str:
    """Of all that a task's answers depend on: the task, and the code that runs and evaluates it."""
    told = f"{one.task!r}\0{one.independence}\0{dict(one.values)!r}\0{one.chooses}\0{code_hash()}"
    return hashlib.sha256(told.encode()).hexdigest()[:16]


@cache
def code_hash() -> str:
    """Of the code and the data that answers depend on: builder, judge and local Earth Engine."""
    made = hashlib.sha256()
    for room in _CODE:
        for path in sorted((_ROOT / room).rglob("*.py")):
            made.update(f"\0{path.relative_to(_ROOT)}\0".encode())
            made.update(path.read_bytes())
    return made.hexdigest()[:16]
