"""From the text of a script to the calls of operators in it."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache

from codegen.corpora.script import Language
from codegen.extraction.calling import Observer
from codegen.extraction.calls import Calls
from codegen.extraction.client import Client
from codegen.extraction.interpreter import follow
from codegen.extraction.javascript import read_javascript
from codegen.extraction.program import Program
from codegen.extraction.python import read_python
from codegen.extraction.signatures import signatures

_READERS: Mapping[Language, Callable[[bytes], Program]] = {"javascript": read_javascript, "python": read_python}
_DEEPEST = 20_000
"""Frames of Python: a chain of some thousand calls."""


def extract(text: str, language: Language, observer: Observer | None = None) -> Calls:
    """The calls of Earth Engine's operators in a script; nothing of it is run.

    Args:
        text: The script.
        language: What it is written in.
        observer: Is told of each call while the script is followed.

    Returns:
        Its calls; none, and `cut`, for one that is nested too deeply to be followed.
    """
    with _deep_stack():
        try:
            return follow(_READERS[language](text.encode()), _client(language), observer)
        except RecursionError:
            return Calls((), {}, 0, cut=True)


@cache
def _client(language: Language) -> Client:
    return Client(language, signatures())


@contextmanager
def _deep_stack() -> Iterator[None]:
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _DEEPEST))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
