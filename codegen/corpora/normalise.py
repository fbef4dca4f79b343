"""From bytes as they lie somewhere to text without comments."""

import inspect
import re
from dataclasses import dataclass

from codegen.corpora.reasons import MAX_BYTES, RefusedError, too_large
from codegen.corpora.script import Language
from codegen.corpora.syntax import Look, Span, look

LONGEST_LINE, LONGEST_MEAN = 5_000, 500
"""Characters of a line, and of one on average, beyond which a script counts as minified."""

_PASSES = 4
_BLANKED = re.compile(r"\\\n|[^\n]")
_COORDINATES = str.maketrans("", "", "0123456789.,-+[]() \t")
_OPENING = re.compile(r"/\*+(?!/)|//+|#+!?|<!--|-->|\*+(?!/)")


@dataclass(frozen=True, slots=True)
class Stripped:
    """A script without its comments.

    Attributes:
        text: As many lines as before, each as many characters long.
        comments: What they and the docstrings said, without their marks and blank lines.
        broken: See `codegen.corpora.syntax.Look`.
        broken_from: See `codegen.corpora.syntax.Look`.
    """

    text: str
    comments: str
    broken: float
    broken_from: int


def decode(content: bytes) -> str:
    r"""Text with lines ended by `\n`.

    Raises:
        RefusedError: It is too large, binary, or not UTF-8.
    """
    if len(content) > MAX_BYTES:
        raise too_large(len(content))
    if b"\0" in content:
        raise RefusedError("binary", f"NUL at byte {content.index(0):,}")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RefusedError("not UTF-8", f"{error.reason} at byte {error.start:,}") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def refuse_minified(text: str) -> None:
    """Refuses what a machine squeezed into few lines; coordinates are not counted, since people paste long ones.

    Raises:
        RefusedError: It is minified.
    """
    if len(text) <= LONGEST_MEAN:
        return
    sizes = [len(line.translate(_COORDINATES)) for line in text.split("\n") if line and not line.isspace()]
    if sizes and max(sizes) > LONGEST_LINE:
        raise RefusedError("minified", f"a line of {max(sizes):,} characters")
    if sizes and sum(sizes) > LONGEST_MEAN * len(sizes):
        raise RefusedError("minified", f"lines of {sum(sizes) / len(sizes):,.0f} characters on average")


def strip_comments(text: str, language: Language) -> Stripped:
    r"""Puts a blank in the place of every character of comments, and between the quotes of docstrings.

    A docstring keeps its quotes, so that a body which has nothing else stays one. Where a grammar does not fit, what
    was taken away may change what else looks like a comment: the text is looked at again until it stays as it is.

    Raises:
        RefusedError: `broken`: it did not within four looks.
    """
    comments: list[str] = []
    for _ in range(_PASSES):
        source = text.encode()
        seen = look(source, language)
        blanked = _blank(source, seen)
        comments += _said(source, seen)
        if blanked == text or seen.is_well_formed:
            return Stripped(blanked, "\n".join(comments), seen.broken, seen.broken_from)
        text = blanked
    raise RefusedError("broken", "comments cannot be told from code")


def _blank(source: bytes, seen: Look) -> str:
    """The text with blanks in the place of what was seen, a character for a character."""
    parts, end = [], 0
    for start, stop in _spans(seen):
        parts += [source[end:start].decode(), _BLANKED.sub(_blank_of, source[start:stop].decode())]
        end = stop
    return "".join([*parts, source[end:].decode()])


def _spans(seen: Look) -> list[Span]:
    """Of comments and docstrings in order; a broken docstring may have what looks like comments in it."""
    apart: list[Span] = []
    for span in sorted(seen.comments + seen.docstrings):
        if not apart or span[0] >= apart[-1][1]:
            apart.append(span)
    return apart


def _blank_of(match: re.Match[str]) -> str:
    """A docstring in single quotes is continued by a backslash before the end of the line."""
    return match[0] if match[0] == "\\\n" else " "


def _said(source: bytes, seen: Look) -> list[str]:
    """The lines of comments and docstrings in their order, without marks."""
    docstrings = set(seen.docstrings)
    lines = []
    for span in _spans(seen):
        lines += _docstring_lines(source, span) if span in docstrings else _comment_lines(source, span)
    return [line for line in lines if line]


def _comment_lines(source: bytes, span: Span) -> list[str]:
    return [_unmarked(line.strip()) for line in source[slice(*span)].decode().split("\n")]


def _unmarked(line: str) -> str:
    opening = _OPENING.match(line)
    line = line[opening.end() :] if opening else line
    return line[:-2].rstrip("*").strip() if line.endswith("*/") else line.strip()


def _docstring_lines(source: bytes, span: Span) -> list[str]:
    said = source[slice(*span)].decode().replace("\\\n", "\n")
    return [line.rstrip() for line in inspect.cleandoc(said).split("\n")]
