"""What the check says of small programs."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codegen.checking.check import check, operators
from codegen.checking.problem import Counts, Problem
from codegen.corpora.script import Language

PYTHON: dict[str, tuple[str, str, str]] = {
    "operator": ("ee.Image(1).normalizedDiff(['a', 'b'])", "unknown_operator", "ee.Image.normalizedDifference meant"),
    "operator of another class": ("ee.ImageCollection('a/b').reduceRegion()", "unknown_operator", "meant"),
    "operator that one class has": (
        "ee.Image(1).frequencyHistogram()",
        "unknown_operator",
        "There is no ee.Image.freq",
    ),
    "operator on what has no class": ("ee.List([1]).get(0).add(2)", "unknown_operator", "Cast it first: ee.Image("),
    "name below ee": ("ee.Imagecollection('a/b')", "unknown_operator", "Is ee.ImageCollection"),
    "static function": ("ee.Reducer.average()", "unknown_operator", "There is no ee.Reducer.average"),
    "algorithm": ("ee.Algorithms.Landsat.composite()", "unknown_operator", "simpleComposite"),
    "module": ("ee.data.getInfos('a')", "unknown_operator", "There is no ee.data.getInfos"),
    "export": ("ee.batch.Export.image.toDriv(ee.Image(1))", "unknown_operator", "toDriv"),
    "the other client's": ("ee.Image(1).evaluate(print)", "unknown_operator", "There is no ee.Image.evaluate"),
    "keyword": ("ee.Image(1).reduceRegion(ee.Reducer.mean(), scal=30)", "unknown_argument", "'scale' meant"),
    "keyword of a constructor": ("ee.Feature(None, props={})", "unknown_argument", "'props'"),
    "lacking": ("ee.Image(1).clamp(1)", "missing_argument", "'high' (Float)"),
    "lacking by name": ("ee.Image(1).reduceRegion(scale=30)", "missing_argument", "'reducer'"),
    "twice": ("ee.Image(1).clamp(1, low=2, high=3)", "too_many_arguments", "twice"),
    "too many": ("ee.Image(1).clamp(1, 2, 3)", "too_many_arguments", "at most 2 arguments, not 3"),
    "none at all": ("ee.Image(1).abs(3)", "too_many_arguments", "no argument"),
    "words for a number": ("ee.Image(1).clamp(0, 'high')", "wrong_type", "'high' has to be a Float, not a string"),
    "object for a number": ("ee.Number(1).add(ee.Image(2))", "wrong_type", "a Number, not an ee.Image"),
    "number for words": ("ee.String('a').cat(5)", "wrong_type", "a String, not a number"),
    "name of no reducer": ("ee.Image(1).reduce('average')", "wrong_type", "names no ee.Reducer"),
    "literal that cannot be cast": ("ee.Number('5')", "wrong_type", "a Number, not a string"),
    "in a mapped function": ("ee.ImageCollection('a/b').map(lambda i: i.subtrakt(1))", "unknown_operator", "subtract"),
    "coordinates": ("ee.Geometry.Point(1)", "missing_argument", "2 numbers"),
    "coordinates in words": ("ee.Geometry.Point('114.3, 30.6')", "wrong_type", "numbers or lists"),
    "pairs": ("ee.Image(1).set('a', 1, 'b')", "missing_argument", "by turns"),
    "bands": ("ee.Image(1).select(['a'], ['b'], ['c'])", "too_many_arguments", "names"),
    "name": ("print(ndvi)", "unknown_name", "'ndvi' is not defined"),
    "name that is like another": ("collection = 1\nprint(colection)", "unknown_name", "'collection' meant"),
    "JavaScript's null": ("ee.Feature(null)", "unknown_name", "'null'"),
    "syntax": ("x = (1", "syntax", "never closed"),
    "JavaScript's spelling": ("ee.Image(1).and(2)", "syntax", "spells .and( as .And("),
    "JavaScript": ("var x = ee.Image(1);", "syntax", "looks like JavaScript"),
    "nothing": ("  \n", "syntax", "no code"),
    "deeper than Python goes": ("(" * 500 + ")" * 500, "syntax", ""),
    "null bytes": ("x = 1\0", "syntax", ""),
}
"""A program, the kind of its only problem, and what the message says."""

JAVASCRIPT: dict[str, tuple[str, str, str]] = {
    "operator": ("ee.Image(1).normalizedDiff(['a']);", "unknown_operator", "normalizedDifference"),
    "Python's spelling": ("ee.Image(1).And(2);", "unknown_operator", "JavaScript spells it and"),
    "Python's spelling below ee": ("ee.Filter.Or(ee.Filter.eq('a', 1));", "unknown_operator", "spells it or"),
    "name of an argument": ("ee.Image(1).clamp({low: 1, hihg: 2, high: 3});", "unknown_argument", "'high' meant"),
    "lacking by name": ("ee.Image(1).reduceRegion({scale: 30});", "missing_argument", "'reducer'"),
    "lacking by place": ("ee.ImageCollection('a/b').filterDate();", "missing_argument", "'start'"),
    "too many for a function by hand": ("ee.Filter.eq('a', 1, 2);", "too_many_arguments", "at most 2"),
    "too many for a constructor": ("ee.List([1], [2]);", "too_many_arguments", "at most 1 argument,"),
    "truth for a number": ("ee.Number(1).add(true);", "wrong_type", "a Number, not a boolean"),
    "no function": ("ee.List([1]).map(5);", "wrong_type", "an Algorithm, not a number"),
    "name": ("print(geometry);", "unknown_name", "'geometry'"),
    "syntax": ("var x = ee.Image(1;\n", "syntax", "JavaScript"),
    "Python": ("def f(x):\n    return x\n", "syntax", "def f(x)"),
}

PIECES = [
    "import ee\n", "ee.", "Image", "(", ")", "1", "'a'", ".add", ".map(", "lambda x: ", "x", " = ", "\n", ", ",
    "def f(", "):", "[", "]", "{", "}", "ee.Number(", "...", "*", "**", "function(", "return ", "var ", ";",
    "`", "${", "\ud800", "\x00", "ä",
]  # fmt: skip
"""Of which hostile programs are made."""
RIGHT_PYTHON = {
    "an image where an id is": "ee.Image('a/b').add('c/d').add(2).add([1, 2])",
    "an image as a collection": "ee.ImageCollection('a/b').merge(ee.Image(1))",
    "what has a geometry": "ee.Image(1).clip(ee.Feature(None)); ee.Geometry.Point(0, 0).distance(ee.Image(1))",
    "a name for a reducer": "ee.Image(1).reduce('mean')",
    "older keywords": "ee.Image(1).getThumbURL({'min': 0}); ee.Date('2020', opt_tz='UTC')",
    "words of Python as names": "ee.Image(1).remap(from_=[1], to=[2]); ee.Dictionary({}).rename(['a'], ['b'])",
    "unbound": "ee.Image.add(ee.Image(1), 2)",
    "spread": "args = {'reducer': 'mean'}\nee.Image(1).reduceRegion(**args); ee.Image(1).clamp(*[1, 2])",
    "what a caller gives": "def f(image, by):\n    return image.multiply(by).clip(by)\n",
    "a branch": "import sys\nx = ee.Image(1) if sys.argv else ee.ImageCollection('a/b')\nx.filterDate('2020')",
    "a cast": "ee.Number(ee.List([1]).get(0)).add(2)",
    "other modules": "import ee, json\nee.Initialize()\nprint(json.dumps(ee.data.getAssetRoots()))",
    "names of all sorts": (
        "import numpy as np\nfrom os import path as p\n[i for i in range(3) if (j := i)]\nlambda a, *b: (a, b)\n"
        "try: pass\nexcept ValueError as e: print(e)\nmatch p:\n  case {'a': z, **r}: print(z, r, np, j)\n"
        "  case [h, *t]: print(h, t, __file__)\n"
    ),
    "a comprehension with two loops": "x = sorted(a + b for a in (1, 2) for b in (3, 4))\nee.Number(x[len(x) // 2])",
    "annotated": "def f(image: ee.Image, by: float, other: 'ee.Image' = None):\n    return image.add(by).add(other)",
    "names that cannot be told": "from somewhere import *\nwhatever()",
}
RIGHT_JAVASCRIPT = {
    "options": "ee.Image(1).reduceRegion({reducer: 'mean', geometry: ee.Geometry.Point(0, 0), scale: 30});",
    "an object as the only argument": "ee.Dictionary({a: 1}).combine({b: 2}); ee.Feature(null).set({a: 1});",
    "GeoJSON": "ee.Geometry({type: 'Point', coordinates: [0, 0]}); ee.Feature({type: 'Feature'});",
    "options from elsewhere": "function f(options) { return ee.Image(1).reduceRegion(options); } f(window.options);",
    "what is ignored": "ee.ImageCollection('a/b').filterBounds(ee.Geometry.Point(0, 0), 1);",
    "the Code Editor": "Map.addLayer(ee.Image(1)); print(ui.Chart.image.series(ee.ImageCollection('a/b'), null));",
    "names in scopes": (
        "function f({a, b: [c]}, d = a) { return a + c + d; } for (const [k, v] of [[1, 2]]) f({}, k, v);"
        "label: for (;;) { break label; } x = 3; var y = x; try {} catch (e) { print(e, y); } typeof unheard;"
    ),
}
"""Programs without a fault."""


def only(code: str, language: Language) -> Problem:
    found = check(code, language)
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize("name", PYTHON)
def test_faults_of_python(name: str) -> None:
    code, kind, said = PYTHON[name]
    problem = only(code, "python")
    assert problem.kind == kind
    assert said in problem.message


@pytest.mark.parametrize("name", JAVASCRIPT)
def test_faults_of_javascript(name: str) -> None:
    code, kind, said = JAVASCRIPT[name]
    found = check(code, "javascript")
    assert found[0].kind == kind, found
    assert said in found[0].message


@pytest.mark.parametrize("name", RIGHT_PYTHON)
def test_what_is_right_has_no_problem_in_python(name: str) -> None:
    assert check(RIGHT_PYTHON[name], "python") == ()


@pytest.mark.parametrize("name", RIGHT_JAVASCRIPT)
def test_what_is_right_has_no_problem_in_javascript(name: str) -> None:
    assert check(RIGHT_JAVASCRIPT[name], "javascript") == ()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("image.normalizedDiff(['a'])", "There is no ee.Image.normalizedDiff"),
        ("region.buffer(image)", "has to be a Float, not an ee.Image"),
        ("image.clamp(region, 1)", "has to be a Float, not an ee.Geometry"),
        ("image.reduceRegion('mean', region, scale).get('a').add(1)", "Cast it first"),
        ("region.nothing()", "There is no ee.Geometry.nothing"),
    ],
)
def test_parameters_are_of_the_classes_that_the_signature_names(body: str, said: str) -> None:
    code = f"def f(image: ee.Image, scale: float, *, region: 'ee.Geometry') -> ee.Image:\n    return {body}\n"
    problem = only(code, "python")
    assert said in problem.message
    assert problem.line == 2
    assert operators(code, "python").unknown == int("There is no" in said or "Cast" in said)


@pytest.mark.parametrize("prefix", ["", "import ee\n", "# a comment\nimport ee as ee\n"])
def test_lines_are_those_of_the_program(prefix: str) -> None:
    code = f"{prefix}a = ee.Image(1)\nb = a.nothing()\nc = b"
    assert only(code, "python").line == 2 + prefix.count("\n")


def test_a_place_is_told_once_however_often_it_is_come_to() -> None:
    code = "def f(i):\n    return i.nothing()\nf(ee.Image(1))\nf(ee.Image(2))\nfor x in [1, 2]:\n    f(ee.Image(x))\n"
    assert only(code, "python").line == 2


def test_data_sets_are_told_as_warnings_where_a_catalogue_is_given() -> None:
    code = (
        "ee.ImageCollection('LANDSAT/LC08/C02/T1_L3')\nee.Image('LANDSAT/LC08/C02/T1_L2/LC08_1')\nee.Image('users/a/b')"
    )
    known = {"LANDSAT/LC08/C02/T1_L2", "COPERNICUS/S2_SR"}
    assert check(code, "python") == ()
    (problem,) = check(code, "python", known)
    assert problem.is_warning
    assert (problem.operator, problem.line) == ("LANDSAT/LC08/C02/T1_L3", 1)
    assert "LANDSAT/LC08/C02/T1_L2 meant" in problem.message


@pytest.mark.parametrize(
    ("code", "language", "counts"),
    [
        ("x = ee.Image(1).add(2).nothing().add(3)", "python", Counts(3, 1)),
        ("var x = ee.Image(1).And(2); print(x); Map.addLayer(x);", "javascript", Counts(2, 1)),
        ("def f(x):\n    return x.normalizedDifference(['a', 'b'])", "python", Counts(1, 0)),
        ("x = (1", "python", Counts(0, 0)),
        ("", "python", Counts(0, 0)),
    ],
)
def test_operators_are_counted(code: str, language: Language, counts: Counts) -> None:
    assert operators(code, language) == counts


@pytest.mark.parametrize("language", ["python", "javascript"])
@given(text=st.text(max_size=200) | st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
@settings(max_examples=100, deadline=None)
def test_any_text_has_an_answer(language: Language, text: str) -> None:
    check(text, language)
    counts = operators(text, language)
    assert 0 <= counts.unknown <= counts.calls


@pytest.mark.parametrize("depth", [90, 400, 3_000])
def test_what_is_nested_deeply_has_an_answer(depth: int) -> None:
    for code in (
        "ee.Image(" * depth + ")" * depth,
        "x = " + "+".join("1" * depth),
        f"def f(a: {'[' * depth + ']' * depth}): 1",
    ):
        check(code, "python")
        operators(code, "python")
        check(code, "javascript")


def test_nothing_of_a_program_is_run(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    check(f"open({str(tmp_path / 'file')!r}, 'w')\nprint('ran')\nraise SystemExit", "python")
    assert not list(tmp_path.iterdir())
    assert capfd.readouterr().out == ""
