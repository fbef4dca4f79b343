"""JavaScript and Python are told apart."""

import pytest

from codegen.corpora.language import tell_language


@pytest.mark.parametrize(
    "text",
    [
        "var a = ee.Image(1);\n",
        "// A comment\nMap.addLayer(ee.Image(1));\n",
        "var f = function(x) {\n  return x.add(1);\n};\nprint(ee.List([1]).map(f));\n",
        "print(ee.Image('a').select('b'))",
        "ee.Image(1).add(ee.Image(2)",
    ],
)
def test_javascript_is_told(text: str) -> None:
    assert tell_language(text) == "javascript"


@pytest.mark.parametrize(
    "text",
    [
        "import ee\nee.Initialize()\n",
        "import ee\nprint(ee.Image('a').select('b'))",
        "dataset = ee.Image('a')\nm = geemap.Map()\nm.add_layer(dataset)\nm\n",
        "# A comment\nfor year in range(3):\n    print(ee.Image(year))\n",
        "from ee import Image\ndef f(x):\n    y = x.select(1)\n    z = y.clip(x)\n    return z.add(1",
    ],
)
def test_python_is_told(text: str) -> None:
    assert tell_language(text) == "python"


@pytest.mark.parametrize(
    "text", ["It is what the people said (not all of it true) of ee.\n" * 5, "\\begin{a} & ? \\end{a} ee", "<a b='c'"]
)
def test_what_is_neither_is_told(text: str) -> None:
    assert tell_language(text) is None
