"""Solvers from end to end: what they ask, what is recorded of it, and what they may leave out."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest

from codegen.evaluation.tasks.plan import Plan
from codegen.retrieval.context import HEADER
from lake.errors import BadInputError
from tests.codegen.evaluation.tasks.conftest import Evaluate
from tests.codegen.evaluation.tasks.scripted import MODEL, answering
from tests.codegen.evaluation.tasks.tiny import CASES
from tests.codegen.models.fake_endpoint import FakeEndpoint, Reply, fake_endpoint


def _asked(endpoint: FakeEndpoint) -> list[str]:
    return [str(asked.messages) for asked in endpoint.asked]


def test_rag_puts_in_front_what_is_known(run: Evaluate, knowledge: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with fake_endpoint(answering({})) as endpoint:
        endpoint.set(monkeypatch)
        result = run(MODEL, solver="rag", options={"knowledge": str(knowledge), "tables_without": ["script"]})
        assert all(HEADER in text for text in _asked(endpoint))
        assert not any('kind="script"' in text for text in _asked(endpoint))
    table = pl.read_parquet(result.folder / "records.parquet")
    assert table["passed"].all()
    assert table["solver"].unique().to_list() == ["rag -table:script"]
    assert all(HEADER in prompt for prompt in table["prompt"])


def test_the_chain_adds_up_what_all_its_steps_cost(
    run: Evaluate, knowledge: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fake_endpoint(lambda asked: Reply(answering({})(asked), prompt_tokens=100, completion_tokens=10)) as endpoint:  # type: ignore[arg-type]
        endpoint.set(monkeypatch)
        result = run(MODEL, solver="cop", options={"knowledge": str(knowledge)}, limit=1)
        calls = endpoint.count
    table = pl.read_parquet(result.folder / "records.parquet")
    assert table["passed"].all()
    assert calls > 1
    assert table["prompt_tokens"].unique().to_list() == [100 * calls]
    assert table["completion_tokens"].unique().to_list() == [10 * calls]


def test_steps_that_are_left_out_are_not_taken(run: Evaluate, monkeypatch: pytest.MonkeyPatch) -> None:
    without = ["requirement", "design", "retrieval", "check", "execution", "debugging"]
    with fake_endpoint(answering({})) as endpoint:
        endpoint.set(monkeypatch)
        result = run(MODEL, solver="cop", options={"without": without}, limit=2)
        assert endpoint.count == 2
    solvers = pl.read_parquet(result.folder / "records.parquet")["solver"]
    assert solvers[0] == "cop -requirement -design -retrieval -check -execution -debugging"


def test_a_rival_writes_functions_too(run: Evaluate, monkeypatch: pytest.MonkeyPatch) -> None:
    with fake_endpoint(answering({})) as endpoint:
        endpoint.set(monkeypatch)
        result = run(MODEL, solver="self_debug", limit=1)
    table = pl.read_parquet(result.folder / "records.parquet")
    assert table["passed"].all()
    assert table["solver"].unique().to_list() == ["self_debug"]


def test_a_model_that_says_nothing_has_answered(run: Evaluate, monkeypatch: pytest.MonkeyPatch) -> None:
    with fake_endpoint([Reply(" ")]) as endpoint:
        endpoint.set(monkeypatch)
        result = run(MODEL)
        assert not result.failed
        run(MODEL)
        assert endpoint.count == 5
    table = pl.read_parquet(result.folder / "records.parquet")
    assert table.height == CASES
    assert table["error"].unique().to_list() == ["syntax"]
    assert (table["prompt"] != "").all()


def test_a_step_or_a_solver_that_there_is_not_is_refused(run: Evaluate) -> None:
    with pytest.raises(BadInputError, match="no step or table 'thinking'"):
        run("reference", solver="cop", options={"without": ["thinking"]})
    with pytest.raises(BadInputError, match="no solver 'magic'"):
        run("reference", solver="magic")
    assert not run("reference", limit=1).failed, "what was refused leaves nothing behind"


@pytest.mark.parametrize("solver", ["rag", "cop"])
def test_without_a_knowledge_base_a_solver_that_looks_up_is_refused(solver: str, run: Evaluate, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="eecode kb build"):
        run("reference", solver=solver, options={"knowledge": str(tmp_path)})


def test_another_knowledge_base_is_another_question(
    run: Evaluate, knowledge: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = shutil.copytree(knowledge, tmp_path / "moved")
    with fake_endpoint(answering({})) as endpoint:
        endpoint.set(monkeypatch)
        run(MODEL, solver="rag", options={"knowledge": str(knowledge)}, limit=1)
        run(MODEL, solver="rag", options={"knowledge": str(moved)}, limit=1)
        assert endpoint.count == 1
        (moved / "manifest.json").write_text('{"scripts": "others"}')
        with pytest.raises(BadInputError, match="another knowledge base"):
            run(MODEL, solver="rag", options={"knowledge": str(moved)}, limit=1)


def test_what_is_left_out_is_in_the_solvers_name() -> None:
    plan = Plan("b", "m", solver="cop", options={"without": ["design"], "tables_without": ["chain"]})
    assert plan.label == "cop -design -table:chain"
