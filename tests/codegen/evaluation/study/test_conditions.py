"""The table of conditions: ours is whole, and what is wrong in another is said."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from codegen.chain.steps import STEPS
from codegen.evaluation.study.conditions import OPTIONS, ROUNDS, from_plain, only, read_conditions
from codegen.evaluation.tasks import solvers
from codegen.evaluation.tasks.plan import SOLVERS
from codegen.retrieval.documents import KINDS
from lake.errors import BadInputError

ROWS = "families: {f: F}\nconditions:\n  a: {family: f, solver: bare}\n"


def test_ours_has_every_solver_every_step_that_a_function_takes_and_every_table() -> None:
    rows = read_conditions().rows
    assert {row.solver for row in rows if not row.options} == set(SOLVERS)
    left_out = [step for row in rows for step in row.options.get("without", ())]
    assert sorted(left_out) == sorted(set(STEPS) - {"annotation"})  # a function has no header
    assert sorted(table for row in rows for table in row.options.get("tables_without", ())) == sorted(KINDS)
    assert all(row.hypothesis for row in rows if row.against)


def test_options_are_those_that_solvers_take() -> None:
    for name in SOLVERS:
        taken = dict(inspect.signature(getattr(solvers, name)).parameters)
        assert set(OPTIONS.get(name, ())) == set(taken) - {"place", "asking", "knowledge"}
        if "rounds" in taken:
            assert taken["rounds"].default == ROUNDS


def test_what_a_task_can_take_is_known() -> None:
    most = {row.name: (row.most_calls, row.rounds, row.looks_up) for row in read_conditions().rows}
    assert most["bare"] == (1, 0, False)
    assert most["cop"] == (4, 2, True)  # design, code, two rounds
    assert most["cop_without_design"] == (3, 2, True)
    assert most["cop_without_debugging"] == (2, 0, True)
    assert most["cop_without_retrieval"] == (4, 2, False)
    assert most["self_debug"] == (5, 2, False)
    assert most["rag_without_script"] == (1, 0, True)


def test_it_is_the_same_after_json() -> None:
    conditions = read_conditions()
    assert from_plain(conditions.plain()) == conditions


def test_a_part_of_the_table_has_what_its_rows_are_compared_with() -> None:
    found = only(read_conditions(), ["tables", "cop_without_check"])
    names = [row.name for row in found.rows]
    assert names[:3] == ["rag", "cop", "cop_without_check"]
    assert found.named("rag").against == ()
    assert found.named("cop").against == ("rag",)
    assert list(found.families) == ["methods", "steps", "tables"]
    with pytest.raises(BadInputError, match=r"named nosuch\. There are: methods, steps, tables, bare"):
        only(read_conditions(), ["nosuch"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- a\n", "there is a list"),
        ("a: [", "is no YAML"),
        ("families: {}\n", "are wanted, no more"),
        (ROWS + "more: 1\n", "are wanted, no more"),
        (ROWS + "  a: {family: f, solver: cop}\n", "names a twice"),
        (ROWS + "  slices: {family: f, solver: cop}\n", "slices: a name is a folder's"),
        (ROWS + "  ../b: {family: f, solver: cop}\n", "a name is a folder's"),
        (ROWS + "  b: {family: f, solver: cop, other: 1}\n", "b: a row has family.*there is other"),
        (ROWS + "  b: {family: g, solver: cop}\n", "no family g. There are: f"),
        (ROWS + "  b: {family: f, solver: clever}\n", "no solver 'clever'. There are: bare"),
        (ROWS + "  b: {family: f, solver: bare, options: {hits: 2}}\n", "bare has no options hits. It has: none"),
        (ROWS + "  b: {family: f, solver: rag, options: {hits: many}}\n", "`hits` wants a whole number"),
        (ROWS + "  b: {family: f, solver: cop, options: {without: [step]}}\n", "list of requirement, design"),
        (ROWS + "  b: {family: f, solver: cop, options: {without: debugging}}\n", "there is 'debugging'"),
        (ROWS + "  b: {family: f, solver: cop, against: a}\n", "`against` wants a list"),
        (ROWS + "  b: {family: f, solver: cop, against: [c], hypothesis: h}\n", "compared with c, which is no other"),
        (ROWS + "  b: {family: f, solver: cop, against: [b], hypothesis: h}\n", "compared with b, which is no other"),
        (ROWS + "  b: {family: f, solver: cop, against: [a, a], hypothesis: h}\n", "the same row twice"),
        (ROWS + "  b: {family: f, solver: cop, against: [a]}\n", "wants a `hypothesis`"),
        (ROWS + "  b: {family: f, solver: bare}\n", "asks as a does"),
    ],
)
def test_what_is_wrong_with_a_table_is_said(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(text)
    with pytest.raises(BadInputError, match=said):
        read_conditions(file)


def test_a_table_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"none\.yaml cannot be read"):
        read_conditions(tmp_path / "none.yaml")
