"""What is kept of a corpus, and why the rest is not.

Nothing is executed or imported. What a comment says is kept as data, whatever it asks for.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from codegen.corpora.judging import judged
from codegen.corpora.reasons import REASONS, RefusedError
from codegen.corpora.repeats import Kept
from codegen.corpora.script import Dropped, Found, Script

__all__ = ["NEAR_DUPLICATE", "REASONS", "Selection", "select"]

NEAR_DUPLICATE = 0.9
"""Jaccard similarity from which on two scripts count as the same."""


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
    workers: int | None = None,
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
        workers: Processes that judge where there are many scripts; one a core by default. The result is the same.

    Raises:
        BadInputError: `near` is no such number.
    """
    kept, selection = Kept(near), Selection()
    for script in known:
        kept.add(script)
    for one in judged(corpus, found, workers):
        taken = one if isinstance(one, Dropped) else _unless_repeated(one, kept)
        if isinstance(taken, Dropped):
            selection.dropped.append(taken)
        else:
            selection.scripts.append(taken)
    return selection


def _unless_repeated(script: Script, kept: Kept) -> Script | Dropped:
    try:
        kept.add_new(script)
    except RefusedError as refused:
        return Dropped(script.origin, refused.reason, refused.detail)
    return script
