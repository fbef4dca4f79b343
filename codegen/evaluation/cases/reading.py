"""Reading a benchmark: ours, or a user's copy of AutoGEEval-Bench as it is.

A copy may lack what the published runner does without: then instructions are made from the parameters, names of answers
from the function and the number of the case. Where a file names a function twice the later one counts, as in that
runner. Nothing of a `!python` value is run here.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from codegen.evaluation.cases.case import ERROR_MESSAGE, PARTS, Benchmark, Case, Part, PythonSource, Task
from codegen.evaluation.cases.folders import (
    INSTRUCTIONS,
    MANIFEST,
    REFERENCES,
    SECONDS,
    TASKS,
    answers_folder,
    benchmark_folder,
    config_file,
    part_folder,
)
from codegen.evaluation.cases.types import type_of_result
from codegen.evaluation.cases.yaml_form import load
from lake.errors import BadInputError

_ARRAYS = {"ee.Image", "ee.ImageCollection", "ee.ArrayImage", "ee.Array", "ee.ConfusionMatrix"}
_SHAPES = {"ee.Geometry", "ee.Feature", "ee.FeatureCollection"}
_ENDINGS = (".npy", ".geojson", ".txt")


def read_benchmark(folder: Path, parts: Collection[Part] = PARTS) -> Benchmark:
    """The tasks of a folder in the published form.

    Args:
        folder: With `atomic_code`, `combined_code`, `theme_code` or one of their other names, or with `test_code` that
            has them.
        parts: Which to read; those that are not there are left out.

    Raises:
        BadInputError: There is nothing to read, or a file is broken; says where.
    """
    root = benchmark_folder(folder)
    tasks = tuple(task for part in PARTS if part in parts for task in _read_part(root, part))
    if not tasks:
        asked = ", ".join(part for part in PARTS if part in parts)
        raise BadInputError(
            f"There are no cases in {folder} ({asked}): it should have `atomic_code/atomic_test_config.yaml` or its "
            "like. `eecode eval build` makes ours."
        )
    return Benchmark(_name(root, folder), root, tasks)


def missing_answers(benchmark: Benchmark) -> list[str]:
    """Ids of the cases whose expected answer is not in the folder; where an error is expected, none is needed."""
    folders = {part: answers_folder(benchmark.folder, part) for part in PARTS}
    return [
        case.id
        for task, case in benchmark.cases()
        if case.out_type != ERROR_MESSAGE and not _is_there(folders[task.part] / case.answer)
    ]


def _is_there(path: Path) -> bool:
    """Published cases may leave out the ending of a file."""
    return path.is_file() or any(path.with_name(f"{path.name}{ending}").is_file() for ending in _ENDINGS)


def _name(root: Path, folder: Path) -> str:
    path = root / MANIFEST
    if not path.is_file():
        return folder.resolve().name
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BadInputError(f"{path} is not JSON: {error}. Remove it, or build the benchmark again.") from error
    return str(told.get("name") or folder.resolve().name) if isinstance(told, dict) else folder.resolve().name


def _read_part(root: Path, part: Part) -> Iterator[Task]:
    folder = part_folder(root, part)
    path = config_file(folder) if folder else None
    if folder is None or path is None:
        return
    functions = load(path)
    if functions is None:
        return
    if not isinstance(functions, dict):
        raise BadInputError(f"{path}: functions with their cases are wanted, there is a {type(functions).__name__}.")
    told = _told(folder)
    for function, entries in functions.items():
        cases = tuple(_cases(path, function, entries))
        if cases:
            yield _task(folder, part, str(function), cases, told.get(function) or {})


def _told(folder: Path) -> Mapping[str, Any]:
    """What `tasks.yaml` tells of tasks; nothing where there is none."""
    path = folder / TASKS
    told = load(path) if path.is_file() else {}
    if not isinstance(told, dict) or not all(isinstance(entry, dict) for entry in told.values()):
        raise BadInputError(f"{path}: `function: {{operators, type, difficulty}}` is wanted.")
    return told


def _task(folder: Path, part: Part, function: str, cases: tuple[Case, ...], told: Mapping[str, Any]) -> Task:
    result = next((case.out_type for case in cases if case.out_type != ERROR_MESSAGE), ERROR_MESSAGE)
    return Task(
        function=function,
        part=part,
        instruction=_text(folder / INSTRUCTIONS, function) or _instruction(function, cases[0], result),
        cases=cases,
        reference=_text(folder / REFERENCES, function),
        second=_text(folder / SECONDS, function),
        operators=tuple(told.get("operators") or ()),
        type=told.get("type") or type_of_result(result),
        difficulty=told.get("difficulty") or "",
    )


def _text(folder: Path, function: str) -> str | None:
    """A file of a function; None where it is not there."""
    if not function.isidentifier():  # a name from a file must not lead out of the folder
        return None
    path = folder / f"{function}.txt"
    if not path.is_file():
        return None
    try:
        return path.read_text(encoding="utf-8-sig")  # line ends of any system become `\n`
    except UnicodeDecodeError as error:
        raise BadInputError(f"{path} is not UTF-8: {error.reason} at byte {error.start}. Save it as UTF-8.") from error


def _cases(path: Path, function: Any, entries: Any) -> Iterator[Case]:
    if entries is None:  # a function that was named and has no cases yet
        return
    if not isinstance(function, str) or not isinstance(entries, list):
        raise BadInputError(f"{path}, {function}: a list of cases is wanted, there is a {type(entries).__name__}.")
    for number, entry in enumerate(entries, 1):
        where = f"{path}, {function}, case {number}"
        if not isinstance(entry, dict) or "out_type" not in entry:
            raise BadInputError(f"{where}: `params`, `expected_answer` and `out_type` are wanted.")
        yield _case(where, function, number, entry)


def _case(where: str, function: str, number: int, entry: Mapping[str, Any]) -> Case:
    params = entry.get("params") or {}
    if not isinstance(params, dict) or not all(isinstance(name, str) for name in params):
        raise BadInputError(f"{where}: `params` wants values by name.")
    out_type = str(entry["out_type"]).strip()
    answer = str(entry.get("expected_answer") or _answer(function, number, out_type)).strip()
    if answer.startswith("/") or ".." in answer.replace("\\", "/").split("/"):
        raise BadInputError(f"{where}: `expected_answer` is a file in ref_answer; {answer} lies elsewhere.")
    return Case(function, number, params, out_type, answer, entry.get("edge_test") is True)


def _answer(function: str, number: int, out_type: str) -> str:
    """Name of an answer that the file does not tell: the published rule."""
    ending = "npy" if out_type in _ARRAYS else "geojson" if out_type in _SHAPES else "txt"
    return f"{function}_testcase{number}.{ending}"


def _instruction(function: str, case: Case, result: str) -> str:
    """Signature and docstring of a function of which only the cases are there."""
    given = ", ".join(_parameter(name, value) for name, value in case.params.items())
    told = "" if result == ERROR_MESSAGE else f" -> {result}"
    return f'def {function}({given}){told}:\n    """{_words(function)}."""\n'


def _parameter(name: str, value: Any) -> str:
    return name if value is None or isinstance(value, PythonSource) else f"{name}: {type(value).__name__}"


def _words(function: str) -> str:
    """`imageAddTask` as "Image add task"."""
    spaced = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in function.replace("_", " "))
    return spaced.strip().capitalize()
