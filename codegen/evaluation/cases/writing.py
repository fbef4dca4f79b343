"""Writing a part of a benchmark in the published form, each file whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from codegen.evaluation.cases.case import Case, Part, Task
from codegen.evaluation.cases.folders import INSTRUCTIONS, REFERENCES, SECONDS, TASKS, written_folder
from codegen.evaluation.cases.yaml_form import dump
from lake.atomic import replacing


def write_part(folder: Path, part: Part, tasks: Sequence[Task]) -> None:
    """Writes the tasks of a part; expected answers are written by whoever has them.

    The file of cases comes last: a part whose writing was ended has none, or the one from before. What earlier tasks
    left behind and these do not have is removed.

    Args:
        folder: Of the benchmark.
        part: All tasks belong to it.
        tasks: In the order in which they are to stand.
    """
    target = written_folder(folder, part)
    target.mkdir(parents=True, exist_ok=True)
    _write_texts(target / INSTRUCTIONS, ((task.function, task.instruction) for task in tasks))
    _write_texts(target / REFERENCES, ((task.function, task.reference) for task in tasks))
    _write_texts(target / SECONDS, ((task.function, task.second) for task in tasks))
    _write(target / TASKS, dump({task.function: _told(task) for task in tasks}))
    cases = {task.function: [_entry(case) for case in task.cases] for task in tasks}
    _write(target / f"{target.name.removesuffix('_code')}_test_config.yaml", dump(cases))


def _entry(case: Case) -> dict[str, Any]:
    edge = {"edge_test": True} if case.edge_test else {}
    return {"params": dict(case.params), "expected_answer": case.answer, "out_type": case.out_type, **edge}


def _told(task: Task) -> dict[str, Any]:
    return {"operators": list(task.operators), "type": task.type, "difficulty": task.difficulty}


def _write_texts(folder: Path, texts: Iterable[tuple[str, str | None]]) -> None:
    wanted = {f"{name}.txt": text for name, text in texts if text is not None}
    if not wanted and not folder.exists():
        return
    folder.mkdir(exist_ok=True)
    for name, text in wanted.items():
        _write(folder / name, text)
    for left in folder.glob("*.txt"):
        if left.name not in wanted:
            left.unlink()


def _write(path: Path, text: str) -> None:
    """Writes a text; one that is there already is left as it is."""
    if path.is_file() and path.read_bytes() == text.encode():
        return
    with replacing(path) as temporary:
        temporary.write_bytes(text.encode())
