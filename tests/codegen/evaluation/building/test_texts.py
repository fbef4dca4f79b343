"""The texts of tasks, the numbers of their difficulty, and the hashes of their answers."""

import numpy as np
import pytest

from codegen.evaluation.building.code import call, docstring, function_name, header, solution, source
from codegen.evaluation.building.difficulty import points
from codegen.evaluation.building.digest import digest
from codegen.evaluation.building.drafting import draft
from codegen.evaluation.building.lock import moved, read_lock, write_lock
from codegen.evaluation.building.operators import Argument, find
from codegen.evaluation.building.spec import spec_of
from codegen.evaluation.judging.answers import Answer
from lake.errors import BadInputError


@pytest.mark.parametrize(
    ("operator", "name"),
    [
        ("Image.normalizedDifference", "imageNormalizedDifferenceTask"),
        ("FeatureCollection.aggregate_sum", "featureCollectionAggregateSumTask"),
        ("Algorithms.Landsat.TOA", "landsatTOATask"),
        ("Algorithms.CannyEdgeDetector", "algorithmsCannyEdgeDetectorTask"),
    ],
)
def test_functions_are_named_by_the_published_rule(operator, name):
    assert function_name(operator) == name


def test_an_operator_is_called_as_python_writes_it():
    both = find("Number.and")
    assert call(both, both.arguments) == "left.And(right)"
    reduce = find("Image.reduceRegion")
    chosen = [argument for argument in reduce.arguments if argument.name in ("image", "reducer", "scale")]
    assert call(reduce, chosen) == "image.reduceRegion(reducer, scale=scale)"
    equal = find("Algorithms.IsEqual")
    assert call(equal, equal.arguments) == "ee.Algorithms.IsEqual(left=left, right=right)"


def test_names_that_python_keeps_for_itself_are_marked():
    assert [argument.name for argument in find("Dictionary.rename").arguments][:3] == ["dictionary", "from_", "to"]
    assert find("List.add").arguments[0] == Argument("items", "ee.List", "", False, "")


def test_an_operator_that_does_not_exist_is_named():
    with pytest.raises(BadInputError, match=r"ee\.Image\.addd"):
        find("Image.addd")


def test_signature_and_docstring_are_python():
    arguments = [Argument("left", "ee.Number", "", False, "The left one"), Argument("big", "int", "big", True, "")]
    assert header("f", arguments, "ee.Number") == "def f(left: ee.Number, big: int = None) -> ee.Number:"
    assert docstring("Adds <b>both</b>", arguments, "ee.Number", "The sum") == (
        '    """Adds both.\n\n    Args:\n        left (ee.Number): The left one.\n        big (int): The big.\n\n'
        '    Returns:\n        ee.Number: The sum.\n    """'
    )


def test_a_body_may_be_an_expression_or_lines():
    assert solution("def f(a):", "a.abs()") == "def f(a):\n    return a.abs()\n"
    assert solution("def f(a):", "b = a\nreturn b\n") == "def f(a):\n    b = a\n    return b\n"


def test_named_inputs_become_variables_in_their_order():
    inputs = {"region": "ee.Geometry.Point(0, 0)", "image": "ee.Image(1).clip($region)"}
    assert source("image", "$image.add(1)", inputs).text == (
        "def get_image():\n    import ee\n    region = ee.Geometry.Point(0, 0)\n"
        "    image = ee.Image(1).clip(region)\n    return image.add(1)\n"
    )


def test_a_specification_becomes_a_task_with_values_of_its_formula():
    told = {"second": "right.add(left)", "value": "left + right", "cases": [{"left": 2, "right": 3}]}
    made = draft(spec_of("Number.add", told | {"boundary": [{"left": 0, "right": -1, "gives": -1}]}))
    assert (
        made.task.reference
        == "def numberAddTask(left: ee.Number, right: ee.Number) -> ee.Number:\n    return left.add(right)\n"
    )
    assert [case.edge_test for case in made.task.cases] == [False, True]
    assert made.values == {1: 5, 2: -1}
    assert (made.task.type, made.task.operators, made.task.difficulty) == ("ee.Number", ("ee.Number.add",), "easy")


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"second": "x", "kind": "guess"}, "kind is one of"),
        ({"second": "x", "cases": [{"left": 1, "wrong": 2}], "reference": "x"}, "`types` should tell what wrong is"),
        ({"second": "x", "cases": [{"left": [1], "right": 2}]}, r"left is ee\.Number, which \[1\] does not make"),
        ({"second": "x", "value": "left / 0", "cases": [{"left": 1, "right": 2}]}, "division by zero"),
    ],
)
def test_what_is_wrong_with_a_specification_is_named(told, message):
    with pytest.raises(BadInputError, match=message):
        draft(spec_of("Number.add", told))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("def f(a, b):\n    return a.add(b)\n", 0),
        ("def f(a, b, c):\n    return a.add(b).add(c)\n", 2),
        ("def f(a: ee.Image, b: ee.Kernel):\n    return a.map(lambda c: c.convolve(b))\n", 4),
    ],
)
def test_points_count_parameters_classes_calls_and_callbacks(code, expected):
    assert points(code) == expected


def test_noise_does_not_change_a_hash_and_another_answer_does():
    def hashed(value, out_type="ee.Number"):
        return digest(Answer(out_type, value))

    assert hashed(0.1 + 0.2) == hashed(0.3) != hashed(0.3001)
    assert hashed(2) == hashed(2.0) != hashed(3)
    assert hashed(np.array([0.125, 1.0]), "ee.Array") == hashed(np.array([0.125 - 1e-12, 1.0]), "ee.Array")
    assert hashed(np.array([1.0]), "ee.Array") != hashed(np.array([1.02]), "ee.Array")
    assert hashed(np.array([1.0, 2.0]), "ee.Array") != hashed(np.array([[1.0, 2.0]]), "ee.Array")
    assert hashed([1, "a"], "ee.List") != hashed(["a", 1], "ee.List")
    assert hashed(2**63, "ee.Number") != hashed(2**62, "ee.Number")
    masked = np.array([[[True]], [[False]]])
    pixels = np.zeros((2, 1, 1))
    assert digest(Answer("ee.Image", pixels, masked)) != digest(Answer("ee.Image", pixels, ~masked))


def test_a_lock_is_read_as_it_was_written_and_tells_what_moved(tmp_path):
    path = tmp_path / "answers.lock"
    write_lock({"b": ("11", "22"), "a": ("33",)}, path)
    assert path.read_text() == "a 33\nb 11 22\n"
    locked = read_lock(path)
    assert moved({"a": ("33",), "b": ("11", "22"), "new": ("1",)}, locked) == []
    assert moved({"a": ("34",), "b": ("11",)}, locked) == ["a_testcase1", "b_testcase2"]
    path.write_text("a\n")
    with pytest.raises(BadInputError, match="each line"):
        read_lock(path)
