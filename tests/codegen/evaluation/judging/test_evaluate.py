"""What a program gave back is evaluated by its type, on a real local Earth Engine."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from codegen.evaluation.judging.answers import FACTS
from codegen.evaluation.judging.errors import EvaluationError
from codegen.evaluation.judging.evaluate import evaluate
from codegen.evaluation.judging.service import Service
from codegen.sandbox.outcome import Returned
from tests.codegen.evaluation.judging.conftest import Make

RECTANGLE = "ee.Geometry.Rectangle([120.05, 30.05, 120.06, 30.065])"
IMAGES = {
    "without bounds": "ee.Image(1)",
    "without bounds, part masked": "ee.Image([1, 2.5]).updateMask(ee.Image.pixelLonLat().select(0).gt(0))",
    "clipped": f"ee.Image('USGS/SRTMGL1_003').clip({RECTANGLE})",
    "clipped to a triangle": "ee.Image.pixelLonLat().clip(ee.Geometry.Polygon([[[9, 8], [9.01, 8], [9, 8.02]]]))",
    "whole numbers of 64 bits": f"ee.Image(5).toInt64().clip({RECTANGLE})",
    "too large": "ee.Image.random(3).clip(ee.Geometry.Rectangle([0, 0, 0.8, 0.8]))",
    "of a lattice of its own": f"ee.Image.pixelLonLat().reproject('EPSG:32650', None, 90).clip({RECTANGLE})",
}
PUBLISHED = """
import sys
import ee, numpy as np, rasterio, requests
from ee_emulator.client import initialise

initialise(sys.argv[1])
folder, code = sys.argv[2], sys.argv[3:]
for number, one in enumerate(code):
    image = eval(one)
    region = image.geometry()
    if region.isUnbounded().getInfo():
        region = ee.Geometry.BBox(-1, -1, 1, 1)
        image = image.clip(region)
    def download(image, region):
        asked = {"region": region, "crs": "EPSG:4326", "scale": 30, "format": "GeoTIFF"}
        answer = requests.get(image.getDownloadURL(asked))
        answer.raise_for_status()
        return rasterio.MemoryFile(answer.content).open().read().transpose(1, 2, 0)
    try:
        pixels = download(image, region)
    except (ee.EEException, requests.HTTPError):
        region = region.centroid(maxError=1).buffer(1000).bounds()
        pixels = download(image.clip(region), region)
    np.save(f"{folder}/{number}.npy", np.round(pixels, 3))
"""
"""The steps of AutoGEEval++'s judge for an image (gee_py_test_v5.py), in a process of its own."""


def test_images_have_the_pixels_that_the_published_judge_downloads(make: Make, url: str, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", PUBLISHED, url, str(tmp_path), *IMAGES.values()], check=True, timeout=120)
    for number, (name, expression) in enumerate(IMAGES.items()):
        published = np.load(tmp_path / f"{number}.npy")
        got = evaluate(make(expression), "ee.Image", url)
        assert np.array_equal(np.round(got.value, 3), published), name
        assert got.value.dtype == published.dtype, name


def test_an_image_tells_masks_and_band_names(make: Make, url: str) -> None:
    got = evaluate(make("ee.Image([1, 2]).rename(['a', 'b']).updateMask(ee.Image([1, 0]))"), "ee.Image", url)
    assert got.facts == {"bands": ["a", "b"]}
    assert got.valid is not None
    assert got.value.shape == got.valid.shape == (68, 68, 2)
    assert got.valid[20, 20].tolist() == [True, False]
    assert not got.valid[0].any()  # outside of the square that the image is clipped to


def test_names_of_bands_may_be_any(make: Make, url: str) -> None:
    got = evaluate(make("ee.Image([1, 2, 3]).rename(['x', 'x_1', '武汉'])"), "ee.Image", url)
    assert got.facts["bands"] == ["x", "x_1", "武汉"]
    assert got.value[20, 20].tolist() == [1, 2, 3]


def test_more_is_told_of_an_image_where_it_is_asked_for(make: Make, url: str) -> None:
    image = "ee.Image(1).toByte().set('city', 'Wuhan')"
    got = evaluate(make(image), "ee.Image", url, facts=FACTS["ee.Image"])
    assert got.facts["properties"] == {"city": "Wuhan"}
    assert got.facts["types"][0]["precision"] == "int"
    assert evaluate(make(image), "ee.Image", url, facts=()).facts == {}


def test_images_and_masks_that_are_too_large_together_are_read_one_after_the_other(make: Make, url: str) -> None:
    big = "ee.Image(7).toDouble().clip(ee.Geometry.Rectangle([0, 0, 0.64, 0.64], None, False))"
    got = evaluate(make(big), "ee.Image", url)
    assert got.value.shape == (2375, 2375, 1)  # 45 MB, and 5 MB of masks: over the 48 MiB of one request
    assert got.valid is not None
    assert got.value[got.valid].min() == got.value.max() == 7


def test_what_reaches_round_the_world_is_read_about_the_origin(make: Make, url: str) -> None:
    got = evaluate(make("ee.Image('USGS/SRTMGL1_003')"), "ee.Image", url)
    assert got.value.shape == (68, 68, 1)


@pytest.mark.parametrize(
    ("expression", "out_type"),
    [("ee.Image(1).select([])", "ee.Image"), ("ee.ImageCollection([])", "ee.ImageCollection")],
)
def test_nothing_to_look_at_is_minus_one(expression: str, out_type: str, make: Make, url: str) -> None:
    assert evaluate(make(expression), out_type, url).value.tolist() == [-1]


def test_an_image_that_is_cut_away_has_no_pixels(make: Make, url: str) -> None:
    here, there = ("ee.Geometry.Point(0, 0).buffer(99)", "ee.Geometry.Point(5, 5).buffer(99)")
    got = evaluate(make(f"ee.Image([1, 2]).clip({here}).clip({there})"), "ee.Image", url)
    assert got.value.shape == (0, 0, 2)
    assert got.facts == {"bands": ["constant", "constant_1"]}


def test_pixels_that_are_arrays_are_a_wrong_answer(make: Make, url: str) -> None:
    with pytest.raises(EvaluationError, match="arrays") as raised:
        evaluate(make("ee.Image([1, 2]).toArray()"), "ee.Image", url)
    assert raised.value.error == "wrong_answer"


def test_a_collection_is_its_mean_or_its_first_image(make: Make, url: str) -> None:
    collection = make("ee.ImageCollection([ee.Image(1), ee.Image(4), ee.Image(4)])")
    mean = evaluate(collection, "ee.ImageCollection", url)
    first = evaluate(collection, "ee.ImageCollection", url, collection="first")
    assert mean.value[20, 20, 0] == 3
    assert first.value[20, 20, 0] == 1
    assert mean.facts == {"bands": ["constant"], "size": 3}
    told = evaluate(collection, "ee.ImageCollection", url, facts=("elements",)).facts["elements"]
    assert [image["properties"]["system:index"] for image in told] == ["0", "1", "2"]


VALUES: list[tuple[str, str, Any]] = [
    ("ee.Number(2).divide(4)", "ee.Number", 0.5),
    ("ee.Number(2).pow(100)", "ee.Number", 1267650600228229401496703205376),
    ("ee.Number(10**20)", "ee.Number", 1e20),
    ("ee.String('a').cat('b')", "ee.String", "ab"),
    ("ee.Date('2020-01-01')", "ee.Date", 1577836800000),
    ("ee.DateRange('2020-01-01', '2020-02-01')", "ee.DateRange", [1577836800000, 1580515200000]),
    ("ee.DateRange.unbounded()", "ee.DateRange", [0]),
    ("ee.List([1, 'a', [2]])", "ee.List", [1, "a", [2]]),
    ("ee.Dictionary({'a': 1})", "ee.Dictionary", {"a": 1}),
    ("ee.Array([[1, 2], [3, 4]])", "ee.Array", [[1, 2], [3, 4]]),
    ("ee.Array([0]).divide(0)", "ee.Array", [0]),
    ("ee.ConfusionMatrix(ee.Array([[3, 1], [0, 4]]))", "ee.ConfusionMatrix", [[3, 1], [0, 4]]),
    ("ee.Image([1, 2]).toArray()", "ee.ArrayImage", [1, 2]),
    ("ee.Image([1, 2]).toArray().toArray(1).rename('d')", "ee.ArrayImage", [[1], [2]]),
    ("ee.Reducer.mean()", "ee.Reducer", {"type": "Reducer.mean"}),
    ("ee.Join.inner()", "ee.Join", {"type": "Join"}),
    ("ee.Algorithms.If(True, 1, 2)", "ee.ComputedObject", 1),
    ("ee.Algorithms.If(True, ee.Image(1).add(4), 2)", "ee.Image", None),
    ("5", "int", 5),
    ("0.5", "float", 0.5),
    ("float('nan')", "float", float("nan")),
    ("True", "bool", True),
    ("None", "NoneType", None),
    ("'a'", "str", "a"),
    ("[1, ee.Number(2).add(1), {'a': ee.String('b')}]", "list", [1, 3, {"a": "b"}]),
    ("{'a': (1, 2)}", "dict", {"a": [1, 2]}),
    ("7", "ee.ComputedObject", 7),
]


@pytest.mark.parametrize(("expression", "out_type", "value"), VALUES)
def test_values_come_in_the_form_of_their_type(
    expression: str, out_type: str, value: Any, make: Make, url: str
) -> None:
    got = evaluate(make(expression), out_type, url).value
    if value is None:  # no single value stands for these
        assert got is None or got.shape == (68, 68, 1)
    elif isinstance(value, float) and value != value:
        assert got != got
    else:
        assert (got.tolist() if isinstance(got, np.ndarray) else got) == value


def test_geometries_and_features(make: Make, url: str) -> None:
    polygon = evaluate(make(RECTANGLE), "ee.Geometry", url)
    assert polygon.value["type"] == "Polygon"
    feature = evaluate(make(f"ee.Feature({RECTANGLE}, {{'a': 1}})"), "ee.Feature", url)
    assert feature.value == polygon.value
    assert feature.facts == {"properties": {"a": 1}}
    nowhere = evaluate(make("ee.Feature(None, {'a': 1})"), "ee.Feature", url)
    assert nowhere.value == {"type": "GeometryCollection", "geometries": []}
    many = make("ee.FeatureCollection([ee.Feature(ee.Geometry.Point(1, 2), {'a': 1}), ee.Feature(None, {'b': 2})])")
    table = evaluate(many, "ee.FeatureCollection", url)
    assert table.facts == {"properties": [{"a": 1}, {"b": 2}]}
    assert table.value["type"] in ("Point", "MultiPoint")
    assert evaluate(many, "ee.FeatureCollection", url, facts=()).facts == {}


def graph(function: str, **arguments: Any) -> dict[str, Any]:
    return {
        "values": {"0": {"functionInvocationValue": {"functionName": function, "arguments": arguments}}},
        "result": "0",
    }


def constant(value: Any) -> dict[str, Any]:
    return {"values": {"0": {"constantValue": value}}, "result": "0"}


ONE = {"functionInvocationValue": {"functionName": "Image.constant", "arguments": {"value": {"constantValue": 1}}}}
MASKED = {"image": ONE, "mask": {"constantValue": 0}}

ERRORS: list[tuple[dict[str, Any] | None, Any, str, str]] = [
    (graph("Image.constnt", value={"constantValue": 1}), None, "ee.Image", "parameter"),
    (graph("Image.load", id={"constantValue": "no/such/asset"}), None, "ee.Image", "parameter"),
    (graph("Image.constant"), None, "ee.Image", "parameter"),
    (constant("a"), None, "ee.Image", "parameter"),
    (constant("a"), None, "ee.Array", "output_type"),
    (constant([[1], [1, 2]]), None, "ee.Array", "output_type"),
    (constant(None), None, "ee.Array", "output_type"),
    (constant(1), None, "ee.Date", "output_type"),
    (constant(1), None, "ee.Feature", "output_type"),
    (graph("Image.updateMask", **MASKED), None, "ee.ArrayImage", "wrong_answer"),
    ({}, None, "ee.Number", "parameter"),
    ({"result": "0", "values": []}, None, "ee.Number", "parameter"),
    ({"result": "1", "values": {"0": {"constantValue": 1}}}, None, "ee.Number", "parameter"),
    ({"result": "0", "values": {"0": {"valueReference": "0"}}}, None, "ee.Number", "parameter"),
    ({"result": "0", "values": {"0": {"mystery": 1}}}, None, "ee.Image", "parameter"),
    (constant("x" * 11_000_000), None, "ee.String", "runtime"),
    (None, 1, "ee.Image", "output_type"),
    (constant(1), None, "int", "output_type"),
    (None, {"!repr": "<object>", "!type": "set_iterator"}, "list", "parameter"),
    (None, [{"!expression": constant(1), "!type": "ee.Number"}] * 65, "list", "runtime"),
    (None, {"!expression": 5, "!type": "ee.Number"}, "dict", "parameter"),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "value", "out_type", "error"), ERRORS)
def test_what_has_no_value_is_an_error_of_a_class(
    expression: dict[str, Any] | None, value: Any, out_type: str, error: str, url: str
) -> None:
    with pytest.raises(EvaluationError) as raised:
        evaluate(Returned(out_type, expression, value), out_type, url)
    assert raised.value.error == error
    assert raised.value.reason


def test_graphs_that_are_nested_deeply_are_refused(url: str) -> None:
    node: Any = {"constantValue": 1}
    for _ in range(50_000):
        node = {"arrayValue": {"values": [node]}}
    with pytest.raises(EvaluationError) as raised:
        evaluate(Returned("ee.List", {"values": {"0": node}, "result": "0"}), "ee.List", url)
    assert raised.value.error == "runtime"


def test_keys_of_a_graph_may_be_any(url: str) -> None:
    unbounded = graph("DateRange.unbounded")
    unbounded["values"] |= {f"judged{number}": {"constantValue": number} for number in range(1, 5)}
    assert evaluate(Returned("ee.DateRange", unbounded), "ee.DateRange", url).value == [0]


def test_the_time_for_evaluating_ends(url: str) -> None:
    with pytest.raises(EvaluationError) as raised:
        evaluate(Returned("ee.Number", constant(1)), "ee.Number", url, seconds=0)
    assert raised.value.error == "runtime"


def test_an_image_takes_one_request(make: Make, url: str) -> None:
    counting = _Counting(url)
    evaluate(make(f"ee.Image('USGS/SRTMGL1_003').clip({RECTANGLE})"), "ee.Image", counting)
    evaluate(make("ee.Image(1)"), "ee.Image", counting)
    assert counting.asked == 2


class _Counting(Service):
    """Counts requests."""

    asked = 0

    def value(self, expression: Any, deadline: float) -> Any:
        self.asked += 1
        return super().value(expression, deadline)

    def pixels(self, expression: Any, deadline: float) -> bytes:
        self.asked += 1
        return super().pixels(expression, deadline)


def test_where_there_is_no_earth_engine_the_error_is_the_networks() -> None:
    with pytest.raises(EvaluationError) as raised:
        evaluate(Returned("ee.Number", constant(1)), "ee.Number", Service("http://127.0.0.1:9", pause=0.01))
    assert raised.value.error == "network"
