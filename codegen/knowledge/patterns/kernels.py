"""The loops of pattern mining, as machine code.

A pattern is a node of a tree: its last item, and the pattern before that item. A set is written in one fixed order of
the items, which makes it a sequence without repeats and its subsets the subsequences: sets and sequences are mined
alike, by PrefixSpan with pseudo-projection (J. Pei et al., "Mining Sequential Patterns by Pattern-Growth: The
PrefixSpan Approach", IEEE TKDE 16(11), 2004, section 3.3).
"""

from collections.abc import Callable
from typing import Any, TypeVar

import numba
import numpy as np
from numpy.typing import NDArray

Kernel = TypeVar("Kernel", bound=Callable[..., Any])
Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]

PARENT, ITEM, COUNT, LENGTH, BEGIN, END = range(6)
"""Columns of a table of patterns; the last two say where the projection of a pattern begins and ends while it grows."""
ROW, AT = range(2)
"""Columns of a table of projections: a row, and where what follows the pattern begins in it."""


def compiled(function: Kernel) -> Kernel:
    """A numeric function that numba translates when it is first called; kept beside the module where that can be."""
    try:
        kept: Kernel = numba.njit(function, cache=True, nogil=True)
        return kept
    except RuntimeError:  # nowhere to keep it: a read-only installation without a home
        translated: Kernel = numba.njit(function, nogil=True)
        return translated


@compiled
def rows_with(items: Integers, starts: Integers, kinds: int) -> Integers:
    """In how many rows each item is; (kinds,)."""
    counts, met_in = np.zeros(kinds, np.int64), np.full(kinds, -1, np.int64)
    for row in range(len(starts) - 1):
        for item in items[starts[row] : starts[row + 1]]:
            counts[item] += met_in[item] != row
            met_in[item] = row
    return counts


@compiled
def renumbered(items: Integers, starts: Integers, numbers: Integers) -> tuple[Integers, Integers]:
    """The rows with other numbers for their items, without those whose number is negative; items and starts."""
    kept, new_starts = np.empty_like(items), np.zeros_like(starts)
    to = 0
    for row in range(len(starts) - 1):
        for item in items[starts[row] : starts[row + 1]]:
            if numbers[item] >= 0:
                kept[to] = numbers[item]
                to += 1
        new_starts[row + 1] = to
    return kept[:to], new_starts


@compiled
def without_repeats(items: Integers, starts: Integers) -> tuple[Integers, Integers]:
    """The rows sorted, each item once; items and starts."""
    kept, new_starts = np.empty_like(items), np.zeros_like(starts)
    to = 0
    for row in range(len(starts) - 1):
        for item in items[starts[row] : starts[row + 1]]:
            # sorted by insertion: rows are short, and a call of `sort` takes longer than that
            place = to
            while place > new_starts[row] and kept[place - 1] > item:
                place -= 1
            if place == new_starts[row] or kept[place - 1] < item:
                for at in range(to, place, -1):
                    kept[at] = kept[at - 1]
                kept[place] = item
                to += 1
        new_starts[row + 1] = to
    return kept[:to], new_starts


@compiled
def widened(table: Integers, rows: int) -> Integers:
    """The table with room for that many rows and more."""
    if rows <= len(table):
        return table
    wider = np.empty((max(rows, 2 * len(table)), table.shape[1]), np.int64)
    wider[: len(table)] = table
    return wider


@compiled
def tally(
    items: Integers, starts: Integers, weights: Integers, projected: Integers, tallies: Integers, met: Integers
) -> int:
    """Counts, for each item, the rows in which it follows the pattern.

    Args:
        items: Items of all rows, one row after the other.
        starts: Where each row begins in `items`, and where the last one ends; (rows + 1,).
        weights: How often each row occurs; (rows,).
        projected: Projection of the pattern; (n, 2).
        tallies: For each item: rows by weight, rows that go on after it, last entry of `projected` that has it
            (-1: none); the first two are 0 before. (kinds, 3).
        met: Room for the items that are met; (kinds,).

    Returns:
        How many items are met.
    """
    found = 0
    for entry in range(len(projected)):
        row = projected[entry, ROW]
        end = starts[row + 1]
        for at in range(projected[entry, AT], end):
            item = items[at]
            if tallies[item, 2] == entry:
                continue
            if tallies[item, 0] == 0:
                met[found] = item
                found += 1
            tallies[item, 0] += weights[row]
            tallies[item, 1] += at + 1 < end
            tallies[item, 2] = entry
    for item in met[:found]:
        tallies[item, 2] = -1
    return found


@compiled
def project(
    items: Integers, starts: Integers, projected: Integers, onto: Integers, slots: Integers, tallies: Integers
) -> None:
    """Writes the projections of a pattern's extensions: each row at its first occurrence of the item.

    Args:
        items: Items of all rows.
        starts: Where each row begins in `items`.
        projected: Projection of the pattern; (n, 2).
        onto: Table that the projections are written to.
        slots: For each item, where in `onto` its projection begins; -1 for one that is not wanted. Moved on.
        tallies: The third column is -1 before for all items; as in `tally`.
    """
    for entry in range(len(projected)):
        row = projected[entry, ROW]
        # nothing follows the last item of a row
        for at in range(projected[entry, AT], starts[row + 1] - 1):
            item = items[at]
            slot = slots[item]
            if slot >= 0 and tallies[item, 2] != entry:
                tallies[item, 2] = entry
                onto[slot, ROW], onto[slot, AT] = row, at + 1
                slots[item] = slot + 1


@compiled
def extend(
    found: Integers, count: int, pattern: int, least: int, top: int, items: Integers, slots: Integers, tallies: Integers
) -> tuple[Integers, int, int]:
    """Writes down the frequent extensions of a pattern, and where their projections are to stand.

    Args:
        found: Table of patterns.
        count: Rows of it that are taken.
        pattern: The pattern that is extended.
        least: Rows that an extension needs.
        top: Where the projections in use end.
        items: Items that are met behind the pattern.
        slots: For each item, where its projection begins is written here.
        tallies: As `tally` left them.

    Returns:
        `found`, `count` and `top` afterwards.
    """
    for item in np.sort(items):
        if tallies[item, 0] >= least:
            found = widened(found, count + 1)
            end = top + tallies[item, 1]
            found[count] = pattern, item, tallies[item, 0], found[pattern, LENGTH] + 1, top, end
            slots[item] = top
            top = end
            count += 1
    return found, count, top


@compiled
def grow(
    items: Integers, starts: Integers, weights: Integers, kinds: int, least: int, longest: int, most: int
) -> Integers:
    """All patterns that at least `least` rows have, gaps allowed.

    Args:
        items: Items of all rows, numbers from 0, one row after the other.
        starts: Where each row begins in `items`, and where the last one ends; (rows + 1,).
        weights: How often each row occurs; (rows,).
        kinds: Number of items.
        least: Rows that a pattern needs, at least 1.
        longest: Items that a pattern may have.
        most: Patterns after which to give up.

    Returns:
        A table of patterns, (n + 1, 6). The first row is the empty pattern; one that extends another stands after it,
        and all that extend the same stand together, by item. It ends unfinished soon after `most` patterns.
    """
    rows = len(weights)
    found, count = np.empty((1024, 6), np.int64), 1
    found[0] = -1, -1, 0, 0, 0, rows
    projections = np.empty((rows, 2), np.int64)
    projections[:, ROW], projections[:, AT] = np.arange(rows), starts[:-1]
    tallies, met, slots = np.zeros((kinds, 3), np.int64), np.empty(kinds, np.int64), np.full(kinds, -1, np.int64)
    tallies[:, 2] = -1
    # for each length: the next pattern to extend, where those of this branch end, and where their projections end
    branch, length = np.zeros((longest + 1, 3), np.int64), 0
    branch[0] = 0, 1, rows
    while length >= 0 and count <= most + 1:
        pattern, last, top = branch[length]
        if pattern == last:
            length -= 1
            continue
        branch[length, 0] += 1
        projected = projections[found[pattern, BEGIN] : found[pattern, END]]
        behind = met[: tally(items, starts, weights, projected, tallies, met)]
        first = count
        found, count, top = extend(found, count, pattern, least, top, behind, slots, tallies)
        if count > first and length + 1 < longest:
            projections = widened(projections, top)
            project(items, starts, projected, projections, slots, tallies)
            length += 1
            branch[length] = first, count, top
        for item in behind:
            tallies[item] = 0, 0, -1
            slots[item] = -1
    return found[:count]


@compiled
def undominated(patterns: Integers) -> tuple[Mask, Mask]:
    """Which patterns are closed and which are maximal, among those of the table.

    A pattern with one item less is one of the table as well. So each is led to those that it has one item more than:
    what its parent leads to, extended by its last item, and its parent.

    Args:
        patterns: As `grow` returns them.

    Returns:
        Whether no pattern with one item more has the same count; whether there is none with one item more.
    """
    n = len(patterns)
    closed, maximal = np.ones(n, np.bool_), np.ones(n, np.bool_)
    extended = np.zeros((n, 2), np.int64)  # where the extensions of a pattern begin and end
    offset = np.zeros(n + 1, np.int64)
    for pattern in range(n):
        offset[pattern + 1] = offset[pattern] + patterns[pattern, LENGTH]
        parent = patterns[pattern, PARENT]
        if pattern > 0:
            if extended[parent, 1] == 0:
                extended[parent, 0] = pattern
            extended[parent, 1] = pattern + 1
    shorter = np.empty(offset[n], np.int64)
    for pattern in range(1, n):
        parent, item, length = patterns[pattern, PARENT], patterns[pattern, ITEM], patterns[pattern, LENGTH]
        for left_out in range(length):
            less = parent
            if left_out < length - 1:
                less = shorter[offset[parent] + left_out]
                first, last = extended[less]
                less = first + np.searchsorted(patterns[first:last, ITEM], item)
            shorter[offset[pattern] + left_out] = less
            maximal[less] = False
            if patterns[less, COUNT] == patterns[pattern, COUNT]:
                closed[less] = False
    return closed, maximal


@compiled
def spelled(patterns: Integers, wanted: Integers) -> tuple[Integers, Integers]:
    """The items of some patterns, one pattern after the other, and where each begins and the last one ends."""
    offset = np.zeros(len(wanted) + 1, np.int64)
    offset[1:] = np.cumsum(patterns[wanted, LENGTH])
    items = np.empty(offset[-1], np.int64)
    for i in range(len(wanted)):
        pattern = wanted[i]
        for at in range(offset[i + 1] - 1, offset[i] - 1, -1):
            items[at] = patterns[pattern, ITEM]
            pattern = patterns[pattern, PARENT]
    return items, offset
