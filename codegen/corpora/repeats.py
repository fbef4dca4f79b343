"""Scripts that were kept, and whether another one repeats any of them.

Near repeats are looked up by MinHash and locality-sensitive hashing (Leskovec, Rajaraman and Ullman, *Mining of Massive
Datasets*, chapter 3), and held to the Jaccard similarity itself.
"""

from functools import lru_cache

from rensa import RMinHash, RMinHashLSH  # type: ignore[import-untyped]

from codegen.corpora.reasons import RefusedError
from codegen.corpora.script import Script
from codegen.corpora.tokens import Fingerprint, fingerprint
from lake.errors import BadInputError

_HASHES, _SEED = 128, 1
_RECALL = 0.99
_MOST_COMPARED = 32
_REMEMBERED = 1_024


class Kept:
    """Scripts that were kept, to compare others with; about 2.5 KB each beside the script itself.

    A script at the threshold is found with a probability of 99 % or more, one that is more alike nearly always; which
    ones are found is the same in every run. Of the scripts that may be alike, the 32 whose signatures are most alike
    are compared, so that the cost stays linear where thousands are variants of each other.

    Args:
        near: Jaccard similarity from which on a script counts as repeated; None: only where it is the same.

    Raises:
        BadInputError: The similarity is not above 0 and at most 1.
    """

    def __init__(self, near: float | None) -> None:
        if near is not None and not 0 < near <= 1:
            raise BadInputError(
                f"The similarity of near duplicates is {near}: give one above 0 and at most 1, or None."
            )
        self._near = near
        self._scripts: list[Script] = []
        self._places: dict[bytes, int] = {}
        self._signatures: list[RMinHash] = []
        self._index = RMinHashLSH(near, _HASHES, _bands(near)) if near else None
        self._runs = lru_cache(_REMEMBERED)(self._runs_of)

    def add(self, script: Script) -> None:
        """Takes a script in, whatever it repeats."""
        mark = fingerprint(script.text, script.language)
        self._insert(script, mark, self._signature(mark))

    def add_new(self, script: Script) -> None:
        """Takes a script in unless it repeats another.

        Raises:
            RefusedError: `duplicate` or `near duplicate`; names the origin of the script that it repeats.
        """
        mark = fingerprint(script.text, script.language)
        same = self._places.get(mark.digest)
        if same is not None:
            raise RefusedError("duplicate", self._scripts[same].origin)
        signature = self._signature(mark)
        self._refuse_near(mark, signature)
        self._insert(script, mark, signature)

    def _insert(self, script: Script, mark: Fingerprint, signature: RMinHash | None) -> None:
        place = len(self._scripts)
        self._places.setdefault(mark.digest, place)
        self._scripts.append(script)
        if self._index is not None:
            self._signatures.append(signature)
            self._index.insert(place, signature)

    def _refuse_near(self, mark: Fingerprint, signature: RMinHash | None) -> None:
        if self._index is None or self._near is None:
            return
        alike = {place: -self._signatures[place].jaccard(signature) for place in self._index.query(signature)}
        for place in sorted(alike, key=lambda place: (alike[place], place))[:_MOST_COMPARED]:
            similarity = _jaccard(mark.runs, self._runs(place))
            if similarity >= self._near:
                raise RefusedError("near duplicate", f"{self._scripts[place].origin} ({similarity:.2f})")

    def _signature(self, mark: Fingerprint) -> RMinHash | None:
        if self._index is None:
            return None
        signature = RMinHash(_HASHES, _SEED)
        signature.update(list(mark.runs))
        return signature

    def _runs_of(self, place: int) -> frozenset[str]:
        script = self._scripts[place]
        return fingerprint(script.text, script.language).runs


def _jaccard(left: frozenset[str], right: frozenset[str]) -> float:
    shared = len(left & right)
    return shared / (len(left) + len(right) - shared)


def _bands(near: float) -> int:
    """As few as find two scripts at the threshold with the probability wanted: fewer bands, fewer pairs to compare."""
    counts = [bands for bands in (2**power for power in range(8)) if _recall(near, bands) >= _RECALL]
    return counts[0] if counts else _HASHES


def _recall(similarity: float, bands: int) -> float:
    return 1 - (1 - similarity ** (_HASHES // bands)) ** bands
