"""What a case is called with and what is expected of it, read from a benchmark."""

from pathlib import Path

import numpy as np
import pytest

from codegen.evaluation.cases.case import Case, PythonSource, Task
from codegen.evaluation.cases.folders import NAMES
from codegen.evaluation.cases.writing import write_part
from codegen.evaluation.judging.answers import Answer, write_answer
from codegen.evaluation.leaderboard.expected import expected_answers, summarised
from lake.errors import BadInputError

SOURCE = "def image():\n    return ee.Image(3)\n"


@pytest.fixture
def benchmark(tmp_path: Path) -> Path:
    answers = tmp_path / NAMES["unit"][0] / "ref_answer"
    answers.mkdir(parents=True)
    pixels = write_answer(answers, "addTask_testcase1", Answer("ee.Image", np.arange(6.0).reshape(1, 2, 3)))
    cases = (
        Case("addTask", 1, {"image": PythonSource(SOURCE), "value": 2}, "ee.Image", pixels),
        Case("addTask", 2, {}, "error_message", "addTask_testcase2.txt", edge_test=True),
        Case("addTask", 3, {}, "ee.Number", "addTask_testcase3.txt"),
    )
    write_part(tmp_path, "unit", [Task("addTask", "unit", 'def addTask(image, value):\n    """Adds."""\n', cases)])
    return tmp_path


def test_parameters_and_answers_are_told_in_short(benchmark: Path):
    found = expected_answers(benchmark)
    assert found["addTask_testcase1"].splitlines() == [
        "called with",
        "image = def image():",
        "    return ee.Image(3)",
        "value = 2",
        "",
        "expected: ee.Image",
        "1 × 2 × 3 of float64, from 0 to 5, mean 2.5",
        "0, 1, 2, 3, 4, 5",
    ]
    assert "called with\nnothing" in found["addTask_testcase2"]
    assert found["addTask_testcase2"].endswith("an error that the function does not let escape")
    assert "not told: There is no expected answer" in found["addTask_testcase3"]


def test_a_folder_that_is_no_benchmark_is_refused(tmp_path: Path):
    with pytest.raises(BadInputError):
        expected_answers(tmp_path)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Answer("ee.Number", 3.5), "3.5"),
        (Answer("ee.String", "x" * 9_000), "x" * 1_500 + "…"),
        (Answer("ee.Geometry", {"type": "Point", "coordinates": [1, 2]}), "{'type': 'Point', 'coordinates': [1, 2]}"),
        (Answer("ee.Array", np.zeros((0,))), "0 of float64, nothing of it valid"),
        (Answer("ee.Array", np.arange(20)), "20 of int64, from 0 to 19, mean 9.5\n0, 1, 2, 3, 4, 5, 6, 7, …"),
        (
            Answer("ee.Image", np.ones((2, 2, 1)), np.array([[[True], [False]], [[True], [True]]]), {"bands": ["b1"]}),
            "2 × 2 × 1 of float64, from 1 to 1, mean 1, 25% masked\n1, 1, 1\nbands: ['b1']",
        ),
    ],
)
def test_answers_of_all_forms_are_summarised(answer: Answer, told: str):
    assert summarised(answer) == told
