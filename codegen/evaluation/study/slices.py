"""The tasks of a study in the order in which they are asked, and slices of them, each a small benchmark of its own.

Every condition is asked for a slice before any is asked for the next one, so a study that ends early has all of them
on the same tasks. Every beginning of the order has of each class of problems as many tasks as is its share, but for
one: a study may end anywhere, and a larger one goes on where a smaller one ended.
"""

from __future__ import annotations

import filecmp
import random
import shutil
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from codegen.evaluation.cases.case import ERROR_MESSAGE, PARTS, Benchmark, Task
from codegen.evaluation.cases.folders import ANSWERS, answers_folder, written_folder
from codegen.evaluation.cases.writing import write_part
from lake.atomic import replacing


def in_order(tasks: Sequence[Task], problems: Mapping[str, str], seed: int) -> list[Task]:
    """All tasks, drawn.

    Args:
        tasks: Of a benchmark.
        problems: Class of each function.
        seed: Of the draw.
    """
    draw = random.Random(seed)  # noqa: S311 - no secret
    by_class = defaultdict[str, list[Task]](list)
    for task in tasks:
        by_class[problems[task.function]].append(task)
    places: list[tuple[float, float, Task]] = []
    for name in sorted(by_class):
        of_class = by_class[name]
        draw.shuffle(of_class)
        start = draw.random()
        places += [((number + start) / len(of_class), draw.random(), task) for number, task in enumerate(of_class)]
    return [task for *_, task in sorted(places, key=lambda one: one[:2])]


def write_slice(benchmark: Benchmark, tasks: Sequence[Task], folder: Path) -> None:
    """Writes some tasks of a benchmark with their expected answers; what is there already is left as it is.

    Args:
        benchmark: That they are of.
        tasks: Some of it.
        folder: Of the slice.
    """
    for part in PARTS:
        of_part = [task for task in tasks if task.part == part]
        if not of_part:
            continue
        source, target = answers_folder(benchmark.folder, part), written_folder(folder, part) / ANSWERS
        for case in (case for task in of_part for case in task.cases):
            if case.out_type != ERROR_MESSAGE:
                _copy(source / case.answer, target / case.answer)
        write_part(folder, part, of_part)


def _copy(source: Path, target: Path) -> None:
    if target.is_file() and filecmp.cmp(source, target, shallow=False):
        return
    with replacing(target) as temporary:
        shutil.copyfile(source, temporary)
