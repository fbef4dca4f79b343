"""Traces of JavaScript and Python scripts, and the Python scripts that there are to trace."""

from __future__ import annotations

import ast
import contextlib
import io
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
SECONDS = 1_500


@dataclass(frozen=True)
class Call:
    """Calls of one operator in one place; the package's docstring says what counts.

    Attributes:
        operator: As `ee.Image.select`.
        line: From 1; None of a callback that outlived its place in the stack.
        column: From 1; None where Python does not know it.
        count: How often; it only informs.
    """

    operator: str
    line: int | None
    column: int | None
    count: int


@dataclass(frozen=True)
class Trace:
    """What one script did.

    Attributes:
        name: The script's.
        error: What ended it before its end.
        calls: In the order of the first call.
        graphs: Names of the algorithms in each graph that it showed or exported.
        unreached: Stretches that did not run: line and column of the begin, line and column behind the end.
    """

    name: str
    error: str | None
    calls: tuple[Call, ...]
    graphs: tuple[tuple[str, ...], ...]
    unreached: tuple[tuple[int, int, int, int], ...]

    @property
    def operators(self) -> frozenset[str]:
        """Names of the operators called."""
        return frozenset(call.operator for call in self.calls)

    def reached(self, line: int, column: int) -> bool:
        """Whether what stands in a place could run: False means that the trace says nothing about it."""
        place = line, column
        return not any((a, b) <= place < (c, d) for a, b, c, d in self.unreached)


def read_trace(line: str) -> Trace:
    """A trace from its line of JSON."""
    read: dict[str, Any] = json.loads(line)
    return Trace(
        name=read["name"],
        error=read["error"],
        calls=tuple(Call(**call) for call in read["calls"]),
        graphs=tuple(map(tuple, read["graphs"])),
        unreached=tuple(map(tuple, read["unreached"])),
    )


def trace_javascript(url: str, scripts: Sequence[Mapping[str, str]]) -> list[Trace]:
    """Traces of Code Editor scripts, each {name, code}; the server gives the client its functions, and values."""
    with tempfile.TemporaryDirectory() as folder:  # the client leaves files where it runs
        return _traces(["node", str(HERE / "trace.cjs"), url], scripts, Path(folder))


def trace_python(url: str, scripts: Sequence[Mapping[str, str]]) -> list[Trace]:
    """Traces of Python scripts, each {name, code}."""
    return _traces([sys.executable, "-m", "tests.codegen.trace.trace_python", url], scripts, ROOT)


def _traces(command: Sequence[str], scripts: Sequence[Mapping[str, str]], folder: Path) -> list[Trace]:
    given = "".join(json.dumps({"name": s["name"], "code": s["code"]}) + "\n" for s in scripts)
    done = subprocess.run(
        command, input=given, capture_output=True, text=True, timeout=SECONDS, check=False, cwd=folder
    )
    if done.returncode:
        raise RuntimeError(f"{command[:-1]} ended with {done.returncode}: {done.stderr[-2000:]}")
    return [read_trace(line) for line in done.stdout.split("\n") if line]


def in_python(scripts: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """Code Editor scripts as geemap translates them, without those that do not come out as Python.

    geemap's translation works line by line: 896 of its 1,001 distinct scripts come out, and 812 of those run to their
    end. Some call something else than the original does: what counts is what the Python does, not what was meant.
    """
    from geemap.conversion import js_snippet_to_py

    translated = []
    before = random.getstate()
    for script in scripts:
        random.seed(0)  # geemap invents names for functions without one
        with contextlib.suppress(Exception), contextlib.redirect_stdout(io.StringIO()):
            lines = js_snippet_to_py(script["code"], add_new_cell=False, import_geemap=True, show_map=False)
            code = "".join(lines or ["?"])
            ast.parse(code)
            translated.append({"name": script["name"], "code": code})
    random.setstate(before)
    return translated
