"""Join: two collections by a condition between their elements."""

from collections.abc import Callable, Iterator
from typing import Any

from ee_emulator.algorithms.collection.elements import in_order
from ee_emulator.algorithms.element import all_properties, with_properties
from ee_emulator.errors import EarthEngineError
from ee_emulator.registry import algorithm
from ee_emulator.values import Collection, Feature, FeatureCollection, Filter, Join, Match

Matches = list[tuple[Any, Match]]


def _matches(element: Any, secondary: Collection, condition: Filter) -> Matches:
    if condition.match is None:
        raise EarthEngineError("Join.apply: the condition compares no left with a right element.")
    found = ((other, condition.match(element, other)) for other in secondary.elements())
    return [(other, match) for other, match in found if match is not None]


def _per_element(choose: Callable[[Any, Matches], Any | None]) -> Join:
    """A join that keeps, changes or drops each primary element by its matches."""

    def apply(primary: Collection, secondary: Collection, condition: Filter) -> Collection:
        def joined() -> Iterator[Any]:
            for element in primary.elements():
                result = choose(element, _matches(element, secondary, condition))
                if result is not None:
                    yield result

        return primary.derive(joined)

    return Join(apply)


def _set(element: Any, key: str, value: Any) -> Any:
    return with_properties(element, all_properties(element) | {key: value})


def _with_measure(element: Any, match: Match, measure_key: str | None) -> Any:
    return element if measure_key is None else _set(element, measure_key, match.measure)


@algorithm("Join.simple")
def simple() -> Join:
    """Primary elements that match anything."""
    return _per_element(lambda element, matches: element if matches else None)


@algorithm("Join.inverted")
def inverted() -> Join:
    """Primary elements that match nothing."""
    return _per_element(lambda element, matches: None if matches else element)


def _ordered(matches: Matches, ordering: str | None, ascending: bool) -> Matches:
    if ordering is None:
        return matches
    by_element = {id(other): match for other, match in matches}
    return [(other, by_element[id(other)]) for other in in_order((m[0] for m in matches), ordering, ascending)]


@algorithm("Join.saveFirst")
def save_first(match_key: str, ordering: str | None, ascending: bool, measure_key: str | None, outer: bool) -> Join:
    """Primary elements with their first match as a property."""

    def choose(element: Any, matches: Matches) -> Any | None:
        if not matches:
            return element if outer else None
        other, match = _ordered(matches, ordering, ascending)[0]
        return _set(element, match_key, _with_measure(other, match, measure_key))

    return _per_element(choose)


@algorithm("Join.saveBest")
def save_best(match_key: str, measure_key: str, outer: bool) -> Join:
    """Primary elements with their nearest match, by the condition's measure."""

    def choose(element: Any, matches: Matches) -> Any | None:
        if not matches:
            return element if outer else None
        other, match = min(matches, key=lambda m: float("inf") if m[1].measure is None else m[1].measure)
        return _set(element, match_key, _with_measure(other, match, measure_key))

    return _per_element(choose)


@algorithm("Join.saveAll")
def save_all(matches_key: str, ordering: str | None, ascending: bool, measure_key: str | None, outer: bool) -> Join:
    """Primary elements with the list of their matches."""

    def choose(element: Any, matches: Matches) -> Any | None:
        if not matches and not outer:
            return None
        ordered = _ordered(matches, ordering, ascending)
        return _set(element, matches_key, [_with_measure(other, match, measure_key) for other, match in ordered])

    return _per_element(choose)


@algorithm("Join.inner")
def inner(primary_key: str, secondary_key: str, measure_key: str | None) -> Join:
    """One feature a matching pair, with both elements as properties."""

    def apply(primary: Collection, secondary: Collection, condition: Filter) -> Collection:
        def joined() -> Iterator[Feature]:
            for element in primary.elements():
                for other, match in _matches(element, secondary, condition):
                    pair = {primary_key: element, secondary_key: other}
                    if measure_key is not None:
                        pair[measure_key] = match.measure
                    yield Feature(None, pair)

        return FeatureCollection(joined)

    return Join(apply)


@algorithm("Join.apply")
def apply(join: Join, primary: Collection, secondary: Collection, condition: Filter) -> Collection:
    """The joined collection."""
    return join.apply(primary, secondary, condition)
