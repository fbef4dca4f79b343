"""Search by words: BM25.

Each word's share in each document's score is known before anybody asks, so that it is stored (as bm25s does) and a
query adds up a few runs of numbers. That takes the lines below; bm25s would be one more dependency, whose tokenizer
takes neither names of code nor Chinese apart and would not be used.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codegen.retrieval.words import words

K1 = 1.2
B = 0.75
"""Both as usual (Robertson & Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009, 3.4)."""

_ARRAYS = ("starts", "documents", "shares")


@dataclass(frozen=True)
class Lexical:
    """Documents by word.

    Attributes:
        vocabulary: Word to its number.
        starts: (words + 1,), where each word's entries begin.
        documents: (entries,), rows of documents, ascending for each word.
        shares: (entries,), what the word adds to the score of the document.
        size: Number of documents.
    """

    vocabulary: dict[str, int]
    starts: NDArray[np.int64]
    documents: NDArray[np.int32]
    shares: NDArray[np.float32]
    size: int

    def scores(self, query: str) -> NDArray[np.float32]:
        """BM25 of every document, (size,); 0 for one without any of the words."""
        total = np.zeros(self.size, np.float32)
        for word, times in Counter(words(query)).items():
            number = self.vocabulary.get(word)
            if number is not None:
                entries = slice(int(self.starts[number]), int(self.starts[number + 1]))
                total[self.documents[entries]] += np.float32(times) * self.shares[entries]
        return total

    def write(self, folder: Path) -> None:
        """Writes it to a folder that is there."""
        for name in _ARRAYS:
            np.save(folder / f"{name}.npy", getattr(self, name))
        told = {"size": self.size, "words": list(self.vocabulary)}
        (folder / "words.json").write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Lexical:
        """Reads what `write` wrote; the arrays stay on the disk until they are needed."""
        told = json.loads((folder / "words.json").read_text(encoding="utf-8"))
        arrays: dict[str, Any] = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in _ARRAYS}
        return cls({word: number for number, word in enumerate(told["words"])}, **arrays, size=told["size"])


def build_lexical(texts: Sequence[str]) -> Lexical:
    """Counts the words of texts and weighs them."""
    vocabulary: dict[str, int] = {}
    columns: list[int] = []
    rows: list[int] = []
    times: list[int] = []
    lengths = np.zeros(len(texts), np.float64)
    for row, text in enumerate(texts):
        counted = Counter(words(text))
        lengths[row] = counted.total()
        for word, count in counted.items():
            columns.append(vocabulary.setdefault(word, len(vocabulary)))
            rows.append(row)
            times.append(count)
    column = np.array(columns, np.int64)
    order = np.argsort(column, kind="stable")  # rows stay ascending for each word
    per_word = np.bincount(column, minlength=len(vocabulary))
    row_of, count_of = np.array(rows, np.int32)[order], np.array(times, np.float64)[order]
    inverse_frequency = np.log1p((len(texts) - per_word + 0.5) / (per_word + 0.5))
    length = lengths[row_of] / max(1.0, lengths.mean() if len(texts) else 1.0)
    shares = inverse_frequency[column[order]] * count_of * (K1 + 1) / (count_of + K1 * (1 - B + B * length))
    starts = np.concatenate(([0], np.cumsum(per_word))).astype(np.int64)
    return Lexical(vocabulary, starts, row_of, shares.astype(np.float32), len(texts))
