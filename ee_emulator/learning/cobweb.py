"""Cobweb: a tree of concepts that rows are sorted into one by one (Fisher 1987; Gennari, Langley and Fisher 1990)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ee_emulator.learning.java_random import JavaRandom
from ee_emulator.learning.table import CLASS, Fitted, Matrix, affordable, single

_NORMAL = 1 / (2 * np.sqrt(np.pi))
"""Score of an attribute of standard deviation 1 (Gennari, Langley and Fisher 1990, equation 4)."""


class Concept:
    """A node: how many rows, their sum and the sum of their squares an attribute, and the concepts below."""

    def __init__(self, inputs: int) -> None:
        self.count = 0
        self.total = np.zeros(inputs)
        self.squares = np.zeros(inputs)
        self.children: list[Concept] = []

    def add(self, row: Matrix) -> None:
        """Counts a row."""
        self.count += 1
        self.total += row
        self.squares += row * row

    def plus(self, other: Concept) -> Concept:
        """A childless concept of the rows of both."""
        made = Concept(len(self.total))
        made.count = self.count + other.count
        made.total, made.squares = self.total + other.total, self.squares + other.squares
        return made

    def score(self, acuity: float) -> float:
        """The sum of 1 / deviation over the attributes; deviations below the acuity count as it."""
        mean = self.total / self.count
        deviation = np.sqrt(np.maximum(self.squares / self.count - mean * mean, 0))
        return float(_NORMAL * np.sum(1 / np.maximum(deviation, acuity)))

    def scores_with(self, rows: Matrix, acuity: float) -> Matrix:
        """The score after taking in each of the rows, (rows,)."""
        mean = (self.total + rows) / (self.count + 1)
        deviation = np.sqrt(np.maximum((self.squares + rows * rows) / (self.count + 1) - mean * mean, 0))
        scores: Matrix = _NORMAL * np.sum(1 / np.maximum(deviation, acuity), axis=1)
        return scores

    def walk(self) -> Iterator[Concept]:
        """This concept and those below, in the order of their numbers."""
        stack = [self]
        while stack:
            concept = stack.pop()
            yield concept
            stack.extend(reversed(concept.children))


def _single(row: Matrix) -> Concept:
    made = Concept(len(row))
    made.add(row)
    return made


def cobweb(rows: Matrix, acuity: float, cutoff: float, seed: int) -> Fitted:
    """Concepts of the rows, in random order; a row is of the concept that it ends in.

    Clusters are numbered through the tree, the root being 0.
    """
    affordable(rows.size, 1e4)
    root = Concept(rows.shape[1])
    for k in _shuffled(len(rows), seed):
        _insert(root, rows[k], acuity, cutoff)
    numbers = {id(concept): number for number, concept in enumerate(root.walk())}

    return single(lambda inputs: _sorted_into(root, inputs, numbers, acuity), CLASS, {})


def _shuffled(count: int, seed: int) -> list[int]:
    generator, order = JavaRandom(seed), list(range(count))
    for last in range(count - 1, 0, -1):
        drawn = generator.below(last + 1)
        order[last], order[drawn] = order[drawn], order[last]
    return order


def _utility(whole: float, parts: list[Concept], acuity: float) -> float:
    """Category utility of a division into parts of a concept of score `whole`."""
    count = sum(part.count for part in parts)
    return (sum(part.count * part.score(acuity) for part in parts) / count - whole) / len(parts)


def _utilities(children: list[Concept], rows: Matrix, whole: Matrix, acuity: float) -> tuple[Matrix, Matrix]:
    """Category utility where each row goes into each child, (rows, children), or into a new one, (rows,).

    Args:
        children: The division without the rows.
        rows: (rows, inputs), each looked at on its own.
        whole: Score of the divided concept with the row, (rows,).
        acuity: Least standard deviation.
    """
    count = sum(child.count for child in children) + 1
    weighted = np.array([child.count * child.score(acuity) for child in children])
    into = np.column_stack([(child.count + 1) * child.scores_with(rows, acuity) for child in children])
    hosted = ((weighted.sum() - weighted + into) / count - whole[:, None]) / len(children)
    alone = _NORMAL * rows.shape[1] / acuity
    return hosted, ((weighted.sum() + alone) / count - whole) / (len(children) + 1)


def _insert(root: Concept, row: Matrix, acuity: float, cutoff: float) -> None:
    concept = root
    while concept.children:
        concept.add(row)
        host = _host(concept, row, acuity)
        if host is None:
            concept.children.append(_single(row))
            return
        concept = host
    _divide(concept, row, acuity, cutoff)


def _divide(leaf: Concept, row: Matrix, acuity: float, cutoff: float) -> None:
    """A leaf takes a row in; it gets two children where that division is worth more than the cut-off."""
    parts = [leaf.plus(Concept(len(row))), _single(row)]
    leaf.add(row)
    if parts[0].count and _utility(leaf.score(acuity), parts, acuity) > cutoff:
        leaf.children = parts


def _host(concept: Concept, row: Matrix, acuity: float) -> Concept | None:
    """The child that a row belongs to, after merging or splitting where that is better; None for one of its own."""
    while True:
        children, whole, one = concept.children, concept.score(acuity), row[None]
        hosted, alone = _utilities(children, one, np.array([whole]), acuity)
        order = np.argsort(-hosted[0], kind="stable")
        best: Concept = children[order[0]]
        rest = [child for child in children if child is not best]
        options = {"best": hosted[0, order[0]], "new": alone[0]}
        if len(children) > 2:  # of two, the merger would be the concept itself
            second = children[order[1]]
            merged: Concept = best.plus(second)
            others = [child for child in rest if child is not second]
            options["merge"] = _utility(whole, [*others, merged.plus(_single(row))], acuity)
        if best.children:
            divided, _ = _utilities([*rest, *best.children], one, np.array([whole]), acuity)
            options["split"] = divided[0].max()
        choice = max(options, key=lambda name: options[name])
        if choice == "split":
            concept.children = [*rest, *best.children]
            continue
        if choice == "merge":
            merged.children = [best, second]
            concept.children = [*others, merged]
            return merged
        return None if choice == "new" else best


def _sorted_into(root: Concept, rows: Matrix, numbers: dict[int, int], acuity: float) -> NDArray[np.int64]:
    """The concept that each row ends in: down as long as a child is better than a concept of its own."""
    answer = np.zeros(len(rows), np.int64)
    stack = [(root, np.arange(len(rows)))]
    while stack:
        concept, places = stack.pop()
        answer[places] = numbers[id(concept)]
        if not concept.children or not len(places):
            continue
        here = rows[places]
        hosted, alone = _utilities(concept.children, here, concept.scores_with(here, acuity), acuity)
        going = hosted.max(axis=1) >= alone
        target = np.argmax(hosted, axis=1)
        stack += [(child, places[going & (target == k)]) for k, child in enumerate(concept.children)]
    return answer
