"""Runs from end to end: a scripted endpoint, the sandbox, the local Earth Engine, the judge, inspect_ai's log."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pytest
from inspect_ai.log import list_eval_logs, read_eval_log

from codegen.evaluation.cases.case import PARTS
from codegen.evaluation.tasks import running
from codegen.evaluation.tasks.plan import Plan
from codegen.evaluation.tasks.running import Result, evaluate, settings_of
from lake.errors import BadInputError
from tests.codegen.evaluation.tasks.conftest import Evaluate
from tests.codegen.evaluation.tasks.scripted import MODEL, REFERENCES, answering, counts
from tests.codegen.evaluation.tasks.tiny import CASES, FUNCTIONS
from tests.codegen.models.fake_endpoint import Fault, Reply, Step, fake_endpoint


def _records(result: Result) -> pl.DataFrame:
    return pl.read_parquet(result.folder / "records.parquet")


def _classes(result: Result) -> dict[str, str | None]:
    """The error class of each function's first case; None where it passed."""
    first = _records(result).group_by("function", maintain_order=True).first()
    return dict(first.select("function", "error").iter_rows())


def _wrapped(code: str) -> str:
    return f"```python\n{code}\n```"


def test_the_benchmarks_own_solutions_pass_all_cases(run: Evaluate) -> None:
    said: list[str] = []
    result = run("reference", epochs=2, say=said.append)
    table = _records(result)
    assert table.height == 2 * CASES
    assert table["passed"].all()
    assert set(table["section"]) == {"unit", "boundary", "theme"}
    assert said[0] == "5 functions with 9 cases, 2 times."
    told = json.loads((result.folder / "run.json").read_text())
    assert told["outcome"]["failed"] == []
    assert told["settings"]["model"] == "reference"
    assert told["simulated"] is True


def test_the_log_has_every_sample_with_its_records_and_the_figures(run: Evaluate) -> None:
    wrong = _wrapped("def listReverseTask(items):\n    return ee.List(items).turnRound()")
    with fake_endpoint(answering({"listReverseTask": wrong})) as endpoint, pytest.MonkeyPatch.context() as patch:
        endpoint.set(patch)
        result = run(MODEL, epochs=2)
    log = read_eval_log(list_eval_logs(str(result.folder / "logs"))[0])
    assert log.results is not None
    figures = {f"{score.name}/{name}": one.value for score in log.results.scores for name, one in score.metrics.items()}
    assert figures["executed/accuracy"] == pytest.approx((CASES - 2) / CASES)
    assert figures["executed/stderr"] > 0
    assert figures["hallucinated/a_program"] == pytest.approx(1 / len(FUNCTIONS))
    assert figures["hallucinated/free_of_unknown"] == pytest.approx(4 / 5)
    assert log.samples is not None
    sample = next(one for one in log.samples if one.id == "listReverseTask")
    assert sample.scores is not None
    records = (sample.scores["executed"].metadata or {})["records"]
    assert [record["error"] for record in records] == ["parameter", "parameter"]
    assert sample.messages[-1].text == wrong
    assert sum(usage.total_tokens for usage in log.stats.model_usage.values()) > 0


def test_scripted_answers_get_the_verdicts_that_they_earn(run: Evaluate) -> None:
    answers = {
        "numberAddTask": _wrapped("def numberAddTask(left, right):\n    return ee.Number(left).subtract(right)"),
        "stringUpperTask": _wrapped("def stringUpperTask(text):\n    return ee.List([text])"),
        "listReverseTask": "I would rather not.",
        "geometryBufferTask": _wrapped("def geometryBufferTask(shape, distance):\n    while True:\n        pass"),
    }
    with fake_endpoint(answering(answers)) as endpoint, pytest.MonkeyPatch.context() as patch:
        endpoint.set(patch)
        result = run(MODEL, limit_seconds=2.0)
    assert _classes(result) == {
        "numberAddTask": "wrong_answer",
        "stringUpperTask": "output_type",
        "listReverseTask": "syntax",
        "geometryBufferTask": "runtime",
        "constantMeanTask": None,
    }
    table = _records(result)
    assert set(table["model"]) == {MODEL}
    assert set(table["solver"]) == {"bare"}
    assert (table["prompt_tokens"] > 0).all()
    assert table.filter(function="constantMeanTask")["lines"].unique().to_list() == [3]
    assert table.filter(function="listReverseTask")["code"].unique().to_list() == [""]


def test_each_epoch_asks_with_another_seed_and_a_finished_run_asks_nothing(run: Evaluate) -> None:
    with fake_endpoint(answering({})) as endpoint, pytest.MonkeyPatch.context() as patch:
        endpoint.set(patch)
        run(MODEL, epochs=2)
        once = {(function, epoch): 1 for function in FUNCTIONS for epoch in (1, 2)}
        assert counts(endpoint) == once
        said: list[str] = []
        run(MODEL, epochs=2, say=said.append)
        assert counts(endpoint) == once
        assert "10 of 10 programs were judged before." in said
        run(MODEL, epochs=3)
        assert counts(endpoint) == once | {(function, 3): 1 for function in FUNCTIONS}


def test_where_the_endpoint_fails_the_others_go_on_and_the_same_command_asks_for_the_failed_ones(run: Evaluate) -> None:
    answers: dict[str, Step] = {
        "listReverseTask": Fault(500),
        "numberAddTask": Reply(REFERENCES["numberAddTask"], delay=3.0),
    }
    with fake_endpoint(answering(answers)) as endpoint, pytest.MonkeyPatch.context() as patch:
        endpoint.set(patch)
        result = run(MODEL, attempt_seconds=1)
        assert {function for function, _ in result.failed} == {"listReverseTask", "numberAddTask"}
        assert "500" in result.failed["listReverseTask", 1]
        assert "too long" in result.failed["numberAddTask", 1]
        classes = _classes(result)
        assert (classes["listReverseTask"], classes["numberAddTask"]) == ("network", "network")
        assert classes["constantMeanTask"] is None
        endpoint.script = answering({})
        endpoint.asked.clear()
        result = run(MODEL, attempt_seconds=1)
        assert not result.failed
        assert _records(result)["passed"].all()
        assert set(counts(endpoint)) == {("listReverseTask", 1), ("numberAddTask", 1)}
    logs = list_eval_logs(str(result.folder / "logs"))
    assert len(logs) == 1, "the log of the try that failed is superseded"


def test_an_endpoint_that_is_gone_is_not_asked_for_every_function(
    run: Evaluate, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fake_endpoint([Fault(500)]) as endpoint:
        endpoint.set(monkeypatch)
        result = run(MODEL, epochs=5, connections=1, workers=1)
        assert len(result.failed) == 25
        assert endpoint.count < 15


def test_another_judge_judges_again_what_was_answered(run: Evaluate, monkeypatch: pytest.MonkeyPatch) -> None:
    with fake_endpoint(answering({})) as endpoint:
        endpoint.set(monkeypatch)
        before = _records(run(MODEL))
        monkeypatch.setattr(running, "judge_hash", lambda: "another")
        said: list[str] = []
        after = _records(run(MODEL, say=said.append))
        assert endpoint.count == len(FUNCTIONS)
    assert any("judged again" in line for line in said)
    assert (before["run_seconds"] != after["run_seconds"]).any()
    assert before.drop("run_seconds").equals(after.drop("run_seconds"))


def test_a_folder_of_another_run_is_refused_and_forgotten_on_demand(run: Evaluate) -> None:
    run("reference", limit=1)
    with pytest.raises(BadInputError, match="another temperature"):
        run("reference", limit=1, temperature=1.0)
    result = run("reference", limit=1, temperature=1.0, fresh=True)
    assert _records(result)["function"].unique().to_list() == ["numberAddTask"]
    assert settings_of(result.folder)["temperature"] == 1.0


def test_a_part_alone_is_a_part_of_the_same_run(run: Evaluate) -> None:
    theme = _records(run("reference", parts=["theme"]))
    assert set(theme["function"]) == {"constantMeanTask"}
    said: list[str] = []
    assert _records(run("reference", parts=PARTS, say=said.append)).height == CASES
    assert "1 of 5 programs were judged before." in said


def test_a_benchmark_without_its_answers_is_refused(run: Evaluate, benchmark: Path) -> None:
    answer = benchmark / "theme_code" / "ref_answer" / "constantMeanTask_testcase2.txt"
    content = answer.read_bytes()
    answer.unlink()
    try:
        with pytest.raises(BadInputError, match="expected answers of 1 cases"):
            run("reference")
    finally:
        answer.write_bytes(content)


def test_a_copy_of_the_published_benchmark_is_evaluated_as_it_is(
    benchmark: Path, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "AutoGEEval-Bench"
    ours = shutil.ignore_patterns("reference_code", "second_reference", "tasks.yaml", "manifest.json", "theme_code")
    shutil.copytree(benchmark, copy / "test_code", ignore=ours)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInputError, match="no reference solution of 4 functions"):
        evaluate(Plan(copy.name, "reference", url=url), Path("run"))
    with fake_endpoint(answering({})) as endpoint:
        endpoint.set(monkeypatch)
        result = evaluate(Plan(copy.name, MODEL, epochs=1, workers=1, url=url), Path("run"))
    table = _records(result)
    assert table["passed"].all()
    assert set(table["type"]) == {"ee.Number", "ee.String", "ee.List", "ee.Geometry"}
