"""Building our benchmark: drafts become tasks with answers, in the published form."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codegen.evaluation.building.draft import Draft
from codegen.evaluation.building.drafting import draft
from codegen.evaluation.building.families import family_specs
from codegen.evaluation.building.finishing import Finished, code_hash, finish
from codegen.evaluation.building.lock import moved, read_lock
from codegen.evaluation.building.spec import specs
from codegen.evaluation.building.trying import Problem
from codegen.evaluation.cases.case import PARTS, SECTIONS, Case, Part, Task, section
from codegen.evaluation.cases.folders import MANIFEST, written_folder
from codegen.evaluation.cases.writing import write_part
from ee_emulator.process import earth_engine_at
from lake.atomic import replacing
from lake.errors import BadInputError
from lake.settings import settings

NAME = "aef-econ"
VERSION = 1
SIMULATED = (
    "Answers come from a local Earth Engine whose planet is simulated: where a case reads a data set, its answer is "
    "right for that planet alone."
)


@dataclass(frozen=True, slots=True)
class Built:
    """What a build made.

    Attributes:
        tasks: With answers.
        drafts: All that were tried, in the same order as `finished`.
        finished: What came of each.
    """

    drafts: tuple[Draft, ...]
    finished: tuple[Finished, ...]

    @property
    def tasks(self) -> list[Task]:
        """Those that have cases."""
        return [one.task for one in self.finished if one.task.cases]

    @property
    def problems(self) -> list[Problem]:
        """What was wrong with what was left out."""
        return [problem for one in self.finished for problem in one.problems]

    @property
    def hashes(self) -> dict[str, tuple[str, ...]]:
        """Of the answers, by function."""
        return {one.task.function: one.hashes for one in self.finished if one.hashes}


def build_benchmark(
    folder: Path, parts: Collection[Part] = PARTS, say: Callable[[str], None] = print, url: str | None = None
) -> Built:
    """Builds our benchmark; what is there already is left as it is.

    Args:
        folder: Where it is written.
        parts: Which parts.
        say: Hears of progress, and of cases that were left out.
        url: Of a local Earth Engine; one is started where there is none.

    Raises:
        BadInputError: Two tasks have one name, or a specification does not fit its operator.
    """
    drafts = {part: part_drafts(part) for part in PARTS if part in parts}
    _look_at_names([one for some in drafts.values() for one in some])
    made: list[Finished] = []
    with earth_engine_at(url) as address:
        for part, some in drafts.items():
            finished = finish(some, address, folder, say)
            write_part(folder, part, [one.task for one in finished if one.task.cases])
            made += finished
    built = Built(tuple(one for some in drafts.values() for one in some), tuple(made))
    _tell(built, say)
    _write_manifest(folder, built, parts)
    return built


def default_benchmark(say: Callable[[str], None]) -> Path:
    """Folder of the benchmark of the settings, or else of ours, built where it is not there or is another version's."""
    folder = settings().benchmark_dir
    if not settings().benchmark:
        build_benchmark(folder, PARTS, say)
    return folder


def part_drafts(part: Part) -> list[Draft]:
    """All drafts of a part, in the order of the benchmark."""
    if part == "unit":
        return unit_drafts()
    if part == "combination":
        from codegen.evaluation.building.combinations.tasks import combination_tasks

        return [written.draft for written in combination_tasks()]
    from codegen.evaluation.building.themes.tasks import theme_tasks

    return [written.draft for written in theme_tasks()]


def unit_drafts() -> list[Draft]:
    """All unit tasks, by type and then by name."""
    drafts = [draft(spec) for spec in (*specs(), *family_specs())]
    return sorted(drafts, key=lambda one: (one.task.type, one.task.function))


def _look_at_names(drafts: Sequence[Draft]) -> None:
    counted = Counter(one.task.function for one in drafts)
    twice = sorted(name for name, count in counted.items() if count > 1)
    if twice:
        raise BadInputError(f"Two tasks have one name: {', '.join(twice)}. Give one of them another: `name:`.")


def _tell(built: Built, say: Callable[[str], None]) -> None:
    for problem in built.problems:
        say(f"Left out: {problem}")
    for case in moved(built.hashes, read_lock()):
        say(f"Moved: the answer of {case} is not the one of answers.lock.")


def _write_manifest(folder: Path, built: Built, parts: Collection[Part]) -> None:
    path = folder / MANIFEST
    before = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    # A part that was not built now, and lies there, keeps its counts.
    kept = {p: before.get("parts", {}).get(p) for p in PARTS if p not in parts and written_folder(folder, p).is_dir()}
    counted = {part: count for part, count in kept.items() if count}
    counted |= {part: counts(built, part) for part in PARTS if part in parts}
    manifest = {
        "name": NAME,
        "version": VERSION,
        "code": code_hash(),
        "planet": "simulated",
        "note": SIMULATED,
        "parts": {part: counted[part] for part in PARTS if part in counted},
    }
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def counts(built: Built, part: Part) -> Mapping[str, Any]:
    """Counts of a part: tasks; cases by section, type, difficulty; tasks by how independent the second solution is."""
    pairs = [(one, given) for one, given in zip(built.finished, built.drafts, strict=True) if given.task.part == part]
    tasks = [one.task for one, _ in pairs if one.task.cases]
    cases = [(task, case) for task in tasks for case in task.cases]
    seconds = Counter(given.independence for one, given in pairs if one.task.cases)
    return {
        "tasks": len(tasks),
        "cases": _by(cases, section, SECTIONS),
        "types": _by(cases, lambda task, _: task.type),
        "difficulties": _by(cases, lambda task, _: task.difficulty, ("easy", "medium", "hard")),
        "second_solutions": dict(sorted(seconds.items())),
        "documented_values": sum(len(given.values) for one, given in pairs if one.task.cases),
    }


def _by(
    cases: Sequence[tuple[Task, Case]], key: Callable[[Task, Case], str], order: Sequence[str] = ()
) -> dict[str, int]:
    counted = Counter(key(task, case) for task, case in cases)
    return {name: counted[name] for name in order or sorted(counted) if counted[name]}
