"""Small maps for a materialisation's metadata: the one place where a person sees a partition without opening it."""

import base64
import io

import dagster as dg
import numpy as np
import polars as pl
from numpy.typing import NDArray

from lake.grid import CityGrid
from lake.streams import AEF_NODATA, Stream

_SIDE = 160  # pixels of the longer edge: about 10 kB, and one can still tell a river from a road
_FIGURE_SIDE = 900  # pixels of the longer edge: a figure is read, not glanced at
_LOW, _HIGH = 2.0, 98.0  # percentiles that become black and white


def stream_thumbnail(stream: Stream, table: pl.DataFrame, grid: CityGrid, simulated: bool) -> dg.MetadataValue:
    """A stream's first three bands as red, green and blue, or its only one in grey."""
    bands = stream.columns[:3] if stream.width >= 3 else stream.columns[:1]
    values = table.select(pl.col(bands).cast(pl.Float32).fill_null(float("nan"))).to_numpy()
    if stream.dtype == "Int8":
        values = np.where(values == AEF_NODATA, np.float32(np.nan), values)
    picture, what = (grid.scatter(values, np.nan), "") if grid.block is None else _sheet(grid, values)
    return inline_png(_png(picture), f"{', '.join(bands)}. {what}{origin(simulated)}")


def _sheet(grid: CityGrid, values: NDArray[np.float32]) -> tuple[NDArray[np.float32], str]:
    """The patches of a spread sample side by side, and a word on it: at their places in the city they would be dots."""
    side = 1 + max(max(patch.width, patch.height) for patch in grid.patches)
    across = int(np.ceil(np.sqrt(len(grid.patches))))
    down = -(-len(grid.patches) // across)
    sheet = np.full((down * side - 1, across * side - 1, values.shape[1]), np.nan, np.float32)
    for number, patch in enumerate(grid.patches):
        row, column = grid.rows - patch.row, grid.columns - patch.column
        inside = (row >= 0) & (row < patch.height) & (column >= 0) & (column < patch.width)
        top, left = side * (number // across), side * (number % across)
        sheet[top + row[inside], left + column[inside]] = values[inside]
    return sheet, f"{len(grid.patches)} patches of the city, from north to south. "


def inline_png(png: bytes, caption: str) -> dg.MetadataValue:
    """A picture inside metadata; Dagster has no type for images, but its Markdown shows them."""
    return dg.MetadataValue.md(f"![map](data:image/png;base64,{base64.b64encode(png).decode()})\n\n{caption}")


def small_figure(png: bytes) -> bytes:
    """The same figure with fewer pixels and colours: metadata travel inside a database row."""
    from PIL import Image

    picture = Image.open(io.BytesIO(png)).convert("P", palette=Image.Palette.ADAPTIVE)
    picture.thumbnail((_FIGURE_SIDE, _FIGURE_SIDE))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def origin(simulated: bool) -> str:
    """Said beside every picture."""
    return "Simulated data: not a measurement." if simulated else "Data from Earth Engine."


def _png(raster: NDArray[np.float32]) -> bytes:
    """Bands of a raster (height, width, 1 or 3), each stretched for itself; transparent where missing."""
    from PIL import Image

    shown = np.isfinite(raster).all(axis=2)
    scaled = np.zeros((*raster.shape[:2], 4), np.uint8)
    for channel in range(3):
        band = raster[..., min(channel, raster.shape[2] - 1)]
        if shown.any():
            low, high = np.percentile(band[shown], [_LOW, _HIGH])
            stretched = np.clip((np.where(shown, band, low) - low) / max(float(high - low), 1e-12), 0.0, 1.0)
            scaled[..., channel] = np.rint(255 * stretched)
    scaled[..., 3] = np.where(shown, 255, 0)
    zoom = max(1, _SIDE // max(raster.shape[:2]))
    picture = Image.fromarray(scaled).resize((raster.shape[1] * zoom, raster.shape[0] * zoom), Image.Resampling.NEAREST)
    picture.thumbnail((_SIDE, _SIDE))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
