"""How right the functions are, against labels and against a second count. Nothing here is used to make the tables.

- semantic accuracy: of the combinations that somebody labelled, the share whose first function is the primary one of
  the label or one of its alternates,
- structural accuracy: of the combinations of a table, the share that are found in callers in the told order, in exactly
  as many as told; counted anew from the callers, by other code than mined them,
- multi-label: of pairs (unit or script, function), precision, recall and F1 (micro), and the mean over the labelled of
  the Jaccard index of told and labelled functions (1 where both are empty). What has no label does not count.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import polars as pl

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class LabelledCombination:
    """What somebody holds a combination of operators to be for."""

    operators: tuple[str, ...]
    primary: str
    alternates: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Semantic:
    """Of labelled combinations.

    Attributes:
        combinations: That were labelled.
        accuracy: See the module.
        primary: The same without the alternates.
        first_three: Share whose primary function is one of the first three.
        missed: Each whose first function is wrong, with that (empty where there is none).
    """

    combinations: int
    accuracy: float
    primary: float
    first_three: float
    missed: tuple[tuple[LabelledCombination, str], ...]


@dataclass(frozen=True, slots=True)
class MultiLabel:
    """See the module."""

    labelled: int
    precision: float
    recall: float
    f1: float
    jaccard: float


def semantic_accuracy(
    labels: Sequence[LabelledCombination], functions_of: Callable[[tuple[str, ...]], Sequence[tuple[str, float]]]
) -> Semantic:
    """Scores a mapping: `map_combination`, with tables or without."""
    told = [[function for function, _ in functions_of(label.operators)] for label in labels]
    first = [functions[0] if functions else "" for functions in told]
    pairs = list(zip(labels, first, strict=True))
    return Semantic(
        len(labels),
        _share(function == label.primary or function in label.alternates for label, function in pairs),
        _share(function == label.primary for label, function in pairs),
        _share(label.primary in functions[:3] for label, functions in zip(labels, told, strict=True)),
        tuple((label, f) for label, f in pairs if f != label.primary and f not in label.alternates),
    )


def structural_accuracy(combinations: pl.DataFrame, callers: pl.DataFrame) -> float:
    """Share of the combinations (`operators`, `count`) that a recount in callers (`operators`) bears out."""
    lists: list[list[str]] = callers["operators"].to_list()
    using: dict[str, set[int]] = {}
    for number, operators in enumerate(lists):
        for operator in operators:
            using.setdefault(operator, set()).add(number)
    return _share(
        count > 0 and count == _callers_with(operators, lists, using)
        for operators, count in combinations.select("operators", "count").iter_rows()
    )


def _callers_with(operators: Sequence[str], lists: Sequence[Sequence[str]], using: Mapping[str, set[int]]) -> int:
    """Callers that call the operators in this order."""
    candidates = set.intersection(*(using.get(operator, set()) for operator in operators))
    return sum(_stand_in(operators, lists[number]) for number in candidates)


def _stand_in(operators: Sequence[str], caller: Sequence[str]) -> bool:
    rest = iter(caller)
    return all(operator in rest for operator in operators)


def multi_label(told: Mapping[Key, Collection[str]], labelled: Mapping[Key, Collection[str]]) -> MultiLabel:
    """Scores sets of functions; what is labelled and not told has none."""
    pairs = [(set(told.get(key, ())), set(label)) for key, label in labelled.items()]
    agreed = sum(len(ours & theirs) for ours, theirs in pairs)
    precision = agreed / max(1, sum(len(ours) for ours, _ in pairs))
    recall = agreed / max(1, sum(len(theirs) for _, theirs in pairs))
    f1 = 2 * precision * recall / (precision + recall) if agreed else 0.0
    jaccard = sum(len(a & b) / len(a | b) if a | b else 1.0 for a, b in pairs) / max(1, len(pairs))
    return MultiLabel(len(pairs), precision, recall, f1, jaccard)


def functions_of_units(unit_functions: pl.DataFrame) -> dict[tuple[str, str], set[str]]:
    """(script, unit) to functions."""
    found: dict[tuple[str, str], set[str]] = {}
    for script, unit, function in unit_functions.select("script", "unit", "function").iter_rows():
        found.setdefault((script, unit), set()).add(function)
    return found


def functions_of_scripts(unit_functions: pl.DataFrame) -> dict[str, set[str]]:
    """Script to the functions that any of its units serves."""
    found: dict[str, set[str]] = {}
    for (script, _), functions in functions_of_units(unit_functions).items():
        found.setdefault(script, set()).update(functions)
    return found


def _share(which: Iterable[bool]) -> float:
    found = list(which)
    return sum(found) / max(1, len(found))
