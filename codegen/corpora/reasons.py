"""Why a script is put aside."""

from collections.abc import Mapping
from typing import Literal

Reason = Literal[
    "unreadable",
    "too large",
    "binary",
    "not UTF-8",
    "empty",
    "no Earth Engine",
    "minified",
    "no language",
    "broken",
    "duplicate",
    "near duplicate",
]

MAX_BYTES = 2_000_000
"""A script of more is not looked into."""

REASONS: Mapping[Reason, str] = {
    "unreadable": "The file could not be read, or the notebook or line of JSON holds no script.",
    "too large": f"Over {MAX_BYTES:,} bytes, or so many comments in a row that a grammar would take minutes.",
    "binary": "It has a NUL byte.",
    "not UTF-8": "Its bytes are not UTF-8.",
    "empty": "Nothing is left without comments and blanks.",
    "no Earth Engine": "The name `ee` stands nowhere in its code, comments and strings not counted.",
    "minified": "A line has over 5,000 characters, or lines have over 500 on average; not counted are blank lines, and "
    "what the coordinates of a drawn shape are made of: digits, dots, commas, signs, brackets and blanks.",
    "no language": "Neither JavaScript nor Python, or said to be in another language.",
    "broken": "Over 20 % of its code stands where no grammar fits; what is well-formed within a broken part is not "
    "counted, so that a script which was cut off is kept.",
    "duplicate": "The code of a script that was kept, but for comments and blanks.",
    "near duplicate": "Nearly the code of a script that was kept: of the runs of three tokens that either has, both "
    "have as large a share as the threshold, or a larger one (Jaccard similarity).",
}
"""Meaning of each, in the order in which a script is asked."""


class RefusedError(Exception):
    """A script is put aside; caught by the connector or the selection that looks at it.

    Attributes:
        reason: One of `REASONS`.
        detail: What was seen.
    """

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


def too_large(size: int, limit: int = MAX_BYTES) -> RefusedError:
    """The refusal of something that has too many bytes."""
    return RefusedError("too large", f"{size:,} bytes, of {limit:,} at most")
