"""Data sets that a program loads and that are in no catalogue."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator

from codegen.checking.problem import Problem
from codegen.extraction.calls import Calls

_OWN = ("users/", "projects/")
"""Where users keep theirs: nobody can know them all."""


def unknown_data_sets(calls: Calls, known: Collection[str], shift: int = 0) -> Iterator[Problem]:
    """A warning for each place at which one is loaded that is not known, nor within one that is.

    Args:
        calls: Of the program.
        known: Ids that there are.
        shift: Added to the lines.
    """
    for call in calls.calls:
        for id in sorted(call.datasets):
            if not id.startswith(_OWN) and not _is_within(id, known):
                near = difflib.get_close_matches(id, known, n=2, cutoff=0.7)
                meant = f" Is {' or '.join(near)} meant?" if near else ""
                message = f"The data set {id!r} is in no catalogue that is known here.{meant}"
                yield Problem("unknown_dataset", id, message, max(1, call.place.line + shift))


def _is_within(id: str, known: Collection[str]) -> bool:
    """Whether it is known, or an image of a collection that is."""
    parts = id.split("/")
    return any("/".join(parts[:end]) in known for end in range(len(parts), 0, -1))
