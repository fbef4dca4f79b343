"""The COG as readers see it: rio-cogeo, rasterio, and Debian's own GDAL."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pyproj
import pytest
import rasterio
from numpy.typing import NDArray
from rio_cogeo.cogeo import cog_validate

from lake.aef import quantise, unit_length
from lake.grid import CityGrid, city_grid
from lake.streams import AEF_NODATA
from ml.release.cog import encode
from ml.release.layout import bands, edition, tags
from ml.release.pyramid import coarsen, level_shapes

WIDTH = 64
METADATA = {"model_name": "aef-econ", "model_digest": "abc123", "streams_version": "def456", "simulated": "true"}
TAGS = tags(edition("wuhan", 2020, METADATA), WIDTH)


@pytest.fixture(scope="module")
def grid() -> CityGrid:
    return city_grid("wuhan", 2_500)


@pytest.fixture(scope="module")
def codes(grid: CityGrid) -> NDArray[np.int8]:
    """Over the grid's window, with one pixel inside that has no embedding."""
    values = np.random.default_rng(4).normal(size=(len(grid.pixel), WIDTH))
    values[100] = np.nan
    return grid.scatter(quantise(unit_length(values)), AEF_NODATA)


@pytest.fixture(scope="module")
def path(grid: CityGrid, codes: NDArray[np.int8], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cog") / "embedding.tif"
    path.write_bytes(encode(codes, grid.window, bands(WIDTH), TAGS))
    return path


def test_it_is_a_valid_cog_without_a_warning(path: Path) -> None:
    assert cog_validate(path, strict=True, quiet=True) == (True, [], [])


def test_it_gives_back_the_codes_and_their_names(path: Path, codes: NDArray[np.int8]) -> None:
    with rasterio.open(path) as raster:
        assert np.array_equal(np.moveaxis(raster.read(), 0, -1), codes)
        assert raster.dtypes == ("int8",) * WIDTH
        assert raster.nodata == AEF_NODATA
        assert raster.descriptions == bands(WIDTH)
        assert raster.compression.value.lower() == "deflate"
        assert raster.block_shapes[0] == (256, 256)


def test_its_overviews_are_ours_and_not_gdals(path: Path, grid: CityGrid, codes: NDArray[np.int8]) -> None:
    shapes = level_shapes(grid.window.height, grid.window.width)
    assert shapes
    for level, shape in enumerate(shapes):
        with rasterio.open(path, overview_level=level) as overview:
            assert np.array_equal(np.moveaxis(overview.read(), 0, -1), coarsen(codes, *shape))


def test_a_place_is_found_where_the_grid_has_it(path: Path, grid: CityGrid, codes: NDArray[np.int8]) -> None:
    to_degrees = pyproj.Transformer.from_crs(grid.crs, "EPSG:4326", always_xy=True)
    lon, lat = to_degrees.transform(*grid.centres())
    with rasterio.open(path) as raster:
        assert raster.transform.e < 0 < raster.transform.a
        to_raster = pyproj.Transformer.from_crs("EPSG:4326", raster.crs, always_xy=True)
        sampled = np.array(list(raster.sample(np.column_stack(to_raster.transform(lon, lat)))))
    assert np.array_equal(sampled, grid.gather(codes))


def test_only_pixels_without_an_embedding_are_masked(path: Path, grid: CityGrid) -> None:
    expected = grid.scatter(np.ones(len(grid.pixel), bool), False)
    expected[grid.rows[100] - grid.window.row, grid.columns[100] - grid.window.column] = False
    with rasterio.open(path) as raster:
        assert np.array_equal(raster.dataset_mask() > 0, expected)


def test_it_says_what_it_is(path: Path) -> None:
    with rasterio.open(path) as raster:
        found = raster.tags()
    assert TAGS.items() <= found.items()
    assert found["note"].startswith("SIMULATED")
    assert found["city_name"] == "Wuhan 武汉市"
    assert "|v| / 127.5" in found["quantisation"]


def test_equal_input_gives_equal_bytes(path: Path, grid: CityGrid, codes: NDArray[np.int8]) -> None:
    assert encode(codes, grid.window, bands(WIDTH), TAGS) == path.read_bytes()


def test_a_raster_too_small_for_overviews_is_valid_too(tmp_path: Path) -> None:
    grid = city_grid("wuhan", 5)
    codes = grid.scatter(np.full((5, 3), 7, np.int8), AEF_NODATA)
    (tmp_path / "small.tif").write_bytes(encode(codes, grid.window, bands(3), {}))
    assert cog_validate(tmp_path / "small.tif", strict=True, quiet=True) == (True, [], [])
    with rasterio.open(tmp_path / "small.tif") as raster:
        assert raster.overviews(1) == []


@pytest.mark.skipif(shutil.which("gdalinfo") is None, reason="gdalinfo is not installed: deploy/system_packages.sh")
def test_another_gdal_reads_it(path: Path, grid: CityGrid, codes: NDArray[np.int8]) -> None:
    """Debian's GDAL (3.6) is older than int8 (3.7): it prints a signed byte as an unsigned one."""
    told = subprocess.run(["gdalinfo", path], capture_output=True, text=True, check=True).stdout
    assert f"Size is {grid.window.width}, {grid.window.height}" in told
    assert f'ID["EPSG",{grid.crs.removeprefix("EPSG:")}]' in told
    assert "LAYOUT=COG" in told
    assert "NoData Value=-128" in told
    assert "note=SIMULATED" in told
    command = ["gdallocationinfo", "-valonly", path, "20", "30"]
    values = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert np.array(values, int).astype(np.uint8).astype(np.int8).tolist() == codes[30, 20].tolist()
