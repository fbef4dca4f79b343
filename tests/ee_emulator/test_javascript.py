"""Google's JavaScript client in Node, and the Code Editor scripts that geemap ships, against a local Earth Engine."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from ee_emulator import algorithms
from ee_emulator.planet.catalog import SimulatedCatalog
from ee_emulator.process import Emulator, start_emulator
from ee_emulator.registry import IMPLEMENTATIONS
from tests.ee_emulator.javascript.needed_data import entry, functions_in, needed_by
from tests.ee_emulator.javascript.scripts import HERE, distinct_scripts, outcomes, run_in_node

pytestmark = pytest.mark.skipif(
    not (HERE / "node_modules").is_dir(), reason="Google's JavaScript client is not installed: run `make test`"
)


def test_the_client_initialises_and_evaluates(emulator: Emulator) -> None:
    command = ["node", str(HERE / "evaluate.cjs"), emulator.url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    answer = json.loads(done.stdout)
    assert answer["number"] == 3.5
    assert answer["mapped"] == [1, 4, 9, 16]
    assert answer["date"] == "2020-03-28"
    assert answer["reduced"] == {"x": 12723}  # 114.3° in thousands of metres of the web's Mercator
    assert [f["properties"] for f in answer["features"]["features"]] == [{"name": "noodles", "seats": 12}]
    assert "no number" in answer["refused"]


@pytest.fixture(scope="module")
def built(emulator: Emulator) -> list[dict[str, Any]]:
    return run_in_node(emulator.url, distinct_scripts(), "--build-only")


def test_every_script_builds(built: list[dict[str, Any]]) -> None:
    assert len(built) == 1_001
    assert {result["name"]: result["error"] for result in built if result["error"]} == {}


def test_no_script_needs_an_algorithm_that_is_missing(built: list[dict[str, Any]]) -> None:
    algorithms.load()
    called = {name for result in built for thing in result["things"] for name in functions_in(thing["graph"])}
    assert called - IMPLEMENTATIONS.keys() == set()


def stand_ins(scripts: list[dict[str, str]], url: str, folder: Path) -> Path:
    """A catalogue with something under every id that the scripts name and the planet lacks."""
    planet = SimulatedCatalog()
    built = run_in_node(url, scripts, "--build-only")
    needed = needed_by(thing for result in built for thing in result["things"])
    entries = [entry(asset, what) for asset, what in needed.items() if planet.get(asset) is None]
    (folder / "catalog.yaml").write_text(yaml.safe_dump({"assets": entries}), encoding="utf-8")
    return folder


@pytest.mark.slow
def test_scripts_run_on_stand_ins(emulator: Emulator, tmp_path: Path) -> None:
    """On noise in place of their data: what every 32nd script puts on the map, prints or exports comes out."""
    scripts = distinct_scripts()[::32]
    with start_emulator(catalog=str(stand_ins(scripts, emulator.url, tmp_path))) as server:
        results = run_in_node(server.url, scripts)
    whole, why = outcomes(results)
    print(f"{whole} of {len(scripts)} scripts come out whole; the others: {dict(why)}")
    assert why["missing algorithm"] == why["does not build"] == 0
    assert whole >= 0.9 * len(scripts)
