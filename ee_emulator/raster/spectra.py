"""Distances between spectra, and the morphology that orders the pixels under a kernel by them.

A cube holds the spectra of a tile: (bands, rows, columns), double.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ee_emulator.catalog.base import Pixels
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.kernel import Weights
from ee_emulator.raster.neighbourhood import inner
from ee_emulator.raster.windows import flat_sum

Array = NDArray[np.float64]
Distance = Callable[[Array, Array], Array]


def angle(first: Array, second: Array) -> Array:
    """The angle between two spectra, radians (spectral angle mapper); 0 where one of them is all zeros."""
    product = np.sqrt((first * first).sum(axis=0) * (second * second).sum(axis=0))
    cosine = np.divide((first * second).sum(axis=0), product, out=np.ones_like(product), where=product > 0)
    answer: Array = np.arccos(np.clip(cosine, -1.0, 1.0))
    return answer


def divergence(first: Array, second: Array) -> Array:
    """Spectral information divergence (Chang 2000): the symmetric relative entropy of spectra that sum to one."""
    p, q = _shares(first), _shares(second)
    answer: Array = ((p - q) * (np.log(p) - np.log(q))).sum(axis=0)
    return answer


def _shares(spectra: Array) -> Array:
    # The measure is for positive spectra; zeros count as the smallest share that has a logarithm.
    total = spectra.sum(axis=0)
    shares = np.divide(spectra, total, out=np.zeros_like(spectra), where=total != 0)
    positive: Array = np.maximum(shares, np.finfo(np.float64).tiny)
    return positive


def squared(first: Array, second: Array) -> Array:
    """The squared Euclidean distance."""
    answer: Array = ((first - second) ** 2).sum(axis=0)
    return answer


def earth_movers(first: Array, second: Array) -> Array:
    """What has to be carried from band to neighbouring band to turn one spectrum into the other."""
    answer: Array = np.abs(np.cumsum(first - second, axis=0)).sum(axis=0)
    return answer


METRICS: Mapping[str, Distance] = {"sam": angle, "sid": divergence, "sed": squared, "emd": earth_movers}


def metric_named(name: str) -> Distance:
    """The metric of a name.

    Raises:
        EarthEngineError: There is none.
    """
    if name.lower() not in METRICS:
        raise EarthEngineError(f"Unknown spectral metric '{name}'; known: {', '.join(METRICS)}.")
    return METRICS[name.lower()]


def cube_of(inputs: Sequence[Pixels]) -> tuple[Array, NDArray[np.bool_]]:
    """The spectra of bands, or of the arrays of the first band, and where they are complete.

    Raises:
        EarthEngineError: Arrays that have not one dimension or not one length.
    """
    if inputs[0].values.dtype != object:
        mask = np.logical_and.reduce([pixels.mask for pixels in inputs])
        return np.stack([np.where(mask, p.values, 0).astype(np.float64) for p in inputs]), mask
    mask = inputs[0].mask
    spectra = [np.asarray(item, np.float64) for item in inputs[0].values[mask]]
    shapes = {spectrum.shape for spectrum in spectra}
    if len(shapes) > 1 or any(len(shape) != 1 for shape in shapes):
        raise EarthEngineError("Spectra that are arrays must have one dimension and one length.")
    cube = np.zeros((*(shapes.pop() if shapes else (1,)), *mask.shape))
    if spectra:
        cube[:, mask] = np.stack(spectra, axis=1)
    return cube, mask


def extreme_spectrum(
    cube: Array, mask: NDArray[np.bool_], weights: Weights, distance: Distance, centroid: bool, furthest: bool
) -> Array:
    """For each pixel the spectrum under a centred kernel that is furthest from, or closest to, a reference.

    The reference is the pixel itself or the mean of the pixels under the kernel (Plaza et al. 2002). Of equals the
    first from left to right and from top to bottom is taken. Where no pixel is unmasked the answer is the reference.
    """
    reference = np.stack([inner(band, weights.margin) for band in cube])
    if centroid:
        count = np.maximum(flat_sum(mask.astype(np.float64), weights.support), 1.0)
        reference = np.stack([flat_sum(band * mask, weights.support) / count for band in cube])
    best = np.full(reference.shape[1:], -np.inf)
    chosen = reference.copy()
    height, width = reference.shape[1], reference.shape[2]
    for row, column in np.argwhere(weights.support):
        place = np.s_[row : row + height, column : column + width]
        away: Any = distance(cube[(slice(None), *place)], reference)
        score = np.where(mask[place], away if furthest else -away, -np.inf)
        better = score > best
        best = np.where(better, score, best)
        chosen[:, better] = cube[(slice(None), *place)][:, better]
    return chosen
