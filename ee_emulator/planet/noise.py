"""Deterministic noise: integer hashes of lattice points, smoothly interpolated.

Only integer arithmetic and + − × ÷ on float64 are used, whose results IEEE 754 fixes to the last bit; sines and
exponentials are not, they differ with the machine.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_PRIMES = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F), np.uint64(0x165667B19E3779F9))
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))


def mix(value: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """A bijective scrambling of 64 bits (the finaliser of SplitMix64)."""
    with np.errstate(over="ignore"):
        value = (value ^ (value >> np.uint64(30))) * _MIX[0]
        value = (value ^ (value >> np.uint64(27))) * _MIX[1]
        return value ^ (value >> np.uint64(31))


def hashed(*keys: NDArray[np.int64] | int) -> NDArray[np.uint64]:
    """A hash of integer keys; arrays broadcast."""
    state = np.asarray(0, np.uint64)
    with np.errstate(over="ignore"):
        for number, key in enumerate(keys):
            word = np.asarray(key, np.int64).view(np.uint64) if np.ndim(key) else np.uint64(int(key) & (2**64 - 1))
            state = mix(state + word * _PRIMES[number % 3] + np.uint64(number + 1))
    return state


def uniform(*keys: NDArray[np.int64] | int) -> Array:
    """A number in [0, 1) from integer keys."""
    return np.asarray((hashed(*keys) >> np.uint64(11)).astype(np.float64) * (1.0 / (1 << 53)))


def text_key(text: str) -> int:
    """A stable integer of a short text."""
    key = 1469598103934665603
    for byte in text.encode():
        key = ((key ^ byte) * 1099511628211) % 2**61
    return key


def value_noise(x: Array, y: Array, seed: int) -> Array:
    """Smooth noise in [0, 1] with features of size 1 in `x` and `y`."""
    column, row = np.floor(x), np.floor(y)
    fx, fy = x - column, y - row
    fx, fy = fx * fx * (3.0 - 2.0 * fx), fy * fy * (3.0 - 2.0 * fy)
    i, j = column.astype(np.int64), row.astype(np.int64)
    corner = _corners(i, j, seed)
    top = corner(0, 0) * (1.0 - fx) + corner(1, 0) * fx
    bottom = corner(0, 1) * (1.0 - fx) + corner(1, 1) * fx
    return top * (1.0 - fy) + bottom * fy


def _corners(i: NDArray[np.int64], j: NDArray[np.int64], seed: int) -> Callable[[int, int], Array]:
    """The hash at a lattice point's neighbour; looked up where many places share few lattice points."""
    if i.size:
        low_i, low_j = int(i.min()), int(j.min())
        width, height = int(i.max()) - low_i + 2, int(j.max()) - low_j + 2
        if width * height <= i.size:
            columns, rows = np.arange(low_i, low_i + width), np.arange(low_j, low_j + height)
            table = uniform(columns[None, :], rows[:, None], seed).ravel()
            first = (j - low_j) * width + (i - low_i)
            return lambda di, dj: table[first + (dj * width + di)]
    return lambda di, dj: uniform(i + di, j + dj, seed)


def fractal(x: Array, y: Array, size: float, seed: int, octaves: int = 3) -> Array:
    """Noise of several sizes in [0, 1]; the largest features are `size` long."""
    total, weight, norm = np.zeros_like(x), 1.0, 0.0
    for octave in range(octaves):
        scale = (1 << octave) / size
        total = total + weight * value_noise(x * scale, y * scale, seed + 7919 * octave)
        norm += weight
        weight *= 0.5
    return total * (1.0 / norm)


def step(value: Array, low: float | Array, high: float | Array) -> Array:
    """0 below `low`, 1 above `high`, smooth between."""
    t = np.minimum(np.maximum((value - low) / (high - low), 0.0), 1.0)
    return t * t * (3.0 - 2.0 * t)


def squash(value: Array) -> Array:
    """Gives x / (1 + |x|): a bounded, rational stand-in for tanh."""
    return value / (1.0 + np.abs(value))
