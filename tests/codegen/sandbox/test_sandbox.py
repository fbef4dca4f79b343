"""What well-behaved programs meet, and what comes out of the sandbox."""

import math
import threading
from typing import Any

import pytest

from codegen.evaluation.cases.case import PythonSource
from codegen.sandbox.outcome import Limits, Outcome
from codegen.sandbox.sandbox import Sandbox, open_sandbox
from ee_emulator.process import Emulator
from lake.errors import BadInputError
from tests.codegen.sandbox.conftest import needs_bubblewrap

pytestmark = needs_bubblewrap


def call(sandbox: Sandbox, body: str, **params: Any) -> Outcome:
    names = ", ".join(params)
    return sandbox.call(f"import ee\ndef f({names}):\n    {body}\n", "f", params)


def value(sandbox: Sandbox, body: str, **params: Any) -> Any:
    outcome = call(sandbox, body, **params)
    assert outcome.succeeded, outcome
    assert outcome.returned is not None
    return outcome.returned.value


def test_a_function_gives_back_the_graph_of_an_object(sandbox: Sandbox) -> None:
    import ee

    outcome = call(sandbox, "return ee.Number(number).add(1)", number=1)
    assert outcome.succeeded
    assert outcome.returned is not None
    assert outcome.returned.type == "ee.Number"
    assert outcome.returned.value is None
    assert ee.data.computeValue(ee.deserializer.decodeCloudApi(outcome.returned.expression)) == 2


@pytest.mark.parametrize(
    ("made", "name"),
    [
        ("ee.Image(1)", "ee.Image"),
        ("ee.Geometry.Point([1, 2])", "ee.Geometry"),
        ("ee.ImageCollection([ee.Image(1)])", "ee.ImageCollection"),
        ("ee.Filter.eq('a', 1)", "ee.Filter"),
        ("ee.Reducer.mean()", "ee.Reducer"),
        ("ee.Array([1])", "ee.Array"),
        ("ee.Image(1).projection()", "ee.Projection"),
        ("ee.Dictionary({'a': 1}).get('a')", "ee.ComputedObject"),
        ("ee.Date('2020-01-01').getRange('month')", "ee.DateRange"),
        ("type('Mine', (ee.Image,), {})(1)", "ee.Image"),
    ],
)
def test_objects_are_named_as_the_client_names_them(sandbox: Sandbox, made: str, name: str) -> None:
    returned = call(sandbox, f"return {made}").returned
    assert returned is not None
    assert returned.type == name
    assert returned.expression is not None


def test_plain_values_come_back_as_they_are(sandbox: Sandbox) -> None:
    plain = {"a": [1, 2.5, "text", None, True], "b": {"c": {}}}
    assert value(sandbox, "return given", given=plain) == plain
    assert value(sandbox, "return (1, 2)") == [1, 2]


def test_what_json_lacks_is_marked(sandbox: Sandbox) -> None:
    given = value(sandbox, "return [float('nan'), -float('inf'), {3, 1, 2}, {1: 2}, 1j, ee.Number(1)]")
    assert given[:5] == [
        {"!float": "nan"},
        {"!float": "-inf"},
        [1, 2, 3],
        {"1": 2},
        {"!repr": "1j", "!type": "complex"},
    ]
    assert given[5]["!type"] == "ee.Number"
    assert given[5]["!expression"]["values"]


def test_arrays_of_numpy_come_back_as_lists(sandbox: Sandbox) -> None:
    outcome = call(sandbox, "import numpy; return numpy.array([[1, 2], [3, 4]])")
    assert outcome.returned is not None
    assert (outcome.returned.type, outcome.returned.value) == ("numpy.ndarray", [[1, 2], [3, 4]])


def test_parameters_arrive_as_they_were_given(sandbox: Sandbox) -> None:
    odd = {"nan": math.nan, "pairs": {1: "one", "!python": "no source", "!pairs": [1]}, "nested": [[{}], ()]}
    found = value(sandbox, "return [repr(given), given['nan'] != given['nan']]", given=odd)
    assert found == [repr({**odd, "nested": [[{}], []]}), True]


def test_sources_make_parameters_inside(sandbox: Sandbox) -> None:
    source = PythonSource(
        "import ee\nee.Initialize(project='<ee-project>')\n\n\ndef make():\n    return ee.Number(20).add(1)\n"
    )
    doubled = value(sandbox, "return number.multiply(2).getInfo()", number=source)
    assert doubled == 42
    nested = value(sandbox, "return [one['a'].getInfo() for one in given]", given=[{"a": source}])
    assert nested == [21]


def test_the_project_takes_its_place(sandbox: Sandbox) -> None:
    source = PythonSource("def make():\n    return 'projects/<ee-project>/assets/b'\n")
    given = ["projects/<ee-project>/assets/a", source]
    assert value(sandbox, "return given", given=given) == ["projects/local-ee/assets/a", "projects/local-ee/assets/b"]


def test_the_first_function_is_called_where_there_is_none_of_that_name(sandbox: Sandbox) -> None:
    code = "limit = 3\n\n\ndef first():\n    return second() + limit\n\n\ndef second():\n    return 1\n"
    for name, expected in (("first", 4), ("second", 1), ("third", 4)):
        outcome = sandbox.call(code, name, {})
        assert outcome.returned is not None
        assert outcome.returned.value == expected


def test_what_a_program_does_by_itself_is_not_done_where_its_function_is_called(sandbox: Sandbox) -> None:
    code = "def f():\n    return __name__\n\nif __name__ == '__main__':\n    raise SystemExit('an example')\n"
    outcome = sandbox.call(code, "f", {})
    assert outcome.returned is not None
    assert outcome.returned.value == "program"


def test_a_function_may_use_processes_of_its_own(sandbox: Sandbox) -> None:
    body = "import multiprocessing, math; return multiprocessing.Pool(2).map(math.sqrt, [1, 4, 9])"
    assert value(sandbox, body) == [1, 2, 3]


@pytest.mark.parametrize(
    ("code", "stage", "kind", "line"),
    [
        ("def f(a:\n    pass", "compile", "SyntaxError", 1),
        ("x = 1\nraise KeyError('k')\ndef f(a): pass", "define", "KeyError", 2),
        ("x = 1", "define", "NameError", None),
        ("import ee\ndef f(a):\n    return ee.Number(a).plus(1)", "call", "AttributeError", 3),
        ("import ee\ndef f(b):\n    return b", "call", "TypeError", None),
        ("import ee\n\ndef f(a):\n    return ee.Image('none').getInfo()", "call", "EEException", 4),
        ("def f(a):\n    one = []\n    one.append(one)\n    return one", "result", "RecursionError", None),
        ("def f(a):\n    exit()", "call", "SystemExit", 2),
    ],
)
def test_an_error_is_told_with_its_stage_kind_and_line(
    sandbox: Sandbox, code: str, stage: str, kind: str, line: int | None
) -> None:
    outcome = sandbox.call(code, "f", {"a": 1})
    assert outcome.status == "failed"
    assert outcome.returned is None
    assert outcome.error is not None
    assert (outcome.error.stage, outcome.error.kind, outcome.error.line) == (stage, kind, line)
    assert kind in outcome.error.traceback
    assert "codegen/sandbox" not in outcome.error.traceback


def test_a_parameter_that_cannot_be_made_is_told(sandbox: Sandbox) -> None:
    outcome = call(sandbox, "return given", given=PythonSource("def make():\n    return 1 / 0\n"))
    assert outcome.error is not None
    assert (outcome.error.stage, outcome.error.kind, outcome.error.line) == ("params", "ZeroDivisionError", 2)


def test_a_parameter_of_another_kind_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(BadInputError, match="complex"):
        sandbox.call("def f(a): pass", "f", {"a": 1j})


def test_a_traceback_shows_the_lines_of_the_program(sandbox: Sandbox) -> None:
    outcome = sandbox.run("def deep():\n    raise ValueError('why')\n\ndeep()\n", "python")
    assert outcome.error is not None
    assert outcome.error.message == "why"
    assert outcome.error.traceback == outcome.stderr
    assert outcome.error.traceback.splitlines()[:3] == [
        "Traceback (most recent call last):",
        '  File "program.py", line 4, in <module>',
        "    deep()",
    ]


def test_a_script_runs_as_python_would_run_it(sandbox: Sandbox) -> None:
    script = """
import atexit, ee, sys, threading, time
ee.Authenticate()
ee.Initialize(project="another-project", opt_url="https://earthengine.googleapis.com")
atexit.register(print, "at exit")
threading.Thread(target=lambda: (time.sleep(0.1), print("thread"))).start()
if __name__ == "__main__":
    print(ee.Number(3).getInfo(), sys.argv)
    open("left.txt", "w").write("here")
"""
    outcome = sandbox.run(script, "python")
    assert outcome.succeeded, outcome
    assert outcome.stdout == "3 ['program.py']\nthread\nat exit\n"
    assert outcome.files == {"left.txt": b"here"}
    assert outcome.exit_code == 0
    assert outcome.returned is None


@pytest.mark.parametrize(("end", "code"), [("sys.exit(3)", 3), ("sys.exit('why')", 1), ("import os; os._exit(4)", 4)])
def test_the_exit_status_of_a_script_is_told(sandbox: Sandbox, end: str, code: int) -> None:
    outcome = sandbox.run(f"import sys\n{end}", "python")
    assert (outcome.status, outcome.exit_code) == ("failed", code)
    assert sandbox.run("import sys\nsys.exit()", "python").succeeded


def test_a_script_may_write_to_its_streams_by_name(sandbox: Sandbox) -> None:
    outcome = sandbox.run("open('/dev/stdout', 'w').write('out'); open('/dev/stderr', 'w').write('err')", "python")
    assert outcome.succeeded, outcome
    assert (outcome.stdout, outcome.stderr) == ("out", "err")


def test_a_broken_script_tells_its_line(sandbox: Sandbox) -> None:
    outcome = sandbox.run("a = 1\nb = = 2\n", "python")
    assert outcome.error is not None
    assert (outcome.error.stage, outcome.error.kind, outcome.error.line) == ("compile", "SyntaxError", 2)


def test_what_was_printed_comes_back_where_a_limit_is_met(sandbox: Sandbox) -> None:
    outcome = sandbox.run("print('before', flush=True)\nwhile True: pass", "python", Limits(wall_seconds=0.3))
    assert (outcome.status, outcome.error, outcome.stdout) == ("wall_time", None, "before\n")
    assert outcome.exit_code is None


def test_output_is_cut_at_its_limit(sandbox: Sandbox) -> None:
    outcome = sandbox.run("while True: print('x' * 99)", "python", Limits(output_bytes=1_000))
    assert outcome.status == "output"
    assert len(outcome.stdout) == 1_001


def test_an_unmet_limit_of_output_is_none(sandbox: Sandbox) -> None:
    outcome = sandbox.run("print('x' * 999)", "python", Limits(output_bytes=1_000))
    assert outcome.succeeded
    assert len(outcome.stdout) == 1_000


def test_as_many_programs_run_at_a_time_as_there_are_workers(emulator: Emulator) -> None:
    """Two programs that wait for each other, by an asset that each makes, both come to their end."""
    code = """
import ee, time
def f(mine, other):
    ee.data.createFolder(f"projects/local-ee/assets/{mine}")
    for _ in range(1000):
        try:
            return ee.data.getAsset(f"projects/local-ee/assets/{other}")["type"]
        except ee.EEException:
            time.sleep(0.01)
"""
    outcomes: dict[str, Outcome] = {}
    with open_sandbox(emulator.url, Limits(wall_seconds=30), workers=2, mode="all") as two:

        def run(mine: str, other: str) -> None:
            outcomes[mine] = two.call(code, "f", {"mine": mine, "other": other})

        threads = [threading.Thread(target=run, args=pair) for pair in (("one", "two"), ("two", "one"))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert all(outcome.returned and outcome.returned.value == "FOLDER" for outcome in outcomes.values())


def test_programs_that_may_change_things_start_exports(emulator: Emulator) -> None:
    script = """
import ee, time
region = ee.Geometry.Rectangle([0, 0, 0.01, 0.01])
task = ee.batch.Export.image.toDrive(ee.Image(1), "from-the-sandbox", region=region, scale=100)
task.start()
while task.active():
    time.sleep(0.05)
print(task.status()["state"])
"""
    with open_sandbox(emulator.url, Limits(wall_seconds=30), mode="all") as opened:
        assert opened.run(script, "python").stdout == "COMPLETED\n"
    assert list(emulator.data.rglob("from-the-sandbox*"))
