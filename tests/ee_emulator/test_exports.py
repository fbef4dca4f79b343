"""Exports and uploads: tasks, the files that they write, and what is left of them after a `kill -9`."""

from __future__ import annotations

import csv
import gzip
import json
import re
import struct
import time
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import geopandas
import google_crc32c
import httpx
import numpy as np
import pytest
import rasterio
import shapely
from PIL import Image as Pillow
from rio_cogeo.cogeo import cog_validate

from ee_emulator.client import initialise
from ee_emulator.process import Emulator, start_emulator
from tests.ee_emulator.tasks import ended, finished

ROOT = "projects/local-ee/assets"
BOX = [114.0, 30.0, 114.1, 30.1]
SLOW = {"scale": 2, "crs": "EPSG:32650"}
"""25 million pixels: seconds of work."""


@pytest.fixture
def box(ee: ModuleType) -> Any:
    return ee.Geometry.Rectangle(BOX, None, False)


@pytest.fixture
def kilometres(ee: ModuleType) -> Any:
    """Column and row of the hundred metres in UTM zone 50, masked west of 215 km."""
    lattice = ee.Image.pixelCoordinates(ee.Projection("EPSG:32650").scale(100, 100)).floor().toInt16()
    return lattice.updateMask(lattice.select("x").gte(2150))


@pytest.fixture
def table(ee: ModuleType) -> Any:
    rows = [
        ee.Feature(ee.Geometry.Point([114.3, 30.6]), {"name": "noodles", "share": 0.5, "bins": [1, 2, 3]}),
        ee.Feature(ee.Geometry.Point([114.4, 30.5]), {"name": "rice", "share": 2, "bins": [4, 5, 6]}),
    ]
    return ee.FeatureCollection(rows)


def to_drive(ee: ModuleType, image: Any, name: str, **options: Any) -> dict[str, Any]:
    return finished(ee.batch.Export.image.toDrive(image, name, **{"crs": "EPSG:32650", "scale": 100} | options))


# Images -----------------------------------------------------------------------------------------------------------


def test_a_geotiff_lands_in_the_folder_of_its_drive(
    ee: ModuleType, emulator: Emulator, kilometres: Any, box: Any
) -> None:
    status = to_drive(ee, kilometres, "km", region=box, folder="maps", fileNamePrefix="lattice")
    assert status["state"] == "COMPLETED"
    assert status["destination_uris"] == [(emulator.data / "drive" / "maps").as_uri()]
    with rasterio.open(emulator.data / "drive" / "maps" / "lattice.tif") as source:
        assert source.descriptions == ("x", "y")
        assert source.dtypes == ("int16", "int16")
        assert source.block_shapes == [(256, 256)] * 2
        left = source.transform.c / 100
        x = source.read(1)
    columns = left + np.arange(x.shape[1])
    assert (x == np.where(columns >= 2150, columns, 0)).all()
    assert not list((emulator.data / "drive").rglob(".writing-*"))


def test_masked_pixels_are_nan_or_the_value_asked_for(
    ee: ModuleType, emulator: Emulator, kilometres: Any, box: Any
) -> None:
    assert to_drive(ee, kilometres.toFloat(), "floats", region=box)["state"] == "COMPLETED"
    with rasterio.open(emulator.data / "drive" / "floats.tif") as source:
        assert np.isnan(source.read(1)[:, 0]).all()
    to_drive(ee, kilometres, "marked", region=box, formatOptions={"noData": -9999, "cloudOptimized": True})
    path = emulator.data / "drive" / "marked.tif"
    assert cog_validate(path, quiet=True)[0]
    with rasterio.open(path) as source:
        assert source.nodata == -9999
        assert (source.read(1)[:, 0] == -9999).all()
    wrong = to_drive(ee, kilometres, "wrong", region=box, formatOptions={"noData": 1e9})
    assert "outside the range of Int16" in wrong["error_message"]


def test_a_large_export_is_several_files_that_fit_together(ee: ModuleType, emulator: Emulator, kilometres: Any) -> None:
    region = ee.Geometry.Rectangle([250_000, 3_300_000, 310_000, 3_340_000], "EPSG:32650", False)
    options = {"region": region, "crs": "EPSG:32650", "scale": 100, "fileDimensions": [256, 256], "bucket": "tiles"}
    status = finished(ee.batch.Export.image.toCloudStorage(kilometres, "t", fileNamePrefix="a/km", **options))
    assert status["destination_uris"] == ["gs://tiles/a"]
    folder = emulator.data / "buckets" / "tiles" / "a"
    expected = [f"km-{row:010d}-{column:010d}.tif" for row in (0, 256) for column in (0, 256, 512)]
    assert sorted(path.name for path in folder.iterdir()) == expected
    with rasterio.open(folder / expected[4]) as source:
        assert (source.transform.c, source.transform.f) == (250_000 + 25_600, 3_340_000 - 25_600)
        assert source.shape == (144, 256)
        assert source.read(1)[0, 0] == 2756


def test_empty_files_are_skipped_where_asked(ee: ModuleType, emulator: Emulator, kilometres: Any) -> None:
    region = ee.Geometry.Rectangle([180_000, 3_300_000, 240_000, 3_310_000], "EPSG:32650", False)
    to_drive(ee, kilometres, "sparse", region=region, fileDimensions=256, skipEmptyTiles=True)
    assert [p.name for p in sorted((emulator.data / "drive").glob("sparse*"))] == [
        "sparse-0000000000-0000000256.tif",
        "sparse-0000000000-0000000512.tif",
    ]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            lambda image: image.addBands(image.select("x").toFloat().rename("f")),
            "found inconsistent types: Float32 and Int16",
        ),
        (lambda image: image.select([]), "no bands"),
        (lambda image: image.toArray(), "an image of arrays"),
    ],
)
def test_bands_that_no_geotiff_holds_fail_the_task(
    ee: ModuleType, kilometres: Any, box: Any, change: Any, says: str
) -> None:
    status = to_drive(ee, change(kilometres), "wrong", region=box)
    assert status["state"] == "FAILED"
    assert says in status["error_message"]


def test_more_pixels_than_allowed_fail_the_task_with_both_numbers(ee: ModuleType, kilometres: Any, box: Any) -> None:
    status = to_drive(ee, kilometres, "large", region=box, maxPixels=100)
    assert status["state"] == "FAILED"
    assert re.match(r"Export too large: specified 1\d{4} pixels \(max: 100\)\. Specify higher", status["error_message"])


def test_a_tfrecord_has_a_patch_a_record_and_says_how_they_fit(
    ee: ModuleType, emulator: Emulator, kilometres: Any, box: Any
) -> None:
    image = kilometres.addBands(ee.Image.constant(7).toByte().rename("seven")).addBands(
        kilometres.select("x").divide(8).rename("eighth")
    )
    options = {"fileFormat": "TFRecord", "formatOptions": {"patchDimensions": [40, 30], "compressed": True}}
    assert to_drive(ee, image, "patches", region=box, **options)["state"] == "COMPLETED"
    mixer = json.loads((emulator.data / "drive" / "patches-mixer.json").read_text())
    assert (mixer["patchDimensions"], mixer["patchesPerRow"], mixer["totalPatches"]) == ([40, 30], 2, 6)
    read = list(examples(gzip.decompress((emulator.data / "drive" / "patches.tfrecord.gz").read_bytes())))
    assert len(read) == 6
    assert read[0]["seven"] == [b"\x07" * 1200]
    columns = mixer["projection"]["affine"]["doubleMatrix"][2] / 100 + 40 + np.arange(40)
    assert (np.array(read[1]["x"]).reshape(30, 40) == np.where(columns >= 2150, columns, 0)).all()
    assert read[5]["eighth"] == [x / 8 for x in read[5]["x"]]


def examples(content: bytes) -> Any:
    """The messages of a TFRecord file, their checksums verified, read by Google's own protocol buffers."""
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    file = descriptor_pb2.FileDescriptorProto(name="example.proto", package="t", syntax="proto3")
    field = descriptor_pb2.FieldDescriptorProto
    for name, kind in (
        ("BytesList", field.TYPE_BYTES),
        ("FloatList", field.TYPE_FLOAT),
        ("Int64List", field.TYPE_INT64),
    ):
        message = file.message_type.add(name=name)
        message.field.add(name="value", number=1, type=kind, label=field.LABEL_REPEATED)
    feature = file.message_type.add(name="Feature")
    for number, name in enumerate(("BytesList", "FloatList", "Int64List"), start=1):
        feature.field.add(name=name, number=number, type=field.TYPE_MESSAGE, type_name=f".t.{name}", label=1)
    entry = file.message_type.add(name="Entry")
    entry.field.add(name="key", number=1, type=field.TYPE_STRING, label=1)
    entry.field.add(name="feature", number=2, type=field.TYPE_MESSAGE, type_name=".t.Feature", label=1)
    features = file.message_type.add(name="Features")
    features.field.add(
        name="entry", number=1, type=field.TYPE_MESSAGE, type_name=".t.Entry", label=field.LABEL_REPEATED
    )
    example = file.message_type.add(name="Example")
    example.field.add(name="features", number=1, type=field.TYPE_MESSAGE, type_name=".t.Features", label=1)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    kind = message_factory.GetMessageClass(pool.FindMessageTypeByName("t.Example"))
    at = 0
    while at < len(content):
        (length,) = struct.unpack_from("<Q", content, at)
        data = content[at + 12 : at + 12 + length]
        for start, size, part in ((at, 8, content[at : at + 8]), (at + 12, length, data)):
            (masked,) = struct.unpack_from("<I", content, start + size)
            rotated = (masked - 0xA282EAD8) & 0xFFFFFFFF
            assert (rotated >> 17 | rotated << 15) & 0xFFFFFFFF == google_crc32c.value(part)
        lists = ("BytesList", "FloatList", "Int64List")
        yield {
            e.key: next(list(getattr(e.feature, name).value) for name in lists if e.feature.HasField(name))
            for e in kind.FromString(data).features.entry
        }
        at += 16 + length


# Tables -----------------------------------------------------------------------------------------------------------


def test_tables_are_written_in_every_format(ee: ModuleType, emulator: Emulator, table: Any) -> None:
    drive = emulator.data / "drive" / "tables"
    for file_format in ("CSV", "GeoJSON", "KML", "KMZ", "SHP", "TFRecord"):
        task = ee.batch.Export.table.toDrive(table, "shops", folder="tables", fileFormat=file_format)
        assert finished(task)["state"] == "COMPLETED"
    rows = list(csv.DictReader((drive / "shops.csv").open()))
    assert (rows[0]["name"], rows[0]["share"], rows[0]["bins"]) == ("noodles", "0.5", "[1,2,3]")
    assert json.loads((drive / "shops.geojson").read_text())["features"][1]["properties"]["share"] == 2
    shapes = geopandas.read_file(drive / "shops.shp")
    assert shapes["share"].tolist() == [0.5, 2]
    assert shapely.equals(shapes.geometry[1], shapely.Point(114.4, 30.5))
    assert zipfile.is_zipfile(drive / "shops.kmz")
    first, second = examples((drive / "shops.tfrecord").read_bytes())
    assert first["name"] == [b"noodles"]
    assert second["bins"] == [4, 5, 6]


def test_a_table_becomes_an_asset_with_only_the_columns_selected(ee: ModuleType, table: Any) -> None:
    task = ee.batch.Export.table.toAsset(table, "t", f"{ROOT}/exported_table")
    assert finished(task)["state"] == "COMPLETED"
    stored = ee.FeatureCollection(f"{ROOT}/exported_table")
    assert stored.aggregate_sum("share").getInfo() == 2.5
    assert stored.filterBounds(ee.Geometry.Point([114.3, 30.6]).buffer(10)).first().get("bins").getInfo() == [1, 2, 3]
    assert stored.first().geometry().getInfo() == {"type": "Point", "coordinates": [114.3, 30.6]}
    task = ee.batch.Export.table.toCloudStorage(table, "t", bucket="tables", selectors="share")
    assert finished(task)["state"] == "COMPLETED"


@pytest.mark.parametrize(
    ("start", "says"),
    [
        (lambda ee, table: ee.batch.Export.table.toBigQuery(table, "t", "p.d.t"), "bigqueryExportOptions"),
        (lambda ee, table: ee.batch.Export.table.toFeatureView(table, "t", f"{ROOT}/v"), "featureViewExportOptions"),
        (
            lambda ee, table: ee.batch.Export.classifier.toAsset(ee.Classifier.libsvm(), "c", f"{ROOT}/c"),
            "can be exported",
        ),
        (lambda ee, table: ee.batch.Export.video.toDrive(ee.ImageCollection([1]), "v"), "video:export"),
        (lambda ee, table: ee.batch.Export.image.toDrive(ee.Image("NOWHERE/x"), "i"), "not found"),
        (lambda ee, table: ee.batch.Export.table.toDrive(table, "t", folder="../x"), "Invalid path"),
        (lambda ee, table: ee.batch.Export.table.toCloudStorage(table, "t", "bucket", "../../x"), "Invalid path"),
        (lambda ee, table: ee.batch.Export.table.toCloudStorage(table, "t", "B/..", "x"), "Invalid bucket name"),
        (lambda ee, table: ee.batch.Export.table.toDrive(table, "t", priority=10_000), "between 0 and 9999"),
    ],
)
def test_what_cannot_be_exported_is_refused_at_the_start(ee: ModuleType, table: Any, start: Any, says: str) -> None:
    with pytest.raises(ee.EEException, match=says):
        start(ee, table).start()


def test_a_map_is_exported_as_the_tiles_that_its_bounds_meet(ee: ModuleType, emulator: Emulator) -> None:
    east = ee.Image.constant(255).toByte().clip(ee.Geometry.Rectangle([10, 10, 80, 80], None, False))
    task = ee.batch.Export.map.toCloudStorage(
        east, "m", "maps", path="a/world", fileFormat="png", maxZoom=2, skipEmptyTiles=True
    )
    assert finished(task)["state"] == "COMPLETED"
    folder = emulator.data / "buckets" / "maps" / "a" / "world"
    written = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    assert written == ["0/0/0", "1/1/0", "2/2/0", "2/2/1"]
    with Pillow.open(folder / "1/1/0") as tile:
        pixels = np.asarray(tile.convert("RGBA"))
    assert pixels[128, 60].tolist() == [255, 255, 255, 255]  # 66.5 degrees north, 42 east
    assert pixels[255, 255].tolist() == [0, 0, 0, 0]


def test_an_exported_classifier_classifies_as_before(ee: ModuleType) -> None:
    rows = [ee.Feature(None, {"x": k, "y": (k * 7) % 10, "class": int(k > 5)}) for k in range(10)]
    table = ee.FeatureCollection(rows)
    trained = ee.Classifier.smileRandomForest(5, seed=3).train(table, "class", ["x", "y"])
    task = ee.batch.Export.classifier.toAsset(trained, "c", f"{ROOT}/forest")
    assert finished(task)["state"] == "COMPLETED"
    assert ee.data.getAsset(f"{ROOT}/forest")["type"] == "CLASSIFIER"
    expected = table.classify(trained).aggregate_array("classification").getInfo()
    assert table.classify(ee.Classifier.load(f"{ROOT}/forest")).aggregate_array("classification").getInfo() == expected
    with pytest.raises(ee.EEException, match="not a Classifier"):
        ee.Classifier.load("NOAA/VIIRS/DNB/ANNUAL_V22").getInfo()
    with pytest.raises(ee.EEException, match="not found"):
        ee.Classifier.load("NOWHERE/x").getInfo()
    untrained = ee.batch.Export.classifier.toAsset(ee.Classifier.smileCart(), "c", f"{ROOT}/untrained")
    assert "not been trained" in finished(untrained)["error_message"]


# Tasks ------------------------------------------------------------------------------------------------------------


def test_a_running_task_is_cancelled_and_leaves_no_file(
    ee: ModuleType, emulator: Emulator, kilometres: Any, box: Any
) -> None:
    task = ee.batch.Export.image.toDrive(kilometres, "slow", region=box, **SLOW)
    task.start()
    _until(lambda: task.status()["state"] == "RUNNING")
    operation = ee.data.getOperation(task.operation_name)
    assert not operation["done"]
    assert 0 <= operation["metadata"]["progress"] < 1
    assert ee.Number(1).add(1).getInfo() == 2  # interactive requests go on
    task.cancel()
    assert ended(task)["state"] == "CANCELLED"
    assert not list((emulator.data / "drive").glob("slow*"))


def test_a_waiting_task_is_cancelled_at_once_and_priorities_decide(ee: ModuleType, kilometres: Any, box: Any) -> None:
    slow = [ee.batch.Export.image.toDrive(kilometres, f"busy{k}", region=box, **SLOW) for k in (0, 1)]
    quick = {
        name: ee.batch.Export.table.toDrive(ee.FeatureCollection([]), name, priority=priority)
        for name, priority in (("low", 1), ("high", 500), ("gone", 900))
    }
    for task in [*slow, *quick.values()]:
        task.start()
    assert quick["low"].status()["state"] == "READY"
    quick["gone"].cancel()
    assert quick["gone"].status()["state"] == "CANCELLED"
    for task in slow:
        task.cancel()
    started = {name: _started(ee, quick[name]) for name in ("low", "high") if ended(quick[name])}
    assert started["high"] <= started["low"]


def _started(ee: ModuleType, task: Any) -> str:
    moment: str = ee.data.getOperation(task.operation_name)["metadata"]["startTime"]
    return moment


def test_a_request_that_is_sent_twice_is_one_task(ee: ModuleType, table: Any) -> None:
    task = ee.batch.Export.table.toDrive(table, "twice")
    request_id = ee.data.newTaskId()[0]
    first, second = (ee.data.exportTable(request_id, dict(task.config)) for _ in range(2))
    assert first["name"] == second["name"]
    named = [operation["name"] for operation in ee.data.listOperations()]
    assert named.count(first["name"]) == 1
    assert ee.data.getTaskStatus(["nothing"])[0]["state"] == "UNKNOWN"
    assert first["name"] in [status["name"] for status in ee.data.getTaskList()]


def test_waiting_for_a_task_and_taking_it_off_the_list(ee: ModuleType, emulator: Emulator, table: Any) -> None:
    task = ee.batch.Export.table.toDrive(table, "waited")
    task.start()
    url = f"{emulator.url}/v1/{task.operation_name}"
    assert httpx.post(f"{url}:wait", json={"timeout": "20s"}).json()["done"]
    assert httpx.delete(url).status_code == 200
    assert httpx.get(url).status_code == 404


def _until(condition: Any, seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_after_a_kill_finished_tasks_stay_and_others_have_failed(
    ee: ModuleType, emulator: Emulator, tmp_path: Path, table: Any, kilometres: Any, box: Any
) -> None:
    try:
        with start_emulator(data=tmp_path) as first:
            initialise(first.url)
            done = ee.batch.Export.table.toAsset(table, "done", f"{ROOT}/kept")
            assert finished(done)["state"] == "COMPLETED"
            cut = ee.batch.Export.image.toDrive(kilometres, "cut", region=box, **SLOW)
            cut.start()
            _until(lambda: cut.status()["state"] == "RUNNING")
            with pytest.raises(RuntimeError, match="another server uses the folder"), start_emulator(data=tmp_path):
                pass
            first.process.kill()
            first.process.wait()
            assert list(tmp_path.rglob(".writing-*"))
        with start_emulator(data=tmp_path) as second:
            initialise(second.url)
            assert done.status()["state"] == "COMPLETED"
            assert ee.FeatureCollection(f"{ROOT}/kept").size().getInfo() == 2
            status = cut.status()
            assert status["state"] == "FAILED"
            assert "server was stopped" in status["error_message"]
            assert not list(tmp_path.rglob("cut*"))
            assert not list(tmp_path.rglob(".writing-*"))
    finally:
        initialise(emulator.url)
