"""What a run depends on, as short hashes: where one differs, results of two runs are not one table's."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path

from codegen.evaluation.cases.case import ERROR_MESSAGE, PARTS, Benchmark, Part, Task
from codegen.evaluation.cases.folders import MANIFEST, answers_folder, config_file, part_folder
from codegen.evaluation.tasks.knowledge import KNOWLEDGE_MANIFEST

PACKAGES = ("aef-econ", "inspect_ai", "earthengine-api", "numpy", "polars")
_JUDGES = ("evaluation/judging", "sandbox", "sandbox/inside")
"""Folders whose code decides on verdicts."""
_LENGTH = 16
OWN = ("bare", "rag")
"""Solvers whose prompts are here; the others' are the chain's."""


def versions() -> dict[str, str]:
    """Of Python and of the packages that matter."""
    return {"python": platform.python_version(), **{name: _version(name) for name in PACKAGES}}


def instructions_hash(tasks: Iterable[Task]) -> str:
    """Of what models are asked."""
    return _hash(f"{task.function}\0{task.instruction}\0".encode() for task in tasks)


def part_hash(benchmark: Benchmark, part: Part) -> str:
    """Of the cases and the expected answers of a part."""
    folder = part_folder(benchmark.folder, part)
    config = config_file(folder) if folder else None
    answers = answers_folder(benchmark.folder, part)
    expected = sorted(
        {
            answers / case.answer
            for task, case in benchmark.cases()
            if task.part == part and case.out_type != ERROR_MESSAGE
        }
    )
    return _hash(_contents([*([config] if config else []), benchmark.folder / MANIFEST, *expected]))


def parts_of(benchmark: Benchmark) -> list[Part]:
    """The parts that a benchmark has."""
    return [part for part in PARTS if any(task.part == part for task in benchmark.tasks)]


@lru_cache(maxsize=1)
def judge_hash() -> str:
    """Of the code of judge and sandbox."""
    root = Path(str(files("codegen")))
    return _hash(_contents(sorted(path for name in _JUDGES for path in (root / name).glob("*.py"))))


def prompts_hash(solver: str = "bare") -> str:
    """Of the prompts of a solver."""
    ours = files("codegen.evaluation.tasks").joinpath("prompts.yaml").read_bytes()
    chain = Path(str(files("codegen.chain"))) / "prompts"
    return _hash([ours, *(() if solver in OWN else _contents(sorted(chain.iterdir())))])


def knowledge_hash(folder: Path) -> str:
    """Of a knowledge base, by its manifest, which has the hash of what it is made of."""
    return _hash(_contents([folder / KNOWLEDGE_MANIFEST]))


def _contents(paths: Sequence[Path]) -> Iterable[bytes]:
    for path in paths:
        yield f"\0{path.name}\0".encode()
        yield path.read_bytes() if path.is_file() else b""


def _hash(parts: Iterable[bytes]) -> str:
    made = hashlib.sha256()
    for part in parts:
        made.update(part)
    return made.hexdigest()[:_LENGTH]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
