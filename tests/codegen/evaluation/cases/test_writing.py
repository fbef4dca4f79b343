"""What is written is read again as it was."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from codegen.evaluation.cases.case import Case, PythonSource, Task
from codegen.evaluation.cases.reading import read_benchmark
from codegen.evaluation.cases.writing import write_part

_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
_plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | _text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_text, inner, max_size=4),
    max_leaves=8,
)
_name = st.from_regex(r"[a-z][A-Za-z0-9_]{0,12}", fullmatch=True)
_params = st.dictionaries(_name, _plain | _text.map(PythonSource), max_size=4)
_TYPES = ["ee.Image", "ee.Number", "str", "error_message"]


@st.composite
def _tasks(draw):
    tasks = []
    for function in draw(st.lists(_name, min_size=1, max_size=3, unique_by=str.lower)):
        numbers = range(1, draw(st.integers(1, 3)) + 1)
        cases = tuple(
            Case(function, n, draw(_params), draw(st.sampled_from(_TYPES)), f"{function}_{n}.txt", draw(st.booleans()))
            for n in numbers
        )
        texts = draw(st.none() | st.just("x\n")), draw(st.none() | st.just("y\n"))
        operators = tuple(draw(st.lists(st.just("ee.Number.add"), max_size=1)))
        difficulty = draw(st.sampled_from(["", "easy"]))
        tasks.append(Task(function, "unit", f"def {function}()", cases, *texts, operators, "ee.Number", difficulty))
    return tasks


@given(_tasks())
def test_whatever_is_written_is_read_as_it_was(tasks):
    with TemporaryDirectory() as folder:
        write_part(Path(folder), "unit", tasks)
        assert list(read_benchmark(Path(folder)).tasks) == tasks


def test_sources_are_written_as_blocks_that_people_can_read(tmp_path):
    source = PythonSource("def get():\n    import ee\n    return ee.Number(1)\n")
    write_part(tmp_path, "unit", [Task("f", "unit", "def f(a)", (Case("f", 1, {"a": source}, "ee.Number", "f.txt"),))])
    assert (tmp_path / "atomic_code" / "atomic_test_config.yaml").read_text() == (
        "f:\n"
        "- params:\n"
        "    a: !python |\n"
        "      def get():\n"
        "          import ee\n"
        "          return ee.Number(1)\n"
        "  expected_answer: f.txt\n"
        "  out_type: ee.Number\n"
    )


def test_what_earlier_tasks_left_behind_goes(tmp_path):
    case = Case("f", 1, {}, "int", "f.txt")
    write_part(tmp_path, "unit", [Task("f", "unit", "def f()", (case,), "r", "s")])
    write_part(tmp_path, "unit", [Task("g", "unit", "def g()", (Case("g", 1, {}, "int", "g.txt"),))])
    assert sorted(p.name for p in (tmp_path / "atomic_code").rglob("*.txt")) == ["g.txt"]
