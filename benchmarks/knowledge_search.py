"""Milliseconds of a search in the knowledge base, by words, by meaning and by both, as documents grow in number.

Documents are made up of the words of Earth Engine's own operators, as a knowledge base's are. Embedding 100,000 of them
takes minutes and a search asks for none of it: vectors are drawn at random, and the rate of embedding is measured on a
few hundred. Beside it: the encoding of a query, which a search by meaning needs unless it was asked before, the same
cosines by one matrix product of NumPy, and the same scores of BM25 by a plain loop over the documents.

Usage: python benchmarks/knowledge_search.py [--sizes 1000 10000 100000] [--searches 40]
"""

import argparse
import math
import time
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import polars as pl

from codegen.extraction.signatures import signatures
from codegen.retrieval.dense import WIDTH, Vector, cosines, embed, encode_query
from codegen.retrieval.documents import KINDS
from codegen.retrieval.fusion import MODES
from codegen.retrieval.index import Index
from codegen.retrieval.lexical import K1, B, build_lexical
from codegen.retrieval.storage import DOCUMENTS
from codegen.retrieval.words import spoken, words

LIMIT = 20.0
"""Milliseconds that a search may take, the encoding of its query included."""
QUESTIONS = (
    "mean of an image in a region",
    "按日期筛选影像集合",
    "ee.Image.normalizedDifference",
    "mask clouds",
    "随机森林分类",
)


def made_up(count: int, rng: np.random.Generator) -> tuple[list[str], pl.DataFrame]:
    """Texts, and the table of their documents: chains of two to six operators, in the words of their descriptions."""
    known = [(one.name, f"{spoken(one.name)}. {one.description}"[:200]) for one in signatures().all()]
    picked = [rng.integers(0, len(known), rng.integers(2, 7)) for _ in range(count)]
    texts = [" ".join(known[number][1] for number in numbers) for numbers in picked]
    rows = {
        "id": [f"chain:{row}" for row in range(count)],
        "kind": ["chain"] * count,
        "title": [" -> ".join(known[number][0] for number in numbers) for numbers in picked],
        "text": texts,
        "operators": [[known[number][0] for number in numbers] for numbers in picked],
        "dataset": [None] * count,
        "weight": rng.random(count),
        "fingerprint": [""] * count,
    }
    return texts, pl.DataFrame(rows, schema=dict(DOCUMENTS))


def drawn(count: int, rng: np.random.Generator) -> Vector:
    """Unit vectors, (count, 512)."""
    vectors = rng.standard_normal((count, WIDTH), np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def milliseconds(work: Callable[[int], object], times: int) -> tuple[float, float]:
    """Half of the runs are done within the first, 95 of 100 within the second."""
    taken = []
    for number in range(times):
        started = time.perf_counter()
        work(number)
        taken.append((time.perf_counter() - started) * 1e3)
    return float(np.median(taken)), float(np.quantile(taken, 0.95))


def plain_bm25(counted: Sequence[Counter[str]], query: str) -> list[float]:
    """The same scores, document by document."""
    mean = sum(one.total() for one in counted) / len(counted)
    scores = [0.0] * len(counted)
    for word in words(query):
        having = sum(word in one for one in counted)
        rarity = math.log1p((len(counted) - having + 0.5) / (having + 0.5))
        for row, one in enumerate(counted):
            if count := one[word]:
                scores[row] += rarity * count * (K1 + 1) / (count + K1 * (1 - B + B * one.total() / mean))
    return scores


def measure(count: int, searches: int) -> None:
    """Prints what searches among so many documents take."""
    rng = np.random.default_rng(0)
    texts, table = made_up(count, rng)
    started = time.perf_counter()
    lexical = build_lexical(texts)
    built = time.perf_counter() - started
    vectors = drawn(count, rng)
    index = Index(table, vectors, lexical)
    print(f"{count:,} documents, {len(lexical.shares):,} entries of words, counted in {built:.1f} s")
    for mode in MODES:
        index.search("warm", mode=mode)
        for name, ask in (
            ("new query", lambda n: f"{QUESTIONS[n % len(QUESTIONS)]} {count} {mode} {n}"),  # noqa: B023
            ("asked before", lambda n: QUESTIONS[n % len(QUESTIONS)]),
        ):
            half, most = milliseconds(lambda n: index.search(ask(n), mode=mode), searches)  # noqa: B023
            verdict = f"  limit {LIMIT:.0f}: {'kept' if half <= LIMIT else 'EXCEEDED'}" if name == "new query" else ""
            print(f"  {mode:8} {name:13} {half:8.2f} ms, 95 of 100 within {most:7.2f}{verdict}")
    query = encode_query("mean of an image in a region")
    ours, _ = milliseconds(lambda n: cosines(vectors, query), searches)
    product, _ = milliseconds(lambda n: vectors @ query, searches)
    print(f"  cosines  {ours:8.2f} ms, by NumPy's matrix product {product:.2f} ms: {product / ours:.2f} times as long")
    counted = [Counter(words(text)) for text in texts]
    by_words, _ = milliseconds(lambda n: lexical.scores(QUESTIONS[0]), searches)
    plain, _ = milliseconds(lambda n: plain_bm25(counted, QUESTIONS[0]), 3)
    differ = float(np.abs(np.array(plain_bm25(counted, QUESTIONS[0])) - lexical.scores(QUESTIONS[0])).max())
    print(
        f"  BM25     {by_words:8.2f} ms, by a plain loop {plain:.1f} ms: {plain / by_words:.0f} times as long, "
        f"scores differ by at most {differ:.1e}"
    )


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", type=int, default=[1_000, 10_000, 100_000])
    parser.add_argument("--searches", type=int, default=40, help="timed a mode (default: %(default)s)")
    options = parser.parse_args()
    started = time.perf_counter()
    encode_query("warm")
    print(f"encoder loaded in {time.perf_counter() - started:.2f} s; {len(KINDS)} kinds of documents")
    texts, _ = made_up(200, np.random.default_rng(1))
    started = time.perf_counter()
    embed([(text,) for text in texts], lambda done, total: None)
    each = (time.perf_counter() - started) / len(texts)
    length = sum(map(len, texts)) / len(texts)
    print(f"embedding {each * 1e3:.2f} ms a text of {length:.0f} characters, {1 / each:.0f} a second")
    half, most = milliseconds(lambda n: encode_query(f"{QUESTIONS[n % len(QUESTIONS)]} {n}"), options.searches)
    print(f"encoding a query {half:.2f} ms, 95 of 100 within {most:.2f}")
    for count in options.sizes:
        measure(count, options.searches)


if __name__ == "__main__":
    main()
