"""What is kept of a corpus, and why the rest is not.

Nothing is executed or imported. What a comment says is kept as data, whatever it asks for.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from codegen.corpora.language import MOST_BROKEN, tell_language
from codegen.corpora.normalise import decode, refuse_minified, strip_comments
from codegen.corpora.reasons import REASONS, RefusedError
from codegen.corpora.repeats import Kept
from codegen.corpora.script import Dropped, Found, Script
from codegen.corpora.tokens import names_earth_engine

__all__ = ["NEAR_DUPLICATE", "REASONS", "Selection", "select"]

NEAR_DUPLICATE = 0.9
"""Jaccard similarity from which on two scripts count as the same."""

_EARTH_ENGINE = re.compile(r"\bee\b")


@dataclass(frozen=True, slots=True)
class Selection:
    """What became of what was found: each is in one of the two lists, in the order of finding.

    Attributes:
        scripts: Kept.
        dropped: Put aside.
    """

    scripts: list[Script] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)


def select(
    corpus: str,
    found: Iterable[Found | Dropped],
    known: Iterable[Script] = (),
    near: float | None = NEAR_DUPLICATE,
) -> Selection:
    """Judges what connectors found.

    Of scripts that repeat each other the first is kept, so that the order of finding decides which (and, since being
    similar does not carry over from one to the next, now and then how many). A script is compared with those that were
    kept only: scripts that are found later and selected with the earlier ones as `known` give what they would give
    together.

    Args:
        corpus: Its name.
        found: Read once; what connectors put aside stays so.
        known: Scripts that were kept before, of this or other corpora: what repeats one of them is put aside. They are
            not in the result.
        near: Jaccard similarity from which on a script counts as repeated, above 0; None: only where it is the same.

    Raises:
        BadInputError: `near` is no such number.
    """
    kept, selection = Kept(near), Selection()
    for script in known:
        kept.add(script)
    for one in found:
        judged = one if isinstance(one, Dropped) else _judge(corpus, one, kept)
        if isinstance(judged, Dropped):
            selection.dropped.append(judged)
        else:
            selection.scripts.append(judged)
    return selection


def _judge(corpus: str, found: Found, kept: Kept) -> Script | Dropped:
    try:
        script = _normalised(corpus, found)
        kept.add_new(script)
    except RefusedError as refused:
        return Dropped(found.origin, refused.reason, refused.detail)
    return script


def _normalised(corpus: str, found: Found) -> Script:
    """A script as it is kept, if it is.

    Raises:
        RefusedError: It is not.
    """
    text = decode(found.content)
    if not text or text.isspace():
        raise RefusedError("empty", "no text")
    if not _EARTH_ENGINE.search(text):  # before the grammars, which take their time on what is no code at all
        raise RefusedError("no Earth Engine", "no ee")
    refuse_minified(text)
    language = found.language or tell_language(text)
    if language is None:
        raise RefusedError("no language", _first_line(text))
    stripped = strip_comments(text, language)
    if stripped.text.isspace():
        raise RefusedError("empty", "comments only")
    if stripped.broken > MOST_BROKEN:
        raise RefusedError("broken", f"{stripped.broken:.0%} of its code, from line {stripped.broken_from:,}")
    if not names_earth_engine(stripped.text):
        raise RefusedError("no Earth Engine", "ee in comments or strings only")
    digest = hashlib.sha256(stripped.text.encode()).hexdigest()[:16]
    return Script(digest, corpus, found.origin, found.licence, language, stripped.text, stripped.comments)


def _first_line(text: str) -> str:
    return next(line for line in text.split("\n") if line and not line.isspace()).strip()[:80]
