"""Releasing one city-year: every file of it, and what is worth showing of them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lake.aef import quantise
from lake.errors import BadInputError
from lake.grid import CityGrid, city_grid
from lake.partition_io import Lake, Written
from lake.streams import AEF_NODATA
from ml.inference import matryoshka
from ml.release import cog, layout, stac
from ml.release.axes import Axes
from ml.release.embeddings import read_embeddings
from ml.release.layout import Edition
from ml.release.picture import Panel, overview, panel, picture, thumbnail
from ml.release.statistics import EmbeddingStatistics, dimension_table, statistics
from ml.release.table import release_table
from ml.release.threads import one_blas_thread


@dataclass(frozen=True)
class ReleasedFile:
    """A file of the release.

    Attributes:
        uri: Where it is.
        content_hash: Digest of its content.
        size: Bytes.
        changed: False where the same content was there already.
    """

    uri: str
    content_hash: str
    size: int
    changed: bool


@dataclass(frozen=True)
class Released:
    """What releasing a city-year left behind; becomes a materialisation's metadata.

    Attributes:
        files: By name: `aef_econ_128/cog`, `aef_econ_128/table`, `aef_econ_128/item`, the same of 64, `picture`,
            `statistics`.
        statistics: Of the full embeddings.
        thumbnail: A small PNG.
        model: Name and digest of the model.
        simulated: True where the embeddings are.
    """

    files: Mapping[str, ReleasedFile]
    statistics: EmbeddingStatistics
    thumbnail: bytes
    model: str
    simulated: bool


def release_partition(lake: Lake, city: str, year: int, grid: CityGrid, axes: Axes) -> Released:
    """Writes the COGs, tables, picture, statistics and STAC items of one embedded city-year.

    The items come last: where they are, the rest is complete. Run `write_stac` afterwards, once for all.

    Args:
        lake: Holds `embeddings/aef_econ_256` of the partition.
        city: City id.
        year: Calendar year.
        grid: The city's grid; its window is the COG's.
        axes: Of `fit_axes`, for the picture.

    Raises:
        PartitionMissingError: The partition was never embedded.
        BadInputError: It has pixels outside the grid, no embedding at all, or axes that belong to another model.
    """
    embeddings = _on_grid(lake, city, year, grid)
    edition = layout.edition(city, year, lake.metadata(layout.EMBEDDINGS, city, year))
    if edition.model_digest != axes.model_digest:
        raise BadInputError(
            f"The picture axes belong to another model than the embeddings of {city}|{year}: run inference on all "
            "partitions, then fit the axes again."
        )
    with one_blas_thread():
        numbers = statistics(embeddings)
        shown = panel(axes, grid, year, embeddings, edition.simulated)
        drawn = picture(shown)
        files = {
            "statistics": _write_statistics(lake, edition, embeddings, numbers),
            "picture": _put(lake, layout.picture_path(city, year), drawn),
        }
        for width in layout.WIDTHS:
            files |= _release_width(lake, edition, width, grid, embeddings, drawn)
    return Released(files, numbers, thumbnail(shown), edition.model, edition.simulated)


def _release_width(
    lake: Lake, edition: Edition, width: int, grid: CityGrid, embeddings: NDArray[np.float32], drawn: bytes
) -> dict[str, ReleasedFile]:
    """COG, table and item of one width."""
    name, city, year = layout.collection(width), edition.city, edition.year
    cog_path, table_path = layout.cog_path(width, city, year), layout.table_path(layout.dataset(width), city, year)
    codes, tags = quantise(matryoshka(embeddings, width)), layout.tags(edition, width)
    table = release_table(codes, grid)
    raster = cog.encode(grid.scatter(codes, AEF_NODATA), grid.window, layout.bands(width), tags)
    written = {
        "cog": _put(lake, cog_path, raster),
        "table": _sized(lake, table_path, lake.write(layout.dataset(width), city, year, table, tags)),
    }
    assets = [
        stac.cog_asset(cog_path, raster, width),
        stac.table_asset(table_path, lake.read_bytes(table_path), width),
        stac.picture_asset(layout.picture_path(city, year), drawn),
    ]
    item = stac.build_item(edition, width, grid.window, table.height, assets)
    written["item"] = _put(lake, layout.item_path(width, city, year), item)
    return {f"{name}/{kind}": file for kind, file in written.items()}


def _on_grid(lake: Lake, city: str, year: int, grid: CityGrid) -> NDArray[np.float32]:
    """Embeddings of the grid's pixels in their order, float32 (pixels, 256); NaN where the partition has none."""
    pixel, embeddings = read_embeddings(lake, city, year)
    if not np.isin(pixel, grid.pixel).all():
        raise BadInputError(
            f"The embeddings of {city}|{year} have pixels outside the grid of {len(grid.pixel):,} pixels: run "
            "inference again at the scale (AEF_ECON_PROFILE) of the release."
        )
    placed = np.full((len(grid.pixel), embeddings.shape[1]), np.nan, np.float32)
    placed[np.searchsorted(grid.pixel, pixel)] = embeddings
    return placed


def _write_statistics(
    lake: Lake, edition: Edition, embeddings: NDArray[np.float32], numbers: EmbeddingStatistics
) -> ReleasedFile:
    metadata = {
        "statistics": json.dumps(numbers.to_dict()),
        "model_digest": edition.model_digest,
        "simulated": str(edition.simulated).lower(),
    }
    city, year = edition.city, edition.year
    written = lake.write(layout.STATISTICS, city, year, dimension_table(embeddings), metadata)
    return _sized(lake, layout.table_path(layout.STATISTICS, city, year), written)


def _put(lake: Lake, path: str, content: bytes) -> ReleasedFile:
    written = lake.write_bytes(path, content)
    return ReleasedFile(written.uri, written.content_hash, len(content), written.changed)


def _sized(lake: Lake, path: str, written: Written) -> ReleasedFile:
    return ReleasedFile(written.uri, written.content_hash, len(lake.read_bytes(path)), written.changed)


def write_overview(lake: Lake, axes: Axes) -> Written:
    """Draws every embedded city-year side by side and writes `release/overview.png`.

    Raises:
        BadInputError: Nothing is embedded yet.
    """
    partitions = lake.partitions(layout.EMBEDDINGS)
    if not partitions:
        raise BadInputError("Nothing is embedded yet, so there is nothing to draw: run inference first.")
    return lake.write_bytes(layout.OVERVIEW, overview([_panel(lake, axes, *partition) for partition in partitions]))


def _panel(lake: Lake, axes: Axes, city: str, year: int) -> Panel:
    pixel, embeddings = read_embeddings(lake, city, year)
    simulated = layout.is_simulated(lake.metadata(layout.EMBEDDINGS, city, year))
    return panel(axes, replace(city_grid(city), pixel=pixel), year, embeddings, simulated)
