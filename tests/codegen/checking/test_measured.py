"""False alarms and recall: a sample of what `benchmarks/static_check.py` measures on all scripts.

The truth is what the clients do: Node and Python build each script's graphs against the local Earth Engine.
"""

import contextlib
import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import ee
import pytest

from codegen.checking.check import check
from ee_emulator.client import initialise
from ee_emulator.process import Emulator, start_emulator
from tests.codegen.checking.measuring import Scripts, alarmed, recall
from tests.codegen.trace.runs import in_python, trace_javascript, trace_python
from tests.ee_emulator.javascript.scripts import distinct_scripts

LABELLED = sorted(Path(__file__).parents[1].joinpath("labelled").glob("[0-9]*"))
LEAST_RECALL = 0.95
MOST_ALARMS = 0.01
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="no node here")


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with start_emulator() as server:
        yield server


def test_no_alarm_for_scripts_that_run_in_node() -> None:
    scripts = distinct_scripts()
    assert len(scripts) == 1_001
    assert len(alarmed(scripts, "javascript")) <= MOST_ALARMS * len(scripts)


@pytest.mark.parametrize("path", [p for p in LABELLED if p.suffix in (".js", ".py")], ids=lambda p: p.stem)
def test_no_alarm_for_scripts_that_were_labelled(path: Path) -> None:
    assert check(path.read_text(encoding="utf-8"), "python" if path.suffix == ".py" else "javascript") == ()


def test_alarms_in_translated_scripts_are_right(emulator: Emulator) -> None:
    """Translations to Python are wrong now and then: those that the check complains of fail.

    But for two faults that the tracer does not come to; the next test shows that they are some.
    """
    scripts = in_python(distinct_scripts()[::10])
    told = alarmed(scripts, "python")
    traces = trace_python(emulator.url, told)
    false = []
    for script, trace in zip(told, traces, strict=True):
        operators = {one.operator for one in check(script["code"], "python")}
        if not trace.error and not operators <= {"ee.FeatureCollection.draw", "ee.Image.map"}:
            false.append((script["name"], operators))
    assert len(told) >= 3
    assert len(false) <= MOST_ALARMS * len(scripts), false


def test_faults_that_the_tracer_does_not_come_to_are_faults(emulator: Emulator) -> None:
    initialise(emulator.url)
    with pytest.raises(AttributeError):
        ee.Image(1).map(lambda image: image)
    drawn = ee.FeatureCollection([ee.Feature(ee.Geometry.Point(0, 0))]).draw({"color": "ff0000"})
    with pytest.raises(ee.EEException, match="String"):
        drawn.reduceRegion(ee.Reducer.mean(), ee.Geometry.Point(0, 0), 30).getInfo()


@needs_node
def test_faults_in_javascript_are_found(emulator: Emulator) -> None:
    def fails(scripts: Scripts) -> list[bool]:
        return [trace.error is not None for trace in trace_javascript(emulator.url, scripts)]

    found = recall(distinct_scripts()[::40], "javascript", fails)
    print(found)
    assert found.caught.total() >= 90
    assert min(found.of("operator"), found.of("argument"), found.of("lacking"), found.of("type")) >= LEAST_RECALL


def test_faults_in_python_are_found(emulator: Emulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In the scripts that were labelled: they need nothing but the client, and are run here."""
    initialise(emulator.url)
    monkeypatch.chdir(tmp_path)  # some write files

    def fails(scripts: Scripts) -> list[bool]:
        return [_raises(script["code"]) for script in scripts]

    scripts = [{"name": p.stem, "code": p.read_text(encoding="utf-8")} for p in LABELLED if p.suffix == ".py"]
    found = recall(scripts, "python", fails, most=1)
    print(found)
    assert found.caught.total() >= 40
    assert found.all >= LEAST_RECALL


def _raises(code: str) -> bool:
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(code, "<script>", "exec"), {"__name__": "__main__"})
    except Exception:  # whatever it is: the script fails
        return True
    return False
