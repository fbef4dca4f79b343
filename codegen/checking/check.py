"""Checks a program against the table of Earth Engine's operators; nothing of it is run.

What is told is what fails for certain, as far as the program can be followed: an operator that a class has not, an
argument that it does not take or lacks, a value of the wrong type. Whatever is not known for certain is let pass.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

from codegen.checking.annotated import with_calls
from codegen.checking.data_sets import unknown_data_sets
from codegen.checking.names import unknown_names
from codegen.checking.problem import Counts, Problem
from codegen.checking.syntax import syntax_problem
from codegen.checking.watching import Watch
from codegen.corpora.script import Language
from codegen.extraction.calls import Calls
from codegen.extraction.extract import extract

_IMPORT = "import ee\n"
_IMPORTS_EE = re.compile(r"^\s*(?:import\s+[^\n#]*\bee\b|from\s+ee\b)", re.MULTILINE)
_CODE_EDITOR = ("Map.", "Export.", "Chart.", "ui.", "print")


def check(code: str, language: Language, data_sets: Collection[str] | None = None) -> tuple[Problem, ...]:
    """What will fail in a program.

    Args:
        code: A script, or a function alone; `ee` counts as there.
        language: What it is written in.
        data_sets: Ids that there are; where they are given, others are told as warnings.

    Returns:
        By line. A program that cannot be read has one problem, its syntax.
    """
    code = _readable(code)
    broken = syntax_problem(code, language)
    if broken is not None:
        return (broken,)
    watch, calls = _followed(code, language)
    found = [*watch.problems(), *unknown_names(code, language)]
    if data_sets is not None:
        found += unknown_data_sets(calls, data_sets, watch.shift)
    return tuple(sorted(set(found), key=lambda one: (one.line or 0, one.kind, one.operator, one.message)))


def operators(code: str, language: Language) -> Counts:
    """How many operators a program calls, and how many do not exist; of a broken one what can be read of it."""
    watch, calls = _followed(_readable(code), language)
    unknown = watch.unknown_places
    known = {call.place for call in calls.calls if not call.operator.startswith(_CODE_EDITOR)}
    return Counts(len(known | unknown), len(unknown))


def _readable(code: str) -> str:
    """Without half characters, which no file can hold."""
    return code.encode("utf-8", "replace").decode("utf-8")


def _followed(code: str, language: Language) -> tuple[Watch, Calls]:
    is_prefixed = language == "python" and not _IMPORTS_EE.search(code)
    last = code.count("\n") + (2 if is_prefixed else 1)
    watch = Watch(language, shift=-1 if is_prefixed else 0, last=last)
    text = with_calls(code) if language == "python" else code
    calls = extract(f"{_IMPORT}{text}" if is_prefixed else text, language, watch)
    return watch, replace(calls, calls=tuple(call for call in calls.calls if call.place.line <= last))
