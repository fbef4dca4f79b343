"""Checks of a released partition: the Cloud Optimised GeoTIFF against its contract and against the Parquet table."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
import rasterio
import rasterio.errors
import rasterio.io
from affine import Affine
from numpy.typing import NDArray
from rio_cogeo.cogeo import cog_validate

from lake.aef import dequantise, unit_length
from lake.grid import CityGrid
from lake.streams import AEF_NODATA
from quality.outcome import CheckSpec, Outcome, enumerate_names
from quality.vectors import commonest_row_share, quantised_length_tolerance

MOST_MISSING = 0.25
"""Share of the grid's pixels that may have no embedding (ours)."""
MOST_ALIKE = 0.02
"""Share of the pixels that may have one and the same embedding (ours)."""
LARGEST_WITHOUT_OVERVIEWS = 64
"""Pixels of the longer side up to which a raster needs no overview (ours)."""

_RELEASE_AGAIN = "Release the partition again."

STRUCTURE = CheckSpec("cog_structure", True, "It opens as a GeoTIFF, and rio-cogeo finds it cloud optimised.")
PROFILE = CheckSpec("cog_bands", True, "int8, nodata −128, and one band a dimension, named E000, E001, …")
GRID = CheckSpec("cog_grid", True, "CRS, transform and size are those of the city's grid.")
TABLE = CheckSpec("release_table", True, "The Parquet table has pixel, lon, lat and the bands; no pixel twice.")
EQUAL = CheckSpec("cog_equals_table", True, "The COG has the table's codes at its pixels, and nodata elsewhere.")
UNIT_LENGTH = CheckSpec("unit_length", True, "Dequantised embeddings have length 1, up to quantisation.")
NO_BLANKS = CheckSpec("no_blank_chips", True, "Few pixels lack an embedding, and no embedding is that of many.")
OVERVIEWS = CheckSpec("overviews", True, "Overviews are there and hold normalised sums of embeddings, not mean codes.")
ORIGIN = CheckSpec("origin_stated", True, "The file says whether it is simulated.")

RELEASE_CHECKS = (STRUCTURE, PROFILE, GRID, TABLE, EQUAL, UNIT_LENGTH, NO_BLANKS, OVERVIEWS, ORIGIN)


@dataclass(frozen=True)
class _Raster:
    """What was read from a COG.

    Attributes:
        dtypes: Type of each band.
        nodata: Nodata value, or None.
        names: Description of each band.
        crs: CRS as `EPSG:n`, or as WKT where it has no code.
        transform: Pixel corner to metres.
        levels: Codes of the full resolution and of each overview, (height, width, bands) each.
        tags: Metadata of the file.
    """

    dtypes: tuple[str, ...]
    nodata: float | None
    names: tuple[str | None, ...]
    crs: str
    transform: Affine
    levels: tuple[NDArray[np.int8], ...]
    tags: dict[str, str]

    @cached_property
    def vectors(self) -> NDArray[np.float32]:
        """Dequantised full resolution, (height, width, bands), NaN where nodata."""
        return dequantise(self.levels[0])


def check_release(cog: bytes, table: pl.DataFrame, grid: CityGrid, width: int) -> list[Outcome]:
    """Checks one released city-year of one width.

    Args:
        cog: The bytes of the file.
        table: The released table: `pixel`, `lon`, `lat`, `E000`, …; pixels without an embedding have no row.
        grid: The pixels that were to be released.
        width: Dimensions of the embedding.

    Returns:
        An outcome for each of `RELEASE_CHECKS`, in that order. What an earlier failure leaves nothing of is not judged.
    """
    structure, raster = _structure(cog)
    if raster is None:
        return [structure, *(spec.not_judged(STRUCTURE) for spec in RELEASE_CHECKS[1:])]
    first = [structure, _profile(raster, width), _grid(raster, grid), _table(table, width)]
    broken = [spec for spec, outcome in zip(RELEASE_CHECKS[1:4], first[1:], strict=True) if not outcome.passed]
    if broken:
        return [*first, *(spec.not_judged(broken[0]) for spec in RELEASE_CHECKS[4:])]
    return [
        *first,
        _equal(raster, table, grid),
        _unit_length(raster, width),
        _blanks(raster, grid),
        _overviews(raster, width),
        _origin(raster),
    ]


def _structure(cog: bytes) -> tuple[Outcome, _Raster | None]:
    with rasterio.io.MemoryFile(cog) as file:
        try:
            raster = _read(file.name)
        except rasterio.errors.RasterioIOError as error:
            return STRUCTURE.outcome([f"It cannot be read: {error}. {_RELEASE_AGAIN}"], {"bytes": len(cog)}), None
        valid, errors, warnings = cog_validate(file.name)
    told = [str(message).rstrip(".") for message in (*errors, *warnings)]
    problems = [] if valid else [f"It is not cloud optimised: {'; '.join(told)}. {_RELEASE_AGAIN}"]
    return STRUCTURE.outcome(problems, {"bytes": len(cog), "warnings": len(warnings)}), raster


def _read(path: str) -> _Raster:
    with rasterio.open(path) as file:
        levels = [np.moveaxis(file.read(), 0, -1)]
        overviews = len(file.overviews(1))
        read = {
            "dtypes": file.dtypes,
            "nodata": file.nodata,
            "names": file.descriptions,
            "crs": f"EPSG:{code}" if file.crs and (code := file.crs.to_epsg()) else str(file.crs),
            "transform": file.transform,
            "tags": file.tags(),
        }
    for level in range(overviews):
        with rasterio.open(path, overview_level=level) as file:
            levels.append(np.moveaxis(file.read(), 0, -1))
    return _Raster(levels=tuple(levels), **read)


def _profile(raster: _Raster, width: int) -> Outcome:
    problems = []
    if set(raster.dtypes) != {"int8"}:
        problems.append(f"Its bands are {enumerate_names(sorted(set(raster.dtypes)))}, not int8.")
    if raster.nodata != AEF_NODATA:
        problems.append(f"Its nodata value is {raster.nodata}, not {AEF_NODATA}.")
    wanted = _bands(width)
    if raster.names != wanted:
        problems.append(
            f"Its {len(raster.names)} bands are {enumerate_names(raster.names, 3)}, not {width}: {wanted[0]} to "
            f"{wanted[-1]}."
        )
    return PROFILE.outcome([*problems, _RELEASE_AGAIN] if problems else [], {"bands": len(raster.names)})


def _grid(raster: _Raster, grid: CityGrid) -> Outcome:
    window, (height, width, _) = grid.window, raster.levels[0].shape
    problems = []
    if raster.crs != window.crs:
        problems.append(f"Its CRS is {raster.crs}, not {window.crs}.")
    if (width, height) != (window.width, window.height):
        problems.append(f"It has {width} × {height} pixels, not {window.width} × {window.height}.")
    if not raster.transform.almost_equals(window.transform, 1e-6):
        problems.append(
            f"Its transform is {raster.transform.to_gdal()}, not {window.transform.to_gdal()}: it is shifted or scaled."
        )
    return GRID.outcome([*problems, _RELEASE_AGAIN] if problems else [], {"width": width, "height": height})


def _table(table: pl.DataFrame, width: int) -> Outcome:
    wanted = {"pixel": pl.UInt32, "lon": pl.Float64, "lat": pl.Float64, **dict.fromkeys(_bands(width), pl.Int8)}
    found = dict(table.schema)
    problems = []
    if list(found) != list(wanted):
        problems.append(f"Its columns are {enumerate_names(found)}, not {enumerate_names(wanted)}.")
    wrong = [f"{n} is {found[n]}, not {t.__name__}" for n, t in wanted.items() if n in found and found[n] != t]
    if wrong:
        problems.append(f"Types are wrong: {enumerate_names(wrong)}.")
    if not problems and (repeated := table.height - table["pixel"].n_unique()):
        problems.append(f"{repeated:,} rows repeat a pixel.")
    return TABLE.outcome([*problems, _RELEASE_AGAIN] if problems else [], {"rows": table.height})


def _equal(raster: _Raster, table: pl.DataFrame, grid: CityGrid) -> Outcome:
    window = grid.window
    pixel = table["pixel"].to_numpy().astype(np.int64)
    rows, columns = pixel // grid.ncols - window.row, pixel % grid.ncols - window.column
    inside = (rows >= 0) & (rows < window.height) & (columns >= 0) & (columns < window.width)
    expected = np.full_like(raster.levels[0], AEF_NODATA)
    codes = table.select(_bands(expected.shape[2])).to_numpy()
    expected[rows[inside], columns[inside]] = codes[inside]
    different = int((expected != raster.levels[0]).any(axis=2).sum())
    problems = []
    if not inside.all():
        problems.append(f"{(~inside).sum():,} pixels of the table lie outside the raster.")
    if different:
        problems.append(
            f"{different:,} of {expected.shape[0] * expected.shape[1]:,} pixels differ from the table; rows in another "
            "order or a shift by a pixel would do that."
        )
    return EQUAL.outcome([*problems, _RELEASE_AGAIN] if problems else [], {"different_pixels": different})


def _unit_length(raster: _Raster, width: int) -> Outcome:
    bad, present = _not_unit(raster.vectors, width)
    problems = []
    if bad:
        problems.append(
            f"{bad:,} of {present:,} embeddings have a length other than 1 ± {quantised_length_tolerance(width):.3f} "
            f"once dequantised: were the leading dimensions normalised again? {_RELEASE_AGAIN}"
        )
    return UNIT_LENGTH.outcome(problems, {"embeddings": present, "not_unit": bad})


def _blanks(raster: _Raster, grid: CityGrid) -> Outcome:
    codes = grid.gather(raster.levels[0])
    present = codes[(codes != AEF_NODATA).any(axis=1)]
    missing = 1 - len(present) / len(codes)
    alike = commonest_row_share(pl.DataFrame(present))
    problems = []
    if missing > MOST_MISSING:
        problems.append(f"{missing:.1%} of the city's pixels have no embedding, more than {MOST_MISSING:.0%}.")
    if alike > MOST_ALIKE and len(present) > 1:
        problems.append(f"{alike:.1%} of the pixels have one and the same embedding, more than {MOST_ALIKE:.0%}.")
    if problems:
        problems.append("Look at the checks of the embeddings and streams of this partition.")
    return NO_BLANKS.outcome(problems, {"missing_share": missing, "alike_share": alike})


def _overviews(raster: _Raster, width: int) -> Outcome:
    height, columns, _ = raster.levels[0].shape
    overviews = raster.levels[1:]
    problems = []
    if not overviews and max(height, columns) > LARGEST_WITHOUT_OVERVIEWS:
        problems.append(f"A raster of {columns} × {height} pixels has no overviews.")
    short, far = 0, 0
    for codes in overviews:
        vectors = dequantise(codes)
        short += _not_unit(vectors, width)[0]
        expected = _averaged(raster.vectors, *codes.shape[:2])
        # one tolerance for the overview's own rounding, one for that of the pixels below it; NaN is nodata
        wrong = np.linalg.norm(vectors - expected, axis=2) > 2 * quantised_length_tolerance(width)
        wrong |= np.isnan(vectors).any(axis=2) != np.isnan(expected).any(axis=2)
        far += int(wrong.sum())
    if short:
        problems.append(f"{short:,} pixels of the overviews do not have length 1 once dequantised.")
    if far:
        problems.append(f"{far:,} pixels of the overviews are not the normalised sum of the pixels below them.")
    if short or far:
        problems.append("Averages of codes are no averages of embeddings: dequantise, sum, normalise, quantise.")
    metrics = {"overviews": len(overviews), "not_unit": short, "not_the_sum": far}
    return OVERVIEWS.outcome([*problems, _RELEASE_AGAIN] if problems else [], metrics)


def _origin(raster: _Raster) -> Outcome:
    said = raster.tags.get("simulated")
    problems = []
    if said not in {"true", "false"}:
        problems.append(f"Its tag `simulated` is {said!r}, neither 'true' nor 'false'. {_RELEASE_AGAIN}")
    return ORIGIN.outcome(problems, {"simulated": str(said)})


def _bands(width: int) -> tuple[str, ...]:
    return tuple(f"E{i:03d}" for i in range(width))


def _not_unit(vectors: NDArray[np.float32], width: int) -> tuple[int, int]:
    """Vectors whose length is not 1, and vectors that are there at all; a vector that lacks dimensions is too short."""
    there = np.isfinite(vectors).any(axis=-1)
    lengths = np.linalg.norm(np.nan_to_num(vectors[there]), axis=-1)
    return int((np.abs(lengths - 1) > quantised_length_tolerance(width)).sum()), int(there.sum())


def _averaged(vectors: NDArray[np.float32], height: int, width: int) -> NDArray[np.floating]:
    """Sums over the pixels that each overview pixel covers, scaled to length 1; (height, width, bands)."""
    return unit_length(_covered(_covered(np.nan_to_num(vectors), height, 0), width, 1))


def _covered(values: NDArray[np.floating], cells: int, axis: int) -> NDArray[np.float64]:
    """Sums along an axis over `cells` equal stretches; a value on an edge counts by its share.

    The running sum is read at the stretches' edges, between two values in proportion.
    """
    values = np.moveaxis(values, axis, 0)
    running = np.concatenate([np.zeros((1, *values.shape[1:])), np.cumsum(values, axis=0, dtype=np.float64)])
    edges = np.linspace(0, len(values), cells + 1)
    below = np.minimum(edges.astype(np.int64), len(values) - 1)
    part = (edges - below).reshape(-1, *([1] * (values.ndim - 1)))
    at = running[below] + part * (running[below + 1] - running[below])
    return np.moveaxis(np.diff(at, axis=0), 0, axis)
