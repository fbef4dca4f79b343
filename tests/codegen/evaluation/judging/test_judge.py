"""Verdicts on programs that run in the real sandbox against the real local Earth Engine."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codegen.evaluation.cases.case import ERROR_MESSAGE, Case, PythonSource, Task
from codegen.evaluation.judging.answers import Answer, write_answer
from codegen.evaluation.judging.errors import EvaluationError
from codegen.evaluation.judging.evaluate import evaluate
from codegen.evaluation.judging.judge import ATTEMPTS, Judge
from codegen.evaluation.judging.pool import Job, judge_all
from codegen.sandbox.outcome import Limits, Outcome, ProgramError, Returned
from codegen.sandbox.sandbox import Sandbox, open_sandbox
from lake.errors import BadInputError

IMAGE = PythonSource(
    "def get():\n    import ee\n    ee.Initialize()\n"
    "    return ee.Image.pixelLonLat().clip(ee.Geometry.Rectangle([9, 8, 9.005, 8.005]))\n"
)
REFERENCES: dict[str, tuple[str, Mapping[str, Any], str]] = {
    "imageAddTask": ("image.add(value)", {"image": IMAGE, "value": 1}, "ee.Image"),
    "numberAddTask": ("ee.Number(left).add(right)", {"left": 2, "right": 3}, "ee.Number"),
    "folderTask": ("{'folder': name}", {"name": "projects/<ee-project>/x"}, "dict"),
    "bufferTask": ("ee.Geometry.Point([x, 1]).buffer(100)", {"x": 1}, "ee.Geometry"),
}  # fmt: skip
"""What a function returns, its parameters, and the type of its result."""
HOSTILE = """
import ee, os, sys, builtins, json
def numberAddTask(left, right):
    ee.Number.add = lambda *a: 0
    ee.Image.add = ee.Image.subtract
    ee.data.computeValue = lambda *a: 1
    ee.serializer.encode = lambda *a, **k: {}
    for name in list(sys.modules):
        if name.startswith(("ee.", "json", "codegen")):
            sys.modules[name] = None
    builtins.len = lambda *_: 0
    os.makedirs("/tmp/left", exist_ok=True)
    os.chdir("/tmp/left")
    open("ee.py", "w").write("raise SystemExit")
    os.environ["HOME"] = "/nowhere"
    return 1
"""


def program(name: str, result: str | None = None) -> str:
    """A function that returns the reference's result, or another; without imports, as functions are asked for."""
    returned, params, _ = REFERENCES[name]
    return f"def {name}({', '.join(params)}):\n    return {returned if result is None else result}"


@pytest.fixture(scope="module")
def folder(sandbox: Sandbox, url: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A benchmark whose expected answers were made by its references."""
    made = tmp_path_factory.mktemp("benchmark")
    for name, (_, params, out_type) in REFERENCES.items():
        returned = sandbox.call(f"import ee\n{program(name)}", name, params).returned
        assert returned is not None
        write_answer(made / "atomic_code" / "ref_answer", f"{name}_testcase1", evaluate(returned, out_type, url))
    return made


def task(name: str) -> tuple[Task, Case]:
    _, params, out_type = REFERENCES[name]
    endings = {"ee.Image": "npy", "ee.Geometry": "geojson"}
    case = Case(name, 1, params, out_type, f"{name}_testcase1.{endings.get(out_type, 'txt')}")
    return Task(name, "unit", "", (case,)), case


@pytest.fixture(scope="module")
def judge(sandbox: Sandbox, url: str, folder: Path) -> Judge:
    return Judge(sandbox, url, folder)


@pytest.mark.parametrize("name", REFERENCES)
def test_a_reference_passes(name: str, judge: Judge) -> None:
    verdict = judge.judge(*task(name), program(name))
    assert verdict.passed, verdict
    assert verdict.error is None
    assert verdict.reason == ""
    assert verdict.seconds > 0


WRONG: list[tuple[str, str, str, str]] = [
    ("imageAddTask", "image.subtract(value)", "wrong_answer", "of band 'longitude'"),
    ("imageAddTask", "image.add(value).rename(['a', 'b'])", "wrong_answer", "At bands[0]: expected 'longitude'"),
    ("imageAddTask", "image.add(value).select(0)", "wrong_answer", "Expected an array of shape"),
    ("imageAddTask", "image.ad(value)", "parameter", "AttributeError, line 2: 'Image' object has no attribute 'ad'"),
    ("imageAddTask", "image.add(value, 1, 2)", "parameter", "line 2"),
    ("imageAddTask", "image.select('nope')", "parameter", "Band pattern 'nope' did not match any bands"),
    ("imageAddTask", "image.select('nope').getInfo()", "parameter", "EEException, line 2: Image.select"),
    ("imageAddTask", "5", "output_type", "A value of class ee.Image is expected, int came back."),
    ("imageAddTask", "None", "output_type", "NoneType"),
    ("imageAddTask", "object()", "output_type", "object"),
    ("imageAddTask", "ee.Number(1)", "output_type", "ee.Number"),
    ("imageAddTask", "undefined", "parameter", "NameError, line 2"),
    ("imageAddTask", "image.", "syntax", "SyntaxError, line 2: invalid syntax"),
    ("imageAddTask", "imageAddTask(image, value)", "runtime", "RecursionError, line 2: maximum recursion depth"),
    ("imageAddTask", "print('x' * 3_000_000)", "runtime", "wrote more than it may"),
    ("imageAddTask", "__import__('sys').exit(3)", "runtime", "SystemExit, line 2: 3"),
    ("imageAddTask", "__import__('os')._exit(0)", "runtime", "SystemExit: The program ended itself"),
    ("numberAddTask", "ee.Number(left).add(right).add(1)", "wrong_answer", "Expected 5, got 6."),
    ("numberAddTask", "left + right", "output_type", "A value of class ee.Number is expected, int came back."),
    ("folderTask", "{'folder': name, 'more': 1}", "wrong_answer", "has in addition ['more']"),
    ("folderTask", "{'folder': object()}", "parameter", "cannot be written as JSON"),
    ("bufferTask", "ee.Geometry.Point([x, 1]).buffer(101)", "wrong_answer", "they are not the same points"),
    ("bufferTask", "ee.Geometry.Point([x, 1]).buffer('a')", "parameter", ""),
]  # fmt: skip


@pytest.mark.parametrize(("name", "result", "error", "reason"), WRONG)
def test_what_is_wrong_has_its_class_and_a_reason(
    name: str, result: str, error: str, reason: str, judge: Judge
) -> None:
    verdict = judge.judge(*task(name), program(name, result))
    assert (verdict.passed, verdict.error) == (False, error), verdict
    assert reason in verdict.reason


@pytest.mark.parametrize(
    "code",
    ["", "I cannot do that.", "x = 1", "def f(:", "import nosuchmodule\ndef numberAddTask(left, right): return 1"],
)
def test_what_leaves_no_function_is_a_syntax_error(code: str, judge: Judge) -> None:
    assert judge.judge(*task("numberAddTask"), code).error == "syntax"


def test_time_is_limited(url: str, folder: Path) -> None:
    with open_sandbox(url, Limits(wall_seconds=1, cpu_seconds=5)) as short:
        verdict = Judge(short, url, folder).judge(
            *task("numberAddTask"), "def numberAddTask(*_, **__):\n    while 1: pass"
        )
    assert verdict.error == "runtime"
    assert "longer than it may" in verdict.reason


def test_a_program_that_lies_about_its_result_gains_nothing(judge: Judge) -> None:
    """What comes out of the sandbox is whatever the program wants it to be."""
    lie = (
        "import json, os\ndef numberAddTask(left, right):\n"
        "    told = {'returned': {'type': 'ee.Number', 'expression': None, 'value': 5}}\n"
        "    os.write(3, json.dumps(told).encode())\n    os._exit(0)"
    )
    verdict = judge.judge(*task("numberAddTask"), lie)
    assert not verdict.passed
    assert verdict.error == "output_type"


def test_where_an_error_is_expected_whatever_does_not_let_it_escape_passes(judge: Judge) -> None:
    case = Case("f", 1, {"x": 0}, ERROR_MESSAGE, "f_testcase1.txt", edge_test=True)
    of = Task("f", "unit", "", (case,))
    assert judge.judge(of, case, "def f(x):\n    return ee.Nothing if x else 'bad x'").passed
    assert judge.judge(of, case, "import ee\ndef f(x):\n    return ee.Image('no/such')").passed
    escaped = judge.judge(of, case, "def f(x):\n    return 1 / x")
    assert (escaped.error, escaped.reason) == ("parameter", "ZeroDivisionError, line 2: division by zero")


def test_a_case_that_breaks_everything_changes_no_later_verdict(sandbox: Sandbox, judge: Judge) -> None:
    programs = [(name, program(name)) for name in REFERENCES]
    programs += [(name, program(name, result)) for name, result, _, _ in WRONG[:4]]
    before = [judge.judge(*task(name), code) for name, code in programs]
    for _ in range(2):  # each of the sandbox's workers
        judge.judge(*task("numberAddTask"), HOSTILE)
    after = [judge.judge(*task(name), code) for name, code in programs]
    assert [(v.passed, v.error, v.reason, v.output) for v in after] == [
        (v.passed, v.error, v.reason, v.output) for v in before
    ]


def test_three_runs_in_any_order_give_the_same_verdicts(judge: Judge) -> None:
    jobs = [Job(*task(name), program(name), (name, "reference")) for name in REFERENCES]
    jobs += [Job(*task(name), program(name, result), (name, result)) for name, result, _, _ in WRONG]
    runs = []
    for order in (jobs, jobs[::-1], jobs[5:] + jobs[:5]):
        verdicts = {job.key: verdict for job, verdict in judge_all(order, judge, workers=2)}
        runs.append({key: (v.passed, v.error, v.reason, v.output) for key, v in verdicts.items()})
    assert len(runs[0]) == len(jobs)
    assert runs[0] == runs[1] == runs[2]


def test_the_manifest_says_what_stands_for_a_collection(sandbox: Sandbox, url: str, tmp_path: Path) -> None:
    code = "import ee\ndef f():\n    return ee.ImageCollection([ee.Image(1), ee.Image(3)])"
    case = Case("f", 1, {}, "ee.ImageCollection", "f_testcase1.npy")
    of = Task("f", "unit", "", (case,))
    returned = sandbox.call(code, "f", {}).returned
    assert returned is not None
    first = evaluate(returned, "ee.ImageCollection", url, collection="first")
    write_answer(tmp_path / "atomic_code" / "ref_answer", "f_testcase1", first)
    assert not Judge(sandbox, url, tmp_path).judge(of, case, code).passed
    (tmp_path / "manifest.json").write_text(json.dumps({"collection": "first"}))
    assert Judge(sandbox, url, tmp_path).judge(of, case, code).passed
    (tmp_path / "manifest.json").write_text(json.dumps({"collection": "median"}))
    with pytest.raises(BadInputError, match="`collection` is `mean` or `first`"):
        Judge(sandbox, url, tmp_path)


def test_other_names_of_a_parts_folder_do(sandbox: Sandbox, url: str, folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder / "atomic_code", tmp_path / "test_code" / "unit_code")
    assert Judge(sandbox, url, tmp_path).judge(*task("numberAddTask"), program("numberAddTask")).passed


def test_a_benchmark_without_its_answers_is_no_fault_of_the_program(judge: Judge) -> None:
    case = Case("numberAddTask", 9, {}, "ee.Number", "numberAddTask_testcase9.txt")
    with pytest.raises(BadInputError, match="There is no expected answer"):
        judge.judge(Task("numberAddTask", "unit", "", (case,)), case, "")
    outside = Case("numberAddTask", 9, {}, "ee.Number", "../../../etc/passwd")
    with pytest.raises(BadInputError, match="lies elsewhere"):
        judge.judge(Task("numberAddTask", "unit", "", (outside,)), outside, "")


# Where the network fails ------------------------------------------------------------------------------------------


class Flaky:
    """Stands in for a sandbox whose connection fails some times, as no real one does on demand."""

    def __init__(self, failures: int, then: Outcome) -> None:
        self.failures, self.then, self.calls = failures, then, 0

    def call(self, code: str, function: str, params: Mapping[str, Any]) -> Outcome:
        self.calls += 1
        if self.calls > self.failures:
            return self.then
        return Outcome("failed", ProgramError("call", "EEException", "Too Many Requests", 3, ""), "", "", None)


def test_a_program_that_the_network_failed_runs_again(url: str, folder: Path) -> None:
    good = Outcome("ended", None, "", "", Returned("ee.Number", {"result": "0", "values": {"0": {"constantValue": 5}}}))
    flaky = Flaky(ATTEMPTS - 1, good)
    assert Judge(flaky, url, folder, pause=0.01).judge(*task("numberAddTask"), "").passed
    never = Flaky(99, good)
    verdict = Judge(never, url, folder, pause=0.01).judge(*task("numberAddTask"), "")
    assert verdict.error == "network"
    assert never.calls == ATTEMPTS


def test_an_earth_engine_that_is_gone_gives_no_wrong_answers(folder: Path) -> None:
    other = Outcome(
        "ended", None, "", "", Returned("ee.Number", {"result": "0", "values": {"0": {"constantValue": 6}}})
    )
    verdict = Judge(Flaky(0, other), "http://127.0.0.1:9", folder, pause=0.01).judge(*task("numberAddTask"), "")
    assert verdict.error == "network"


# What a program may say that it gave back ---------------------------------------------------------------------------

KEYS = st.sampled_from(
    ["!expression", "!float", "!repr", "!type", "type", "coordinates", "result", "values", "constantValue"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
EXPECTED = {
    "ee.Image": np.zeros((2, 2, 1)),
    "ee.ImageCollection": np.array([-1]),
    "ee.Array": np.array([1.5]),
    "ee.ArrayImage": np.array([1]),
    "ee.Geometry": {"type": "Point", "coordinates": [1, 2]},
    "ee.FeatureCollection": {"type": "Point", "coordinates": [1, 2]},
    "ee.Feature": {"type": "Point", "coordinates": [1, 2]},
    "ee.Date": 5,
    "ee.DateRange": [0],
    "ee.String": "a",
    "ee.Dictionary": {"a": 1},
    "list": [1],
    "str": "a",
    "float": 0.5,
}


@settings(max_examples=150)
@given(
    st.sampled_from(sorted(EXPECTED)),
    st.none()
    | JSON
    | JSON.map(lambda value: {"result": "0", "values": {"0": {"constantValue": value}}})
    | JSON.map(lambda value: {"result": "0", "values": {"0": value}}),
    JSON,
)
def test_whatever_a_program_says_that_it_gave_back_there_is_a_verdict(
    lies: Path, url: str, out_type: str, expression: Any, value: Any
) -> None:
    said = Outcome("ended", None, "", "", Returned(out_type, expression, value))
    case = Case("f", 1, {}, out_type, out_type)
    verdict = Judge(Flaky(0, said), url, lies, pause=0.001).judge(Task("f", "unit", "", (case,)), case, "")
    assert verdict.passed == (verdict.error is None) == (verdict.reason == "")


@pytest.fixture(scope="module")
def lies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lies")
    for out_type, value in EXPECTED.items():
        facts = {"properties": [{"a": 1}]} if out_type == "ee.FeatureCollection" else {}
        write_answer(folder / "atomic_code" / "ref_answer", out_type, Answer(out_type, value, None, facts))
    return folder


# Many at a time ---------------------------------------------------------------------------------------------------


def test_jobs_are_read_as_they_are_needed_and_whoever_stops_reading_stops_the_work(judge: Judge) -> None:
    given = []

    def jobs() -> Any:
        for number in range(1_000):
            given.append(number)
            yield Job(*task("numberAddTask"), program("numberAddTask"), number)

    some = judge_all(jobs(), judge, workers=2)
    assert next(some)[1].passed
    some.close()
    assert len(given) < 20


def test_an_error_of_the_benchmark_comes_out_of_the_pool(judge: Judge) -> None:
    case = Case("f", 1, {}, "ee.Number", "f_testcase1.txt")
    with pytest.raises(BadInputError):
        list(judge_all([Job(Task("f", "unit", "", (case,)), case, "")], judge))


def test_the_error_of_an_evaluation_says_its_class() -> None:
    error = EvaluationError("runtime", "It took too long.")
    assert (error.error, str(error)) == ("runtime", "It took too long.")


def test_imports_of_the_future_stay_in_front(judge: Judge) -> None:
    code = f"from __future__ import annotations\nimport ee\n{program('numberAddTask')}"
    assert judge.judge(*task("numberAddTask"), code).passed


def test_lines_are_counted_as_their_writer_counts_them(judge: Judge) -> None:
    verdict = judge.judge(*task("numberAddTask"), "def numberAddTask(left, right):\n    x = 1\n    return left.nope")
    assert verdict.reason.startswith("AttributeError, line 3: ")
    assert 'File "program.py", line 3, in numberAddTask' in verdict.output
