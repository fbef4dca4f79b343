"""A whole release, in a folder and in a bucket: files, STAC catalogue, what happens the second time."""

import hashlib
import io
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pyproj
import pystac
import pytest
import rasterio
import rasterio.io

from lake.aef import dequantise
from lake.errors import BadInputError
from lake.grid import city_grid, spread_grid
from lake.partition_io import Lake
from lake.streams import STREAMS
from ml.inference import RegisteredModel, matryoshka
from ml.release import layout, stac
from ml.release.axes import Axes, read_axes
from ml.release.embeddings import embed_partition, read_embeddings
from ml.release.partition import Released, release_partition, write_overview
from quality.release import check_release
from tests.ml.release.conftest import MISSING, PARTITIONS, PIXELS, small_grid


def release_all(lake: Lake) -> list[Released]:
    axes = read_axes(lake)
    released = [release_partition(lake, city, year, small_grid(city), axes) for city, year in PARTITIONS]
    stac.write_stac(lake)
    return released


@pytest.fixture(scope="module")
def released(embedded_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A lake in which all partitions are released; read only."""
    folder = tmp_path_factory.mktemp("released") / "lake"
    shutil.copytree(embedded_folder, folder)
    release_all(Lake(str(folder)))
    return Lake(str(folder))


@pytest.fixture
def released_copy(released: Lake, tmp_path: Path) -> Lake:
    """The same, one's own."""
    shutil.copytree(released.root, tmp_path / "copy")
    return Lake(str(tmp_path / "copy"))


@pytest.mark.parametrize("width", layout.WIDTHS)
def test_raster_and_table_hold_the_leading_dimensions_to_a_step_of_the_codes(released: Lake, width: int) -> None:
    grid = small_grid("wuhan")
    _, embeddings = read_embeddings(released, "wuhan", 2020)
    expected = np.delete(matryoshka(embeddings, width), MISSING, axis=0)
    table = released.read(layout.dataset(width), "wuhan", 2020)
    from_table = table.select(layout.bands(width)).to_numpy()
    with rasterio.io.MemoryFile(released.read_bytes(layout.cog_path(width, "wuhan", 2020))) as file, file.open() as cog:
        from_raster = np.delete(grid.gather(np.moveaxis(cog.read(), 0, -1)), MISSING, axis=0)
    assert np.array_equal(from_table, from_raster)
    assert np.abs(dequantise(from_table) - expected).max() < 0.0157


def test_a_pixel_without_an_embedding_is_nodata_in_the_raster_and_not_in_the_table(released: Lake) -> None:
    grid = small_grid("wuhan")
    with rasterio.io.MemoryFile(released.read_bytes(layout.cog_path(64, "wuhan", 2020))) as file, file.open() as cog:
        mask = grid.gather(cog.dataset_mask() > 0)
    assert np.flatnonzero(~mask).tolist() == [MISSING]
    table = released.read(layout.dataset(64), "wuhan", 2020)
    assert table["pixel"].to_list() == np.delete(grid.pixel, MISSING).tolist()


def test_the_table_tells_where_its_pixels_are(released: Lake) -> None:
    table = released.read(layout.dataset(128), "lanzhou", 2020)
    grid = small_grid("lanzhou")
    assert table.columns == ["pixel", "lon", "lat", *layout.bands(128)]
    assert table.schema["E127"] == pl.Int8
    located = grid.locate(table["lon"].to_numpy(), table["lat"].to_numpy())
    assert np.array_equal(located, table["pixel"].to_numpy())
    x, _ = pyproj.Transformer.from_crs("EPSG:4326", grid.crs, always_xy=True).transform(table["lon"], table["lat"])
    assert np.allclose((np.asarray(x) - grid.transform.c) % 100, 50, atol=0.05)


def test_every_file_says_that_it_is_simulated(released: Lake) -> None:
    assert released.metadata(layout.dataset(64), "wuhan", 2020)["note"].startswith("SIMULATED")
    with rasterio.io.MemoryFile(released.read_bytes(layout.cog_path(64, "wuhan", 2020))) as file, file.open() as cog:
        assert cog.tags()["simulated"] == "true"
    assert json.loads(released.read_bytes(layout.item_path(64, "wuhan", 2020)))["properties"]["aef_econ:simulated"]
    for path in (layout.CATALOG, f"{layout.dataset(64)}/collection.json"):
        assert "simulated" in json.loads(released.read_bytes(path))["title"]


def test_releasing_again_changes_nothing(released_copy: Lake) -> None:
    again = release_all(released_copy)
    assert not any(file.changed for one in again for file in one.files.values())
    assert not any(written.changed for written in stac.write_stac(released_copy).written)
    axes = read_axes(released_copy)
    assert write_overview(released_copy, axes).changed
    assert not write_overview(released_copy, axes).changed


def test_a_release_from_scratch_has_the_same_bytes(
    released: Lake, fill: Callable[[Lake], Axes], tmp_path: Path
) -> None:
    other = Lake(str(tmp_path))
    fill(other)
    release_all(other)
    for path in sorted(Path(released.root).glob("release/**/*.*")):
        relative = path.relative_to(released.root)
        assert path.read_bytes() == (tmp_path / relative).read_bytes(), relative


def test_what_is_told_of_a_file_is_true(embedded: Lake) -> None:
    city, year = PARTITIONS[0]
    first = release_partition(embedded, city, year, small_grid(city), read_axes(embedded))
    assert set(first.files) == {
        "statistics", "picture",
        *(f"aef_econ_{width}/{kind}" for width in (128, 64) for kind in ("cog", "table", "item")),
    }  # fmt: skip
    for file in first.files.values():
        assert file.changed
        assert Path(file.uri).stat().st_size == file.size
    assert first.simulated
    assert first.model == "aef-econ@abc123"
    assert first.statistics.missing_share == pytest.approx(1 / PIXELS, abs=1e-6)
    told = json.loads(embedded.metadata(layout.STATISTICS, *PARTITIONS[0])["statistics"])
    assert told == first.statistics.to_dict()


def test_embeddings_of_a_larger_grid_are_refused(embedded: Lake) -> None:
    axes = read_axes(embedded)
    with pytest.raises(BadInputError, match=r"pixels outside the grid of 100 pixels"):
        release_partition(embedded, "wuhan", 2020, city_grid("wuhan", 100), axes)


def test_pixels_that_a_larger_grid_has_are_nodata(embedded: Lake) -> None:
    grid = city_grid("wuhan", 600)
    released = release_partition(embedded, "wuhan", 2020, grid, read_axes(embedded))
    assert released.statistics.missing_share == pytest.approx((600 - PIXELS + 1) / 600, abs=1e-6)
    assert embedded.read(layout.dataset(64), "wuhan", 2020).height == PIXELS - 1


def test_patches_of_a_spread_sample_are_released_at_their_places(embedded: Lake, model: RegisteredModel) -> None:
    grid = spread_grid("wuhan", PIXELS)
    for stream in STREAMS.values():
        table = embedded.read(stream.dataset, "wuhan", 2020).with_columns(pl.Series("pixel", grid.pixel))
        embedded.write(stream.dataset, "wuhan", 2020, table, {"simulated": "true"})
    embed_partition(embedded, model, "wuhan", 2020)
    release_partition(embedded, "wuhan", 2020, grid, read_axes(embedded))
    table = embedded.read(layout.dataset(64), "wuhan", 2020)
    assert table["pixel"].to_list() == np.delete(grid.pixel, MISSING).tolist()
    cog = embedded.read_bytes(layout.cog_path(64, "wuhan", 2020))
    outcomes = check_release(cog, table, grid, 64)
    assert [outcome.description for outcome in outcomes if not outcome.passed] == []


def test_axes_of_another_model_are_refused(embedded: Lake) -> None:
    axes = replace(read_axes(embedded), model_digest="another")
    with pytest.raises(BadInputError, match="fit the axes again"):
        release_partition(embedded, "wuhan", 2020, small_grid("wuhan"), axes)
    assert embedded.partitions(layout.dataset(64)) == []


def test_an_overview_of_nothing_is_refused(embedded: Lake, tmp_path: Path) -> None:
    axes = read_axes(embedded)
    with pytest.raises(BadInputError, match="Nothing is embedded yet"):
        write_overview(Lake(str(tmp_path / "empty")), axes)


# STAC ---------------------------------------------------------------------------------------------------------------


def test_the_catalogue_is_valid_and_reaches_every_item_and_file(released: Lake) -> None:
    assert stac.validate(released) == 1 + 2 + 2 * len(PARTITIONS)
    catalog = pystac.Catalog.from_file(f"{released.root}/{layout.CATALOG}")
    items = list(catalog.get_items(recursive=True))
    assert len(items) == 2 * len(PARTITIONS)
    for item in items:
        assert set(item.assets) == {"embedding", "table", "picture"}
        for asset in item.assets.values():
            path = Path(asset.get_absolute_href() or "")
            assert asset.extra_fields["file:size"] == path.stat().st_size
            assert asset.extra_fields["file:checksum"] == "1220" + hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_catalogue_still_works_where_the_release_is_copied_to(released: Lake, tmp_path: Path) -> None:
    for path in Path(released.root).glob("release/**/*.*"):
        copy = tmp_path / "elsewhere" / path.relative_to(f"{released.root}/release")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    for item in pystac.Catalog.from_file(str(tmp_path / "elsewhere" / "catalog.json")).get_items(recursive=True):
        for asset in item.assets.values():
            assert Path(asset.get_absolute_href() or "").is_relative_to(tmp_path)
            assert Path(asset.get_absolute_href() or "").exists()


def test_an_item_is_where_and_when_its_raster_is(released: Lake) -> None:
    item = pystac.Item.from_file(f"{released.root}/{layout.item_path(128, 'wuhan', 2021)}")
    with rasterio.open(f"{released.root}/{layout.cog_path(128, 'wuhan', 2021)}") as raster:
        assert item.properties["proj:shape"] == [raster.height, raster.width]
        assert item.properties["proj:transform"] == list(raster.transform)[:6]
        assert item.properties["proj:code"] == f"EPSG:{raster.crs.to_epsg()}"
        assert item.properties["proj:bbox"] == list(raster.bounds)
        assert [band["name"] for band in item.assets["embedding"].extra_fields["bands"]] == list(raster.descriptions)
    assert item.datetime is None
    assert item.properties["start_datetime"] == "2021-01-01T00:00:00Z"
    assert item.properties["end_datetime"] == "2021-12-31T23:59:59Z"
    assert item.bbox is not None
    west, south, east, north = item.bbox
    lon, lat = released.read(layout.dataset(128), "wuhan", 2021).select(["lon", "lat"])
    assert west < lon.min() and lon.max() < east and south < lat.min() and lat.max() < north  # noqa: PT018


def test_a_partition_whose_release_was_cut_off_is_left_out(released_copy: Lake) -> None:
    Path(released_copy.uri(layout.item_path(64, "wuhan", 2021))).unlink()
    assert stac.write_stac(released_copy).items == 2 * len(PARTITIONS) - 1
    assert stac.validate(released_copy) == 2 * len(PARTITIONS) - 1 + 3
    collection = pystac.Collection.from_file(f"{released_copy.root}/{layout.dataset(64)}/collection.json")
    assert collection.extent.temporal.intervals[0][1].year == 2020  # type: ignore[union-attr]


def test_an_empty_release_has_no_catalogue(lake: Lake) -> None:
    with pytest.raises(BadInputError, match="Nothing is released yet"):
        stac.write_stac(lake)


def test_an_invalid_item_is_found(released_copy: Lake) -> None:
    path = layout.item_path(64, "wuhan", 2021)
    item = json.loads(released_copy.read_bytes(path))
    del item["bbox"]
    released_copy.write_bytes(path, json.dumps(item).encode())
    with pytest.raises(pystac.STACValidationError, match=r"wuhan/year=2021/item\.json"):
        stac.validate(released_copy)


# S3 -----------------------------------------------------------------------------------------------------------------


def test_a_bucket_holds_the_same_release_as_a_folder(
    released: Lake, s3_lake: Lake, fill: Callable[[Lake], Axes]
) -> None:
    fill(s3_lake)
    release_all(s3_lake)
    assert stac.validate(s3_lake) == 1 + 2 + 2 * len(PARTITIONS)
    for path in (layout.CATALOG, layout.cog_path(128, "wuhan", 2020), layout.item_path(64, "lanzhou", 2020)):
        assert s3_lake.read_bytes(path) == released.read_bytes(path), path
    assert pl.read_parquet(io.BytesIO(s3_lake.read_bytes(layout.table_path(layout.dataset(64), "wuhan", 2021)))).equals(
        released.read(layout.dataset(64), "wuhan", 2021)
    )
