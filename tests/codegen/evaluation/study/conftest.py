"""A benchmark of five functions, a small knowledge base, and a model that knows an operator when it reads its name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from codegen.evaluation.study.conditions import read_conditions
from codegen.evaluation.study.running import Outcome, Wanted, run_study
from tests.codegen.evaluation.tasks.conftest import benchmark, knowledge
from tests.codegen.evaluation.tasks.scripted import MODEL, key
from tests.codegen.evaluation.tasks.tiny import TASKS
from tests.codegen.models.fake_endpoint import Asked

__all__ = ["benchmark", "knowledge"]

RunStudy = Callable[..., Outcome]

TABLE = """
families: {methods: Ways of asking, tables: Without a table}
conditions:
  bare: {family: methods, solver: bare}
  rag: {family: methods, solver: rag, against: [bare], hypothesis: More is right.}
  cop:
    family: methods
    solver: cop
    options: {rounds: 1, without: [design]}
    against: [bare, rag]
    hypothesis: More is right.
  no_operators:
    family: tables
    solver: rag
    options: {tables_without: [operator]}
    against: [rag]
    hypothesis: Less is right.
"""
TWO = """
families: {methods: Ways of asking}
conditions:
  bare: {family: methods, solver: bare}
  direct: {family: methods, solver: direct, against: [bare], hypothesis: Nothing changes.}
"""


def reading(asked: Asked) -> str:
    """The reference, where the last of its operators stands in the question; else one that there is not."""
    task = next(one for one in TASKS if one.function == key(asked)[0])
    name = task.operators[-1]
    said = " ".join(str(message["content"]) for message in asked.messages)
    short = name.rsplit(".", 1)[1]
    code = str(task.reference)
    return f"```python\n{code if name in said else code.replace(f'.{short}(', f'.{short}All(')}```"


@pytest.fixture
def study(benchmark: Path, knowledge: Path, url: str, tmp_path: Path) -> RunStudy:
    """Runs a study in the test's folder."""

    def ran(table: str = TABLE, say: Callable[[str], None] = lambda line: None, **wanted: object) -> Outcome:
        file = tmp_path / "conditions.yaml"
        file.write_text(table)
        settings = {"url": url, "workers": 1, "attempts": 1}
        given = {"parts": ("unit", "theme"), "knowledge": knowledge, "settings": settings, **wanted}
        asked = Wanted(benchmark, MODEL, read_conditions(file), **given)  # type: ignore[arg-type]
        return run_study(asked, tmp_path / "study", say)

    return ran
