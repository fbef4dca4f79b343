"""The words of a text, as search compares them: English, Chinese, and names of code taken apart."""

from __future__ import annotations

import re

_PIECES = re.compile(r"[A-Za-z][A-Za-z0-9]*|\d+|[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SKIPPED = frozenset(
    {"ee", "a", "an", "the", "of", "to", "in", "on", "is", "are", "and", "or", "for", "by", "with", "it"}
)
_SHORTEST_PLURAL = 4


def split_name(name: str) -> list[str]:
    """The words that a name is put together of: `ee.Image.reduceRegion` as `Image`, `reduce`, `Region`."""
    return [part for piece in _PIECES.findall(name) if piece != "ee" for part in _PARTS.findall(piece)]


def spoken(name: str) -> str:
    """A name as one would say it: `ee.Image.reduceRegion` as `image reduce region`."""
    return " ".join(split_name(name)).lower()


def words(text: str) -> list[str]:
    """Words of a text in its order, lower-cased and without the ending of a plural or third person.

    A name that is put together gives itself and its parts, so that `reduceRegion` is found by `reduce region` too.
    Chinese has no blanks: every two characters in a row are a word, which needs no dictionary.
    """
    found: list[str] = []
    for piece in _PIECES.findall(text):
        if not piece.isascii():
            found += [piece[k : k + 2] for k in range(len(piece) - 1)] or [piece]
            continue
        parts = _PARTS.findall(piece)
        if len(parts) > 1:
            found.append(piece.lower())
        found += [stem(part.lower()) for part in parts]
    return [word for word in found if word not in _SKIPPED]


def stem(word: str) -> str:
    """Without an -s (Harman, "How effective is suffixing?", 1991): what `Selects` says is found by `select`."""
    if len(word) < _SHORTEST_PLURAL or not word.endswith("s"):
        return word
    if word.endswith("ies") and word[-4] not in "ae":
        return word[:-3] + "y"
    if word.endswith("es") and word[-3] not in "aeo":
        return word[:-1]
    return word if word.endswith(("us", "ss")) else word[:-1]
