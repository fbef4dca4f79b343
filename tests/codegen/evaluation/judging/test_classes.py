"""Error classes, by where and how a program failed."""

import pytest

from codegen.evaluation.judging.classes import class_of, differs_in_type, error_of_outcome, repeatable
from codegen.sandbox.outcome import Outcome, ProgramError, Returned, Stage

CLASSES: list[tuple[Stage, str, str, str]] = [
    ("compile", "SyntaxError", "invalid syntax", "syntax"),
    ("compile", "IndentationError", "unexpected indent", "syntax"),
    ("compile", "TabError", "inconsistent use of tabs", "syntax"),
    ("compile", "ValueError", "source code string cannot contain null bytes", "syntax"),
    ("compile", "RecursionError", "maximum recursion depth exceeded during compilation", "syntax"),
    ("compile", "MemoryError", "", "syntax"),
    ("define", "NameError", "The code defines no function f.", "syntax"),
    ("define", "ModuleNotFoundError", "No module named 'geopandas2'", "syntax"),
    ("define", "AttributeError", "module 'ee' has no attribute 'Imag'", "syntax"),
    ("define", "EEException", "Unknown asset", "syntax"),
    ("define", "RecursionError", "maximum recursion depth exceeded", "runtime"),
    ("define", "ConnectionRefusedError", "[Errno 111] Connection refused", "network"),
    ("params", "SyntaxError", "invalid syntax", "parameter"),
    ("params", "AttributeError", "module 'ee' has no attribute 'Image'", "parameter"),
    ("params", "EEException", "Earth Engine at http://127.0.0.1:1 could not be reached: refused", "network"),
    ("call", "TypeError", "f() got an unexpected keyword argument 'x'", "parameter"),
    ("call", "AttributeError", "'Image' object has no attribute 'ad'", "parameter"),
    ("call", "NameError", "name 'imge' is not defined", "parameter"),
    ("call", "KeyError", "'B4'", "parameter"),
    ("call", "ZeroDivisionError", "division by zero", "parameter"),
    ("call", "EEException", "Image.select: Band pattern 'x' did not match any bands.", "parameter"),
    ("call", "SyntaxError", "invalid syntax", "syntax"),
    ("call", "RecursionError", "maximum recursion depth exceeded", "runtime"),
    ("call", "MemoryError", "", "runtime"),
    ("call", "TimeoutError", "timed out", "runtime"),
    ("call", "SystemExit", "1", "runtime"),
    ("call", "KeyboardInterrupt", "", "runtime"),
    ("call", "EEException", "User memory limit exceeded.", "runtime"),
    ("call", "EEException", "Computation timed out.", "runtime"),
    ("call", "EEException", "Collection query aborted after accumulating over 5000 elements.", "runtime"),
    ("call", "EEException", "Internal error in the emulator: KeyError()", "network"),
    ("call", "EEException", "Too Many Requests: Request was rejected because the request rate", "network"),
    ("call", "EEException", "The service is currently unavailable.", "network"),
    ("call", "HttpError", '<HttpError 503 when requesting http://x returned "Backend Error">', "network"),
    ("call", "HttpError", '<HttpError 429 when requesting http://x returned "Quota">', "network"),
    ("call", "HttpError", '<HttpError 400 when requesting http://x returned "Bad request">', "parameter"),
    ("call", "HttpError", '<HttpError 403 returned "The sandbox does not pass on GET /x.">', "parameter"),
    ("call", "EEException", "This would change something, and programs may only read here: POST /x", "parameter"),
    ("call", "ConnectionError", "('Connection aborted.', RemoteDisconnected())", "network"),
    ("call", "ServerNotFoundError", "Unable to find the server", "network"),
    ("call", "ValueError", "internal error", "parameter"),  # a program's own words are not Earth Engine's
    ("result", "EEException", "Unrecognized argument", "parameter"),
    ("result", "RecursionError", "nested deeper than 100 levels", "runtime"),
]


@pytest.mark.parametrize(("stage", "kind", "message", "error"), CLASSES)
def test_an_exception_has_the_class_of_the_table(stage: Stage, kind: str, message: str, error: str) -> None:
    assert class_of(ProgramError(stage, kind, message, None, "")) == error


@pytest.mark.parametrize("status", ["wall_time", "cpu_time", "memory", "output", "killed", "failed"])
def test_a_limit_is_a_runtime_error(status: str) -> None:
    failure = error_of_outcome(Outcome(status, None, "", "", None))  # type: ignore[arg-type]
    assert failure is not None
    assert failure[0] == "runtime"


def test_memory_counts_as_the_limit_that_it_is() -> None:
    """Whatever exception told it: the program was ended by its share, not by an error of its own."""
    error = ProgramError("call", "MemoryError", "", 3, "")
    failure = error_of_outcome(Outcome("memory", error, "", "", None))
    assert failure is not None
    assert failure[0] == "runtime"


def test_the_reason_names_kind_line_and_message() -> None:
    error = ProgramError("call", "AttributeError", "'Image' object has no attribute 'ad'\nmore", 5, "")
    assert error_of_outcome(Outcome("failed", error, "", "", None)) == (
        "parameter",
        "AttributeError, line 5: 'Image' object has no attribute 'ad'",
    )
    params = ProgramError("params", "NameError", "name 'ee' is not defined", 2, "")
    assert error_of_outcome(Outcome("failed", params, "", "", None)) == (
        "parameter",
        "NameError, line 2 while the parameters were made: name 'ee' is not defined",
    )


def test_what_came_to_its_end_is_no_failure() -> None:
    assert error_of_outcome(Outcome("ended", None, "", "", Returned("int", None, 5))) is None


@pytest.mark.parametrize(
    ("out_type", "got", "differs"),
    [
        ("ee.Image", "ee.Image", False),
        ("ee.Image", "ee.Number", True),
        ("ee.Image", "ee.ComputedObject", False),
        ("ee.Image", "int", True),
        ("ee.ArrayImage", "ee.Image", False),
        ("ee.ArrayImage", "ee.Array", True),
        ("ee.ComputedObject", "ee.Image", False),
        ("ee.ComputedObject", "int", False),
        ("ee.Feature", "ee.Element", True),
        ("float", "int", False),
        ("int", "float", True),
        ("int", "bool", True),
        ("int", "ee.ComputedObject", True),
        ("list", "tuple", True),
        ("NoneType", "NoneType", False),
        ("NoneType", "str", True),
        ("ee.BOOL", "ee.ComputedObject", False),
        ("ee.BOOL", "bool", False),
        ("ee.BOOL", "str", True),
    ],
)
def test_classes_of_results(out_type: str, got: str, differs: bool) -> None:
    assert differs_in_type(out_type, got) == differs


def test_a_reason_does_not_differ_from_run_to_run() -> None:
    assert repeatable("<f at 0x7f12ab34cd56> at http://127.0.0.1:43210/v1") == "<f at 0x…> at http://earth-engine/v1"
    assert len(repeatable("x" * 10_000)) == 400
