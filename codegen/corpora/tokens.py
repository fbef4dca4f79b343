"""What two scripts without comments have in common, as far as tokens tell."""

import hashlib
import re
from dataclasses import dataclass

from codegen.corpora.script import Language

RUN = 3
"""Tokens in a row that are compared together."""

# A string that nobody closed ends with its line: searching for the end of each anew takes the square of the size.
_STRING = r""""(?:[^"\\\n]|\\.)*+"?|'(?:[^'\\\n]|\\.)*+'?"""
_TOKEN = re.compile(rf"[\w$]+|{_STRING}|[^\s\w]")
_EARTH_ENGINE = re.compile(rf"{_STRING}|(?<![\w$])(ee)(?![\w$])")
_DOCSTRING = re.compile(r"""^([ \t]*)[rRuU]?("{3}|'{3}|"|')\s*\2""", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a script is compared by.

    Attributes:
        digest: The same for scripts that differ in comments and blanks alone. Of Python, where blanks tell blocks, only
            those at the end of a line and blank lines do not count.
        runs: Every three tokens in a row: words, numbers, string literals, and each other character that is no blank.
    """

    digest: bytes
    runs: frozenset[str]


def fingerprint(text: str, language: Language) -> Fingerprint:
    """Of a text without comments; what is left of a docstring, quotes around blanks, counts as an empty string."""
    if language == "python":
        text = _DOCSTRING.sub(r'\1""', text)
    tokens: list[str] = _TOKEN.findall(text)
    same = " ".join(tokens) if language == "javascript" else "\n".join(_lines(text))
    return Fingerprint(hashlib.sha256(same.encode()).digest(), _runs(tokens))


def names_earth_engine(text: str) -> bool:
    """Whether `ee` is named outside of strings; the text is without comments."""
    return any(match[1] for match in _EARTH_ENGINE.finditer(text))


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.split("\n") if line and not line.isspace()]


def _runs(tokens: list[str]) -> frozenset[str]:
    """Of fewer than three tokens, the one run that there is."""
    if len(tokens) < RUN:
        return frozenset({" ".join(tokens)})
    return frozenset(map(" ".join, zip(tokens, tokens[1:], tokens[2:], strict=False)))
