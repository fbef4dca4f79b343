"""Error classes: what is wrong with a program, by where and how it failed.

| class | what happened | source |
|---|---|---|
| `syntax` | the code does not compile, fails before the function is there, or has none | AutoGEEval: `file_errors` |
| `parameter` | an exception in the call, in its result, or from Earth Engine as it computes it | "error in test case" |
| `output_type` | the class of what came back is another | METHODS, 7; AutoGEEval++: `check_result` |
| `wrong_answer` | a value of the right class that is not the expected one | METHODS, 7 |
| `runtime` | a limit was met: time, memory, output, recursion; Earth Engine's own limits as well | METHODS, 7 |
| `network` | Earth Engine did not answer, or with 5xx, 429 or no rights, and so at each try | METHODS, 7 |

AutoGEEval's own classes (classify_errors.py) are syntax, operator or parameter, wrong answer and other; its "other"
holds what METHODS tells apart as output type, runtime and network. Where the class of a result differs: the published
judge accepts `ee.ComputedObject` for any of Earth Engine's classes, and an `int` for a `float`; `ee.ArrayImage` and
`ee.BOOL` are no classes: they stand for `ee.Image`, and for a truth value, which the client has no class for. What ends
the process by will (`SystemExit`, `KeyboardInterrupt`) leaves no result within the limits: `runtime`. Parameters are
made after the code is executed, so that a failure there is the program's doing, and `parameter`.
"""

from __future__ import annotations

import re

from codegen.evaluation.judging.service import error_of
from codegen.evaluation.record import ErrorClass
from codegen.sandbox.outcome import Outcome, ProgramError, Status

COMPUTED = "ee.ComputedObject"
LONGEST_REASON = 400
"""Characters."""

_SYNTAX = ("SyntaxError", "IndentationError", "TabError")
_LIMIT = ("RecursionError", "MemoryError", "TimeoutError", "SystemExit", "KeyboardInterrupt")
_CONNECTION = (
    "BadStatusLine",
    "BrokenPipeError",
    "ConnectTimeout",
    "ConnectionAbortedError",
    "ConnectionError",
    "ConnectionRefusedError",
    "ConnectionResetError",
    "IncompleteRead",
    "MaxRetryError",
    "NewConnectionError",
    "ProtocolError",
    "ProxyError",
    "RefreshError",
    "RemoteDisconnected",
    "SSLError",
    "ServerNotFoundError",
    "TransportError",
    "gaierror",
)
"""Exceptions that say that there was no connection, whoever wrote the program."""
_TOLD = ("EEException", "HttpError")
"""Exceptions that carry what Earth Engine said."""
_REFUSED = ("The sandbox does not pass on", "programs may only read here")
"""What the sandbox's relay says to a program that goes where it may not."""
_UNAVAILABLE = re.compile(
    r"HttpError (?:429|401|403|5\d\d)|internal error|too many requests|request rate or concurrency limit"
    r"|currently unavailable|bad gateway|gateway time|quota exceeded|permission to use project|unauthenticated"
    r"|invalid authentication|could not be reached|connection (?:refused|reset|aborted)|unable to find the server",
    re.IGNORECASE,
)
"""What Earth Engine says where a program has no part in it; the client passes the words on, not the status."""
_ACCEPTED = {"ee.ArrayImage": ("ee.Image",), "ee.BOOL": ("ee.Number", "bool"), "float": ("float", "int")}
_ENDS: dict[Status, str] = {
    "wall_time": "The program took longer than it may.",
    "cpu_time": "The program took more processor time than it may.",
    "memory": "The program took more memory than it may.",
    "output": "The program wrote more than it may.",
    "killed": "The program's process was killed.",
    "failed": "The program ended without a result.",
    "ended": "The program ended without a result.",
}
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}\b")
_SERVER = re.compile(r"https?://(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?")


def differs_in_type(out_type: str, got: str) -> bool:
    """Whether a class of results is not the one that a case names.

    Args:
        out_type: As the case names it.
        got: As the sandbox tells it.
    """
    if out_type == COMPUTED or (got == COMPUTED and out_type.startswith("ee.")):
        return False
    return got not in _ACCEPTED.get(out_type, (out_type,))


def error_of_outcome(outcome: Outcome) -> tuple[ErrorClass, str] | None:
    """Class and reason of a program's failure; None where it came to its end and gave something back."""
    if outcome.error is not None and outcome.status in ("ended", "failed"):
        return class_of(outcome.error), _reason(outcome.error)
    if outcome.status != "ended" or outcome.returned is None:
        return "runtime", _ENDS[outcome.status]
    return None


def class_of(error: ProgramError) -> ErrorClass:
    """Class of an exception."""
    if error.kind in _SYNTAX and error.stage != "params":
        return "syntax"
    if _is_of_the_network(error):
        return "network"
    if error.stage == "compile":
        return "syntax"
    if error.kind in _LIMIT:
        return "runtime"
    if error.stage == "define":
        return "syntax"
    if error.kind in _TOLD:
        return error_of(error.message)
    return "parameter"


def _is_of_the_network(error: ProgramError) -> bool:
    if any(words in error.message for words in _REFUSED):
        return False
    return error.kind in _CONNECTION or (error.kind in _TOLD and _UNAVAILABLE.search(error.message) is not None)


def _reason(error: ProgramError) -> str:
    place = f", line {error.line}" if error.line is not None else ""
    what = {"params": " while the parameters were made", "result": " in what came back"}.get(error.stage, "")
    message = f": {first_line(error.message)}" if error.message.strip() else ""
    return repeatable(f"{error.kind}{place}{what}{message}")


def first_line(text: str) -> str:
    """The first line that says anything."""
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def repeatable(text: str) -> str:
    """A reason without what differs from run to run, and not too long."""
    text = without_addresses(text)
    return text if len(text) <= LONGEST_REASON else f"{text[: LONGEST_REASON - 1]}…"


def without_addresses(text: str) -> str:
    """A text without addresses in memory and of servers on this machine: they differ from run to run."""
    return _SERVER.sub("http://earth-engine", _ADDRESS.sub("0x…", text))
