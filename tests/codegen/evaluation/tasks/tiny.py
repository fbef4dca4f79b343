"""A benchmark of five functions and nine cases, its answers by execution."""

from __future__ import annotations

from pathlib import Path

from codegen.evaluation.cases.case import Case, PythonSource, Task
from codegen.evaluation.cases.writing import write_part
from codegen.evaluation.judging.answers import write_answer
from codegen.evaluation.judging.evaluate import evaluate
from codegen.sandbox.sandbox import Sandbox

POINT = "def get():\n    import ee\n    ee.Initialize()\n    return ee.Geometry.Point([114.3, 30.6])\n"
SQUARE = "def get():\n    import ee\n    return ee.Geometry.Rectangle([114.0, 30.0, 114.002, 30.002])\n"

TASKS = (
    Task(
        "numberAddTask",
        "unit",
        'def numberAddTask(left: float, right: float) -> ee.Number:\n    """The sum of two numbers."""\n',
        (
            Case("numberAddTask", 1, {"left": 2, "right": 3.5}, "ee.Number", ""),
            Case("numberAddTask", 2, {"left": -1, "right": 1}, "ee.Number", "", edge_test=True),
        ),
        "def numberAddTask(left, right):\n    return ee.Number(left).add(right)\n",
        operators=("ee.Number.add",),
        type="ee.Number",
        difficulty="easy",
    ),
    Task(
        "stringUpperTask",
        "unit",
        'def stringUpperTask(text: str) -> ee.String:\n    """The text in upper case."""\n',
        (
            Case("stringUpperTask", 1, {"text": "wuhan"}, "ee.String", ""),
            Case("stringUpperTask", 2, {"text": ""}, "ee.String", "", edge_test=True),
        ),
        "def stringUpperTask(text):\n    return ee.String(text).toUpperCase()\n",
        operators=("ee.String.toUpperCase",),
        type="ee.String",
        difficulty="easy",
    ),
    Task(
        "listReverseTask",
        "unit",
        'def listReverseTask(items: list) -> ee.List:\n    """The items from the last to the first."""\n',
        (
            Case("listReverseTask", 1, {"items": [1, 2, 3]}, "ee.List", ""),
            Case("listReverseTask", 2, {"items": ["a", "b"]}, "ee.List", ""),
        ),
        "def listReverseTask(items):\n    return ee.List(items).reverse()\n",
        operators=("ee.List.reverse",),
        type="ee.List",
        difficulty="medium",
    ),
    Task(
        "geometryBufferTask",
        "unit",
        'def geometryBufferTask(shape: ee.Geometry, distance: float) -> ee.Geometry:\n    """The shape, widened."""\n',
        (Case("geometryBufferTask", 1, {"shape": PythonSource(POINT), "distance": 100}, "ee.Geometry", ""),),
        "def geometryBufferTask(shape, distance):\n    return shape.buffer(distance)\n",
        operators=("ee.Geometry.buffer",),
        type="ee.Geometry",
        difficulty="medium",
    ),
    Task(
        "constantMeanTask",
        "theme",
        'def constantMeanTask(value: float, region: ee.Geometry) -> ee.Number:\n    """The mean of a constant."""\n',
        (
            Case("constantMeanTask", 1, {"value": 7, "region": PythonSource(SQUARE)}, "ee.Number", ""),
            Case("constantMeanTask", 2, {"value": 0, "region": PythonSource(SQUARE)}, "ee.Number", ""),
        ),
        "def constantMeanTask(value, region):\n"
        "    image = ee.Image.constant(value)\n"
        "    return ee.Number(image.reduceRegion(ee.Reducer.mean(), region, 30).get('constant'))\n",
        operators=("ee.Image.constant", "ee.Image.reduceRegion"),
        type="ee.Number",
        difficulty="hard",
    ),
)
FUNCTIONS = tuple(task.function for task in TASKS)
CASES = sum(len(task.cases) for task in TASKS)


def build(folder: Path, sandbox: Sandbox, url: str) -> None:
    """Writes the benchmark; what is expected is what the references give."""
    tasks = [
        Task(
            one.function,
            one.part,
            one.instruction,
            tuple(_answered(folder, one, case, sandbox, url) for case in one.cases),
            one.reference,
            None,
            one.operators,
            one.type,
            one.difficulty,
        )
        for one in TASKS
    ]
    for part in ("unit", "theme"):
        write_part(folder, part, [task for task in tasks if task.part == part])


def _answered(folder: Path, task: Task, case: Case, sandbox: Sandbox, url: str) -> Case:
    outcome = sandbox.call(f"import ee\n{task.reference}", task.function, case.params)
    assert outcome.returned is not None, outcome
    answers = folder / {"unit": "atomic_code", "theme": "theme_code"}[task.part] / "ref_answer"
    answers.mkdir(parents=True, exist_ok=True)
    name = write_answer(answers, case.id, evaluate(outcome.returned, case.out_type, url))
    return Case(case.function, case.number, case.params, case.out_type, name, case.edge_test)
