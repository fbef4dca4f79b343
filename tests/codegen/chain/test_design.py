"""Algorithm design: functions, what they take and give, and the program that they are put together to."""

import ast
import json

import pytest

from codegen.chain.assembly import assembled, defined_parameters, definitions, rounded_off
from codegen.chain.design import MOST, identifier, submodules_in
from codegen.chain.pool import Submodule, Value
from codegen.checking.check import check
from tests.codegen.chain.support import DESIGN, MEAN, REGION


def part(name: str, inputs: str = "", outputs: str = "", type_: str = "") -> Submodule:
    taken, given = ([Value(name=one, type=type_) for one in side.split()] for side in (inputs, outputs))
    return Submodule(name=name, purpose=f"Does {name}.", inputs=taken, outputs=given)


def test_a_list_becomes_functions() -> None:
    found = submodules_in(f"The plan:\n```json\n{json.dumps(DESIGN)}\n```")
    assert [one.name for one in found] == ["load_region", "mean_elevation"]
    assert found[1].inputs == [Value(name="region", type="ee.Geometry")]


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ([{"name": "a", "type": "ee.Image"}], ["a"]),
        (["a: ee.Image", "b"], ["a", "b"]),
        ({"a": "ee.Image", "b": "int"}, ["a", "b"]),
        ({"name": "a"}, ["a"]),
        ("a", ["a"]),
        (None, []),
        (["none"], []),
        ([{"type": "x"}], []),
        (["a", "a"], ["a"]),
    ],
)
def test_what_a_function_takes_is_read_however_it_is_written(inputs: object, expected: list[str]) -> None:
    (found,) = submodules_in(json.dumps([{"name": "f", "inputs": inputs}]))
    assert [one.name for one in found.inputs] == expected


def test_lists_within_objects_and_single_objects_are_read() -> None:
    assert [one.name for one in submodules_in('{"functions": [{"name": "f"}, {"name": "g"}]}')] == ["f", "g"]
    assert [one.name for one in submodules_in('{"name": "f", "inputs": []}')] == ["f"]


@pytest.mark.parametrize("answer", ["", "no list", "[]", "[1, 2]", '[{"purpose": "nameless"}]', "{"])
def test_no_functions_in_what_is_none(answer: str) -> None:
    assert submodules_in(answer) == []


def test_names_are_made_such_that_both_languages_take_them_and_differ() -> None:
    rows = [
        {"name": name, "outputs": ["scenes"]}
        for name in ("Load scenes!", "load scenes", "class", "1st", "var", "scenes")
    ]
    names = [one.name for one in submodules_in(json.dumps(rows))]
    assert len(set(names)) == len(names) == 6
    assert all(name.isidentifier() for name in names)
    assert "scenes" not in names  # `scenes = scenes()` would hide the function
    assert identifier("main") != "main"
    assert identifier("数据") == "part"


def test_a_function_comes_after_those_whose_results_it_takes() -> None:
    rows = [
        {"name": "last", "inputs": ["b"], "outputs": ["c"]},
        {"name": "middle", "inputs": ["a"], "outputs": ["b"]},
        {"name": "first", "inputs": ["scale"], "outputs": ["a"]},
    ]
    assert [one.name for one in submodules_in(json.dumps(rows))] == ["first", "middle", "last"]
    ring = [{"name": "f", "inputs": ["y"], "outputs": ["x"]}, {"name": "g", "inputs": ["x"], "outputs": ["y"]}]
    assert [one.name for one in submodules_in(json.dumps(ring))] == ["f", "g"]


def test_there_are_not_too_many() -> None:
    assert len(submodules_in(json.dumps([{"name": f"f{number}"} for number in range(50)]))) == MOST


def test_functions_become_a_program_without_faults() -> None:
    found = submodules_in(json.dumps(DESIGN))
    program = assembled(found, {"load_region": REGION.strip(), "mean_elevation": MEAN.strip()}, "python", 'Mean "x"\n#')
    assert check(program, "python") == ()
    assert "mean = mean_elevation(region=region)" in program
    assert "import ee\n\nee.Initialize()" in program


def test_several_results_and_constants_are_wired() -> None:
    parts = [part("f", "", "a b"), part("g", "scale a", "c"), part("h", "b c", "d e")]
    code = {
        "f": "def f():\n    return 1, 2",
        "g": "def g(image, scale=30):\n    return image",  # its names are not those of the design
        "h": "def h(b, c, factor=2):\n    return b, c",
    }
    program = assembled(parts, code, "python")
    assert "a, b = f()" in program
    assert "c = g(a)" in program
    assert "d, e = h(b=b, c=c)" in program
    assert 'return {"d": d, "e": e}' in program
    ast.parse(program)


def test_functions_become_a_script_of_the_code_editor() -> None:
    parts = [part("f", "", "region scenes"), part("g", "scale scenes", "map", "ee.Image"), part("h", "map", "mean")]
    code = {"f": "function f() {}", "g": "function g(scale, scenes) {}", "h": "var h = function(map) {};"}
    script = assembled(parts, code, "javascript")
    assert "var scenes = fGiven.scenes;" in script
    assert "var map = g(undefined, scenes);" in script
    assert "var mean = h(map);" in script
    assert "print('mean', mean);" in script
    assert check(script, "javascript") == ()
    pictured = assembled([part("f", "", "map", "ee.Image")], {"f": "function f() {}"}, "javascript")
    assert "Map.addLayer(map, {}, 'map');" in pictured


def test_hostile_purposes_stay_comments() -> None:
    bad = Submodule(name="f", purpose="x\nimport os\u2028os.remove('a')\rpass", inputs=[], outputs=[])
    program = assembled([bad], {"f": "def f():\n    return 1"}, "python", 'a"""\nimport os\\')
    assert {type(node).__name__ for node in ast.parse(program).body} == {"Import", "Expr", "FunctionDef", "If"}
    assert [n.names[0].name for n in ast.walk(ast.parse(program)) if isinstance(n, ast.Import)] == ["ee"]
    script = assembled([bad], {"f": "function f() {}"}, "javascript")
    assert [line for line in script.splitlines() if "os.remove" in line] == [script.splitlines()[0]]


def test_of_a_models_code_the_definitions_are_kept() -> None:
    code = (
        "import ee\nimport math\nee.Initialize()\nSCALE = 30\n\ndef helper(x):\n    return x\n\n"
        "@staticmethod\ndef f(a, b=SCALE):\n    # why\n    return helper(a)\n\nresult = f(1)\nprint(result)\n"
        "if __name__ == '__main__':\n    f(2)\n"
    )
    kept = definitions(code, "python", "f")
    assert kept is not None
    assert "import math" in kept
    assert "SCALE = 30" in kept
    assert "# why" in kept
    assert "@staticmethod" in kept
    assert "Initialize" not in kept
    assert "result" not in kept
    assert "__main__" not in kept
    assert "import ee" not in kept
    assert defined_parameters(kept, "python", "f") == ["a", "b"]
    script = "var k = 2;\nfunction f(a, b = 1) { return a; }\nprint(f(1));\nMap.addLayer(f(2));"
    assert definitions(script, "javascript", "f") == "var k = 2;\nfunction f(a, b = 1) { return a; }"
    assert defined_parameters(script, "javascript", "f") == ["a", "b"]


@pytest.mark.parametrize("code", ["def g():\n    pass", "def f(:", "x = 1", ""])
def test_code_that_does_not_define_the_function_is_none(code: str) -> None:
    assert definitions(code, "python", "f") is None


def test_a_program_is_rounded_off() -> None:
    whole = rounded_off("def main():\n    return ee.Number(1)\n", "python")
    assert whole.startswith("import ee\n\nee.Initialize()")
    assert "show(main())" in whole
    assert check(whole, "python") == ()
    done = "import ee\nee.Initialize()\ndef main():\n    return 1\nprint(main())\n"
    assert rounded_off(done, "python") == done
    assert rounded_off("x = (", "python") == "x = ("
    assert rounded_off("print(1);", "javascript") == "print(1);"
