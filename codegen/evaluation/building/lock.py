"""The lock of answers: a short hash of each, under version control, so that an answer that moves is noticed.

A line of `answers.lock` has a function and the hashes of its cases in order; `-` stands for a case without an answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from lake.atomic import replacing
from lake.errors import BadInputError

FILE = Path(__file__).with_name("answers.lock")

Hashes = Mapping[str, Sequence[str]]


def read_lock(path: Path = FILE) -> dict[str, tuple[str, ...]]:
    """Hashes by function; none where there is no lock.

    Raises:
        BadInputError: A line has a function and nothing else.
    """
    if not path.is_file():
        return {}
    lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    if any(len(parts) < 2 for parts in lines):
        raise BadInputError(f"{path}: each line has a function and hashes. Write it again: `eecode eval build --lock`.")
    return {function: tuple(hashes) for function, *hashes in lines}


def write_lock(found: Hashes, path: Path = FILE) -> None:
    """Writes the lock, functions in alphabetic order."""
    lines = [" ".join((function, *found[function])) for function in sorted(found)]
    with replacing(path) as temporary:
        temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")


def moved(found: Hashes, locked: Hashes) -> list[str]:
    """Ids of the cases whose answers are not those of the lock; functions that it does not know are left out."""
    return [
        f"{function}_testcase{number}"
        for function, hashes in found.items()
        if function in locked
        for number, one, other in _numbered(hashes, locked[function])
        if one != other
    ]


def _numbered(hashes: Sequence[str], locked: Sequence[str]) -> list[tuple[int, str, str]]:
    length = max(len(hashes), len(locked))
    filled = [[*some, *["-"] * (length - len(some))] for some in (hashes, locked)]
    return [(number, one, other) for number, (one, other) in enumerate(zip(*filled, strict=True), 1)]
