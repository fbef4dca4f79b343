"""The two case studies of Chain of Programming: building visualisation and fire analysis.

Of each the request (`.txt`), and a program in Python and one in JavaScript that answers it and runs on the local Earth
Engine. There its data are those of a simulated planet: the programs work, and what they show is no measurement.
"""

from __future__ import annotations

from importlib import resources
from typing import Literal

from codegen.sandbox.outcome import Language

Study = Literal["buildings", "fire"]
STUDIES: tuple[Study, ...] = ("buildings", "fire")
_SUFFIX = {"python": "py", "javascript": "js"}


def request(study: Study) -> str:
    """What a user asks for."""
    return _text(f"{study}.txt").strip()


def reference(study: Study, language: Language) -> str:
    """A program that answers the request."""
    return _text(f"{study}.{_SUFFIX[language]}")


def _text(name: str) -> str:
    return resources.files(__name__).joinpath(name).read_text(encoding="utf-8")
