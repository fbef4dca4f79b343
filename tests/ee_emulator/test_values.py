"""Collections compute each element once, when it is asked for, and never pass off a part as the whole."""

from collections.abc import Iterator
from itertools import islice

import pytest

from ee_emulator.errors import EarthEngineError
from ee_emulator.values import Collection


def test_an_element_is_computed_once_and_not_before_it_is_asked_for() -> None:
    computed = []

    def source() -> Iterator[int]:
        for number in range(5):
            computed.append(number)
            yield number

    collection = Collection(source)
    assert computed == []
    assert list(islice(collection.elements(), 2)) == [0, 1]
    assert computed == [0, 1]
    assert list(collection.elements()) == list(collection.elements()) == [0, 1, 2, 3, 4]
    assert computed == [0, 1, 2, 3, 4]


def test_two_readers_at_different_places_see_the_same_elements() -> None:
    collection = Collection(lambda: iter(range(4)))
    pairs = [(a, b) for a in collection.elements() for b in collection.elements()]
    assert pairs == [(a, b) for a in range(4) for b in range(4)]


def test_after_an_error_the_collection_is_not_a_shorter_one() -> None:
    attempts = []

    def source() -> Iterator[int]:
        attempts.append(1)
        yield 0
        if len(attempts) == 1:
            raise EarthEngineError("refused")
        yield 1

    collection = Collection(source)
    with pytest.raises(EarthEngineError):
        list(collection.elements())
    assert list(collection.elements()) == [0, 1]
