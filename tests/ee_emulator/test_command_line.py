"""The real command `earthengine`, and uploads with it, against the local Earth Engine."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import geopandas
import numpy as np
import pytest
import rasterio
import shapely

from ee_emulator.cli import main
from ee_emulator.process import Emulator

ROOT = "projects/local-ee/assets"
Command = Callable[..., str]


@pytest.fixture(scope="module")
def config(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("config")
    assert main(["client-config", "--url", emulator.url, str(folder)]) == 0
    return folder / "earthengine.json"


@pytest.fixture(scope="module")
def earthengine(config: Path) -> Command:
    """Runs the command; its output."""

    def run(*arguments: str, status: int = 0) -> str:
        command = [str(Path(sys.executable).parent / "earthengine"), "--ee_config", str(config), *arguments]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert ended.returncode == status, ended.stdout + ended.stderr
        return ended.stdout

    return run


@pytest.fixture(scope="module")
def bucket(emulator: Emulator) -> Path:
    """The folder behind `gs://uploads`, with two rasters and tables of several kinds."""
    folder = emulator.data / "buckets" / "uploads"
    folder.mkdir(parents=True)
    profile = {"driver": "GTiff", "width": 4, "height": 3, "count": 2, "dtype": "int16", "crs": "EPSG:32650"}
    for number in range(2):
        transform = rasterio.Affine(100, 0, 300_000 + 400 * number, 0, -100, 3_400_000)
        with rasterio.open(folder / f"part{number}.tif", "w", **profile, transform=transform) as file:
            file.write(np.arange(24, dtype="int16").reshape(2, 3, 4) + 100 * number)
    (folder / "shops.csv").write_text("longitude,latitude,name\n114.3,30.6,noodles\n114.4,30.5,rice\n")
    (folder / "wkt.csv").write_text('where,name\n"POLYGON ((0 0, 1 0, 1 1, 0 0))",a\n,b\n')
    frame = geopandas.GeoDataFrame({"n": [1, 2]}, geometry=[shapely.Point(500_000, 0), shapely.box(0, 0, 9, 9)])
    frame.set_crs("EPSG:32650").to_parquet(folder / "points.parquet")
    frame[:1].set_crs("EPSG:32650").to_file(folder / "points.shp")
    frame.set_crs("EPSG:4326").to_file(folder / "points.geojson", driver="GeoJSON")
    return folder


def test_assets_are_made_described_changed_moved_and_removed(earthengine: Command, ee: ModuleType) -> None:
    earthengine("create", "collection", "-p", f"{ROOT}/cli/deep/years")
    assert earthengine("ls", f"{ROOT}/cli").split() == [f"{ROOT}/cli/deep"]
    earthengine("asset", "set", "-p", "(string)source=survey", f"{ROOT}/cli/deep/years")
    earthengine("mv", f"{ROOT}/cli/deep/years", f"{ROOT}/cli/years")
    described = json.loads(earthengine("asset", "info", f"{ROOT}/cli/years"))
    assert (described["type"], described["properties"]) == ("IMAGE_COLLECTION", {"source": "survey"})
    refused = earthengine("rm", "-r", f"{ROOT}/cli", "NOAA/VIIRS/DNB/ANNUAL_V22/20220101")
    assert "Permission 'earthengine.assets.delete' denied" in refused
    assert f"{ROOT}/cli" not in [asset["id"] for asset in ee.data.getAssetRoots()]


@pytest.mark.usefixtures("bucket")
def test_rasters_are_uploaded_as_the_parts_of_one_image(earthengine: Command, ee: ModuleType) -> None:
    asset = f"{ROOT}/uploaded"
    sources = ["gs://uploads/part0.tif", "gs://uploads/part1.tif"]
    options = ["--bands", "low,high", "--time_start", "2020-05-04", "-p", "k=3", "--pyramiding_policy", "mode"]
    earthengine("upload", "image", "--asset_id", asset, *options, "--nodata_value", "5", *sources)
    started = earthengine("task", "list").split()[0]
    _wait(ee, f"projects/local-ee/operations/{started}")
    image = ee.Image(asset)
    info = image.getInfo()
    assert [band["id"] for band in info["bands"]] == ["low", "high"]
    assert info["bands"][0]["dimensions"] == [8, 3]
    assert info["properties"] == {"k": 3, "system:index": "uploaded", "system:time_start": 1_588_550_400_000} | {
        key: value for key, value in info["properties"].items() if key in ("system:footprint", "system:asset_size")
    }
    point = image.geometry().centroid()
    pixels = image.reduceRegion("toList", image.geometry().buffer(1000), 100).getInfo()
    assert sorted(pixels["low"]) == sorted([k + 100 * n for n in (0, 1) for k in range(12) if k + 100 * n != 5])
    assert point.coordinates().getInfo()[0] == pytest.approx(114.9, abs=0.1)
    earthengine("cp", asset, f"{ROOT}/uploaded_copy")
    earthengine("acl", "set", "public", f"{ROOT}/uploaded_copy")
    assert ee.data.getAssetAcl(f"{ROOT}/uploaded_copy")["all_users_can_read"]
    assert "already in state" in earthengine("task", "cancel", started)


@pytest.mark.usefixtures("bucket")
@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [
        ("shops.csv", [], [("noodles", "Point"), ("rice", "Point")]),
        ("wkt.csv", ["--primary_geometry_column", "where"], [("a", "Polygon"), ("b", None)]),
        ("points.parquet", [], [(1, "Point"), (2, "Polygon")]),
        ("points.shp", [], [(1, "Point")]),
        ("points.geojson", [], [(1, "Point"), (2, "Polygon")]),
    ],
)
def test_tables_are_uploaded_from_every_kind_of_file(
    ee: ModuleType, name: str, options: list[str], expected: list[tuple[object, str | None]]
) -> None:
    asset = f"{ROOT}/table_{name.replace('.', '_')}"
    source: dict[str, object] = {"uris": [f"gs://uploads/{name}"]}
    if options:
        source["primaryGeometryColumn"] = options[1]
    started = ee.data.startTableIngestion(ee.data.newTaskId()[0], {"name": asset, "sources": [source]})
    _wait(ee, started["name"])
    features = ee.FeatureCollection(asset).getInfo()["features"]
    found = [(next(iter(_named(feature))), feature["geometry"] and feature["geometry"]["type"]) for feature in features]
    assert found == expected


def _named(feature: dict[str, dict[str, object]]) -> list[object]:
    return [value for key, value in feature["properties"].items() if key in ("n", "name")]


def _wait(ee: ModuleType, name: str) -> None:
    while not (operation := ee.data.getOperation(name))["done"]:
        time.sleep(0.05)
    assert "error" not in operation, operation


@pytest.mark.usefixtures("bucket")
@pytest.mark.parametrize(
    ("manifest", "says"),
    [
        ({"tilesets": [{"sources": [{"uris": ["gs://uploads/none.tif"]}]}]}, "not found"),
        ({"tilesets": [{"sources": [{"uris": ["gs://uploads/shops.csv"]}]}]}, "Cannot ingest 'shops.csv'"),
        ({"tilesets": [{"sources": [{"uris": ["/etc/passwd"]}]}]}, "not a Cloud Storage path"),
        ({"tilesets": [{"sources": [{"uris": ["gs://uploads/../../x.tif"]}]}]}, "Invalid path"),
        ({"tilesets": []}, "needs tilesets"),
    ],
)
def test_manifests_that_cannot_be_followed_are_refused(ee: ModuleType, manifest: dict[str, object], says: str) -> None:
    with pytest.raises(ee.EEException, match=says):
        ee.data.startIngestion(ee.data.newTaskId()[0], {"name": f"{ROOT}/never", **manifest})


@pytest.mark.usefixtures("bucket")
def test_a_band_that_the_files_do_not_have_fails_the_task(ee: ModuleType) -> None:
    tilesets = [{"sources": [{"uris": ["gs://uploads/part0.tif"]}]}]
    bands = [{"id": "a"}, {"id": "b"}, {"id": "c"}]
    started = ee.data.startIngestion(None, {"name": f"{ROOT}/never", "tilesets": tilesets, "bands": bands})
    with pytest.raises(AssertionError, match="band 'c' is not in the files"):
        _wait(ee, started["name"])
    with pytest.raises(ee.EEException, match="not found"):
        ee.data.getAsset(f"{ROOT}/never")
