"""Decision trees: grown by scikit-learn, read from and written as the text that R's rpart prints, and applied."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ee_emulator.errors import EarthEngineError
from ee_emulator.learning.table import Matrix


@dataclass(frozen=True, eq=False)
class Tree:
    """A binary tree: a row goes left where its input is at most the threshold.

    Attributes:
        feature: Which input a node tests; -1 for a leaf.
        threshold: What it is compared with.
        left: Node for inputs up to the threshold.
        right: Node for greater ones.
        value: (nodes, n): shares of n classes, or one number.
        count: Rows of the training that reached the node.
        impurity: Gini impurity or variance of those rows.
    """

    feature: NDArray[np.int64]
    threshold: NDArray[np.float64]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    value: Matrix
    count: NDArray[np.float64]
    impurity: NDArray[np.float64]

    def predict(self, inputs: Matrix) -> Matrix:
        """The value of the leaf that each row ends in, (rows, n)."""
        leaves = _descend()(np.ascontiguousarray(inputs), self.feature, self.threshold, self.left, self.right)
        reached: Matrix = self.value[leaves]
        return reached

    def importance(self, inputs: int) -> Matrix:
        """By how much the splits on each input lower the impurity, each split counting alike."""
        answer = np.zeros(inputs)
        inner = np.flatnonzero(self.feature >= 0)
        left, right = self.left[inner], self.right[inner]
        below = self.count[left] * self.impurity[left] + self.count[right] * self.impurity[right]
        np.add.at(answer, self.feature[inner], self.impurity[inner] - below / self.count[inner])
        return answer


@lru_cache(maxsize=1)
def _descend() -> Callable[..., NDArray[np.int64]]:
    """The compiled walk from the root to a leaf, row by row."""
    import numba

    def descend(inputs: Any, feature: Any, threshold: Any, left: Any, right: Any) -> Any:
        leaves = np.zeros(inputs.shape[0], np.int64)
        for row in range(inputs.shape[0]):
            node = 0
            while feature[node] >= 0:
                node = left[node] if inputs[row, feature[node]] <= threshold[node] else right[node]
            leaves[row] = node
        return leaves

    compiled: Callable[..., NDArray[np.int64]] = numba.njit(nogil=True)(descend)
    return compiled


def grown(estimator: Any, classes: int | None) -> Tree:
    """A fitted tree of scikit-learn; `classes` is their number, of which this tree may have seen fewer."""
    found = estimator.tree_
    value = found.value[:, 0, :]
    if classes is not None:
        shares = np.zeros((found.node_count, classes))
        shares[:, estimator.classes_] = value
        value = shares
    feature = np.where(found.children_left < 0, -1, found.feature).astype(np.int64)
    left, right = found.children_left.astype(np.int64), found.children_right.astype(np.int64)
    count, impurity = found.weighted_n_node_samples.copy(), found.impurity.copy()
    return Tree(feature, found.threshold.copy(), left, right, np.ascontiguousarray(value), count, impurity)


# Text -------------------------------------------------------------------------------------------------------------

_NODE = re.compile(r"^\s*(\d+)\)\s*(.*?)\s*(\*)?\s*$")
_SPLIT = re.compile(r"^(\S+?)\s*(<=|>=|<|>)\s*(\S+)\s+\S+\s+\S+\s+(\S+)")
_ROOT = re.compile(r"^root\s+\S+\s+\S+\s+(\S+)")


@dataclass(frozen=True)
class _Line:
    """A printed node: how a row gets into it (none for the root) and its value."""

    name: str | None
    sign: str
    limit: float
    value: float | None


def trees_in(text: str) -> list[dict[int, _Line]]:
    """The trees of a text: nodes by number; the children of node n are 2n and 2n + 1.

    Raises:
        EarthEngineError: A line or a tree that cannot be understood.
    """
    trees: list[dict[int, _Line]] = []
    for line in text.splitlines():
        found = _NODE.match(line)
        if found is None:  # a heading
            continue
        number = int(found[1])
        if number == 1:
            trees.append({})
        if not trees:
            raise EarthEngineError(f"the tree does not begin with its root: '{line.strip()}'.")
        trees[-1][number] = _line(found[2], line)
    if not trees:
        raise EarthEngineError("the text holds no decision tree.")
    return trees


def _line(body: str, whole: str) -> _Line:
    try:
        if root := _ROOT.match(body):
            return _Line(None, "", 0.0, _value(root[1]))
        if split := _SPLIT.match(body):
            return _Line(split[1], split[2], float(split[3]), _value(split[4]))
    except ValueError:
        pass
    raise EarthEngineError(f"cannot read the node '{whole.strip()}' of the decision tree.")


def _value(text: str) -> float | None:
    return None if text.startswith("(") else float(text)


def names_in(trees: Sequence[dict[int, _Line]]) -> tuple[str, ...]:
    """The inputs that trees test, in the order of their appearance."""
    return tuple(dict.fromkeys(line.name for tree in trees for line in tree.values() if line.name is not None))


def from_lines(lines: dict[int, _Line], names: Sequence[str]) -> Tree:
    """A printed tree; a node without children is a leaf.

    Raises:
        EarthEngineError: A node has one child only, or a leaf no value.
    """
    places = {number: k for k, number in enumerate(sorted(lines))}
    size = len(places)
    feature, left, right = (np.full(size, -1, np.int64) for _ in range(3))
    threshold, value = np.zeros(size), np.zeros((size, 1))
    for number, k in places.items():
        children = [c for c in (2 * number, 2 * number + 1) if c in lines]
        if not children:
            value[k] = _leaf(lines[number], number)
            continue
        if len(children) == 1:
            raise EarthEngineError(f"node {number} of the decision tree has one child only.")
        below, name, limit = _ordered(lines[children[0]], children)
        feature[k], threshold[k] = names.index(name), limit
        left[k], right[k] = (places[child] for child in below)
    return Tree(feature, threshold, left, right, value, np.ones(size), np.zeros(size))


def _leaf(line: _Line, number: int) -> float:
    if line.value is None:
        raise EarthEngineError(f"leaf {number} of the decision tree has no value.")
    return line.value


def _ordered(first: _Line, children: list[int]) -> tuple[list[int], str, float]:
    """The children as (up to, above), the input and the greatest value that still goes to the first of them."""
    if first.name is None:
        raise EarthEngineError("a decision tree has two roots.")
    strict = first.sign in ("<", ">=")
    limit = float(np.nextafter(first.limit, -np.inf)) if strict else first.limit
    return children if first.sign in ("<", "<=") else children[::-1], first.name, limit


def tree_text(tree: Tree, names: Sequence[str], labels: NDArray[np.int64] | None) -> str:
    """A tree as R prints it; `labels` are the classes, none for a regression."""
    heading = "n, loss, yval, (yprob)" if labels is not None else "n, deviance, yval"
    head = [f"n= {int(tree.count[0])}", "", f"node), split, {heading}", "      * denotes terminal node", ""]
    return "\n".join([*head, *_lines(tree, names, labels)]) + "\n"


def _lines(tree: Tree, names: Sequence[str], labels: NDArray[np.int64] | None) -> Iterator[str]:
    stack = [(0, 1, "root")]
    while stack:
        node, number, split = stack.pop()
        leaf = tree.feature[node] < 0
        indent = "  " * (number.bit_length() - 1)
        yield f"{indent}{number}) {split} {_statistics(tree, node, labels)}{' *' if leaf else ''}"
        if not leaf:
            name, limit = names[tree.feature[node]], float(tree.threshold[node])
            stack.append((tree.right[node], 2 * number + 1, f"{name}>{limit!r}"))
            stack.append((tree.left[node], 2 * number, f"{name}<={limit!r}"))


def _statistics(tree: Tree, node: int, labels: NDArray[np.int64] | None) -> str:
    count, value = tree.count[node], tree.value[node]
    if labels is None:
        return f"{count:.0f} {count * tree.impurity[node]:.6g} {float(value[0])!r}"
    best = int(np.argmax(value))
    shares = " ".join(f"{share:.6g}" for share in value)
    return f"{count:.0f} {count * (1 - value[best]):.0f} {labels[best]} ({shares})"
