"""Image: moving pixels over the map, and finding out by how much they should be moved."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ee_emulator.algorithms.image.neighbourhood import floating, refuse_arrays
from ee_emulator.catalog.base import Pixels
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.arithmetic import computed_image
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.neighbourhood import Neighbourhood
from ee_emulator.raster.nodes import Fixed
from ee_emulator.raster.pixel_type import DOUBLE
from ee_emulator.raster.projection import Projection, convert, lattice_coordinates, unit_metres
from ee_emulator.raster.registration import Displacements, Matching, best_shift
from ee_emulator.raster.values import Band, Image
from ee_emulator.raster.warp import Displaced, Relocated
from ee_emulator.registry import algorithm

MAX_SHIFT = 1e9
"""Largest translation: beyond it coordinates lose their pixels."""

MAX_GAP = 32
"""Largest shift that CrossCorrelation tries: their number grows with its square."""


@algorithm("Image.changeProj")
def change_proj(input: Image, src_proj: Projection, dst_proj: Projection) -> Image:
    """Each pixel moved from its coordinates in one projection to the same coordinates in another."""

    def moved(band: Band) -> Band:
        lattice = dst_proj
        if band.projection.crs == src_proj.crs and not band.projection.composite:
            transform = dst_proj.transform @ ~src_proj.transform @ band.projection.transform
            lattice = Projection(dst_proj.crs, transform)
        return Band(Relocated(band, src_proj, dst_proj), band.type, lattice, dimensions=band.dimensions)

    image = computed_image(input, {name: moved(band) for name, band in input.bands.items()})
    return replace(image, footprint=_moved_outline(input.footprint, src_proj, dst_proj))


def _moved_outline(outline: BaseGeometry | None, source: Projection, target: Projection) -> BaseGeometry | None:
    """The footprint, moved as the pixels are; None where a corner has no place."""
    if outline is None:
        return None

    def move(corners: NDArray[np.float64]) -> NDArray[np.float64]:
        columns, rows = lattice_coordinates(source, "EPSG:4326", corners[:, 0], corners[:, 1])
        t = target.transform
        x, y = t.a * columns + t.b * rows + t.c, t.d * columns + t.e * rows + t.f
        return np.column_stack(convert(target.crs, "EPSG:4326", x, y))

    shape = shapely.transform(outline, move)
    return shape if np.isfinite(shapely.get_coordinates(shape)).all() else None


@algorithm("Image.translate")
def translate(input: Image, x: float, y: float, units: str, proj: Projection | None) -> Image:
    """Moved by metres to the right and up, or by pixels to the right and down.

    Raises:
        EarthEngineError: Other units, or an amount that leaves all maps.
    """
    if units not in ("meters", "pixels") or not (abs(x) <= MAX_SHIFT and abs(y) <= MAX_SHIFT):
        raise EarthEngineError(f"Image.translate: cannot translate by ({x}, {y}) {units}.")
    source = proj if proj is not None else input.first_projection()
    t = source.transform
    unit = unit_metres(source.crs)
    east, north = (x / unit, y / unit) if units == "meters" else (t.a * x + t.b * y, t.d * x + t.e * y)
    return change_proj(input, source, Projection(source.crs, Affine.translation(east, north) @ t))


# Registration -----------------------------------------------------------------------------------------------------


@algorithm("Image.displace")
def displace(image: Image, displacement: Image, mode: str, max_offset: float | None) -> Image:
    """Each pixel taken from where a vector points: metres in the default projection of the first of its two bands.

    `maxOffset` is a hint that the engine does without.

    Raises:
        EarthEngineError: An unknown mode, or fewer than two bands of vectors.
    """
    if mode not in ("nearest_neighbor", "bilinear", "bicubic"):
        raise EarthEngineError(f"Image.displace: Unknown mode '{mode}'; known: nearest_neighbor, bilinear, bicubic.")
    vectors = list(displacement.bands.values())
    if len(vectors) < 2:
        raise EarthEngineError("Image.displace: The displacement image must have two bands, for x and y.")
    refuse_arrays(displacement)
    if mode != "nearest_neighbor":
        refuse_arrays(image)
    bands = list(image.bands.values())
    kinds = [band.type if mode == "nearest_neighbor" else floating(band.type) for band in bands]
    node = Displaced(bands, kinds, (vectors[0], vectors[1]), mode)
    made = [Band(node, kind, band.projection, k) for k, (band, kind) in enumerate(zip(bands, kinds, strict=True))]
    return computed_image(image, dict(zip(image.names, made, strict=True)))


@algorithm("Image.displacement")
def displacement(
    image: Image,
    reference_image: Image,
    max_offset: float,
    projection: Projection | None,
    patch_width: float | None,
    stiffness: float,
) -> Image:
    """Metres from each pixel of the reference to its match, as bands `dx` and `dy`, and the `confidence` of 0 to 1.

    The vectors lie in the CRS of the reference; of `projection` only the scale counts.

    Raises:
        EarthEngineError: Different numbers of bands, or parameters outside of their range.
    """
    refuse_arrays(image)
    refuse_arrays(reference_image)
    first, second = list(image.bands.values()), list(reference_image.bands.values())
    if len(first) != len(second) or not first:
        raise EarthEngineError(
            f"Image.displacement: The images must have as many bands; they have {len(first)} and {len(second)}."
        )
    if not 0 <= stiffness <= 10:
        raise EarthEngineError(f"Image.displacement: stiffness must be between 0 and 10, got {stiffness}.")
    lattice = _working_lattice([image.first_projection(), reference_image.first_projection(), projection])
    reach = _pixels(max_offset, lattice, "maxOffset", 128)
    # Without a width given patches are wide enough to hold texture and what may move through them.
    patch = _pixels(patch_width, lattice, "patchWidth", 512) // 2 if patch_width else min(max(2 * reach, 8), 32)
    node = Displacements(first, second, Matching(reach, max(patch, 2), stiffness))
    bands = {
        name: Band(Fixed(Band(node, DOUBLE, lattice, k), lattice), DOUBLE, lattice)
        for k, name in enumerate(("dx", "dy", "confidence"))
    }
    return computed_image(reference_image, bands)


def _working_lattice(projections: Sequence[Projection | None]) -> Projection:
    """The reference's CRS at the coarsest scale of all."""
    known = [p for p in projections if p is not None and not p.composite]
    if not known:
        raise EarthEngineError("Image.displacement: The images have no fixed projection; use setDefaultProjection().")
    reference = projections[1] if projections[1] in known else known[0]
    assert reference is not None
    coarsest = max(p.nominal_scale for p in known)
    return reference if coarsest <= reference.nominal_scale else reference.at_scale(coarsest)


def _pixels(metres: float, lattice: Projection, name: str, most: int) -> int:
    count = metres / lattice.nominal_scale
    if not 0 <= count <= most:
        raise EarthEngineError(
            f"Image.displacement: {name} is {metres} m, {count:g} pixels of {lattice.nominal_scale:g} m; "
            f"it must be between 0 and {most} pixels."
        )
    return math.ceil(count)


@algorithm("Image.register")
def register(
    image: Image, reference_image: Image, max_offset: float, patch_width: float | None, stiffness: float
) -> Image:
    """The image displaced so that it lies on the reference; bands of whole numbers become double."""
    vectors = displacement(image, reference_image, max_offset, None, patch_width, stiffness)
    return displace(image, vectors, "bicubic", max_offset)


@algorithm("CrossCorrelation")
def cross_correlation(image_a: Image, image_b: Image, max_gap: int, window_size: int, max_masked_frac: float) -> Image:
    """For each pixel the shift to the best match of its window in another image, in pixels, and the correlation there.

    Raises:
        EarthEngineError: Different numbers of bands, or sizes outside of their range.
    """
    refuse_arrays(image_a)
    refuse_arrays(image_b)
    first, second = list(image_a.bands.values()), list(image_b.bands.values())
    if len(first) != len(second) or not first:
        raise EarthEngineError(
            f"CrossCorrelation: The images must have as many bands; they have {len(first)} and {len(second)}."
        )
    if not 0 <= max_gap <= MAX_GAP or not 1 <= window_size <= 1023:
        raise EarthEngineError(
            f"CrossCorrelation: maxGap must be between 0 and {MAX_GAP} and windowSize between 1 and 1023, "
            f"got {max_gap} and {window_size}."
        )
    margin = max_gap + window_size // 2

    def compute(_: Grid, inputs: Sequence[Pixels]) -> list[Pixels]:
        half = len(first)
        found, valid = best_shift(inputs[:half], inputs[half:], max_gap, window_size, max_masked_frac)
        return [Pixels(np.where(valid, part, 0.0), valid) for part in found]

    node = Neighbourhood([*first, *second], lambda _: (margin, margin), compute, scratch_bytes=160)
    names = ("deltaX", "deltaY", "distance", "correlation")
    bands = {name: Band(node, DOUBLE, first[0].projection, k) for k, name in enumerate(names)}
    return computed_image(image_a, bands)
