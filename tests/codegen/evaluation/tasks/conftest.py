"""A benchmark of five functions, its answers by execution, and a small knowledge base."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from codegen.evaluation.tasks.plan import Plan
from codegen.evaluation.tasks.running import Result, evaluate
from codegen.retrieval.index import build_index
from codegen.sandbox.sandbox import Sandbox
from tests.codegen.evaluation.tasks import tiny
from tests.codegen.retrieval.conftest import made_up, write

Evaluate = Callable[..., Result]


@pytest.fixture(scope="session")
def benchmark(sandbox: Sandbox, url: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("benchmark") / "tiny"
    tiny.build(folder, sandbox, url)
    return folder


@pytest.fixture(scope="session")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small knowledge base with its index."""
    folder = write(made_up(), tmp_path_factory.mktemp("knowledge"))
    build_index(folder, folder / "index")
    (folder / "manifest.json").write_text("{}")
    return folder


@pytest.fixture
def run(benchmark: Path, url: str, tmp_path: Path) -> Evaluate:
    """Evaluates a model in the test's folder."""

    def ran(
        model: str, fresh: bool = False, say: Callable[[str], None] = lambda line: None, **settings: object
    ) -> Result:
        given = {"epochs": 1, "attempts": 1, "workers": 1, "url": url, **settings}
        return evaluate(Plan(str(benchmark), model, **given), tmp_path / "run", fresh=fresh, say=say)  # type: ignore[arg-type]

    return ran
