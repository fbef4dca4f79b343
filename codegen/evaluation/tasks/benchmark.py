"""The benchmark as a task of inspect_ai: `inspect eval codegen/evaluation/tasks/benchmark.py@autogeeval --model …`."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from inspect_ai import Epochs, Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.solver import Solver
from inspect_ai.viewer import ViewerConfig

from codegen.evaluation.cases import case as cases
from codegen.evaluation.cases.reading import read_benchmark
from codegen.evaluation.tasks import solvers
from codegen.evaluation.tasks.choosing import choose
from codegen.evaluation.tasks.plan import EPOCHS, SOLVERS
from codegen.evaluation.tasks.prompts import prompt
from codegen.evaluation.tasks.rig import Place
from codegen.evaluation.tasks.scorers import executed, hallucinated
from lake.errors import BadInputError
from lake.settings import settings


@task(name="autogeeval")
def autogeeval(
    benchmark: str = "",
    part: str | Sequence[str] = cases.PARTS,
    solver: str = "bare",
    epochs: int = EPOCHS,
    limit: int | None = None,
    sample: int | None = None,
    seed: int = 0,
    place: Mapping[str, Any] | None = None,
    asking: Mapping[str, Any] | None = None,
    options: Mapping[str, Any] | None = None,
) -> Task:
    """A sample a function; its cases are judged together.

    Args:
        benchmark: Folder in AutoGEEval++'s published form; empty: DATA_DIR/benchmark.
        part: `unit`, `combination`, `theme`, or several of them.
        solver: One of `SOLVERS`.
        epochs: Times that each function is asked for.
        limit: The first so many functions only.
        sample: So many functions, drawn over all types.
        seed: Of the draw, and of the model's.
        place: Fields of `Place` other than the benchmark.
        asking: Temperature and patience; see `solvers`.
        options: Of the solver.
    """
    folder = Path(benchmark) if benchmark else default_benchmark()
    parts = cast("Sequence[cases.Part]", part.split(",") if isinstance(part, str) else part)
    chosen = choose(read_benchmark(folder, parts).tasks, limit, sample, seed)
    where = Place(**{"workers": os.cpu_count() or 1, **(place or {}), "benchmark": str(folder)}).plain()
    return Task(
        dataset=MemoryDataset([_sample(one) for one in chosen], name="autogeeval"),
        setup=solvers.prepare(),
        solver=_solver(solver, where, {"seed": seed, **(asking or {})}, options or {}),
        scorer=[executed(where), hallucinated(where)],
        epochs=Epochs(epochs, "mean"),
        fail_on_error=False,
        viewer=ViewerConfig(trust_content=False),
    )


def default_benchmark() -> Path:
    """Where our own is built."""
    return settings().benchmark_dir


def _solver(name: str, place: Mapping[str, Any], asking: Mapping[str, Any], options: Mapping[str, Any]) -> Solver:
    if name not in SOLVERS:
        raise BadInputError(f"There is no solver {name!r}. There are: {', '.join(SOLVERS)}.")
    made: Solver = getattr(solvers, name)(place=place, asking=asking, **options)
    return made


def _sample(one: cases.Task) -> Sample:
    """A function; the target shows the reference in the log viewer."""
    told = {"part": one.part, "type": one.type, "difficulty": one.difficulty, "instruction": one.instruction}
    solutions = {"reference": one.reference or "", "second": one.second or ""}
    asked = prompt("bare", instruction=one.instruction)
    return Sample(id=one.function, input=asked, target=one.reference or "", metadata=told | solutions)
