"""Which operators are found in code, form by form: what a script does decides, not how it is written."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codegen.corpora.script import Language
from codegen.extraction.calls import Reached
from codegen.extraction.extract import extract


def found(code: str, language: Language = "javascript", reached: Reached = Reached.RUNS) -> list[str]:
    return [call.operator for call in extract(code, language).calls if call.reached == reached]


JAVASCRIPT = {
    "the class of a result decides whose method it is": (
        "var n = ee.Image(1).reduceRegion({}).get('b'); ee.Number(n).add(1); ee.Image(2).add(1);",
        [
            "ee.Image",
            "ee.Image.reduceRegion",
            "ee.Dictionary.get",
            "ee.Number",
            "ee.Number.add",
            "ee.Image",
            "ee.Image.add",
        ],
    ),
    "a variable that changes its class": (
        "var x = ee.ImageCollection('a/b'); x = x.mean(); x.add(1); x = x.bandNames(); x.add('c');",
        ["ee.ImageCollection", "ee.ImageCollection.mean", "ee.Image.add", "ee.Image.bandNames", "ee.List.add"],
    ),
    "a named function as callback": (
        "function f(i) { return i.add(1); } ee.ImageCollection('a/b').map(f);",
        ["ee.ImageCollection", "ee.ImageCollection.map", "ee.Image.add"],
    ),
    "a helper that is called with images and with numbers": (
        "var f = function(x) { return x.add(1); }; f(ee.Image(1)); f(ee.Number(1));",
        ["ee.Image", "ee.Image.add", "ee.Number", "ee.Number.add"],
    ),
    "a function that returns a function": (
        "function by(n) { return function(i) { return i.multiply(n); }; } ee.ImageCollection('a/b').map(by(2));",
        ["ee.ImageCollection", "ee.ImageCollection.map", "ee.Image.multiply"],
    ),
    "iterate gives an element and what it gave before": (
        "ee.ImageCollection('a/b').iterate(function(i, before) { return ee.List(before).add(i.date()); }, ee.List([]))",
        ["ee.ImageCollection", "ee.List", "ee.ImageCollection.iterate", "ee.List", "ee.Image.date", "ee.List.add"],
    ),
    "both ways of a branch, and what they leave": (
        "var x; if (a) { x = ee.Image(1); } else { x = ee.ImageCollection('a/b'); } x.select('c');",
        ["ee.Image", "ee.ImageCollection", "ee.Image.select", "ee.ImageCollection.select"],
    ),
    "a way that returns leaves nothing": (
        "function f(x) { if (a) { x = ee.Number(1); return x; } return x.sin(); } f(ee.Image(1));",
        ["ee.Image", "ee.Number", "ee.Image.sin"],
    ),
    "a loop carries classes round": (
        "var x = ee.ImageCollection('a/b'); for (var i = 0; i < 3; i++) { x = ee.ImageCollection([x.first()]); }",
        ["ee.ImageCollection", "ee.ImageCollection.first", "ee.ImageCollection"],
    ),
    "lists and objects of the language": (
        "var l = [ee.Image(1)]; l.push(ee.Image(2)); l.forEach(i => i.sin()); var o = {a: l[0]}; o.a.cos();",
        ["ee.Image", "ee.Image", "ee.Image.sin", "ee.Image.cos"],
    ),
    "keys of an object": (
        "var o = {a: ee.Image(1)}; Object.keys(o).map(function(k) { return o[k].sin(); })",
        ["ee.Image", "ee.Image.sin"],
    ),
    "a local variable hides ee": (
        "function f() { var ee = {Image: function() { return 1; }}; ee.Image(3); } f(); ee.Image(1);",
        ["ee.Image"],
    ),
    "a block hides a variable": (
        "let x = ee.Image(1); { let x = ee.Number(1); x.add(2); } x.add(2);",
        ["ee.Image", "ee.Number", "ee.Number.add", "ee.Image.add"],
    ),
    "a parameter hides a global": (
        "var image = ee.Image(1); function f(image) { return image.add(1); } f(ee.Number(2));",
        ["ee.Image", "ee.Number", "ee.Number.add"],
    ),
    "an alias of a namespace and of a function": (
        "var F = ee.Filter; var eq = ee.Filter.eq; F.and(eq('a', 1), F.lt('b', 2));",
        ["ee.Filter.eq", "ee.Filter.lt", "ee.Filter.and"],
    ),
    "an operator that is handed on": ("ee.List([1]).map(ee.Number)", ["ee.List", "ee.List.map", "ee.Number"]),
    "new, subscripts and templates": (
        "new ee.Image(`a/b`)['select']('b'); ee['Number'](1);",
        ["ee.Image", "ee.Image.select", "ee.Number"],
    ),
    "arrows, defaults, destructuring": (
        "const f = (x, y = ee.Number(2)) => x.add(y); const {a, b: [c]} = {a: ee.Image(1), b: [ee.List([])]};"
        "f(a); c.get(0);",
        ["ee.Image", "ee.List", "ee.Number", "ee.Image.add", "ee.List.get"],
    ),
    "a ternary and an or": (
        "var x = a ? ee.Image(1) : ee.Number(1); (x || ee.List([])).getInfo();",
        ["ee.Image", "ee.Number", "ee.List", "ee.Image.getInfo", "ee.Number.getInfo", "ee.List.getInfo"],
    ),
    "classes of the script's own": (
        "class A { constructor(i) { this.i = i; } go() { return this.i.sin(); } } new A(ee.Image(1)).go();",
        ["ee.Image", "ee.Image.sin"],
    ),
    "functions are there before their line": (
        "f(ee.Image(1)); function f(x) { x.sin(); }",
        ["ee.Image", "ee.Image.sin"],
    ),
    "the Code Editor": (
        "Map.addLayer(ee.Image(1)); print(ui.Chart.image.series(ee.ImageCollection('a/b'))); Export.image.toDrive({});",
        ["ee.Image", "Map.addLayer", "ee.ImageCollection", "ui.Chart.image.series", "print", "Export.image.toDrive"],
    ),
    "old names of methods": ("ee.Image(1).focal_max(2)", ["ee.Image", "ee.Image.focal_max"]),
    "algorithms below ee.Algorithms": (
        "ee.Algorithms.Landsat.simpleComposite({}).select('B1')",
        ["ee.Algorithms.Landsat.simpleComposite", "ee.Image.select"],
    ),
    "an algorithm by its name": ("ee.call('Image.add', 1, 2).select('b')", ["ee.call", "ee.Image.select"]),
    "a comment between the links of a chain": ("ee.Image(1)\n  // why\n  .add(2) /* and */ .sin()", None),
}


@pytest.mark.parametrize("form", JAVASCRIPT)
def test_forms_of_javascript(form: str) -> None:
    code, expected = JAVASCRIPT[form]
    assert found(code) == (expected or ["ee.Image", "ee.Image.add", "ee.Image.sin"])


PYTHON = {
    "aliases of imports": (
        "import ee as e\nfrom ee import Filter as F, Image\nImage(1)\n"
        "e.ImageCollection('a/b').filter(F.Or(F.eq('a', 1)))",
        ["ee.Image", "ee.ImageCollection", "ee.Filter.eq", "ee.Filter.or", "ee.ImageCollection.filter"],
    ),
    "a module that is not ee": ("import other as ee\nee.Image(1)", []),
    "lambda, keywords and defaults": (
        "import ee\ndef f(x, *, by=ee.Number(2)):\n  return x.add(by)\n"
        "ee.ImageCollection('a/b').map(lambda i: f(i, by=ee.Image(1)))",
        ["ee.ImageCollection", "ee.ImageCollection.map", "ee.Image", "ee.Image.add"],
    ),
    "comprehensions and loops over them": (
        "import ee\nfor n, i in enumerate([ee.Image(k) for k in range(3) if k]):\n  i.sin()",
        ["ee.Image", "ee.Image.sin"],
    ),
    "dictionaries": (
        "import ee\nd = {'a': ee.Image(1)}\nd['b'] = ee.Number(1)\nd['b'].add(1)\n"
        "for k, v in d.items():\n  v.getInfo()",
        ["ee.Image", "ee.Number", "ee.Number.add", "ee.Image.getInfo", "ee.Number.getInfo"],
    ),
    "classes": (
        "import ee\nclass A:\n  base = ee.Image(1)\n  def __init__(self, c):\n    self.c = c\n"
        "  def go(self):\n    return self.c.first().add(self.base)\nA(ee.ImageCollection('a/b')).go()",
        ["ee.Image", "ee.ImageCollection", "ee.ImageCollection.first", "ee.Image.add"],
    ),
    "try, with, while, match": (
        "import ee\ntry:\n  x = ee.Image(1)\nexcept E as e:\n  x = ee.Number(1)\nwith open('f') as g:\n  x.getInfo()\n"
        "while x:\n  ee.List([])\nmatch x:\n  case 1:\n    ee.String('a')",
        ["ee.Image", "ee.Number", "ee.Image.getInfo", "ee.Number.getInfo", "ee.List", "ee.String"],
    ),
    "a local name hides the module": (
        "import ee\ndef f():\n  ee = 3\n  return ee.Image(1)\nf()\nee.Image(2)",
        ["ee.Image"],
    ),
    "global": ("import ee\nx = 1\ndef f():\n  global x\n  x = ee.Image(1)\nf()\nx.sin()", ["ee.Image", "ee.Image.sin"]),
    "a value that is named on the way": ("import ee\nif (x := ee.Image(1)):\n  x.sin()", ["ee.Image", "ee.Image.sin"]),
    "exports": (
        "import ee\nee.batch.Export.image.toDrive(image=ee.Image(1)).start()",
        ["ee.Image", "ee.batch.Export.image.toDrive"],
    ),
    "text with values in it": ("import ee\nprint(f'{ee.Image(1).getInfo()}')", ["ee.Image", "ee.Image.getInfo"]),
}


@pytest.mark.parametrize("form", PYTHON)
def test_forms_of_python(form: str) -> None:
    code, expected = PYTHON[form]
    assert found(code, "python") == expected


def test_what_nobody_calls_and_what_waits_for_a_click_is_told_apart() -> None:
    code = """
      function unused(image) { return image.updateMask(image.select('a')); }
      ui.Button({label: 'go', onClick: function() { ee.Image(1).sin(); }});
      ee.Image(2).evaluate(function(value) { ee.Number(value).cos(); });
    """
    assert found(code) == ["ui.Button", "ee.Image", "ee.Image.evaluate"]
    assert found(code, reached=Reached.LATER) == ["ee.Image", "ee.Image.sin", "ee.Number", "ee.Number.cos"]
    (guessed,) = [call for call in extract(code, "javascript").calls if call.reached == Reached.UNCALLED]
    assert (guessed.operator, guessed.guessed, guessed.function) == ("ee.Image.updateMask", True, "unused")


def test_names_that_are_no_operators_are_counted() -> None:
    calls = extract("ee.Image(1).fly(); ee.Image(2).fly(); ee.Filter.nothing(1);", "javascript")
    assert calls.unresolved == {"ee.Image.fly": 2, "ee.Filter.nothing": 1}


def test_data_sets_that_are_loaded_are_noted() -> None:
    calls = extract(
        "ee.ImageCollection('LANDSAT/LC08/C02/T1_L2'); ee.Image(5); ee.FeatureCollection(x + 'a/b')", "javascript"
    )
    assert [call.datasets for call in calls.calls] == [{"LANDSAT/LC08/C02/T1_L2"}, set(), set()]


def test_places_are_those_of_the_operators_name() -> None:
    (first, second) = extract("ee.Image(1)\n  .add(2)", "javascript").calls
    assert (first.place, second.place) == ((1, 3), (2, 3))


def test_nothing_of_a_script_reaches_the_next() -> None:
    alone = extract("x.add(1); f(ee.Image(1));", "javascript")
    extract("var x = ee.Image(1); function f(i) { i.sin(); } var ee = 3; Object.keys = 1;", "javascript")
    assert extract("x.add(1); f(ee.Image(1));", "javascript") == alone


HOSTILE = {
    "parentheses nested 100,000 deep": "(" * 100_000 + "ee.Image(1)" + ")" * 100_000,
    "lists nested 100,000 deep": "var a = " + "[" * 100_000 + "]" * 100_000,
    "a chain of 30,000 links": "ee.Image(1)" + ".add(1)" * 30_000,
}


@pytest.mark.parametrize("language", ["javascript", "python"])
@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_too_deep_is_cut_and_says_so(name: str, language: Language) -> None:
    calls = extract(HOSTILE[name], language)
    assert calls.cut
    assert calls.calls == ()


def test_a_chain_of_3000_links_is_followed() -> None:
    assert len(extract("ee.Image(1)" + ".add(1)" * 3_000, "javascript").calls) == 3_001


ENDLESS = {
    "functions that double their work": "".join(
        f"function f{i}(x) {{ return f{i + 1}(x).add(f{i + 1}(x)); }}" for i in range(40)
    )
    + "function f40(x) { return x; } f0(ee.Image(1))",
    "nested loops": "var a = ee.Image(1);" + "for (var i = 0; i < 3; i++) {" * 40 + "a = a.add(1);" + "}" * 40,
    "functions that call each other": "function f(x) { return g(x).add(f(x)); } function g(x) { return f(x.sin()); }"
    "f(ee.Image(1))",
    "2,000 branches": "var a = ee.Image(1);" + "if (x) { a = a.add(1); } else { a = a.subtract(a); }" * 2_000,
}


@pytest.mark.parametrize("name", ENDLESS)
def test_what_would_take_for_ever_ends(name: str) -> None:
    assert extract(ENDLESS[name], "javascript").calls


def test_a_truncated_script_keeps_what_can_be_read() -> None:
    calls = extract("var a = ee.Image(1).select('b');\nvar c = a.add(ee.Image(2).multi", "javascript")
    assert calls.broken_bytes > 0
    assert [call.operator for call in calls.calls][:2] == ["ee.Image", "ee.Image.select"]


_SIGNS = list(".()[]{}=;,+:`$\n\x00é")
_WORDS = ["ee", "Image", "map", "function", "x", "=>", "'a/b'", "1", "add", "select", "if", "else", "for", "return"]
_MORE = [
    "var",
    "let",
    "class",
    "this",
    "new",
    "def",
    "lambda",
    "import",
    "from",
    "//",
    "/*",
    "*/",
    "yield",
    "**",
    "...",
]
_TEXTS = st.lists(st.sampled_from([*_SIGNS, *_WORDS, *_MORE]), max_size=60).map(" ".join)


@settings(max_examples=300, deadline=None)
@given(_TEXTS, st.sampled_from(["javascript", "python"]))
def test_any_text_has_an_answer(code: str, language: Language) -> None:
    calls = extract(code, language)
    assert [call.number for call in calls.calls] == list(range(len(calls.calls)))
    for call in calls.calls:
        assert all(0 <= number < len(calls.calls) for way in (call.receivers, *call.arguments) for number in way)
