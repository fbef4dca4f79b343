"""Assets: what a client may do with its own, and how those of others are refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import quote

import httpx
import numpy as np
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st

from ee_emulator.catalog.own import OwnCatalog, folder_of
from ee_emulator.errors import EarthEngineError
from ee_emulator.process import Emulator
from ee_emulator.rest.asset_filter import asset_filter
from ee_emulator.rest.data_folder import DataFolder
from tests.ee_emulator.tasks import finished

ROOT = "projects/local-ee/assets"
LANDSAT = "LANDSAT/LC08/C02/T1_L2"
BOX = [114.0, 30.0, 114.02, 30.02]


@pytest.fixture
def folder(ee: ModuleType, request: pytest.FixtureRequest) -> str:
    """A folder of this test's own."""
    name = f"{ROOT}/{''.join(c if c.isalnum() else '_' for c in request.node.name)[:90]}"
    ee.data.createFolder(name)
    return name


def image(ee: ModuleType, asset_id: str, value: int = 1, **properties: Any) -> str:
    """Exports a small constant image; its id."""
    region = ee.Geometry.Rectangle(BOX, None, False)
    made = ee.Image.constant(value).set(properties)
    task = ee.batch.Export.image.toAsset(made, "make", asset_id, region=region, scale=500, crs="EPSG:32650")
    assert finished(task)["state"] == "COMPLETED"
    return asset_id


# Folders and collections ------------------------------------------------------------------------------------------


def test_a_folder_and_a_collection_are_made_described_and_listed(ee: ModuleType, folder: str) -> None:
    ee.data.createAsset({"type": "IMAGE_COLLECTION", "title": "Years"}, f"{folder}/years", {"source": "survey"})
    described = ee.data.getAsset(f"{folder}/years")
    assert described["type"] == "IMAGE_COLLECTION"
    assert described["properties"] == {"source": "survey", "title": "Years"}
    assert [asset["id"] for asset in ee.data.listAssets(folder)["assets"]] == [f"{folder}/years"]
    assert folder in [asset["id"] for asset in ee.data.getAssetRoots()]
    assert ee.ImageCollection(f"{folder}/years").size().getInfo() == 0


def test_images_of_a_collection_are_filtered_by_date_place_and_property(ee: ModuleType, folder: str) -> None:
    ee.data.createAsset({"type": "IMAGE_COLLECTION"}, f"{folder}/c")
    for year in (2019, 2020, 2021):
        start = ee.Date.fromYMD(year, 1, 1).millis()
        image(ee, f"{folder}/c/y{year}", year, **{"system:time_start": start, "cloud": year - 2000})
    collection = ee.ImageCollection(f"{folder}/c")
    assert collection.aggregate_array("system:index").getInfo() == ["y2019", "y2020", "y2021"]
    assert collection.filterDate("2020-01-01", "2021-06-01").size().getInfo() == 2
    assert collection.filterBounds(ee.Geometry.Point([0, 0])).size().getInfo() == 0
    point = ee.Geometry.Point([114.01, 30.01])
    assert collection.filterBounds(point).mosaic().reduceRegion("first", point, 10).getInfo() == {"constant": 2021}

    def listed(**query: Any) -> list[str]:
        found = ee.data.listImages({"parent": f"{folder}/c", **query})["images"]
        return [asset["id"].rpartition("/")[2] for asset in found]

    assert listed(startTime="2020-01-01T00:00:00Z", endTime="2021-01-01T00:00:00Z") == ["y2020"]
    assert listed(properties=["cloud>=20"]) == ["y2020", "y2021"]
    assert listed(filter="properties.cloud < 20 OR id = nothing") == ["y2019"]
    assert listed(region='{"type": "Point", "coordinates": [0, 0]}') == []
    assert listed(pageSize=2) == ["y2019", "y2020"]
    (first,) = ee.data.listImages({"parent": f"{folder}/c", "pageSize": 1, "view": "BASIC"})["images"]
    assert set(first) == {"type", "name", "id"}


def test_an_asset_in_a_place_that_is_not_there_or_taken_is_refused(ee: ModuleType, folder: str) -> None:
    with pytest.raises(ee.EEException, match=f"Cannot overwrite asset '{folder}'"):
        ee.data.createFolder(folder)
    with pytest.raises(ee.EEException, match="does not exist or doesn't allow this operation"):
        ee.data.createFolder(f"{folder}/no/such")
    ee.data.createAsset({"type": "IMAGE_COLLECTION"}, f"{folder}/c")
    with pytest.raises(ee.EEException, match="Cannot create a FOLDER in the image collection"):
        ee.data.createFolder(f"{folder}/c/sub")
    with pytest.raises(ee.EEException, match="creating an asset of type TABLE"):
        ee.data.createAsset({"type": "TABLE"}, f"{folder}/t")


# Changing ---------------------------------------------------------------------------------------------------------


def test_properties_and_times_change_as_the_mask_says(ee: ModuleType, folder: str) -> None:
    asset = image(ee, f"{folder}/i", a=1, b="x", c=3)
    ee.data.setAssetProperties(asset, {"a": 10, "b": None})
    assert ee.data.getAsset(asset)["properties"] == {"a": 10, "c": 3}
    ee.data.updateAsset(asset, {"start_time": "2020-02-03T04:05:06.789Z"}, ["start_time"])
    assert ee.data.getAsset(asset)["startTime"] == "2020-02-03T04:05:06.789Z"
    assert ee.Image(asset).date().millis().getInfo() == 1_580_702_706_789
    ee.data.updateAsset(asset, {}, ["start_time"])
    assert "startTime" not in ee.data.getAsset(asset)
    ee.data.updateAsset(asset, {"properties": {"only": 1}}, ["properties"])
    assert ee.data.getAsset(asset)["properties"] == {"only": 1}
    ee.data.updateAsset(asset, {"bands": [{"id": "level"}]}, ["bands"])
    assert ee.Image(asset).bandNames().getInfo() == ["level"]
    with pytest.raises(ee.EEException, match="changing 'colour' of an asset"):
        ee.data.updateAsset(asset, {"colour": "red"}, ["colour"])


def test_copies_and_moves_carry_everything(ee: ModuleType, folder: str) -> None:
    source = image(ee, f"{folder}/a", 7, kept="yes")
    ee.data.copyAsset(source, f"{folder}/b")
    with pytest.raises(ee.EEException, match="Cannot overwrite asset"):
        ee.data.copyAsset(source, f"{folder}/b")
    ee.data.copyAsset(source, f"{folder}/b", True)
    ee.data.createFolder(f"{folder}/inner")
    ee.data.renameAsset(f"{folder}/b", f"{folder}/inner/c")
    ee.data.renameAsset(f"{folder}/inner", f"{folder}/outer")
    moved = ee.Image(f"{folder}/outer/c")
    assert moved.get("kept").getInfo() == "yes"
    assert moved.reduceRegion("first", ee.Geometry.Point([114.01, 30.01]), 10).getInfo() == {"constant": 7}
    assert [asset["id"] for asset in ee.data.listAssets(folder)["assets"]] == [f"{folder}/a", f"{folder}/outer"]
    with pytest.raises(ee.EEException, match="can only copy images or tables"):
        ee.data.copyAsset(f"{folder}/outer", f"{folder}/again")
    with pytest.raises(ee.EEException, match="into itself"):
        ee.data.renameAsset(f"{folder}/outer", f"{folder}/outer/deeper")


def test_only_what_has_no_children_is_deleted(ee: ModuleType, folder: str) -> None:
    ee.data.createFolder(f"{folder}/inner")
    with pytest.raises(ee.EEException, match="Before trying to delete an asset, delete its children"):
        ee.data.deleteAsset(folder)
    ee.data.deleteAsset(f"{folder}/inner")
    ee.data.deleteAsset(folder)
    with pytest.raises(ee.EEException, match="not found"):
        ee.data.getAsset(folder)


# Permissions ------------------------------------------------------------------------------------------------------


def test_the_owner_shares_an_asset_and_stays_its_owner(ee: ModuleType, folder: str) -> None:
    owners = ee.data.getAssetAcl(folder)["owners"]
    ee.data.setAssetAcl(folder, {"all_users_can_read": True, "writers": ["user:a@example.org"]})
    acl = ee.data.getAssetAcl(folder)
    assert acl == {"owners": owners, "readers": [], "writers": ["user:a@example.org"], "all_users_can_read": True}


@pytest.mark.parametrize(
    "write",
    [
        lambda ee, asset: ee.data.deleteAsset(asset),
        lambda ee, asset: ee.data.setAssetProperties(asset, {"a": 1}),
        lambda ee, asset: ee.data.renameAsset(asset, f"{ROOT}/mine"),
        lambda ee, asset: ee.data.setIamPolicy(asset, {"bindings": []}),
        lambda ee, asset: ee.data.getIamPolicy(asset),
        lambda ee, asset: ee.data.createFolder(f"{asset}/inner"),
        lambda ee, asset: ee.batch.Export.image.toAsset(ee.Image(1), "d", asset, overwrite=True).start(),
    ],
)
@pytest.mark.parametrize("asset", [LANDSAT, f"{ROOT}/poi_2020"])
def test_assets_of_others_cannot_be_changed(ee: ModuleType, write: Callable[[Any, str], Any], asset: str) -> None:
    with pytest.raises(ee.EEException, match=r"^(Permission 'earthengine|Asset '.*doesn't allow this operation)"):
        write(ee, asset)


def test_permissions_are_told(emulator: Emulator, folder: str) -> None:
    asked = {"permissions": ["earthengine.assets.get", "earthengine.assets.delete"]}
    public = f"projects/earthengine-public/assets/{LANDSAT}"
    for name, expected in ((folder, asked["permissions"]), (public, ["earthengine.assets.get"])):
        answer = httpx.post(f"{emulator.url}/v1/{name}:testIamPermissions", json=asked)
        assert answer.json() == {"permissions": expected}
    denied = httpx.delete(f"{emulator.url}/v1/{public}")
    assert (denied.status_code, denied.json()["error"]["status"]) == (403, "PERMISSION_DENIED")


# Names that lead elsewhere ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "asset_id",
    [
        f"{ROOT}/../../../../escaped",
        f"{ROOT}/..",
        f"{ROOT}/./x",
        f"{ROOT}//x",
        f"{ROOT}/a\0b",
        f"{ROOT}/a\\b",
        f"{ROOT}/a.b",
        f"{ROOT}/" + "a" * 300,
        "/etc/passwd",
        "projects/local-ee/../../escaped",
        "projects/../assets/escaped",
    ],
)
def test_a_hostile_id_reaches_no_file(emulator: Emulator, asset_id: str) -> None:
    before = {path for path in emulator.data.parent.iterdir() if path.name.startswith("escaped")}
    url = f"{emulator.url}/v1/{quote(asset_id, safe='')}"
    created = httpx.post(
        f"{emulator.url}/v1/projects/local-ee/assets",
        params={"assetId": asset_id.removeprefix(f"{ROOT}/")},
        json={"type": "FOLDER"},
    )
    answers = [httpx.get(url), httpx.delete(url), httpx.patch(url, json={}), created]
    assert all(400 <= answer.status_code < 500 for answer in answers)
    assert {path for path in emulator.data.parent.iterdir() if path.name.startswith("escaped")} == before


@given(st.text(st.characters(codec="utf-8"), max_size=40))
@settings(max_examples=300, deadline=None)
def test_no_id_leaves_the_folder(text: str) -> None:
    data = DataFolder(Path("/nowhere/data"))
    for make in (
        lambda: folder_of(data, f"{ROOT}/{text}"),
        lambda: folder_of(data, text),
        lambda: data.bucket_file("bucket", text),
        lambda: data.drive_file(text, text),
    ):
        try:
            path = make()
        except (EarthEngineError, PermissionError, FileNotFoundError, OSError):
            continue
        assert path.resolve().is_relative_to("/nowhere/data")


def test_a_symbolic_link_does_not_lead_out(tmp_path: Path) -> None:
    outside, data = tmp_path / "outside", DataFolder(tmp_path / "data")
    (outside / "asset").mkdir(parents=True)
    (outside / "asset" / "asset.json").write_text('{"type": "FOLDER"}')
    root = data.assets / ROOT
    root.mkdir(parents=True)
    (root / "link").symlink_to(outside)
    with pytest.raises(EarthEngineError, match="leads out of the data folder"):
        folder_of(data, f"{ROOT}/link/asset")
    with pytest.raises(EarthEngineError, match="leads out"):
        OwnCatalog(data).get(f"{ROOT}/link/asset")
    (data.root / "buckets" / "bucket").mkdir(parents=True)
    (data.root / "buckets" / "bucket" / "link").symlink_to("/etc")
    with pytest.raises(EarthEngineError, match="leads out"):
        data.uri_file("gs://bucket/link/passwd")


# Filters ----------------------------------------------------------------------------------------------------------

ASSET = {
    "type": "IMAGE",
    "id": "a/b",
    "startTime": "2020-06-01T00:00:00Z",
    "properties": {"cloud": 12.5, "tags": ["x", "y"], "name": "north east", "n": "7"},
    "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]]]},
}


@pytest.mark.parametrize(
    ("query", "passes"),
    [
        ("", True),
        ("type = IMAGE", True),
        ("type != IMAGE", False),
        ("properties.cloud > 12 AND properties.cloud <= 12.5", True),
        ("properties.cloud < 5 OR type = IMAGE", True),
        ("NOT properties.cloud < 5", True),
        ("(type = TABLE OR type = IMAGE) AND NOT (properties.cloud > 20)", True),
        ('properties.name = "north east"', True),
        ("properties.tags : y", True),
        ("properties.tags : z", False),
        ("properties.missing > 1", False),
        ("properties.n = 7", False),
        ("properties.n > 6", True),
        ('startTime >= "2020-06-01T00:00:00.000Z" AND startTime < "2020-07-01T00:00:00Z"', True),
        ('startTime < "2020-06-01"', False),
        ("intersects(\"{'type':'Point','coordinates':[1,1]}\")", True),
        ('intersects("POINT (3 3)")', False),
    ],
)
def test_filters_pass_what_they_say(query: str, passes: bool) -> None:
    assert asset_filter(query)(ASSET) is passes


@pytest.mark.parametrize(
    "query",
    ["type", "type =", "= 1", "type ~ 1", "(type = A", "type = A)", "intersects(x)", "startTime > now", "(" * 99],
)
def test_filters_that_cannot_be_read_are_refused(query: str) -> None:
    with pytest.raises(EarthEngineError, match="Invalid"):
        asset_filter(query)


# Stored faithfully ------------------------------------------------------------------------------------------------


def test_an_exported_image_keeps_types_masks_and_lattice(ee: ModuleType, emulator: Emulator, folder: str) -> None:
    x = ee.Image.pixelCoordinates(ee.Projection("EPSG:32650").scale(100, 100)).select("x").floor()
    made = ee.Image.cat(x.toInt16().rename("whole"), x.divide(4).toFloat().rename("part")).updateMask(x.gt(2110))
    region = ee.Geometry.Rectangle(BOX, None, False)
    options = {
        "region": region,
        "scale": 100,
        "crs": "EPSG:32650",
        "pyramidingPolicy": {".default": "mode", "part": "mean"},
    }
    task = ee.batch.Export.image.toAsset(made, "types", f"{folder}/i", **options)
    assert finished(task)["state"] == "COMPLETED"
    stored = ee.Image(f"{folder}/i")
    assert stored.bandTypes().getInfo()["whole"] == {
        "type": "PixelType",
        "precision": "int",
        "min": -32768,
        "max": 32767,
    }
    assert stored.projection().nominalScale().getInfo() == 100
    for reducer in ("count", "sum"):
        back = stored.reduceRegion(reducer, region, 100).getInfo()
        assert back == pytest.approx(made.reduceRegion(reducer, region, 100, "EPSG:32650").getInfo())
    files = sorted((emulator.data / "assets" / folder / "i").glob("*.tif"))
    with rasterio.open(files[0]) as source:
        assert source.dtypes == ("int16",)
        assert np.ma.getmaskarray(source.read(1, masked=True)).any()


def test_quota_of_a_root_grows_with_what_is_in_it(ee: ModuleType, folder: str) -> None:
    before = ee.data.getAssetRootQuota(ROOT)
    image(ee, f"{folder}/i")
    after = ee.data.getAssetRootQuota(ROOT)
    assert after["asset_count"]["usage"] == before["asset_count"]["usage"] + 1
    assert after["asset_size"]["usage"] > before["asset_size"]["usage"]
    with pytest.raises(ee.EEException, match="not a root folder"):
        ee.data.getAssetRootQuota(folder)
