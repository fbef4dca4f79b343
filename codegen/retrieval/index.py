"""The index: documents, their words and their embeddings in a folder, and the search in it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from codegen.retrieval import storage
from codegen.retrieval.dense import Progress, Vector, cosines, embed_new, encode_query, fingerprint
from codegen.retrieval.documents import KINDS, Document, Kind, documents
from codegen.retrieval.fusion import MODES, WEIGHTS, Mode, Ranked, Weights, best, fuse
from codegen.retrieval.lexical import Lexical, build_lexical
from codegen.retrieval.tables import digest, read_knowledge
from lake.errors import BadInputError

FORMAT = 1
"""To be raised where documents, words or embeddings are made in another way: indices are then built anew."""

_LONGEST_QUERY = 2_000
"""Characters that are encoded; the words of all count."""


@dataclass(frozen=True, slots=True)
class Hit:
    """What was found.

    Attributes:
        document: It.
        score: Of the fusion; comparable within one search only.
        lexical: Rank by words, from 1; None where it is not among the first.
        dense: Rank by meaning, likewise.
    """

    document: Document
    score: float
    lexical: int | None
    dense: int | None


def build_index(knowledge: Path, folder: Path, progress: Progress = lambda done, total: None) -> None:
    """Indexes a knowledge base; where nothing changed nothing is done, and what did not change is not embedded again.

    A reader sees the old index or the new one.

    Args:
        knowledge: Folder of its tables; see `codegen.retrieval.tables`.
        folder: The index, which may be there already.
        progress: Is told of each batch of texts that is embedded.

    Raises:
        BadInputError: The tables are not those of a knowledge base, or hold nothing.
    """
    version = f"{digest(knowledge)}-{FORMAT}"
    if storage.current(folder) == version:
        return
    found = documents(read_knowledge(knowledge))
    if not found:
        raise BadInputError(f"The knowledge base {knowledge} is empty: there is nothing to search in.")
    lexical = build_lexical([one.words for one in found])
    vectors = embed_new([one.meanings for one in found], _known(folder), progress)
    table = pl.DataFrame([_row(one) for one in found], schema=dict(storage.DOCUMENTS))
    with storage.new_version(folder, version) as place:
        storage.write(place, table, vectors, lexical)


class Index:
    """An index that is open. Several threads may search in it."""

    def __init__(self, table: pl.DataFrame, vectors: Vector, lexical: Lexical) -> None:
        """Of the parts: a table of documents, kind by kind, and the embedding (512,) and words of each."""
        self._table, self._vectors, self._lexical = table, vectors, lexical
        self._usage = table["weight"].to_numpy().astype(np.float32)
        counts = dict(table.group_by("kind").len().iter_rows())
        ends = list(accumulate(counts.get(kind, 0) for kind in KINDS))
        self._rows = {kind: slice(end - counts.get(kind, 0), end) for kind, end in zip(KINDS, ends, strict=True)}

    @classmethod
    def open(cls, folder: Path) -> Index:
        """Opens the index in a folder; embeddings stay on the disk until they are needed.

        Raises:
            BadInputError: There is none.
        """
        return cls(*storage.read(folder))

    @property
    def size(self) -> int:
        """Number of documents."""
        return self._table.height

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Kinds of which there are documents."""
        return tuple(kind for kind, part in self._rows.items() if part.start < part.stop)

    def search(
        self,
        text: str,
        kinds: Collection[Kind] | None = None,
        k: int = 10,
        mode: Mode = "fused",
        weights: Weights | None = None,
    ) -> list[Hit]:
        """The documents that fit a text best.

        Args:
            text: Chinese, English, or names of operators.
            kinds: Kinds of documents; None: all.
            k: How many at most.
            mode: By words, by meaning, or by both.
            weights: Others than those of the mode.

        Returns:
            The best first; fewer than `k` where nothing else has a word or a meaning in common.

        Raises:
            BadInputError: The text is empty, or a kind or the mode is none that there is.
        """
        _refuse(text, kinds, k, mode)
        used = weights or WEIGHTS[mode]
        slices = [self._rows[kind] for kind in KINDS if kinds is None or kind in kinds]
        rows = np.concatenate([np.arange(part.start, part.stop) for part in slices])
        raised = 1 + np.float32(used.usage) * self._usage[rows]
        by_words = best(self._by_words(text, slices) * raised, rows) if used.lexical else []
        by_meaning = best(self._by_meaning(text, slices) * raised, rows) if used.dense else []
        return self._hits(fuse(by_words, by_meaning, used, k))

    def document(self, id: str) -> Document | None:
        """A document by its id."""
        found = self._table.filter(id=id)
        return _document(found.row(0, named=True)) if found.height else None

    def _by_words(self, text: str, slices: Sequence[slice]) -> NDArray[np.float32]:
        scores = self._lexical.scores(text)
        return np.concatenate([scores[part] for part in slices])

    def _by_meaning(self, text: str, slices: Sequence[slice]) -> NDArray[np.float32]:
        query = encode_query(text[:_LONGEST_QUERY])
        return np.concatenate([cosines(self._vectors[part], query) for part in slices])

    def _hits(self, ranked: Sequence[Ranked]) -> list[Hit]:
        rows = self._table[[one.row for one in ranked]].iter_rows(named=True)
        return [Hit(_document(row), one.score, one.lexical, one.dense) for row, one in zip(rows, ranked, strict=True)]


def _refuse(text: str, kinds: Collection[Kind] | None, k: int, mode: Mode) -> None:
    if not text.strip():
        raise BadInputError("The query is empty: ask for something, in Chinese or English.")
    if kinds is not None and (not kinds or set(kinds) - set(KINDS)):
        raise BadInputError(f"Kinds {', '.join(map(repr, kinds)) or '(none)'}: there are {', '.join(KINDS)}.")
    if mode not in MODES:
        raise BadInputError(f"Mode {mode!r}: there are {', '.join(MODES)}.")
    if k < 1:
        raise BadInputError(f"{k} hits are asked for: ask for at least 1.")


def _known(folder: Path) -> dict[str, Vector]:
    """Embeddings of the index that is there."""
    if storage.current(folder) is None:
        return {}
    table, vectors, _ = storage.read(folder)
    return dict(zip(table["fingerprint"], vectors, strict=True))


def _row(document: Document) -> dict[str, Any]:
    told = {name: getattr(document, name) for name in storage.DOCUMENTS if name != "fingerprint"}
    return told | {"operators": list(document.operators), "fingerprint": fingerprint(document.meanings)}


def _document(row: dict[str, Any]) -> Document:
    told = {name: value for name, value in row.items() if name != "fingerprint"}
    return Document(**(told | {"operators": tuple(row["operators"])}))
