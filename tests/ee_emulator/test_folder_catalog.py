"""A folder of one's own files as assets, read through the engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine

from ee_emulator import algorithms
from ee_emulator.catalog.base import Window
from ee_emulator.catalog.folder import CatalogError, FolderCatalog
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.render import render
from ee_emulator.registry import Context, invoke

algorithms.load()
S2 = "COPERNICUS/S2_SR_HARMONIZED"
UTM = rasterio.Affine(10.0, 0.0, 300_000.0, 0.0, -10.0, 3_400_000.0)


def write_raster(path: Path, values: np.ndarray, nodata: float | None = None) -> None:
    bands, height, width = values.shape
    profile = {"driver": "GTiff", "count": bands, "height": height, "width": width, "dtype": values.dtype.name}
    with rasterio.open(path, "w", crs="EPSG:32650", transform=UTM, nodata=nodata, **profile) as file:
        file.write(values)


def catalog(folder: Path, text: str) -> FolderCatalog:
    (folder / "catalog.yaml").write_text(text, encoding="utf-8")
    return FolderCatalog(folder)


@pytest.fixture
def elevation(tmp_path: Path) -> FolderCatalog:
    values = np.arange(48, dtype="int16").reshape(1, 6, 8)
    values[0, 0, 0] = -999
    write_raster(tmp_path / "dem.tif", values, nodata=-999)
    return catalog(
        tmp_path,
        "assets:\n  - id: projects/local-ee/assets/dem\n    image: dem.tif\n    bands: [elevation]\n"
        "    start: 2000-02-11\n    properties: {source: survey}\n",
    )


def test_a_geotiff_keeps_type_lattice_metadata_and_nodata(elevation: FolderCatalog) -> None:
    image: Any = elevation.get("projects/local-ee/assets/dem")
    assert [(b.name, b.dtype, b.crs, b.dimensions) for b in image.bands] == [
        ("elevation", "int16", "EPSG:32650", (8, 6))
    ]
    assert image.properties == {"source": "survey", "system:time_start": 950227200000.0}
    pixels = image.read(["elevation"], Window(0, 0, 8, 6))["elevation"]
    assert not pixels.mask[0, 0]
    assert pixels.mask.sum() == 47
    assert pixels.values[5, 7] == 47


def test_a_window_beyond_the_edge_is_masked_there(elevation: FolderCatalog) -> None:
    image: Any = elevation.get("projects/local-ee/assets/dem")
    pixels = image.read(["elevation"], Window(-2, 4, 5, 4))["elevation"]
    assert pixels.mask.tolist() == [[False, False, True, True, True]] * 2 + [[False] * 5] * 2
    assert pixels.values[0, 2:].tolist() == [32, 33, 34]


def test_an_overview_averages_what_is_valid(elevation: FolderCatalog) -> None:
    image: Any = elevation.get("projects/local-ee/assets/dem")
    pixels = image.read(["elevation"], Window(0, 0, 4, 3), overview=1)["elevation"]
    assert pixels.mask.all()
    assert pixels.values[1, 1] == pytest.approx((18 + 19 + 26 + 27) / 4, abs=0.5)
    assert pixels.values[0, 0] == pytest.approx((1 + 8 + 9) / 3, abs=0.5)


def test_files_of_a_folder_become_a_collection_with_dates(tmp_path: Path) -> None:
    for year in (2018, 2019):
        write_raster(tmp_path / f"lights_{year}.tif", np.full((1, 4, 4), year, "float32"))
    found = catalog(tmp_path, "assets:\n  - {id: lights, images: 'lights_*.tif', date: '(\\d{4})', bands: [v]}\n")
    collection: Any = found.get("lights")
    assert [image.id for image in collection.images()] == ["lights/lights_2018", "lights/lights_2019"]
    late = list(collection.images(start_ms=1546300800000.0))
    assert [image.properties["system:time_start"] for image in late] == [1546300800000.0]
    assert found.get("lights/lights_2018").bands[0].name == "v"  # type: ignore[union-attr]
    assert [image.id for image in found.list("lights")] == ["lights/lights_2018", "lights/lights_2019"]


def test_csv_rows_have_points_and_nulls(tmp_path: Path) -> None:
    (tmp_path / "shops.csv").write_text("lon,lat,name,staff\n114.3,30.6,甲,3\n116.4,39.9,乙,\n", encoding="utf-8")
    found: Any = catalog(tmp_path, "assets:\n  - {id: shops, table: shops.csv, coordinates: [lon, lat]}\n").get("shops")
    rows = list(found.rows())
    assert rows[0].geometry == {"type": "Point", "coordinates": (114.3, 30.6)}
    assert [row.properties["staff"] for row in rows] == [3.0, None]
    assert [row.properties["name"] for row in found.rows((116.0, 39.0, 117.0, 40.0))] == ["乙"]


def test_geoparquet_comes_back_in_degrees(tmp_path: Path) -> None:
    import geopandas
    import shapely

    frame = geopandas.GeoDataFrame({"code": ["a"]}, geometry=[shapely.Point(500_000, 3_400_000)], crs="EPSG:32650")
    frame.to_parquet(tmp_path / "t.parquet")
    found: Any = catalog(tmp_path, "assets:\n  - {id: t, table: t.parquet, index: code}\n").get("t")
    row = next(iter(found.rows()))
    assert row.id == "a"
    assert row.geometry["coordinates"][0] == pytest.approx(117.0)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("assets:\n  - {id: a, image: none.tif}\n", "line 2: there is no file"),
        ("assets:\n  - id: a\n    cube: x.nc\n    colour: red\n", "line 2: unknown ['colour']"),
        ("assets:\n  - {image: a.tif}\n", "line 2: an asset needs an 'id'"),
        ("assets:\n  - {id: a, images: '*.nothing'}\n", "line 2: no file matches"),
        ("assets: nothing\n", "needs a list 'assets'"),
        ("assets: [\n", "is not YAML"),
    ],
)
def test_a_wrong_catalogue_says_file_line_and_problem(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(CatalogError) as caught:
        catalog(tmp_path, text)
    assert says in str(caught.value)
    assert "catalog.yaml" in str(caught.value)


def test_a_file_that_is_no_raster_is_named_when_it_is_used(tmp_path: Path) -> None:
    (tmp_path / "x.tif").write_text("not a raster")
    found: Any = catalog(tmp_path, "assets:\n  - {id: x, image: x.tif}\n").get("x")
    with pytest.raises(EarthEngineError, match=r"x\.tif: cannot be read as a raster"):
        _ = found.bands


@pytest.fixture(scope="module")
def sentinel(tmp_path_factory: pytest.TempPathFactory) -> tuple[FolderCatalog, Any]:
    """The real Sentinel-2 cube of a Romanian forest that the package `nrt` ships (2015–2021, 10 m)."""
    data = pytest.importorskip("nrt.data", reason="the package nrt with its Sentinel-2 cube is not installed")
    xarray = pytest.importorskip("xarray")
    file = Path(data.__file__).parent / "sentinel2_cube_subset_romania_10m.nc"
    folder = tmp_path_factory.mktemp("sentinel")
    found = catalog(folder, f"assets:\n  - id: {S2}\n    cube: {file}\n    properties: {{provider: ESA Copernicus}}\n")
    return found, xarray.open_dataset(file, mask_and_scale=False)


def test_the_real_sentinel_cube_is_a_collection_with_its_dates(sentinel: tuple[FolderCatalog, Any]) -> None:
    found, cube = sentinel
    images: Any = list(found.get(S2).images())  # type: ignore[union-attr]
    assert len(images) == cube.sizes["time"] == 140
    assert images[0].id == f"{S2}/20150801"
    assert [(b.name, b.dtype) for b in images[0].bands] == [(n, "uint16") for n in ("B2", "B3", "B4", "B8", "SCL")]
    assert images[0].bands[0].crs == "EPSG:3035"
    west, south, east, north = images[0].bounds
    assert 20 < west < east < 30
    assert 43 < south < north < 49


def test_a_masked_median_of_real_imagery_equals_the_direct_computation(sentinel: tuple[FolderCatalog, Any]) -> None:
    found, cube = sentinel
    context = Context(found)
    year = invoke("DateRange", {"start": "2019-01-01", "end": "2020-01-01"}, context)
    collection = invoke("ImageCollection.load", {"id": S2}, context)
    within = invoke("Filter.dateRangeContains", {"leftValue": year, "rightField": "system:time_start"}, context)
    chosen = invoke("Collection.filter", {"collection": collection, "filter": within}, context)

    def clear(image: Any) -> Any:
        scl = invoke("Image.select", {"input": image, "bandSelectors": ["SCL"]}, context)
        vegetation = invoke("Image.eq", {"image1": scl, "image2": 4}, context)
        soil = invoke("Image.eq", {"image1": scl, "image2": 5}, context)
        keep = invoke("Image.or", {"image1": vegetation, "image2": soil}, context)
        return invoke("Image.updateMask", {"image": image, "mask": keep}, context)

    cleared = invoke("ImageCollection.fromImages", {"images": [clear(i) for i in chosen.elements()]}, context)
    median = invoke("Reducer.median", {}, context)
    composite = invoke("ImageCollection.reduce", {"collection": cleared, "reducer": median}, context)
    spec = found.get(S2).images()  # type: ignore[union-attr]
    band = next(iter(spec)).bands[0]
    grid = Grid(band.crs, band.transform, 100, 100).window(10, 20, 60, 50)
    answer = render(composite, grid, ["B4_median", "B8_median"], context)

    cut = cube.sel(time=slice("2019-01-01", "2019-12-31")).isel(x=slice(10, 70), y=slice(20, 70))
    good = cut["SCL"].isin([4, 5])
    assert 3 < cut.sizes["time"] < 100
    for name in ("B4", "B8"):
        expected = cut[name].where(good & (cut[name] != 0)).median("time")
        got = np.where(answer[f"{name}_median"].mask, answer[f"{name}_median"].values, np.nan)
        np.testing.assert_allclose(got, expected.values)


def test_the_lattice_of_a_cube_has_pixel_centres_at_its_coordinates(sentinel: tuple[FolderCatalog, Any]) -> None:
    found, cube = sentinel
    image: Any = next(iter(found.get(S2).images()))  # type: ignore[union-attr]
    transform: Affine = image.bands[0].transform
    assert transform @ (0.5, 0.5) == pytest.approx((float(cube.x[0]), float(cube.y[0])))
    pixels = image.read(["B8"], Window(5, 7, 3, 2))["B8"]
    np.testing.assert_array_equal(pixels.values, cube["B8"].values[0, 7:9, 5:8])
