"""The benchmark by inspect_ai's own means: its command's task file, its retry, other solvers."""

from __future__ import annotations

from pathlib import Path

import pytest
from inspect_ai import eval as inspect_eval
from inspect_ai import eval_retry
from inspect_ai.log import EvalLog
from inspect_ai.solver import Solver, generate

from codegen.evaluation.tasks import registry  # noqa: F401 - makes its models known
from codegen.evaluation.tasks.benchmark import autogeeval
from codegen.evaluation.tasks.solvers import bare
from tests.codegen.evaluation.tasks.scripted import MODEL, answering
from tests.codegen.models.fake_endpoint import Fault, fake_endpoint

FILE = "codegen/evaluation/tasks/benchmark.py@autogeeval"


def _accuracy(log: EvalLog) -> float:
    assert log.status == "success", log.error
    assert log.results is not None
    return float(log.results.scores[0].metrics["accuracy"].value)


def test_its_own_command_evaluates_a_part(
    benchmark: Path, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path(__file__).parents[4])
    given = {"benchmark": str(benchmark), "part": "unit", "epochs": 1, "place": {"url": url}}
    (log,) = inspect_eval(FILE, task_args=given, model="benchmark/reference", log_dir=str(tmp_path), display="none")
    assert _accuracy(log) == 1.0
    assert log.results is not None
    assert log.results.total_samples == 4


def test_its_retry_asks_for_what_failed(
    benchmark: Path, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fake_endpoint(answering({"listReverseTask": Fault(500)})) as endpoint:
        endpoint.set(monkeypatch)
        task = autogeeval(str(benchmark), epochs=1, place={"url": url}, asking={"attempts": 1})
        (log,) = inspect_eval(task, model=MODEL, log_dir=str(tmp_path), display="none")
        endpoint.script = answering({})
        endpoint.asked.clear()
        (log,) = eval_retry(log, log_dir=str(tmp_path), display="none")
        assert _accuracy(log) == 1.0
        assert endpoint.count == 1


@pytest.mark.parametrize("solver", [generate(), bare()])
def test_other_solvers_can_take_the_place_of_the_tasks_own(
    solver: Solver, benchmark: Path, url: str, tmp_path: Path
) -> None:
    task = autogeeval(str(benchmark), part="theme", epochs=1, place={"url": url})
    (log,) = inspect_eval(
        task,
        solver=solver,
        model="benchmark/reference",
        log_dir=str(tmp_path),
        display="none",
    )
    assert _accuracy(log) == 1.0
