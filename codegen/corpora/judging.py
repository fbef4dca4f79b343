"""Scripts one by one: normalised and kept, or put aside; in several processes where there are many."""

import hashlib
import os
import re
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from itertools import chain, islice

from codegen.corpora.language import MOST_BROKEN, tell_language
from codegen.corpora.normalise import decode, refuse_minified, strip_comments
from codegen.corpora.reasons import RefusedError
from codegen.corpora.script import Dropped, Found, Script
from codegen.corpora.tokens import names_earth_engine
from lake.jobs import worker_pool

_EARTH_ENGINE = re.compile(r"\bee\b")
_MANY = 4_000
"""Scripts from which on processes are started: they take a second to come up."""
_AT_A_TIME = 250
_MOST_BYTES = 16_000_000
"""Of the scripts that are held at a time."""


def judged(corpus: str, found: Iterable[Found | Dropped], workers: int | None = None) -> Iterator[Script | Dropped]:
    """Each script as it is kept, or why it is not, in the order of finding; none is compared with another.

    Args:
        corpus: Its name.
        found: Read once, some hundreds ahead.
        workers: Processes, where there are many scripts; one a core by default.
    """
    coming = iter(found)
    workers = workers or os.cpu_count() or 1
    if workers == 1:
        return (_judge(corpus, one) for one in coming)
    first = deque(_some(coming, _MANY))
    following = next(coming, None)
    ahead = (first.popleft() for _ in range(len(first)))
    if following is None:
        return (_judge(corpus, one) for one in ahead)
    return _in_processes(corpus, chain(ahead, [following], coming), workers)


def _some(found: Iterator[Found | Dropped], most: int) -> Iterator[Found | Dropped]:
    """So many of them, or fewer where they are large."""
    left = _MOST_BYTES
    for one in islice(found, most):
        yield one
        left -= len(one.content) if isinstance(one, Found) else 0
        if left < 0:
            return


def _in_processes(corpus: str, found: Iterator[Found | Dropped], workers: int) -> Iterator[Script | Dropped]:
    with worker_pool(workers) as pool:
        running: deque[Future[list[Script | Dropped]]] = deque()
        while part := list(_some(found, _AT_A_TIME)):
            running.append(pool.submit(_judge_all, corpus, part))
            if len(running) > 2 * workers:  # no more is read than what is worked on
                yield from running.popleft().result()
        while running:
            yield from running.popleft().result()


def _judge_all(corpus: str, found: list[Found | Dropped]) -> list[Script | Dropped]:
    return [_judge(corpus, one) for one in found]


def _judge(corpus: str, found: Found | Dropped) -> Script | Dropped:
    if isinstance(found, Dropped):
        return found
    try:
        return _normalised(corpus, found)
    except RefusedError as refused:
        return Dropped(found.origin, refused.reason, refused.detail)


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
