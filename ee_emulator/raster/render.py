"""Turns lazy bands into pixels: plans the requests, computes them once each, in tiles of bounded memory."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ee_emulator.catalog.base import Pixels
from ee_emulator.errors import EarthEngineError
from ee_emulator.limits import allow_bytes
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.values import Band, Image, Node

if TYPE_CHECKING:
    from ee_emulator.registry import Context

TILE_BYTES = 192 * 2**20
"""Results that the computation of a tile may hold at once."""

Key = tuple[Node, Grid]


@dataclass
class Plan:
    """What has to be computed, inputs before the nodes that use them.

    Attributes:
        order: Each (node, grid) once.
        inputs: For each key the outputs of other keys that it takes.
        outputs: For each key which of the node's outputs are used.
    """

    order: list[Key] = field(default_factory=list)
    inputs: dict[Key, list[tuple[Key, int]]] = field(default_factory=dict)
    outputs: dict[Key, dict[int, Band]] = field(default_factory=lambda: defaultdict(dict))

    def uses(self) -> Counter[Key]:
        """How many other keys take each key's results."""
        return Counter(key for inputs in self.inputs.values() for key in {key for key, _ in inputs})

    def peak(self) -> int:
        """Bytes of results and scratch at the worst moment; what nothing takes stays to the end."""
        uses, held, peak = self.uses(), 0, 0
        for key in self.order:
            node, grid = key
            held += self._size(key)
            peak = max(peak, held + node.scratch(grid))
            for source in {source for source, _ in self.inputs[key]}:
                uses[source] -= 1
                if not uses[source]:
                    held -= self._size(source)
        return peak

    def _size(self, key: Key) -> int:
        _, grid = key
        return grid.width * grid.height * sum(band.type.pixel_bytes + 1 for band in self.outputs[key].values())


def plan(requests: Sequence[tuple[Band, Grid]]) -> Plan:
    """Walks the graph below `requests` with its own stack: graphs may be deeper than Python's."""
    answer = Plan()
    stack: list[tuple[Key, bool]] = []
    for band, grid in requests:
        answer.outputs[band.node, grid][band.index] = band
        stack.append(((band.node, grid), False))
    stack.reverse()
    done: set[Key] = set()
    while stack:
        key, expanded = stack.pop()
        if expanded:
            if key not in done:
                done.add(key)
                answer.order.append(key)
            continue
        if key in answer.inputs:
            continue
        needed = key[0].requests(key[1])
        answer.inputs[key] = [((band.node, grid), band.index) for band, grid in needed]
        _refuse_arrays(key[0], needed)
        stack.append((key, True))
        for band, grid in needed:
            answer.outputs[band.node, grid][band.index] = band
            stack.append(((band.node, grid), False))
    return answer


def _refuse_arrays(node: Node, needed: Sequence[tuple[Band, Grid]]) -> None:
    for place, (band, _) in enumerate(needed):
        if band.type.dimensions and place not in node.array_inputs:
            raise EarthEngineError("The pixels must be numbers here, not arrays; use arrayGet() or arrayFlatten().")


def execute(work: Plan, requests: Sequence[tuple[Band, Grid]], context: Context) -> list[Pixels]:
    """Computes a plan; a result is let go after its last use."""
    uses = work.uses()
    uses.update({(band.node, grid) for band, grid in requests})
    results: dict[Key, Any] = {}
    for key in work.order:
        context.budget.check_time()
        node, grid = key
        inputs = [results[source][index] for source, index in work.inputs[key]]
        results[key] = node.compute(grid, inputs, sorted(work.outputs[key]), context)
        del inputs
        for source in {source for source, _ in work.inputs[key]}:
            uses[source] -= 1
            if not uses[source]:
                del results[source]
    return [results[band.node, grid][band.index] for band, grid in requests]


def evaluate(requests: Sequence[tuple[Band, Grid]], context: Context) -> list[Pixels]:
    """Pixels of each (band, grid), computed together.

    Raises:
        EarthEngineError: They would take more memory or time than a request has, or an algorithm refuses.
    """
    work = plan(requests)
    allow_bytes(work.peak())
    return execute(work, requests, context)


def tiles(bands: Sequence[Band], grid: Grid) -> list[tuple[int, int, Grid]]:
    """Splits a grid into tiles (column, row, part) so that evaluating `bands` on one stays within `TILE_BYTES`.

    Tiles are near squares: a wide and low one needs many more pixels of a source whose lattice is turned against it.
    """
    peak = plan([(band, grid) for band in bands]).peak()
    if peak <= TILE_BYTES:
        return [(0, 0, grid)]
    side = max(1, int(np.sqrt(grid.width * grid.height * TILE_BYTES / peak)))
    width = min(side, grid.width)
    height = min(max(1, side * side // width), grid.height)
    return [
        (column, row, grid.window(column, row, min(width, grid.width - column), min(height, grid.height - row)))
        for row in range(0, grid.height, height)
        for column in range(0, grid.width, width)
    ]


def render(image: Image, grid: Grid, bands: Sequence[str] | None, context: Context) -> dict[str, Pixels]:
    """Computes an image on a grid.

    Args:
        image: What to compute.
        grid: The lattice of the answer.
        bands: Names of the bands wanted, in the order of the answer; None for all.
        context: The request's evaluation context.

    Returns:
        For each band its pixels, values in the band's type and mask, both (height, width); masked values are 0.

    Raises:
        EarthEngineError: A band does not exist, the pixels exceed what a request may hold, or an algorithm refuses
            the grid.
    """
    names = image.names if bands is None else list(bands)
    chosen = [image.band(name) for name in names]
    if not chosen:
        raise EarthEngineError("Image.computePixels: The image has no bands.")
    allow_bytes(grid.width * grid.height * sum(band.type.pixel_bytes + 1 for band in chosen))
    pieces = tiles(chosen, grid)
    if len(pieces) == 1:
        pixels = evaluate([(band, grid) for band in chosen], context)
        return {name: _clean(p, b) for name, p, b in zip(names, pixels, chosen, strict=True)}
    values = [np.zeros(grid.shape, band.type.dtype) for band in chosen]
    masks = [np.zeros(grid.shape, bool) for _ in chosen]
    opacities: list[NDArray[np.float32] | None] = [None] * len(chosen)
    for column, row, piece in pieces:
        place = np.s_[row : row + piece.height, column : column + piece.width]
        for k, part in enumerate(evaluate([(band, piece) for band in chosen], context)):
            clean = _clean(part, chosen[k])
            values[k][place], masks[k][place] = clean.values, clean.mask
            if clean.opacity is not None:
                whole = opacities[k]
                opacities[k] = whole = np.ones(grid.shape, np.float32) if whole is None else whole
                whole[place] = clean.opacity
    return {name: Pixels(v, m, o) for name, v, m, o in zip(names, values, masks, opacities, strict=True)}


def _clean(pixels: Pixels, band: Band) -> Pixels:
    values = pixels.values.astype(band.type.dtype, copy=False)
    if pixels.mask.all():
        return pixels
    return Pixels(np.where(pixels.mask, values, values.dtype.type(0)), pixels.mask, pixels.opacity)
