"""What is left in the folder: nothing outside of it, and pictures of what can be seen."""

import base64
import io
import json
import struct
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from codegen.chain.charts import captioned, chart_of, draw
from codegen.chain.output import write_output
from codegen.chain.pool import Draft, Execution, Pool, Program, Setting
from codegen.chain.programs import program
from codegen.sandbox.outcome import Language
from codegen.sandbox.sandbox import Sandbox
from tests.codegen.chain.support import StandIn


def pool_with(
    files: dict[str, bytes], stdout: str = "printed", returned: Any = None, language: Language = "python"
) -> Pool:
    pool = Pool(setting=Setting(request="x", language=language))
    kept = {name: base64.b64encode(content).decode() for name, content in files.items()}
    ran = Execution(key="a", how="run", status="ended", error=None, stdout=stdout, stderr="", files=kept)
    pool.record.executions.append(ran)
    pool.state.drafts = [Draft(code="x = 1", execution=0)]
    pool.state.program = Program(state="ran", code="x = 1")
    if returned is not None:
        given = Execution(key="b", how="call", status="ended", error=None, stdout="", stderr="", returned=returned)
        pool.record.executions.append(given)
        pool.state.result = 1
    return pool


def written(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_what_was_printed_and_left_is_written(tmp_path: Path) -> None:
    write_output(pool_with({"table.csv": b"a,b", "maps/one.png": b"png"}), tmp_path, None, print)
    assert written(tmp_path) == {
        "program.py", "output/printed.txt", "output/table.csv", "output/maps/one.png",
    }  # fmt: skip
    assert (tmp_path / "output" / "table.csv").read_bytes() == b"a,b"


@pytest.mark.parametrize(
    "name",
    [
        "../escaped",
        "/etc/escaped",
        "a/../../escaped",
        "..",
        "",
        ".hidden",
        "a/.hidden",
        "a\nb",
        "a\x00b",
        "x" * 300,
        "~root",
    ],
)
def test_names_that_lead_elsewhere_are_left_out(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "inside"
    write_output(pool_with({name: b"bad"}), folder, None, print)
    assert written(tmp_path) == {"inside/program.py", "inside/output/printed.txt"}


def test_a_value_is_written_and_drawn(tmp_path: Path) -> None:
    value = {"2020-01": 0.2, "2020-02": 0.3, "2020-03": 0.5}
    write_output(pool_with({}, returned={"type": "dict", "expression": None, "value": value}), tmp_path, None, print)
    assert json.loads((tmp_path / "output" / "result.json").read_text()) == value
    assert size(tmp_path / "output" / "result_chart.png")[0] > 400


@pytest.mark.parametrize(
    "layers", [b"", b"[", b"{}", b"[1]", b'[{"type": 1}]', b'[{"type": "Image", "expression": {}}]']
)
def test_layers_that_make_no_sense_are_left_out(tmp_path: Path, layers: bytes) -> None:
    write_output(pool_with({"layers.json": layers}), tmp_path, StandIn(), print)
    assert written(tmp_path) == {"program.py", "output/printed.txt"}


def size(path: Path) -> tuple[int, int]:
    content = path.read_bytes()
    assert content.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", content[16:24])
    return width, height


REGION = "region = ee.Geometry.Point([114.3, 30.6]).buffer(2000)"
RESULTS = {
    "an image": ("return ee.Image('USGS/SRTMGL1_003').clip(region)", {"result.png"}),
    "three bands": ("return ee.Image.cat(1, 2, 3).rename('a', 'b', 'c').clip(region)", {"result.png"}),
    "a geometry": ("return region", {"result.json", "result.png"}),
    "features": (
        "return ee.FeatureCollection([ee.Feature(region, {'name': 'a', 'value': 1}),"
        " ee.Feature(region.buffer(500), {'name': 'b', 'value': 3})])",
        {"result.json", "result.png", "result_chart.png"},
    ),
    "a dictionary": ("return ee.Dictionary({'a': 1, 'b': 2})", {"result.json", "result_chart.png"}),
    "a number": ("return ee.Number(7)", {"result.json"}),
    "several": ("return {'map': ee.Image(1).clip(region), 'mean': 3}", {"map.png", "mean.json"}),
}


@pytest.mark.parametrize("name", RESULTS)
def test_results_are_looked_at_in_the_sandbox(tmp_path: Path, sandbox: Sandbox, name: str) -> None:
    body, expected = RESULTS[name]
    outcome = sandbox.call(f"import ee\ndef main():\n    {REGION}\n    {body}\n", "main", {})
    assert outcome.returned is not None, outcome
    returned = {
        "type": outcome.returned.type, "expression": outcome.returned.expression, "value": outcome.returned.value,
    }  # fmt: skip
    said: list[str] = []
    write_output(pool_with({}, returned=returned), tmp_path, sandbox, said.append)
    assert written(tmp_path / "output") == {"printed.txt", *expected}, said
    for path in (tmp_path / "output").glob("*.png"):
        assert min(size(path)) > 100


def test_an_image_without_bounds_is_not_looked_at_and_that_is_said(tmp_path: Path, sandbox: Sandbox) -> None:
    outcome = sandbox.call("import ee\ndef main():\n    return ee.Image(1)\n", "main", {})
    assert outcome.returned is not None
    returned = {"type": "ee.Image", "expression": outcome.returned.expression, "value": None}
    said: list[str] = []
    write_output(pool_with({}, returned=returned), tmp_path, sandbox, said.append)
    assert any("clip it" in text for text in said)


def test_data_sets_are_described_by_earth_engine(sandbox: Sandbox) -> None:
    outcome = sandbox.run(program("describe", ["USGS/SRTMGL1_003", "LANDSAT/LC08/C02/T1_L2", "not/there"]), "python")
    rows = [json.loads(line) for line in outcome.stdout.splitlines()]
    assert rows[0]["bands"] == ["elevation"]
    assert "SR_B5" in rows[1]["bands"]
    assert rows[2]["type"] == "NOT_THERE"


CHARTS: dict[str, tuple[Any, int]] = {
    "a dictionary": ({"a": 1, "b": 2.5}, 2),
    "a dictionary with gaps": ({"2020-01": 1, "2020-02": None, "2020-03": 2}, 3),
    "numbers": ([1, 2, 3], 3),
    "pairs": ([["2020", 1], ["2021", 2]], 2),
    "a table": ([{"year": "2020", "ndvi": 0.1, "n": 3}, {"year": "2021", "ndvi": None, "n": 4}], 2),
    "many": ({str(number): number for number in range(100)}, 100),
    "a hostile title": ({"$x^$": 1, "<b>": 2}, 2),
}


@pytest.mark.parametrize("name", CHARTS)
def test_values_make_charts(name: str) -> None:
    value, points = CHARTS[name]
    chart = chart_of(value)
    assert chart is not None
    assert len(chart.points) == points
    assert draw(chart, "a $title").startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "value",
    [
        None,
        7,
        "text",
        [],
        [1],
        {},
        {"a": "b"},
        [[1, 2, 3]],
        [{"a": "b"}, {"a": "c"}],
        {"a": True, "b": False},
        {"a": 1, "b": 2, "c": "d"},
    ],
)
def test_other_values_make_none(value: Any) -> None:
    assert chart_of(value) is None


def test_what_comes_of_the_simulated_planet_says_so(tmp_path: Path) -> None:
    """Charts and pictures are handed on without the page that they came from."""
    values = {"type": "dict", "expression": None, "value": {"a": 1.0, "b": 2.0, "c": 4.0}}
    shown: dict[bool, bytes] = {}
    for simulated in (False, True):
        pool = pool_with({}, returned=values)
        pool.setting.simulated = simulated
        write_output(pool, tmp_path / str(simulated), None, print)
        shown[simulated] = (tmp_path / str(simulated) / "output" / "result_chart.png").read_bytes()
    assert shown[True] != shown[False]


def test_a_caption_stands_below_the_picture_which_stays_as_it_is() -> None:
    made = io.BytesIO()
    Image.new("RGB", (200, 50), "red").save(made, format="png")
    captioned_ = Image.open(io.BytesIO(captioned(made.getvalue(), "SIMULATED planet"))).convert("RGB")
    assert captioned_.width == 200
    assert captioned_.height > 50
    assert set(captioned_.crop((0, 0, 200, 50)).getdata()) == {(255, 0, 0)}
    assert min(captioned_.crop((0, 50, 200, captioned_.height)).convert("L").getdata()) < 128
    assert captioned(b"no picture", "SIMULATED planet") == b"no picture"
    assert captioned(made.getvalue(), "") == made.getvalue()
