"""The same streams from a user's own catalogue: real imagery, and rasters with nothing in them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import rasterio
from affine import Affine

from assets.extraction.connection import Session, connect
from assets.extraction.extract import extract
from lake.grid import CityGrid, city_grid
from lake.streams import AEF, INDICES
from tests.assets.extraction.conftest import local_settings

YEAR = 2019


@pytest.fixture(scope="module")
def cube() -> Any:
    """The real Sentinel-2 cube of a Romanian forest that the package `nrt` ships (2015–2021, 10 m)."""
    data = pytest.importorskip("nrt.data", reason="the package nrt with its Sentinel-2 cube is not installed")
    xarray = pytest.importorskip("xarray")
    return xarray.open_dataset(
        Path(data.__file__).parent / "sentinel2_cube_subset_romania_10m.nc", mask_and_scale=False
    )


@pytest.fixture(scope="module")
def real_imagery(cube: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    folder = tmp_path_factory.mktemp("catalog")
    file = cube.encoding["source"]
    (folder / "catalog.yaml").write_text(f"assets:\n  - id: COPERNICUS/S2_SR_HARMONIZED\n    cube: {file}\n")
    with connect(local_settings(ee_catalog=str(folder), indices_sensor="sentinel2")) as session:
        yield session


def forest(cube: Any) -> CityGrid:
    """A grid of 100 m over the cube, on its lattice of 10 m."""
    columns, rows = cube.sizes["x"] // 10, cube.sizes["y"] // 10
    west, north = float(cube.x[0]) - 5.0, float(cube.y[0]) + 5.0
    pixels = np.arange(columns * rows, dtype=np.uint32)
    return CityGrid("romania", "EPSG:3035", Affine(100.0, 0.0, west, 0.0, -100.0, north), columns, rows, pixels)


def test_indices_of_real_imagery_equal_the_direct_computation(cube: Any, real_imagery: Session) -> None:
    grid = forest(cube)
    found = extract(real_imagery, INDICES, grid, YEAR)
    year = cube.sel(time=slice(f"{YEAR}-01-01", f"{YEAR}-12-31"))
    clear = year["SCL"].isin([4, 5, 6, 7])
    size = {"x": slice(0, grid.ncols * 10), "y": slice(0, grid.nrows * 10)}
    bands = {
        name: (year[name].where(clear & (year[name] != 0)).median("time") * 0.0001).clip(0, 1).isel(size)
        for name in ("B2", "B3", "B4", "B8")
    }
    blue, green, red, nir = bands.values()
    expected = {
        "ndvi": (nir - red) / (nir + red),
        "evi": 2.5 * (nir - red) / (nir + 6 * red - 7.5 * blue + 1),
        "savi": 1.5 * (nir - red) / (nir + red + 0.5),
        "ndwi": (green - nir) / (green + nir),
    }
    assert 3 < year.sizes["time"] == int(found.metadata["scenes"])
    for name, native in expected.items():
        direct = native.coarsen(x=10, y=10).mean().to_numpy().ravel()
        assert np.isfinite(direct).mean() > 0.9
        np.testing.assert_allclose(found.table[name].to_numpy(), direct, atol=1e-5, err_msg=name)
    assert found.table["ndvi"].mean() > 0.5  # it is a forest


def test_bands_that_a_catalogue_lacks_leave_nulls_and_a_note(cube: Any, real_imagery: Session) -> None:
    found = extract(real_imagery, INDICES, forest(cube), YEAR)
    lacking = ["mndwi", "ndbi", "bsi", "nbr"]
    assert found.table.select(lacking).null_count().row(0) == (found.table.height,) * 4
    assert found.metadata["note"] == f"null for want of bands B11, B12: {', '.join(lacking)}"


def test_what_is_simulated_beside_real_imagery_is_named(cube: Any, real_imagery: Session) -> None:
    """The cube is real; the temperature comes from the simulated MODIS, and the metadata keep them apart."""
    metadata = extract(real_imagery, INDICES, forest(cube), YEAR).metadata
    assert metadata["simulated"] == "true"
    assert metadata["simulated_sources"] == "MODIS/061/MOD11A2"


def write_embeddings(folder: Path, grid: CityGrid, values: np.ndarray) -> None:
    """A GeoTIFF of 64 bands at 10 m over the grid's window, as the collection of embeddings of 2020."""
    native = grid.window.transform @ Affine.scale(0.1)
    profile = {"driver": "GTiff", "width": values.shape[2], "height": values.shape[1], "count": 64, "dtype": "float32"}
    with rasterio.open(
        folder / "tile_2020.tif", "w", crs=grid.crs, transform=rasterio.Affine(*native[:6]), **profile
    ) as f:
        f.write(values.astype(np.float32))
    (folder / "catalog.yaml").write_text(
        "assets:\n  - id: GOOGLE/SATELLITE_EMBEDDING/V1/ANNUAL\n    images: 'tile_*.tif'\n"
        f"    date: '(\\d{{4}})'\n    bands: [{', '.join(AEF.columns)}]\n"
    )


def test_embeddings_of_zeros_or_nan_are_nodata(tmp_path: Path) -> None:
    grid = city_grid("wuhan", 300)
    height, width = 10 * grid.window.height, 10 * grid.window.width
    rng = np.random.default_rng(0)
    tile = rng.normal(size=(64, height, width))
    tile /= np.linalg.norm(tile, axis=0)
    third = width // 30 * 10
    tile[:, :, :third] = 0.0
    tile[:, :, third : 2 * third] = np.nan
    write_embeddings(tmp_path, grid, tile)
    with connect(local_settings(ee_catalog=str(tmp_path))) as session:
        found = extract(session, AEF, grid, 2020)
    codes = found.table.drop("pixel").to_numpy()
    empty = grid.columns - grid.window.column < 2 * third // 10
    assert 0 < empty.sum() < grid.pixel.size
    assert (codes[empty] == -128).all()
    assert (codes[~empty] != -128).all()
    assert found.metadata["simulated"] == "false"
    assert found.metadata["attribution"].startswith("The AlphaEarth Foundations")
    assert found.table.schema["A00"] == pl.Int8


def test_a_pixel_with_some_bands_missing_is_nodata_in_all(tmp_path: Path) -> None:
    grid = city_grid("wuhan", 30)
    tile = np.full((64, 10 * grid.window.height, 10 * grid.window.width), 0.125)
    tile[5] = np.nan
    write_embeddings(tmp_path, grid, tile)
    with connect(local_settings(ee_catalog=str(tmp_path))) as session:
        codes = extract(session, AEF, grid, 2020).table.drop("pixel").to_numpy()
    assert (codes == -128).all()
