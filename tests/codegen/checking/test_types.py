"""What `types.yaml` says is refused, against both clients and the local Earth Engine."""

from collections.abc import Iterator

import ee
import pytest

from codegen.checking.types import refusals
from ee_emulator.client import initialise
from ee_emulator.process import Emulator, start_emulator
from tests.ee_emulator.javascript.scripts import HERE, run_in_node

TAKES = {
    "Number": "ee.Number(1).add({})",
    "Integer": "ee.List([1, 2]).get({})",
    "Long": "ee.FeatureCollection([ee.Feature({null})]).randomColumn('r', {})",
    "Float": "ee.Image(1).clamp({}, 5).reduceRegion(ee.Reducer.mean(), ee.Geometry.Point(0, 0), 30)",
    "String": "ee.String('a').cat({})",
    "Boolean": "ee.Image(1).addBands(ee.Image(2), {null}, {})",
    "List": "ee.List([1]).cat({})",
    "Dictionary": "ee.Dictionary({{'a': 1}}).combine({})",
    "Image": "ee.Image(1).add({}).reduceRegion(ee.Reducer.mean(), ee.Geometry.Point(0, 0), 30)",
    "ImageCollection": "ee.ImageCollection([ee.Image(1)]).merge({}).size()",
    "FeatureCollection": "ee.Image(1).reduceRegions({}, ee.Reducer.mean(), 30)",
    "Geometry": "ee.Geometry.Point(0, 0).distance({})",
    "Element": "ee.Feature({null}, {{'a': 1}}).copyProperties({})",
    "Filter": "ee.FeatureCollection([ee.Feature({null})]).filter({})",
    "Algorithm": "ee.List([1]).map({})",
    "Reducer": "ee.Image(1).reduceRegion({}, ee.Geometry.Point(0, 0), 30)",
    "Kernel": "ee.Image(1).convolve({}).reduceRegion(ee.Reducer.mean(), ee.Geometry.Point(0, 0), 30)",
    "Classifier": "ee.Image(1).classify({}).reduceRegion(ee.Reducer.mean(), ee.Geometry.Point(0, 0), 30)",
    "Clusterer": "ee.Image(1).cluster({}).reduceRegion(ee.Reducer.mean(), ee.Geometry.Point(0, 0), 30)",
    "Projection": "ee.Image(1).reproject({}, {null}, 30)",
    "ErrorMargin": "ee.Geometry.Point(0, 0).buffer(10, {})",
    "Array": "ee.Array([1]).add({})",
    "Date": "ee.Date('2020').difference({}, 'day')",
    "DateRange": "ee.DateRange('2020', '2021').intersects({})",
}
"""A call that takes a value of each type."""
WRITTEN = {
    "string": ("'words'", "'words'"),
    "number": ("7", "7"),
    "boolean": ("True", "true"),
    "list": ("['a', 'b']", "['a', 'b']"),
    "dictionary": ("{'a': 1}", "{'a': 1}"),
    "function": ("(lambda a: a)", "(function(a) { return a; })"),
}
"""A literal of each sort, in Python and in JavaScript."""
OBJECTS = {
    "Number": "ee.Number(1)",
    "String": "ee.String('a')",
    "List": "ee.List(['a'])",
    "Dictionary": "ee.Dictionary({'a': 1})",
    "Image": "ee.Image(1)",
    "ImageCollection": "ee.ImageCollection([ee.Image(1)])",
    "FeatureCollection": "ee.FeatureCollection([ee.Feature(ee.Geometry.Point(0, 0))])",
    "Feature": "ee.Feature(ee.Geometry.Point(0, 0))",
    "Geometry": "ee.Geometry.Point(0, 0)",
    "Filter": "ee.Filter.eq('a', 1)",
    "Reducer": "ee.Reducer.mean()",
    "Kernel": "ee.Kernel.square(1)",
    "Projection": "ee.Projection('EPSG:4326')",
    "Date": "ee.Date('2020')",
    "Join": "ee.Join.simple()",
    "Classifier": "ee.Classifier.smileCart()",
}


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with start_emulator() as server:
        yield server


def programs(language: int) -> Iterator[tuple[str, str, str]]:
    """Type, what it is given, and the call: of everything that is refused in a language."""
    name = ("python", "javascript")[language]
    null = ("None", "null")[language]
    for type_, call in TAKES.items():
        rule = refusals()[type_]
        for sort in sorted(rule.written[name]):  # type: ignore[index]
            yield type_, sort, call.format(WRITTEN[sort][language], null=null)
        for owner in sorted(rule.objects):
            yield type_, owner, call.format(OBJECTS[owner], null=null)


def test_every_type_is_tried() -> None:
    same = {"Double", "Short", "Byte", "Collection", "Rectangle", "Feature"}
    assert set(refusals()) - same == set(TAKES)


def test_python_refuses_what_the_table_says(emulator: Emulator) -> None:
    initialise(emulator.url)
    taken = []
    for type_, sort, call in programs(0):
        try:
            value = eval(call, {"ee": ee}).getInfo()
        except Exception:  # whatever it says: it was refused
            continue
        taken.append((type_, sort, value))
    assert not taken


@pytest.mark.skipif(not (HERE / "node_modules").is_dir(), reason="Google's JavaScript client is not installed")
def test_javascript_refuses_what_the_table_says(emulator: Emulator) -> None:
    scripts = [{"name": f"{type_}({sort})", "code": f"print({call})"} for type_, sort, call in programs(1)]
    results = run_in_node(emulator.url, scripts)
    taken = [
        script["name"]
        for script, result in zip(scripts, results, strict=True)
        if not result["error"] and not any(one["error"] for one in result["outcomes"])
    ]
    assert len(results) == len(scripts)
    assert not taken


def test_what_is_right_is_taken(emulator: Emulator) -> None:
    """The calls are not refused for another reason."""
    initialise(emulator.url)
    right = OBJECTS | {
        "Integer": "1", "Long": "1", "Float": "1", "Boolean": "True", "Algorithm": "(lambda a: a)",
        "Element": "ee.Image(1)",
        "Clusterer": "ee.Clusterer.wekaKMeans(2).train(ee.FeatureCollection([ee.Feature(None, {'constant': 1}),"
        " ee.Feature(None, {'constant': 5})]), ['constant'])",
        "Classifier": "ee.Classifier.smileCart().train(ee.FeatureCollection([ee.Feature(None, {'constant': 1, 'c': 0}),"
        " ee.Feature(None, {'constant': 5, 'c': 1})]), 'c', ['constant'])",
        "ErrorMargin": "ee.ErrorMargin(1)", "Array": "ee.Array([1])", "DateRange": "ee.DateRange('2020', '2021')",
    }  # fmt: skip
    for type_, call in TAKES.items():
        assert eval(call.format(right[type_], null="None"), {"ee": ee}).getInfo() is not None, type_
