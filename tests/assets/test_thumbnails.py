"""The small maps in metadata: the right pixels in the right colours, and a word on where they come from."""

import base64
import io
import re

import dagster as dg
import numpy as np
import polars as pl
from numpy.typing import NDArray
from PIL import Image

from assets.thumbnails import inline_png, stream_thumbnail
from lake.grid import CityGrid, city_grid, spread_grid
from lake.streams import AEF, MORPHOLOGY, POPULATION, Stream


def picture(value: dg.MetadataValue) -> NDArray[np.uint8]:
    found = re.search(r"base64,([^)]*)\)", str(value.value))
    assert found
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(found[1]))))


def table_of(stream: Stream, grid: CityGrid) -> pl.DataFrame:
    """Every band grows from north to south."""
    row = (grid.pixel // grid.window.width).astype(np.float64)
    values = np.rint(100 * (row - row.min()) / np.ptp(row))
    dtype = pl.Int8 if stream.dtype == "Int8" else pl.Float32
    columns = {name: pl.Series(values).cast(dtype) for name in stream.columns}
    return pl.DataFrame({"pixel": pl.Series(grid.pixel, dtype=pl.UInt32), **columns})


def test_a_gradient_from_north_to_south_is_seen_as_one() -> None:
    grid = city_grid("wuhan", 2_500)
    shown = picture(stream_thumbnail(MORPHOLOGY, table_of(MORPHOLOGY, grid), grid, simulated=True))
    opaque = shown[..., 3] == 255
    brightness = [shown[row, opaque[row], 0].mean() for row in range(len(shown)) if opaque[row].any()]
    assert brightness[0] < 10
    assert brightness[-1] > 245
    assert all(np.diff(brightness) >= 0)


def test_pixels_without_a_value_are_transparent_whatever_stands_for_them() -> None:
    grid = city_grid("wuhan", 400)
    whole = picture(stream_thumbnail(AEF, table_of(AEF, grid), grid, simulated=True))
    half = pl.when(pl.int_range(pl.len()) < 200)
    nodata = table_of(AEF, grid).with_columns(half.then(pl.lit(-128, pl.Int8)).otherwise(pl.col("A00")).alias("A00"))
    empty = table_of(POPULATION, grid).with_columns(
        half.then(None).otherwise(pl.col("worldpop_density")).alias("worldpop_density")
    )
    for stream, table in ((AEF, nodata), (POPULATION, empty)):
        shown = picture(stream_thumbnail(stream, table, grid, simulated=True))
        seen = (shown[..., 3] > 0).sum() / (whole[..., 3] > 0).sum()
        assert 0.4 < seen < 0.6


def test_patches_of_a_spread_sample_are_shown_side_by_side_from_north_to_south() -> None:
    grid = spread_grid("xiamen", 600)
    values = np.searchsorted(np.unique(grid.rows), grid.rows).astype(np.float32)
    table = table_of(MORPHOLOGY, city_grid("wuhan", 600)).with_columns(
        pl.Series("pixel", grid.pixel), *(pl.Series(name, values) for name in MORPHOLOGY.columns)
    )
    value = stream_thumbnail(MORPHOLOGY, table, grid, simulated=True)
    shown = picture(value)
    opaque = shown[..., 3] == 255
    zoom = shown.shape[0] // 29  # five rows of patches of five pixels, with a pixel between them
    assert shown.shape[:2] == (29 * zoom, 29 * zoom)
    assert opaque.sum() == 600 * zoom**2
    rows_of_patches = [
        shown[top : top + 5 * zoom][opaque[top : top + 5 * zoom], 0] for top in range(0, 29 * zoom, 6 * zoom)
    ]
    assert all(np.diff([row.mean() for row in rows_of_patches]) > 0)
    assert "24 patches of the city, from north to south. Simulated data" in str(value.value)


def test_a_constant_or_empty_stream_has_a_picture_too() -> None:
    grid = city_grid("wuhan", 400)
    constant = table_of(POPULATION, grid).with_columns(pl.lit(7.0).alias("worldpop_density"))
    assert (picture(stream_thumbnail(POPULATION, constant, grid, simulated=True))[..., 3] == 255).any()
    empty = constant.with_columns(pl.lit(None, pl.Float32).alias("worldpop_density"))
    assert not picture(stream_thumbnail(POPULATION, empty, grid, simulated=True)).any()


def test_every_picture_says_where_it_comes_from_and_is_small() -> None:
    grid = city_grid("wuhan", 50_000)
    simulated = str(stream_thumbnail(AEF, table_of(AEF, grid), grid, simulated=True).value)
    real = str(stream_thumbnail(AEF, table_of(AEF, grid), grid, simulated=False).value)
    assert "A00, A01, A02. Simulated data: not a measurement." in simulated
    assert "Data from Earth Engine." in real
    assert len(simulated) < 100_000, "it travels in a database row"


def test_a_picture_is_markdown_that_dagster_shows() -> None:
    value = inline_png(b"png", "caption")
    assert isinstance(value, dg.MarkdownMetadataValue)
    assert value.value == "![map](data:image/png;base64,cG5n)\n\ncaption"
