"""Projections: a coordinate reference system with the lattice of an image on it."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pyproj
from affine import Affine
from numpy.typing import NDArray

from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.grid import Grid

METRES_PER_DEGREE = 6378137.0 * np.pi / 180.0
"""Length of a degree on the equator; Earth Engine's factor between degrees and metres."""

_WKT_BEGINNINGS = ("PROJCS", "GEOGCS", "PROJCRS", "GEOGCRS", "LOCAL_CS", "COMPD_CS", "BOUNDCRS")
# Earth Engine's own code for MODIS's sinusoidal grid, which no registry of codes knows.
_OWN_CODES = {"SR-ORG:6974": "+proj=sinu +lon_0=0 +x_0=0 +y_0=0 +R=6371007.181 +units=m +no_defs"}


@dataclass(frozen=True)
class Projection:
    """A CRS and the affine transform of its pixels.

    Attributes:
        crs: `EPSG:n`, `SR-ORG:6974` or WKT.
        transform: Pixel corner (column, row) to CRS coordinates.
        composite: The default of images without a lattice of their own (constants, mosaics): it describes
            itself as EPSG:4326 at one degree, and gives way to the lattice that is asked for.
    """

    crs: str = "EPSG:4326"
    transform: Affine = Affine.identity()  # noqa: RUF009 - immutable
    composite: bool = False

    def __post_init__(self) -> None:
        determinant = self.transform.determinant
        if not np.isfinite(determinant) or determinant == 0:
            raise EarthEngineError(f"Projection: The transform {list(self.transform)[:6]} cannot be inverted.")

    @property
    def nominal_scale(self) -> float:
        """Metres a pixel at the projection's true-scale point (degrees: on the equator), as `nominalScale()`."""
        t = self.transform
        side = float(np.hypot(t.a, t.d))
        return side * unit_metres(self.crs)

    def at_scale(self, metres: float) -> "Projection":
        """The same CRS and origin, with square pixels of `metres`."""
        t = self.transform
        side = metres / unit_metres(self.crs)
        across, down = side / np.hypot(t.a, t.d), side / np.hypot(t.b, t.e)
        if abs(abs(across * t.a) - side) < 1e-12 * side:  # no rotation: keep the figures free of rounding
            return Projection(self.crs, Affine(np.sign(t.a) * side, 0.0, t.c, 0.0, np.sign(t.e) * side, t.f), False)
        return Projection(self.crs, t @ Affine.scale(across, down), False)

    def covering(self, grid: Grid, margin: int = 0) -> Grid:
        """The smallest window of this lattice that holds `grid`, widened by `margin` pixels."""
        columns, rows = outline_in(self, grid)
        # A corner that lies on the lattice up to rounding belongs to the pixel that starts there.
        left, top = int(np.floor(columns.min() + 1e-6)) - margin, int(np.floor(rows.min() + 1e-6)) - margin
        right, bottom = int(np.ceil(columns.max() - 1e-6)) + margin, int(np.ceil(rows.max() - 1e-6)) + margin
        transform = self.transform @ Affine.translation(left, top)
        return Grid(self.crs, transform, max(right - left, 1), max(bottom - top, 1))

    def describe(self) -> dict[str, Any]:
        """The JSON that `getInfo()` shows."""
        t = self.transform
        code = authority_code(self.crs)
        named = {"wkt": self.crs} if code is None else {"crs": code}
        return {"type": "Projection", **named, "transform": [t.a, t.b, t.c, t.d, t.e, t.f]}


COMPOSITE = Projection(composite=True)


@lru_cache(maxsize=256)
def crs_of(code: str) -> pyproj.CRS:
    """The CRS of a code.

    Raises:
        EarthEngineError: The code is not known.
    """
    try:
        return pyproj.CRS.from_user_input(_OWN_CODES.get(code, code))
    except pyproj.exceptions.CRSError as error:
        raise EarthEngineError(f"Projection: The CRS of a map projection could not be parsed: {code!r}.") from error


@lru_cache(maxsize=256)
def authority_code(crs: str) -> str | None:
    """The code of a CRS (`EPSG:27572`), looked up for one that is given as WKT; None where no database has it."""
    if not crs.lstrip().upper().startswith(_WKT_BEGINNINGS):
        return crs
    found = crs_of(crs).to_authority(min_confidence=70)
    return None if found is None else ":".join(found)


@lru_cache(maxsize=256)
def unit_metres(code: str) -> float:
    """Metres in a unit of the CRS; a degree counts as on the equator."""
    crs = crs_of(code)
    if crs.is_geographic:
        return float(METRES_PER_DEGREE)
    return float(crs.axis_info[0].unit_conversion_factor)


@lru_cache(maxsize=512)
def transformer(source: str, target: str) -> pyproj.Transformer:
    """Coordinates from one CRS to another, always x before y."""
    return pyproj.Transformer.from_crs(crs_of(source), crs_of(target), always_xy=True)


def convert(source: str, target: str, x: NDArray[Any], y: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Coordinates of points of `source` in `target`; what cannot be converted becomes infinite."""
    if source == target:
        return x, y
    converted = transformer(source, target).transform(x, y)
    return converted[0], converted[1]


def lattice_coordinates(
    projection: Projection, crs: str, x: NDArray[Any], y: NDArray[Any]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fractional column and row on `projection` of points given in `crs`."""
    x, y = convert(crs, projection.crs, x, y)
    inverse = ~projection.transform
    return inverse.a * x + inverse.b * y + inverse.c, inverse.d * x + inverse.e * y + inverse.f


def outline_in(projection: Projection, grid: Grid) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fractional columns and rows on `projection` along the border of `grid` (17 points a side)."""
    steps = np.linspace(0.0, 1.0, 2 if grid.crs == projection.crs else 17)
    column = np.concatenate([steps, steps, np.zeros_like(steps), np.ones_like(steps)]) * grid.width
    row = np.concatenate([np.zeros_like(steps), np.ones_like(steps), steps, steps]) * grid.height
    t = grid.transform
    columns, rows = lattice_coordinates(
        projection, grid.crs, t.a * column + t.b * row + t.c, t.d * column + t.e * row + t.f
    )
    finite = np.isfinite(columns) & np.isfinite(rows)
    if not finite.any():
        raise EarthEngineError(f"Unable to transform the requested region from {grid.crs} to {projection.crs}.")
    return columns[finite], rows[finite]


@lru_cache(maxsize=4096)
def geographic_bounds(grid: Grid) -> tuple[float, float, float, float]:
    """West, south, east and north of a grid in degrees; the whole world where it cannot be said."""
    try:
        x, y = outline_in(Projection(), grid)
    except EarthEngineError:
        return -180.0, -90.0, 180.0, 90.0
    pad = 1e-9
    return float(x.min()) - pad, float(y.min()) - pad, float(x.max()) + pad, float(y.max()) + pad


def scale_ratio(projection: Projection, grid: Grid) -> float:
    """Side of the grid's pixels in pixels of `projection`, at the grid's centre (geometric mean of the sides)."""
    column, row = grid.width / 2.0, grid.height / 2.0
    corners = [grid.transform @ corner for corner in ((column, row), (column + 1, row), (column, row + 1))]
    x, y = np.array([c[0] for c in corners]), np.array([c[1] for c in corners])
    columns, rows = lattice_coordinates(projection, grid.crs, x, y)
    across = (columns[1] - columns[0], rows[1] - rows[0])
    down = (columns[2] - columns[0], rows[2] - rows[0])
    area = abs(across[0] * down[1] - across[1] * down[0])
    return float(np.sqrt(area)) if np.isfinite(area) and area > 0 else 1.0
