"""`python trace_python.py URL < scripts > traces.jsonl`: which operators each Python script really calls.

Scripts are {name, code}, one JSON object a line. What counts as a call, and under which name, is said in `__init__.py`
beside this file. The client is initialised once; each script then runs in a fork of this process, in an empty folder.
Scripts run with this process's rights: trace only such as you would run by hand.
"""

from __future__ import annotations

import ast
import functools
import inspect
import json
import os
import select
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import CodeType, FrameType
from typing import Any

SCRIPT = "<script>"
SCRIPT_SECONDS = 20.0
GRACE_SECONDS = 5.0
SENDING = {"getInfo", "getMapId", "getThumbId", "getThumbURL", "getDownloadURL", "getDownloadId"}
"""Methods that send their object's graph to the server."""

Place = tuple[int | None, int | None]


class OutOfTimeError(BaseException):
    """Not an `Exception`: a script that passes over those is stopped all the same."""


@dataclass
class Running:
    """What is noted of the script that runs.

    Attributes:
        places: Line and column of a called name, by where the call ends and, if it begins on another line than its
            name stands in, by where its name begins: CPython gives one or the other.
        calls: Calls by operator and place.
        shown: Objects that are printed, mapped or exported.
        lines: The lines that ran.
    """

    places: dict[tuple[int, int], Place]
    calls: Counter[tuple[str, Place]] = field(default_factory=Counter)
    shown: list[Any] = field(default_factory=list)
    lines: set[int] = field(default_factory=set)


_running: Running | None = None


def called_places(code: str) -> dict[tuple[int, int], Place]:
    """Where the names of a script's calls stand; see `Running`. Columns count characters from 1, keys bytes from 0."""
    lines = code.splitlines()
    places: dict[tuple[int, int], Place] = {}
    for node in ast.walk(ast.parse(code)):
        if not isinstance(node, ast.Call):
            continue
        line, begin = node.func.lineno, node.func.col_offset
        if isinstance(node.func, ast.Attribute):
            assert node.func.end_lineno is not None
            assert node.func.end_col_offset is not None
            line, begin = node.func.end_lineno, node.func.end_col_offset - len(node.func.attr.encode())
        place = line, len(lines[line - 1].encode()[:begin].decode()) + 1
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        places[node.end_lineno, node.end_col_offset] = place
        if line != node.lineno:
            places[line, begin] = place
    return places


def place(frame: FrameType, places: dict[tuple[int, int], Place]) -> Place:
    """Line and column of the name that a frame is calling; without a column where it cannot be told."""
    positions = list(frame.f_code.co_positions())[frame.f_lasti // 2]
    line, end_line, begin, end = positions
    for key in ((line, begin), (end_line, end)):
        if key in places:
            return places[key]  # type: ignore[index]
    return frame.f_lineno, None


def note(operator: str, caller: FrameType, given: list[Any]) -> None:
    """Notes a call, if it stands in the script itself, and the operators that it is given as callbacks."""
    if _running is None or caller.f_code.co_filename != SCRIPT:
        return
    where = place(caller, _running.places)
    _running.calls[operator, where] += 1
    for value in given:
        handed_over = _operator(value)
        if handed_over:
            _running.calls[handed_over, where] += 1
    if operator.split(".")[-1] in SENDING or operator.startswith("ee.batch.Export."):
        _running.shown += computed_in(given)


def _operator(value: Any) -> str | None:
    """The name of an operator that was not called but handed over: `numbers.map(ee.Number)`."""
    import ee

    if isinstance(value, type) and issubclass(value, ee.ComputedObject):
        return f"ee.{value.__name__}"
    return getattr(value, "operator", None) if inspect.isfunction(value) else None


def computed_in(given: list[Any]) -> list[Any]:
    """Earth Engine's objects among values and in lists among them."""
    import ee

    flat = [item for value in given for item in (value if isinstance(value, list | tuple) else [value])]
    return [value for value in flat if isinstance(value, ee.ComputedObject)]


def noted(function: Callable[..., Any], name_of: Callable[[tuple[Any, ...]], str], name: str) -> Callable[..., Any]:
    """A function that notes its calls.

    Args:
        function: What it does.
        name_of: An operator's name by the arguments in order.
        name: Its name where it is handed over uncalled.
    """

    @functools.wraps(function)
    def wrapper(*given: Any, **named: Any) -> Any:
        note(name_of(given), sys._getframe(1), [*given, *named.values()])
        return function(*given, **named)

    wrapper.operator = name  # type: ignore[attr-defined]
    return wrapper


def always(name: str) -> Callable[[tuple[Any, ...]], str]:
    """The same name whatever is given."""
    return lambda _: name


def by_class(name: str) -> Callable[[tuple[Any, ...]], str]:
    """The name of a function that is given its class."""
    return lambda given: f"ee.{given[0].__name__}.{name}"


def by_receiver(name: str) -> Callable[[tuple[Any, ...]], str]:
    """The name of a method by the class of the object that it is called on."""
    return lambda given: f"ee.{type(given[0]).__name__}.{name}" if given else f"ee.ComputedObject.{name}"


def watch_class(cls: type, path: str) -> None:
    """Replaces a class's public methods and functions by such as note their calls."""
    for name, member in list(vars(cls).items()):
        if name.startswith("_"):
            continue
        full = f"{path}.{name}"
        if isinstance(member, staticmethod):
            setattr(cls, name, staticmethod(noted(member.__func__, always(full), full)))
        elif isinstance(member, classmethod):
            setattr(cls, name, classmethod(noted(member.__func__, by_class(name), full)))
        elif inspect.isfunction(member):
            setattr(cls, name, noted(member, by_receiver(name), full))


def watch_constructors() -> None:
    """Makes the classes' constructors note their calls: those are calls of the class of the classes."""
    import ee

    metaclass: Any = type(ee.ComputedObject)
    construct = metaclass.__call__

    def constructor(cls: type, *given: Any, **named: Any) -> Any:
        note(f"ee.{cls.__name__}", sys._getframe(1), [*given, *named.values()])
        return construct(cls, *given, **named)

    metaclass.__call__ = constructor


def watch_container(container: dict[str, Any], path: str) -> None:
    """The same for `ee.Algorithms`, whose parts are dictionaries."""
    for name, member in container.items():
        full = f"{path}.{name}"
        if isinstance(member, dict):
            watch_container(member, full)
        else:
            container[name] = noted(member, always(full), full)


def watch_client() -> None:
    """Makes the initialised client note the calls that scripts make."""
    import ee

    for name, member in list(vars(ee).items()):
        if isinstance(member, type) and (issubclass(member, ee.ComputedObject) or name == "Terrain"):
            watch_class(member, f"ee.{name}")
    watch_constructors()
    watch_container(ee.Algorithms, "ee.Algorithms")
    for name, member in list(vars(ee.batch.Export).items()):
        if isinstance(member, type):
            watch_class(member, f"ee.batch.Export.{name}")
            _watch_call(member, f"ee.batch.Export.{name}")
    for name in ("call", "apply"):
        setattr(ee, name, noted(getattr(ee, name), always(f"ee.{name}"), f"ee.{name}"))


def _watch_call(cls: Any, path: str) -> None:
    """The old `ee.batch.Export.image(…)`, which makes a task."""
    if "__new__" not in vars(cls):
        return
    make = cls.__new__

    def new(asked: type, *given: Any, **named: Any) -> Any:
        note(path, sys._getframe(1), [*given, *named.values()])
        return make(asked, *given, **named)

    cls.__new__ = new


class Widget:
    """In place of geemap's maps: can be called and asked for any member; what it is given counts as mapped."""

    def __init__(self, *given: Any, **named: Any) -> None:
        self(*given, **named)

    def __call__(self, *given: Any, **named: Any) -> Widget:
        if _running is not None:
            _running.shown += computed_in([*given, *named.values()])
        return self

    def __getattr__(self, name: str) -> Widget:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __getitem__(self, _: Any) -> Widget:
        return self

    def __iter__(self) -> Iterator[Widget]:
        return iter(())


def prepare(url: str, with_geemap: bool) -> None:
    """Initialises the client and makes it note what scripts do."""
    import ee

    from ee_emulator.client import initialise

    initialise(url)
    ee.data._get_state().requests_session.close()  # forks must not share a connection
    ee.Authenticate = ee.Initialize = lambda *_, **__: None
    watch_client()
    if with_geemap:
        import geemap

        geemap.Map = Widget
        geemap.ee_initialize = lambda *_, **__: None


def algorithms_of(shown: Any) -> list[str] | None:
    """Names of the algorithms in an object's graph; None of one that only makes sense within a callback."""
    import ee

    try:
        graph = json.loads(shown.serialize())
    except ee.EEException:
        return None
    names, pending = set(), [graph]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            if isinstance(value.get("functionName"), str):
                names.add(value["functionName"].removeprefix("algorithms/"))
            pending += value.values()
        elif isinstance(value, list):
            pending += value
    return sorted(names)


def _lines_of(code: CodeType) -> set[int]:
    """Lines on which a script and its functions can be."""
    own = {line for *_, line in code.co_lines() if line}
    return own.union(*(_lines_of(c) for c in code.co_consts if isinstance(c, CodeType)))


def _note_lines(frame: FrameType, event: str, _: Any) -> Any:
    """Notes the lines that run, of the script alone."""
    if frame.f_code.co_filename != SCRIPT or _running is None:
        return None
    if event == "line":
        _running.lines.add(frame.f_lineno)
    return _note_lines


def trace(script: dict[str, str]) -> dict[str, Any]:
    """One script's trace; to be called in a process of its own."""
    global _running
    name, text = script["name"], script["code"]
    try:
        places, code = called_places(text), compile(text, SCRIPT, "exec")
    except (SyntaxError, ValueError) as error:
        lines = text.splitlines()
        everything = [[1, 1, len(lines), len(lines[-1]) + 1]] if lines else []
        return {"name": name, "error": f"SyntaxError: {error}", "calls": [], "graphs": [], "unreached": everything}
    running = _running = Running(places)
    signal.signal(signal.SIGALRM, _stop)
    signal.setitimer(signal.ITIMER_REAL, SCRIPT_SECONDS)
    error_text = None
    sys.settrace(_note_lines)
    try:
        exec(code, {"__name__": "__main__", "__file__": SCRIPT})
    except SystemExit:
        pass
    except BaseException as error:
        error_text = f"{type(error).__name__}: {error}"
    finally:
        sys.settrace(None)
        signal.setitimer(signal.ITIMER_REAL, 0)
        _running = None
    calls = [
        {"operator": operator, "line": line, "column": column, "count": count}
        for (operator, (line, column)), count in running.calls.items()
    ]
    graphs = [names for shown in running.shown if (names := algorithms_of(shown)) is not None]
    widths = [len(line) + 1 for line in text.splitlines()]
    unreached = [[line, 1, line, widths[line - 1]] for line in sorted(_lines_of(code) - running.lines)]
    return {"name": name, "error": error_text, "calls": calls, "graphs": graphs, "unreached": unreached}


def _stop(*_: Any) -> None:
    raise OutOfTimeError(f"stopped after {SCRIPT_SECONDS:g} s")


def in_fork(script: dict[str, str]) -> dict[str, Any]:
    """A script's trace, from a child process that is ended if it takes too long."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _trace_to(writer, script)
    os.close(writer)
    answer, deadline = b"", time.monotonic() + SCRIPT_SECONDS + GRACE_SECONDS
    with os.fdopen(reader, "rb", buffering=0) as source:
        while select.select([source], [], [], max(0.0, deadline - time.monotonic()))[0]:
            chunk = source.read(1 << 16)
            if not chunk:
                break
            answer += chunk
        else:
            os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    try:
        result: dict[str, Any] = json.loads(answer)
    except ValueError:  # killed, or it ended the interpreter itself
        return {"name": script["name"], "error": "ended without a trace", "calls": [], "graphs": [], "unreached": []}
    return result


def _trace_to(writer: int, script: dict[str, str]) -> None:
    """Traces in an empty folder, with no input and output of its own, and ends the process."""
    try:
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nothing, stream)
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            text = json.dumps(trace(script))
            os.chdir("/")
        with os.fdopen(writer, "w") as target:
            target.write(text)
    finally:
        os._exit(0)  # the parent's buffers and exit handlers are not this process's


def main(url: str) -> None:
    """Traces the scripts that come in."""
    scripts = [json.loads(line) for line in sys.stdin if line.strip()]
    prepare(url, with_geemap=any("geemap" in script["code"] for script in scripts))
    for script in scripts:
        print(json.dumps(in_fork(script)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
