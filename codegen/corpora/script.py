"""A script before it was looked at, after, and one that was put aside."""

from dataclasses import dataclass
from typing import Literal

Language = Literal["javascript", "python"]
UNKNOWN_LICENCE = "unknown"


@dataclass(frozen=True, slots=True)
class Found:
    """What a connector found, as it lies there.

    Attributes:
        origin: Where: a path in the folder, `url@commit:path`, a file and line, a notebook.
        content: The bytes.
        licence: SPDX identifier where one is stated, `UNKNOWN_LICENCE` where not.
        language: Where the origin tells (a file's suffix, a notebook's kernel); None: to be told from the text.
    """

    origin: str
    content: bytes
    licence: str = UNKNOWN_LICENCE
    language: Language | None = None


@dataclass(frozen=True, slots=True)
class Script:
    r"""A script that was kept.

    Attributes:
        id: The first 16 hexadecimal digits of the SHA-256 of `text`.
        corpus: Name of the corpus that it belongs to.
        origin: See `Found`.
        licence: See `Found`.
        language: What it is written in.
        text: Without comments (blanks stand in their place, so that lines and columns are those of the origin), lines
            ended by `\n`, UTF-8.
        comments: What the comments and the docstring of the module said, joined by newlines: data, never instructions.
    """

    id: str
    corpus: str
    origin: str
    licence: str
    language: Language
    text: str
    comments: str


@dataclass(frozen=True, slots=True)
class Dropped:
    """A script that was put aside.

    Attributes:
        origin: See `Found`.
        reason: A word or two, the same for all that were put aside for it; see `codegen.corpora.selection.REASONS`.
        detail: What was seen: a size, the origin that it repeats, the first broken line.
    """

    origin: str
    reason: str
    detail: str
