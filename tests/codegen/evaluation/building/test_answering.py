"""Cases of one's own get their answers from their references, run in the sandbox."""

from pathlib import Path

import pytest

from codegen.evaluation.building.answering import answer_cases
from codegen.evaluation.cases.reading import missing_answers, read_benchmark

CASES = """\
halvedTask:
- params:
    image: !python |
      def get_image():
          import ee
          return ee.Image([8, 5]).rename(['a', 'b'])
    band: b
  expected_answer: halvedTask_testcase1.npy
  out_type: ee.Image
- params: {image: null, band: b}
  expected_answer: halvedTask_testcase2.npy
  out_type: ee.Image
sumTask:
- params: {left: 2, right: 3}
  expected_answer: sumTask_testcase1
  out_type: int
"""
REFERENCES = {
    "halvedTask": "def halvedTask(image, band):\n    return image.select(band).divide(2)\n",
    "sumTask": "def sumTask(left, right):\n    return left + right\n",
}


@pytest.fixture
def own(tmp_path: Path) -> Path:
    part = tmp_path / "atomic_code"
    (part / "reference_code").mkdir(parents=True)
    (part / "atomic_test_config.yaml").write_text(CASES)
    for function, code in REFERENCES.items():
        (part / "reference_code" / f"{function}.txt").write_text(code)
    return tmp_path


def test_answers_are_written_and_what_fails_is_told(own, url):
    heard: list[str] = []
    answered = answer_cases(own, url, unsafe_local=True, say=heard.append)
    assert answered.written == ["halvedTask_testcase1", "sumTask_testcase1"]
    assert list(answered.failed) == ["halvedTask_testcase2"]
    assert "NoneType" in heard[0]
    assert (own / "atomic_code" / "ref_answer" / "sumTask_testcase1.txt").read_text() == "5"
    assert missing_answers(read_benchmark(own)) == ["halvedTask_testcase2"]


def test_a_second_solution_has_to_agree(own, url):
    second = own / "atomic_code" / "second_reference"
    second.mkdir()
    (second / "sumTask.txt").write_text("def sumTask(left, right):\n    return left * right\n")
    answered = answer_cases(own, url, unsafe_local=True)
    assert "the two solutions differ" in answered.failed["sumTask_testcase1"]


def test_answers_that_are_there_stay_unless_they_are_asked_for_again(own, url):
    answer_cases(own, url, unsafe_local=True)
    path = own / "atomic_code" / "ref_answer" / "sumTask_testcase1.txt"
    path.write_text("6")
    answer_cases(own, url, unsafe_local=True)
    assert path.read_text() == "6"
    answer_cases(own, url, unsafe_local=True, again=True)
    assert path.read_text() == "5"
