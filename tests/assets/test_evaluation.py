"""Models and generation in Dagster: verdicts by model and part, a page over all, a program for a configuration."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mlflow
import pytest

from codegen.sandbox.sandbox import open_sandbox
from ee_emulator.process import Emulator, start_emulator
from tests.assets.support import BIN, Workplace
from tests.codegen.evaluation.tasks import tiny
from tests.codegen.models.fake_endpoint import fake_endpoint

pytestmark = pytest.mark.slow
ANSWER = "```python\nimport ee\nee.Initialize()\nprint(ee.Number(2).add(3).getInfo())\n```"


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    with start_emulator() as started:
        yield started


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, server: Emulator) -> Workplace:
    """A data folder, with a benchmark of five functions."""
    place = Workplace(tmp_path_factory.mktemp("evaluation") / "data")
    with open_sandbox(server.url) as sandbox:
        tiny.build(place.data / "benchmark", sandbox, server.url)
    return place


def materialise(place: Workplace, url: str, selection: str, *more: str, **environment: str) -> str:
    command = [BIN / "dagster", "asset", "materialize", "-m", "assets.geocode.definitions", "--select", selection]
    done = subprocess.run(
        [*command, *more],
        env=place.environment(
            AEF_ECON_BENCHMARK=str(place.data / "benchmark"),
            AEF_ECON_LANGUAGE_MODELS="reference",
            AEF_ECON_EE_EMULATOR_URL=url,
            **environment,
        ),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stderr


def configured(path: Path, asset: str, **config: Any) -> list[str]:
    path.write_text(json.dumps({"ops": {asset: {"config": config}}}))
    return ["--config", str(path)]


def test_a_model_is_judged_by_part_checked_and_shown(place: Workplace, server: Emulator, tmp_path: Path) -> None:
    config = configured(tmp_path / "config.json", "evaluation__records", epochs=1)
    materialise(place, server.url, "evaluation/records", "--partition", "reference|theme", *config)
    found = place.lake.read_table("evaluation/reference/bare/theme")
    assert found["passed"].to_list() == [True] * 2

    materialise(place, server.url, "evaluation/leaderboard")
    assert (place.data / "evaluations/dagster/leaderboard.html").stat().st_size > 10_000
    client = mlflow.MlflowClient(f"sqlite:///{place.data / 'mlflow.db'}")
    (tracked,) = client.search_runs([one.experiment_id for one in client.search_experiments()])
    assert tracked.data.params["model"] == "reference"


def test_a_program_is_generated_from_a_configuration(place: Workplace, server: Emulator, tmp_path: Path) -> None:
    with fake_endpoint([ANSWER]) as endpoint:
        config = configured(
            tmp_path / "config.json",
            "generation__program",
            request="two and three",
            model="openai-api/fake/writer",
            without=["requirement", "design", "retrieval", "annotation"],
        )
        materialise(
            place,
            server.url,
            "generation/program",
            *config,
            FAKE_BASE_URL=endpoint.url,
            FAKE_API_KEY="made-up",
        )
    (printed,) = (place.data / "generated").glob("*/output/printed.txt")
    assert printed.read_text(encoding="utf-8").strip() == "5"
