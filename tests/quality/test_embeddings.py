"""Embedding checks: spread unit vectors pass, collapsed and broken ones do not."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lake.aef import unit_length
from quality.embeddings import EMBEDDING_CHECKS, WIDTH, check_embeddings
from quality.outcome import Outcome

PIXELS = np.arange(300, dtype=np.uint32)


def embeddings(seed: int = 0, dimensions: int = WIDTH) -> np.ndarray:
    """Unit vectors around a common direction, as those of one city are, in some of the dimensions."""
    draw = np.random.default_rng(seed)
    vectors = draw.normal(size=(len(PIXELS), WIDTH)) + draw.normal(size=WIDTH)
    vectors[:, dimensions:] = 0
    return unit_length(vectors).astype(np.float32)


def check(vectors: np.ndarray, pixels: np.ndarray = PIXELS) -> dict[str, Outcome]:
    outcomes = check_embeddings(vectors, pixels)
    assert [(o.name, o.blocking) for o in outcomes] == [(s.name, s.blocking) for s in EMBEDDING_CHECKS]
    return {outcome.name: outcome for outcome in outcomes}


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.integers(140, WIDTH), st.floats(0, 0.2))
def test_spread_unit_vectors_pass(seed: int, dimensions: int, missing: float) -> None:
    vectors = embeddings(seed, dimensions)
    vectors[: int(missing * len(vectors))] = np.nan
    assert [outcome for outcome in check(vectors).values() if not outcome.passed] == []


def test_a_city_of_two_kinds_of_places_is_no_collapse() -> None:
    assert check(between_two_kinds(embeddings()))["no_collapse"].passed


def rows(value: float, share: float) -> Callable[[np.ndarray], np.ndarray]:
    def poison(vectors: np.ndarray) -> np.ndarray:
        vectors[: int(share * len(vectors))] = value
        return vectors

    return poison


def torn(vectors: np.ndarray) -> np.ndarray:
    vectors[3, 5] = np.inf
    return vectors


def on_a_line(vectors: np.ndarray) -> np.ndarray:
    steps = np.linspace(-0.4, 0.4, len(vectors))[:, None]
    return unit_length(vectors[0] + steps * vectors[1]).astype(np.float32)


def between_two_kinds(vectors: np.ndarray) -> np.ndarray:
    """Land and water: far apart, with little else to tell."""
    kind = vectors[np.arange(len(vectors)) % 2]
    return unit_length(kind + 0.3 * vectors).astype(np.float32)


def nearly_one(vectors: np.ndarray) -> np.ndarray:
    return unit_length(vectors[0] + 0.05 * vectors).astype(np.float32)


POISONS = [
    ("embedding_shape", "half the dimensions", lambda v: v[:, :128]),
    ("embedding_shape", "float64", lambda v: v.astype(np.float64)),
    ("embedding_shape", "rows that are missing", lambda v: v[1:]),
    ("missing_share", "NaN tile", rows(np.nan, 0.4)),
    ("missing_share", "nothing there", rows(np.nan, 1.0)),
    ("missing_share", "an overflow", torn),
    ("unit_length", "a network without its last step", lambda v: v * np.float32(1.01)),
    ("unit_length", "zeros tile", rows(0.0, 0.01)),
    ("no_collapse", "all the same", lambda v: np.repeat(v[:1], len(v), axis=0)),
    ("no_collapse", "all nearly the same", nearly_one),
    ("no_collapse", "on a line", on_a_line),
    ("no_collapse", "dimensions that are dead", lambda v: embeddings(dimensions=100)),
    ("no_collapse", "one pixel only", lambda v: np.where(np.arange(len(v))[:, None] == 0, v, np.float32(np.nan))),
    ("no_repeated_embedding", "a repeated tile", lambda v: np.concatenate([np.repeat(v[:1], 20, axis=0), v[20:]])),
]


@pytest.mark.parametrize(("caught_by", "what", "poison"), POISONS, ids=[f"{p[0]}: {p[1]}" for p in POISONS])
def test_poison_is_caught(caught_by: str, what: str, poison: Callable[[np.ndarray], np.ndarray]) -> None:
    assert not check(poison(embeddings()))[caught_by].passed, what


def test_a_pixel_twice_is_caught() -> None:
    outcome = check(embeddings(), np.where(PIXELS == 7, 8, PIXELS).astype(np.uint32))["no_duplicate_pixels"]
    assert not outcome.passed
    assert "8" in outcome.description


def test_without_the_shape_nothing_else_passes() -> None:
    assert not any(outcome.passed for outcome in check(embeddings()[:, :128]).values())
    assert not any(outcome.passed for outcome in check(embeddings()[:0], PIXELS[:0]).values())
