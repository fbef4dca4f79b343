"""The long texts of a page: prompts, programs, outputs; packed, and left out by a rule where they are too many.

Texts lie in chunks that the page unpacks one by one, when a case is looked at. Each text is there once, however many
records have it. Where the page would become too large, chunks are left out from the end, and what stands at the end is
what is missed least: outputs of cases that passed, programs that passed, failures that another epoch shows likewise.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field

MOST = 20_000
"""Characters of a text; what is longer is cut off, and says so."""
CHUNK = 256 * 1024
"""Characters of a chunk, about."""

KINDS = (
    "prompts and expected answers",
    "code and output of each case's first failure",
    "code and output of other failures",
    "code that passed, first epoch",
    "code that passed, other epochs",
    "output of cases that passed",
)
"""What texts are, by their importance: 0 comes first."""


@dataclass(frozen=True, slots=True)
class Kept:
    """How many texts of a kind are on the page.

    Attributes:
        kind: One of `KINDS`.
        kept: That are on it.
        total: That there are.
    """

    kind: str
    kept: int
    total: int


@dataclass(frozen=True)
class Packed:
    """Texts in chunks.

    Attributes:
        chunks: Each a JSON list of texts, deflated, in base64.
        sizes: Texts of each chunk; a text's number tells its chunk and its place by them.
        kept: Of each kind.
        cut: Texts that were cut off after `MOST` characters.
    """

    chunks: tuple[str, ...]
    sizes: tuple[int, ...]
    kept: tuple[Kept, ...]
    cut: int


@dataclass
class Texts:
    """Collects texts, each once, as what it matters most for.

    Attributes:
        importance: Of each text, an index of `KINDS`.
    """

    importance: dict[str, int] = field(default_factory=dict)

    def add(self, texts: Iterable[str], kind: int) -> None:
        """Takes texts in; empty ones need no place."""
        for text in texts:
            if text and kind < self.importance.get(text, len(KINDS)):
                self.importance[text] = kind

    def numbered(self) -> dict[str, int]:
        """A number for each text: the important ones come first, those alike in the order in which they came."""
        ordered = sorted(self.importance, key=self.importance.__getitem__)
        return {text: number for number, text in enumerate(ordered)}

    def packed(self, room: int) -> Packed:
        """As many chunks, from the first on, as have room.

        Args:
            room: Bytes.
        """
        chunks: list[str] = []
        sizes: list[int] = []
        left = room
        for texts in self._chunks():
            packed = packed_text(texts)
            left -= len(packed)
            if left < 0:
                break
            chunks.append(packed)
            sizes.append(len(texts))
        return Packed(tuple(chunks), tuple(sizes), self._kept(sum(sizes)), sum(len(t) > MOST for t in self.importance))

    def _chunks(self) -> Iterable[list[str]]:
        chunk: list[str] = []
        length = 0
        for text in self.numbered():
            shown = _shortened(text)
            chunk.append(shown)
            length += len(shown)
            if length >= CHUNK:
                yield chunk
                chunk, length = [], 0
        if chunk:
            yield chunk

    def _kept(self, count: int) -> tuple[Kept, ...]:
        totals, kept = [0] * len(KINDS), [0] * len(KINDS)
        for number, (_, kind) in enumerate(sorted(self.importance.items(), key=lambda item: item[1])):
            totals[kind] += 1
            kept[kind] += number < count
        return tuple(Kept(*told) for told in zip(KINDS, kept, totals, strict=True))


def packed_text(content: object) -> str:
    """JSON, deflated, in base64: letters that no markup has, whatever the texts say."""
    import orjson

    return base64.b64encode(zlib.compress(orjson.dumps(content), 6)).decode()


def _shortened(text: str) -> str:
    return text if len(text) <= MOST else f"{text[:MOST]}\n… cut off here, after {MOST:,} of {len(text):,} characters"
