"""Features drawn as a picture: filled and outlined shapes and markers, with smooth edges.

All is measured in pixels of the lattice that is asked for, and each pixel's cover follows from the shapes alone, so
that map tiles fit together whatever the size of a marker.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from ee_emulator.catalog.base import Pixels
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.colours import Colour
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.regions import shape_in
from ee_emulator.values import Geometry

FINE = 4
"""Samples a pixel along each side."""

FILL_OPACITY = 0.66
"""Of a fill without a colour of its own."""

DASHES = {"solid": None, "dotted": (1.0, 1.5), "dashed": (4.0, 3.0)}
"""Lengths of dashes and of the gaps between them, in widths of the line."""

_STAR5, _STAR6 = 0.381966, 0.577350
"""Inner radius of a star whose edges are straight through it."""

_TURNS = {"triangle": 0, "triangle_up": 0, "triangle_left": 90, "triangle_down": 180, "triangle_right": 270}
_ALIASES = {
    "o": "circle",
    "s": "square",
    "d": "diamond",
    "x": "cross",
    "+": "plus",
    "p": "star5",
    "pentagram": "star5",
    "h": "star6",
    "hexagram": "star6",
    "^": "triangle_up",
    "v": "triangle_down",
    "<": "triangle_left",
    ">": "triangle_right",
}


@dataclass(frozen=True)
class Style:
    """How a feature is drawn.

    Attributes:
        line: Colour of lines and outlines.
        fill: Colour of the inside of polygons and markers.
        width: Of lines, pixels.
        point_size: From the middle of a marker to its edge, pixels.
        point_shape: Name of the marker.
        line_type: `solid`, `dotted` or `dashed`.
    """

    line: Colour
    fill: Colour
    width: float
    point_size: float
    point_shape: str
    line_type: str

    def __post_init__(self) -> None:
        if self.line_type not in DASHES:
            raise EarthEngineError(f"Unknown lineType '{self.line_type}'; known: {', '.join(DASHES)}.")
        marker(self.point_shape, 1.0)

    @property
    def reach(self) -> float:
        """Pixels around a shape that its drawing may touch."""
        return self.width + self.point_size + 1.0


def faded(colour: Colour) -> Colour:
    """A line's colour as a fill."""
    return (*colour[:3], round(colour[3] * FILL_OPACITY))


def marker(name: str, size: float) -> BaseGeometry:
    """A marker about the origin, rows growing downwards: an area, or lines for `cross` and `plus`.

    Raises:
        EarthEngineError: No marker of that name.
    """
    shape = _ALIASES.get(name, name)
    if shape == "circle":
        return shapely.Point(0, 0).buffer(size, quad_segs=16)
    if shape == "square":
        return shapely.box(-size, -size, size, size)
    if shape == "plus":
        return shapely.MultiLineString([[(-size, 0), (size, 0)], [(0, -size), (0, size)]])
    if shape == "cross":
        return shapely.MultiLineString([[(-size, -size), (size, size)], [(-size, size), (size, -size)]])
    if shape in _TURNS:
        return _regular(3, size, _TURNS[shape])
    sides = {"diamond": 4, "pentagon": 5, "hexagon": 6, "star5": 5, "star6": 6}.get(shape)
    if sides is None:
        raise EarthEngineError(f"Unknown pointShape '{name}'.")
    inner = {"star5": _STAR5, "star6": _STAR6}.get(shape)
    return _regular(sides, size, 0) if inner is None else _star(sides, size, inner)


def _regular(sides: int, size: float, turned: float) -> BaseGeometry:
    """A regular polygon with a corner at the top, turned to the left by degrees."""
    angles = np.radians(90 + turned) + np.arange(sides) * 2 * np.pi / sides
    return shapely.Polygon(np.column_stack([size * np.cos(angles), -size * np.sin(angles)]))


def _star(points: int, size: float, inner: float) -> BaseGeometry:
    angles = np.pi / 2 + np.arange(2 * points) * np.pi / points
    radii = np.where(np.arange(2 * points) % 2, size * inner, size)
    return shapely.Polygon(np.column_stack([radii * np.cos(angles), -radii * np.sin(angles)]))


def on_pixels(geometry: Geometry, grid: Grid) -> BaseGeometry:
    """A geometry in columns and rows of a grid."""
    inverse = ~grid.transform

    def move(points: NDArray[np.float64]) -> NDArray[np.float64]:
        x, y = points[:, 0], points[:, 1]
        return np.column_stack([inverse.a * x + inverse.b * y + inverse.c, inverse.d * x + inverse.e * y + inverse.f])

    return shapely.transform(shape_in(geometry, grid.crs), move)


def drawn(grid: Grid, features: Sequence[tuple[Geometry, Style]]) -> list[Pixels]:
    """Red, green and blue of features drawn one over the other, masked where there is nothing."""
    colours, alpha = np.zeros((3, *grid.shape)), np.zeros(grid.shape)
    for geometry, style in features:
        for area, colour in _areas(on_pixels(geometry, grid), style, grid):
            _over(colours, alpha, area, colour)
    mask = alpha > 0
    shown = np.divide(colours, alpha, out=np.zeros_like(colours), where=mask)
    opacity = alpha.astype(np.float32)
    return [Pixels(np.rint(channel).astype(np.uint8), mask, opacity) for channel in shown]


def _over(colours: NDArray[np.float64], alpha: NDArray[np.float64], area: BaseGeometry, colour: Colour) -> None:
    """Draws an area over what is there: colours are kept multiplied by their opacity."""
    if area.is_empty:
        return
    height, width = alpha.shape
    west, north, east, south = area.bounds
    left, right = max(0, int(np.floor(west))), min(width, int(np.ceil(east)))
    top, bottom = max(0, int(np.floor(north))), min(height, int(np.ceil(south)))
    if left >= right or top >= bottom:
        return
    share = cover(area, left, top, right - left, bottom - top) * (colour[3] / 255.0)
    place = np.s_[top:bottom, left:right]
    for channel, value in zip(colours, colour[:3], strict=True):
        channel[place] = channel[place] * (1 - share) + value * share
    alpha[place] += share * (1 - alpha[place])


def cover(area: BaseGeometry, left: int, top: int, width: int, height: int) -> NDArray[np.float64]:
    """The share of each pixel of a window that an area covers, by samples within the pixel."""
    import rasterio
    from rasterio.features import rasterize

    fine = Affine.translation(left, top) @ Affine.scale(1 / FINE)
    samples = rasterize(
        [area], (height * FINE, width * FINE), transform=rasterio.Affine(*tuple(fine)[:6]), dtype="uint8"
    )
    return np.asarray(samples.reshape(height, FINE, width, FINE).mean(axis=(1, 3)), np.float64)


def _areas(shape: BaseGeometry, style: Style, grid: Grid) -> Iterator[tuple[BaseGeometry, Colour]]:
    """What is to be filled with which colour, from below upwards."""
    reach = style.reach
    window = (-reach, -reach, grid.width + reach, grid.height + reach)
    for part in _parts(shape):
        if part.is_empty or not shapely.box(*window).intersects(part):
            continue
        if part.geom_type == "Point":
            yield from _marked(part, style)
        elif part.geom_type == "Polygon":
            yield shapely.clip_by_rect(part, *window), style.fill
            yield from _stroked(part.boundary, style, window)
        else:
            yield from _stroked(part, style, window)


def _parts(shape: BaseGeometry) -> Iterator[BaseGeometry]:
    for part in shapely.get_parts(shape):
        if part.geom_type.startswith("Multi") or part.geom_type == "GeometryCollection":
            yield from _parts(part)
        else:
            yield part


def _marked(point: BaseGeometry, style: Style) -> Iterator[tuple[BaseGeometry, Colour]]:
    x, y = shapely.get_coordinates(point)[0]
    shape = affinity.translate(marker(style.point_shape, style.point_size), x, y)
    if shape.area:
        yield shape, style.fill
    outline = shape.boundary if shape.area else shape
    reach = style.reach
    yield from _stroked(outline, style, (x - reach, y - reach, x + reach, y + reach))


def _stroked(
    line: BaseGeometry, style: Style, window: tuple[float, float, float, float]
) -> Iterator[tuple[BaseGeometry, Colour]]:
    if style.width <= 0:
        return
    dashes = DASHES[style.line_type]
    pieces = line if dashes is None else _dashed(line, style.width * dashes[0], style.width * dashes[1], window)
    stroke = shapely.clip_by_rect(pieces, *window).buffer(style.width / 2, cap_style="flat", join_style="round")
    yield stroke, style.line


def _dashed(line: BaseGeometry, dash: float, gap: float, window: tuple[float, float, float, float]) -> BaseGeometry:
    """The dashes of a line that may reach the window; they are counted from the line's own beginning."""
    from shapely.ops import substring

    box, pieces = shapely.box(*window), []
    for part in _parts(line):
        if not isinstance(part, shapely.LineString):
            part = shapely.LineString(part.coords)
        near = shapely.get_coordinates(shapely.intersection(part, box))
        if not len(near):
            continue
        along = shapely.line_locate_point(part, shapely.points(near))
        for number in range(int(along.min() // (dash + gap)), int(along.max() // (dash + gap)) + 1):
            start = number * (dash + gap)
            pieces.append(substring(part, start, min(start + dash, part.length)))
    return shapely.GeometryCollection(pieces)
