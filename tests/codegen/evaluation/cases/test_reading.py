"""Reading benchmarks: ours and copies as users have them."""

import json
from pathlib import Path

import pytest

from codegen.evaluation.cases.case import PythonSource, section
from codegen.evaluation.cases.reading import missing_answers, read_benchmark
from lake.errors import BadInputError

PUBLISHED = """\
imageNormalizedDifferenceTask:
- params:
    image: !python |
      def get_image():
          import ee
          ee.Initialize()
          return ee.Image([3, 1]).rename(['a', 'b'])
    bandNames: ['a', 'b']
  expected_answer: imageNormalizedDifferenceTask_testcase1.npy
  out_type: ee.Image
- params:
    image: null
    bandNames: []
  expected_answer: imageNormalizedDifferenceTask_testcase2.txt
  out_type: error_message
  edge_test: true
numberAddTask:
- params: {left: 1.5, right: 2}
  expected_answer: numberAddTask_testcase1.txt
  out_type: ee.Number
"""


def _copy(folder: Path, text: str | bytes, name: str = "atomic") -> Path:
    part = folder / f"{name}_code"
    part.mkdir(parents=True)
    data = text.encode() if isinstance(text, str) else text
    (part / f"{name}_test_config.yaml").write_bytes(data)
    return folder


def test_a_published_file_becomes_tasks_and_cases(tmp_path):
    read = read_benchmark(_copy(tmp_path, PUBLISHED))
    image, number = read.tasks
    assert [task.function for task in read.tasks] == ["imageNormalizedDifferenceTask", "numberAddTask"]
    assert isinstance(image.cases[0].params["image"], PythonSource)
    assert image.cases[0].params["image"].text.splitlines()[-1] == "    return ee.Image([3, 1]).rename(['a', 'b'])"
    assert image.cases[0].params["bandNames"] == ["a", "b"]
    assert [section(image, case) for case in image.cases] == ["unit", "boundary"]
    assert number.cases[0].id == "numberAddTask_testcase1"
    assert number.cases[0].params == {"left": 1.5, "right": 2}
    assert (image.type, number.type) == ("ee.Image", "ee.Number")


def test_sources_are_read_and_never_run(tmp_path):
    trap = tmp_path / "ran"
    text = (
        f"f:\n- params:\n    a: !python |\n      open({str(trap)!r}, 'w')\n  expected_answer: a.txt\n  out_type: int\n"
    )
    read_benchmark(_copy(tmp_path / "b", text))
    assert not trap.exists()


@pytest.mark.parametrize(
    "tag", ["!!python/object/apply:os.system", "!!python/name:os.system", "!unknown", "!!set", "!!binary"]
)
def test_any_other_tag_is_an_error_that_names_file_and_line(tmp_path, tag):
    text = f"f:\n- params:\n    a: {tag} ['true']\n  expected_answer: a.txt\n  out_type: int\n"
    with pytest.raises(BadInputError, match=r"atomic_test_config\.yaml, line 3: .*tag"):
        read_benchmark(_copy(tmp_path, text))


def test_a_python_tag_on_a_list_is_an_error(tmp_path):
    text = "f:\n- params:\n    a: !python [1]\n  expected_answer: a.txt\n  out_type: int\n"
    with pytest.raises(BadInputError, match="line 3: !python wants a text"):
        read_benchmark(_copy(tmp_path, text))


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(tmp_path):
    plain = read_benchmark(_copy(tmp_path / "plain", PUBLISHED))
    windows = read_benchmark(_copy(tmp_path / "windows", b"\xef\xbb\xbf" + PUBLISHED.replace("\n", "\r\n").encode()))
    assert plain.tasks == windows.tasks


def test_what_a_copy_lacks_is_made_up_for(tmp_path):
    text = "imageAddTask:\n- params: {left: !python 'def f(): pass', right: 3}\n  out_type: ee.Image\n"
    (task,) = read_benchmark(_copy(tmp_path, text)).tasks
    assert task.instruction == 'def imageAddTask(left, right: int) -> ee.Image:\n    """Image add task."""\n'
    assert task.cases[0].answer == "imageAddTask_testcase1.npy"
    assert task.reference is None
    assert not task.cases[0].edge_test


def test_instructions_and_what_we_add_are_taken_where_they_are(tmp_path):
    folder = _copy(tmp_path, PUBLISHED)
    for name, text in (("test_instructions", "def f"), ("reference_code", "one"), ("second_reference", "two")):
        (folder / "atomic_code" / name).mkdir()
        (folder / "atomic_code" / name / "numberAddTask.txt").write_bytes(f"{text}\r\n".encode())
    (folder / "atomic_code" / "tasks.yaml").write_text(
        "numberAddTask: {operators: [ee.Number.add], type: ee.Number, difficulty: easy}\n"
    )
    task = read_benchmark(folder).tasks[1]
    assert (task.instruction, task.reference, task.second) == ("def f\n", "one\n", "two\n")
    assert (task.operators, task.type, task.difficulty) == (("ee.Number.add",), "ee.Number", "easy")


def test_of_two_functions_of_a_name_the_later_counts(tmp_path):
    text = PUBLISHED + "numberAddTask:\n- params: {left: 9}\n  out_type: int\n"
    assert read_benchmark(_copy(tmp_path, text)).tasks[1].cases[0].params == {"left": 9}


@pytest.mark.parametrize("name", ["unit", "atomic"])
def test_parts_are_found_under_each_published_name(tmp_path, name):
    folder = _copy(tmp_path / "test_code", PUBLISHED, name).parent
    _copy(tmp_path / "test_code", PUBLISHED, "compositional")
    _copy(tmp_path / "test_code", PUBLISHED, "scenario")
    read = read_benchmark(folder)
    assert [task.part for task in read.tasks] == ["unit"] * 2 + ["combination"] * 2 + ["theme"] * 2
    assert {task.part for task in read_benchmark(folder, ("theme",)).tasks} == {"theme"}


def test_a_renamed_folder_keeps_the_name_of_its_file(tmp_path):
    _copy(tmp_path, PUBLISHED, "combined")
    (tmp_path / "combined_code").rename(tmp_path / "combination_code")
    assert len(read_benchmark(tmp_path).tasks) == 2


def test_a_folder_without_cases_says_what_was_looked_for(tmp_path):
    with pytest.raises(BadInputError, match="atomic_test_config"):
        read_benchmark(tmp_path)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- 1\n", "functions with their cases are wanted"),
        ("f: 3\n", "f: a list of cases is wanted"),
        ("f:\n- params: {a: 1}\n", "f, case 1: `params`"),
        ("f:\n- params: [1]\n  out_type: int\n", "f, case 1: `params` wants values by name"),
        ("f:\n- params: {}\n  out_type: int\n  expected_answer: ../../secret\n", "lies elsewhere"),
        ("f: [\n", "line 2"),
    ],
)
def test_what_is_broken_is_named(tmp_path, text, told):
    with pytest.raises(BadInputError, match=told):
        read_benchmark(_copy(tmp_path, text))


def test_a_file_in_another_encoding_is_named(tmp_path):
    with pytest.raises(BadInputError, match="not UTF-8"):
        read_benchmark(_copy(tmp_path, "f: é\n".encode("latin-1")))


def test_bare_dates_become_the_source_that_makes_them(tmp_path):
    text = "f:\n- params: {day: 2020-02-29}\n  out_type: int\n"
    day = read_benchmark(_copy(tmp_path, text)).tasks[0].cases[0].params["day"]
    assert "datetime.date(2020, 2, 29)" in day.text


def test_answers_that_are_not_there_are_told_but_not_where_an_error_is_expected(tmp_path):
    folder = _copy(tmp_path, PUBLISHED)
    (folder / "atomic_code" / "ref_answer").mkdir()
    (folder / "atomic_code" / "ref_answer" / "numberAddTask_testcase1.txt").write_text("3.5")
    assert missing_answers(read_benchmark(folder)) == ["imageNormalizedDifferenceTask_testcase1"]


def test_the_name_is_the_manifests_or_the_folders(tmp_path):
    folder = _copy(tmp_path / "mine", PUBLISHED)
    assert read_benchmark(folder).name == "mine"
    (folder / "manifest.json").write_text(json.dumps({"name": "theirs"}))
    assert read_benchmark(folder).name == "theirs"
