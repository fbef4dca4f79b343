"""The tracers on small scripts whose calls are known."""

from collections.abc import Sequence

import pytest

from ee_emulator.process import Emulator
from tests.codegen.trace.runs import Trace, in_python, trace_javascript, trace_python
from tests.ee_emulator.javascript.needed_data import functions_in
from tests.ee_emulator.javascript.scripts import HERE, distinct_scripts, run_in_node

needs_node = pytest.mark.skipif(
    not (HERE / "node_modules").is_dir(), reason="Google's JavaScript client is not installed: run `make test`"
)

JAVASCRIPT = {
    "a chain, by the class of what each call returns": (
        "ee.ImageCollection('A').filterDate('2020', '2021').select('B4').first().get('system:index');",
        "ee.ImageCollection ee.ImageCollection.filterDate ee.ImageCollection.select ee.ImageCollection.first"
        " ee.Image.get",
    ),
    "nothing that the client calls itself": ("ee.Image(5).add(3);", "ee.Image ee.Image.add"),
    "casts": (
        "var x = ee.Image(1).get('a'); ee.Number(x).add(1); ee.List(x).get(0);",
        "ee.Image ee.Image.get ee.Number ee.Number.add ee.List ee.List.get",
    ),
    "the word new": ("new ee.Image(1); new ee.Geometry.Point(1, 2);", "ee.Image ee.Geometry.Point"),
    "functions by their path": (
        "ee.Filter.and(ee.Filter.eq('a', 1), ee.Filter.gt('b', 2)); ee.Reducer.mean(); ee.Kernel.square(3);"
        "ee.Terrain.slope(ee.Image('dem'));"
        "ee.Algorithms.Landsat.simpleComposite({collection: ee.ImageCollection('A')});",
        "ee.Filter.and ee.Filter.eq ee.Filter.gt ee.Reducer.mean ee.Kernel.square ee.Terrain.slope ee.Image"
        " ee.Algorithms.Landsat.simpleComposite ee.ImageCollection",
    ),
    "aliases": ("var F = ee.Filter, eq = F.eq; eq('a', 1); F.lt.apply(null, ['a', 1]);", "ee.Filter.eq ee.Filter.lt"),
    "the bodies of mapped functions": (
        "ee.ImageCollection('A').map(function (image) { return image.multiply(ee.Image(2)); });"
        "ee.FeatureCollection('B').map(function (f) { return f.buffer(3); });"
        "ee.List([1]).map(function (n) { return ee.Number(n).sqrt(); });",
        "ee.ImageCollection ee.ImageCollection.map ee.Image.multiply ee.Image ee.FeatureCollection"
        " ee.FeatureCollection.map ee.Feature.buffer ee.List ee.List.map ee.Number ee.Number.sqrt",
    ),
    "a mapped function among named arguments": (
        "ee.List([1]).map({baseAlgorithm: function (n) { return ee.Number(n).sqrt(); }});",
        "ee.List ee.List.map ee.Number ee.Number.sqrt",
    ),
    "a mapped function within another": (
        "ee.ImageCollection('A').map(function (i) { return i.set('n', ee.List([1]).map(function (n) {"
        " return i.select(ee.String(n)); })); });",
        "ee.ImageCollection ee.ImageCollection.map ee.Image.set ee.List ee.List.map ee.Image.select ee.String",
    ),
    "iterate": (
        "ee.ImageCollection('A').iterate(function (i, sum) { return ee.Image(sum).add(i); }, ee.Image(0));",
        "ee.ImageCollection ee.ImageCollection.iterate ee.Image ee.Image.add",
    ),
    "an operator handed over": ("ee.List([1]).map(ee.Number);", "ee.List ee.List.map ee.Number"),
    "an object of which the client does not know the type; what waits for its value": (
        "ee.Image(1).get('a').evaluate(function () { ee.Image(2).abs(); });",
        "ee.Image ee.Image.get ee.ComputedObject.evaluate",
    ),
    "a geometry that is a point": (
        "ee.Geometry.Point([1, 2]).buffer(3).area();",
        "ee.Geometry.Point ee.Geometry.Point.buffer ee.Geometry.area",
    ),
    "the Code Editor": (
        "var i = ee.Image(1); print(i); print('text'); Map.addLayer(i, {}, 'a'); Map.centerObject(i, 3);"
        "Export.image.toDrive({image: i}); var chart = ui.Chart.image.series(ee.ImageCollection('A'), null);"
        "chart.setOptions({}); var panel = new ui.Panel([], ui.Panel.Layout.flow('horizontal')); panel.add(chart);"
        "ui.root.add(panel); Map.style().set('cursor', 'hand'); console.log('a');",
        "ee.Image print Map.addLayer Map.centerObject Export.image.toDrive ee.ImageCollection ui.Chart.image.series"
        " ui.Panel ui.Panel.Layout.flow ui.root.add Map.style",
    ),
    "nothing for a text": ("var text = 'a ' + ee.Image(1);", "ee.Image"),
    "classes are still classes": (
        "if (ee.Image(1) instanceof ee.Image && ee.Image(1) instanceof ee.Element) ee.Number(1);"
        "if (ee.Number(1) instanceof ee.Image) ee.String('a');",
        "ee.Image ee.Number",
    ),
}
"""Scripts and exactly what each calls."""

FAILS = {
    "half way": ("ee.Image(1).abs();\nnothing.here();\nee.Number(1);", "ee.Image ee.Image.abs"),
    "in the client": ("ee.List([1]);\nee.Number('a text');\nee.Image(1);", "ee.List ee.Number"),
    "unknown method": ("ee.Image(1).nothing();", "ee.Image"),
    "before its begin": ("ee.Image(1); var = 2;", ""),
}


@pytest.fixture(scope="module")
def javascript(emulator: Emulator) -> dict[str, Trace]:
    """Traces of all small scripts, in one process."""
    scripts = [{"name": name, "code": code} for name, (code, _) in (JAVASCRIPT | FAILS).items()]
    return {trace.name: trace for trace in trace_javascript(emulator.url, scripts)}


@needs_node
@pytest.mark.parametrize("name", JAVASCRIPT)
def test_calls(javascript: dict[str, Trace], name: str) -> None:
    assert javascript[name].error is None
    assert javascript[name].operators == set(JAVASCRIPT[name][1].split())


@needs_node
@pytest.mark.parametrize("name", FAILS)
def test_an_error_keeps_what_was_called_before(javascript: dict[str, Trace], name: str) -> None:
    assert javascript[name].error
    assert javascript[name].operators == set(FAILS[name][1].split())


def places(trace: Trace) -> set[tuple[str, int | None, int | None]]:
    return {(call.operator, call.line, call.column) for call in trace.calls}


@needs_node
def test_places_graphs_and_what_did_not_run(emulator: Emulator) -> None:
    code = """\
var a = ee.Image(1).abs(),
    b = new ee.Image(2)
      .add(a);
function never(x) {
  return ee.Image(x);
}
if (false) ee.Number(1); else print(b, a);
ee.ImageCollection('A').map(function (i) { return i.add(1); }); print('no graph');
var button = ui.Button({label: 'go', onClick: function () { ee.String('a'); }});
ui.Chart.array.values({array: ee.Array([1]), axis: 0});
"""
    [trace] = trace_javascript(emulator.url, [{"name": "places", "code": code}])
    assert trace.error is None
    assert places(trace) >= {
        ("ee.Image", 1, 12),
        ("ee.Image.abs", 1, 21),
        ("ee.Image", 2, 9),
        ("ee.Image.add", 3, 8),
        ("print", 7, 31),
        ("ee.Image.add", 8, 53),
        ("ui.Chart.array.values", 10, 16),
    }
    assert trace.graphs == (("Image.abs", "Image.add", "Image.constant"), ("Image.abs", "Image.constant"), ("Array",))
    assert {call.count for call in trace.calls if call.line != 8} == {1}
    unreached = [(5, 13), (7, 15), (9, 64)]
    assert not any(trace.reached(*place) for place in unreached)
    assert all(trace.reached(call.line or 0, call.column or 0) for call in trace.calls)


@needs_node
def test_scripts_leave_nothing_behind(emulator: Emulator) -> None:
    spoils = (
        "ee.Image.prototype.abs = null; ee.Image.prototype.mine = 1; ee.Filter.eq = null; ee.mine = 1; Map.mine = 1;"
    )
    looks = "ee.Image(1).abs(); ee.Filter.eq('a', 1); if (ee.mine || ee.Image(1).mine || Map.mine === 1) ee.Number(1);"
    scripts = [{"name": "spoils", "code": spoils}, {"name": "looks", "code": looks}]
    first, second = trace_javascript(emulator.url, scripts)
    assert first.error is None
    assert second.operators == {"ee.Image", "ee.Image.abs", "ee.Filter.eq"}


@needs_node
def test_tracing_does_not_change_what_scripts_build(emulator: Emulator) -> None:
    """Every 20th of geemap's scripts shows and exports the same graphs as without the tracer, in the same order."""
    scripts = distinct_scripts()[::20]
    traces = trace_javascript(emulator.url, scripts)
    built = {built["name"]: built["things"] for built in run_in_node(emulator.url, scripts, "--build-only")}
    assert [trace.error for trace in traces] == [None] * len(scripts)
    for trace in traces:
        graphs = [tuple(sorted(set(functions_in(thing["graph"])))) for thing in built[trace.name]]
        assert list(trace.graphs[: len(graphs)]) == graphs


PYTHON = {
    "a chain": (
        "c = ee.ImageCollection('A').filterDate('2020', '2021').first().get('a')",
        "ee.ImageCollection ee.ImageCollection.filterDate ee.ImageCollection.first ee.Image.get",
    ),
    "nothing that the client calls itself": ("ee.Image(5).add(3)", "ee.Image ee.Image.add"),
    "callbacks": (
        "ee.ImageCollection('A').map(lambda i: i.multiply(ee.Image(2)))\n"
        "def add(i, total):\n    return ee.Image(total).add(i)\n"
        "ee.ImageCollection('A').iterate(add, ee.Image(0))\n"
        "ee.List([1]).map(ee.Number)",
        "ee.ImageCollection ee.ImageCollection.map ee.Image.multiply ee.Image ee.ImageCollection.iterate ee.Image.add"
        " ee.List ee.List.map ee.Number",
    ),
    "functions by their path": (
        "ee.Filter.And(ee.Filter.eq('a', 1), ee.Filter.gt('b', 2)); ee.Reducer.mean()\n"
        "ee.Geometry.Point([1, 2]).buffer(3)\n"
        "ee.Terrain.slope(ee.Image('dem')); ee.Algorithms.Landsat.simpleComposite(ee.ImageCollection('A'))",
        "ee.Filter.And ee.Filter.eq ee.Filter.gt ee.Reducer.mean ee.Geometry.Point ee.Geometry.buffer ee.Terrain.slope"
        " ee.Image ee.Algorithms.Landsat.simpleComposite ee.ImageCollection",
    ),
    "set-up, exports and values": (
        "ee.Authenticate(); ee.Initialize(project='somebody')\n"
        "task = ee.batch.Export.image.toDrive(image=ee.Image(1), description='a')\n"
        "assert ee.Number(3).add(4).getInfo() == 7",
        "ee.batch.Export.image.toDrive ee.Image ee.Number ee.Number.add ee.Number.getInfo",
    ),
    "an object of which the client does not know the type": (
        "ee.List([1]).get(0).serialize()",
        "ee.List ee.List.get ee.ComputedObject.serialize",
    ),
    "nothing of geemap": (
        "import geemap\nm = geemap.Map()\nm.addLayer(ee.Image(1), {}, 'a')\ngeemap.image_cell_size(ee.Image(1))",
        "ee.Image",
    ),
}
"""Scripts and exactly what each calls."""


@pytest.fixture(scope="module")
def python(emulator: Emulator) -> dict[str, Trace]:
    """Traces of all small scripts, in one process."""
    scripts = [{"name": name, "code": f"import ee\n{code}\n"} for name, (code, _) in PYTHON.items()]
    return {trace.name: trace for trace in trace_python(emulator.url, scripts)}


@pytest.mark.parametrize("name", PYTHON)
def test_calls_in_python(python: dict[str, Trace], name: str) -> None:
    assert python[name].error is None
    assert python[name].operators == set(PYTHON[name][1].split())


def test_places_graphs_and_errors_in_python(emulator: Emulator) -> None:
    code = """\
import ee
a = ee.Image(1).abs()
b = (ee.Image(2)
  .add(a)
  .select(['x',
    'constant']))
ü = "ü"; n = ee.Number(1)
def never():
    return ee.String('a')
n.getInfo()
raise RuntimeError("enough")
"""
    spins = "import ee\nee.Image(1)\nimport os\nos._exit(3)"
    scripts = [{"name": "places", "code": code}, {"name": "ends", "code": spins}, {"name": "no", "code": "a = = b"}]
    trace, ended, no = trace_python(emulator.url, scripts)
    assert places(trace) == {
        ("ee.Image", 2, 8),
        ("ee.Image.abs", 2, 17),
        ("ee.Image", 3, 9),
        ("ee.Image.add", 4, 4),
        ("ee.Image.select", 5, 4),
        ("ee.Number", 7, 17),
        ("ee.Number.getInfo", 10, 3),
    }
    assert trace.error == "RuntimeError: enough"
    assert trace.graphs == ((),)  # a number is a constant, no algorithm
    assert not trace.reached(9, 15)
    assert ended.error == "ended without a trace"
    assert no.error is not None
    assert no.error.startswith("SyntaxError")


def test_geemap_translates_scripts_to_python_that_runs(emulator: Emulator) -> None:
    scripts = in_python(distinct_scripts()[::50])
    assert scripts == in_python(distinct_scripts()[::50])  # the names that geemap invents included
    traces = trace_python(emulator.url, scripts)
    assert_most_ran(traces)


def assert_most_ran(traces: Sequence[Trace]) -> None:
    whole = [trace for trace in traces if trace.error is None and trace.calls]
    assert len(whole) >= 0.8 * len(traces), {trace.name: trace.error for trace in traces if trace.error}
