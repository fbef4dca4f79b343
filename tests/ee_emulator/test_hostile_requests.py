"""Requests of every method with fields of a wrong kind: an answer with a reason, and never a bug's."""

from __future__ import annotations

import random
from typing import Any

import httpx
import pytest

from ee_emulator.process import Emulator

PROJECT = "/v1/projects/local-ee"
IMAGE = {
    "result": "0",
    "values": {
        "0": {
            "functionInvocationValue": {"functionName": "Image.constant", "arguments": {"value": {"constantValue": 1}}}
        }
    },
}
TABLE = {
    "result": "0",
    "values": {
        "0": {
            "functionInvocationValue": {"functionName": "Collection", "arguments": {"features": {"constantValue": []}}}
        }
    },
}
GRID = {"dimensions": {"width": 2, "height": 2}, "affineTransform": {"scaleX": 1, "scaleY": -1}, "crsCode": "EPSG:4326"}
DRIVE = {"driveDestination": {"folder": "hostile", "filenamePrefix": "x"}}
ASSET = {"earthEngineDestination": {"name": "projects/local-ee/assets/hostile", "overwrite": True}}
VISUAL = {"ranges": [{"min": 0, "max": 1}], "paletteColors": ["red"], "gamma": {"value": 1}, "opacity": {"value": 1}}
MANIFEST = {
    "name": "projects/local-ee/assets/hostile_image",
    "tilesets": [{"id": "t", "sources": [{"uris": ["gs://bucket/x.tif"]}]}],
    "bands": [{"id": "a", "tilesetId": "t", "tilesetBandIndex": 0, "pyramidingPolicy": "MEAN"}],
    "missingData": {"values": [0]},
    "properties": {"a": 1},
    "startTime": "2020-01-01T00:00:00Z",
}
BODIES: dict[str, dict[str, Any]] = {
    "value:compute": {"expression": IMAGE},
    "image:computePixels": {
        "expression": IMAGE,
        "fileFormat": "NPY",
        "grid": GRID,
        "bandIds": ["constant"],
        "visualizationOptions": VISUAL,
    },
    "table:computeFeatures": {"expression": TABLE, "pageSize": 3, "pageToken": "0"},
    "imageCollection:computeImages": {"expression": TABLE, "pageSize": 3},
    "thumbnails": {
        "expression": IMAGE,
        "fileFormat": "PNG",
        "bandIds": ["constant"],
        "visualizationOptions": VISUAL,
        "filenamePrefix": "x",
    },
    "videoThumbnails": {"expression": TABLE, "fileFormat": "GIF", "videoOptions": {"framesPerSecond": 2}},
    "maps": {"expression": IMAGE, "fileFormat": "PNG", "bandIds": ["constant"]},
    "tables": {"expression": TABLE, "fileFormat": "CSV", "selectors": ["a"], "filename": "x"},
    "image:export": {
        "expression": IMAGE,
        "description": "d",
        "fileExportOptions": DRIVE | {"fileFormat": "GEO_TIFF", "geoTiffOptions": {"noData": {"floatValue": 1}}},
        "maxPixels": {"value": "10"},
        "priority": {"value": 1},
        "requestId": "r",
    },
    "table:export": {
        "expression": TABLE,
        "description": "d",
        "fileExportOptions": DRIVE | {"fileFormat": "CSV"},
        "selectors": ["a"],
    },
    "map:export": {"expression": IMAGE, "tileOptions": {"endZoom": 1}, "tileExportOptions": DRIVE},
    "classifier:export": {"expression": IMAGE, "assetExportOptions": ASSET},
    "image:import": {"imageManifest": MANIFEST, "overwrite": True, "requestId": "q"},
    "table:import": {"tableManifest": MANIFEST | {"sources": [{"uris": ["gs://bucket/x.csv"], "xColumn": "x"}]}},
    "assets?assetId=hostile_folder": {"type": "FOLDER", "properties": {"a": 1}},
    "assets/hostile_folder:copy": {"destinationName": "projects/local-ee/assets/y", "overwrite": False},
    "assets/hostile_folder:move": {"destinationName": "projects/local-ee/assets/y"},
    "assets/hostile_folder:setIamPolicy": {"policy": {"bindings": [{"role": "roles/viewer", "members": ["allUsers"]}]}},
    "assets/hostile_folder:testIamPermissions": {"permissions": ["earthengine.assets.get"]},
    "assets/hostile_folder:getPixels": {
        "fileFormat": "NPY",
        "grid": GRID,
        "region": {"type": "Point", "coordinates": [0, 0]},
    },
    "operations/x:wait": {"timeout": "1s"},
}
WRONG: list[Any] = [None, True, -1, 1e300, "x", "", [], [None], {}, {"value": []}, [[1]], "\0", {"a": {"b": 1}}]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a request but those inside its expression."""
    if path[:1] == ("expression",) and len(path) > 1:
        return []
    found = [path] if path else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in items:
        found += places(child, (*path, key))
    return found


def replaced(value: Any, path: tuple[Any, ...], wrong: Any) -> Any:
    if not path:
        return wrong
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(value[path[0]], path[1:], wrong)
    return copy


@pytest.mark.parametrize("method", BODIES)
def test_a_field_of_a_wrong_kind_is_the_clients_error(emulator: Emulator, method: str) -> None:
    body = BODIES[method]
    cases = [(path, wrong) for path in places(body) for wrong in WRONG]
    random.Random(0).shuffle(cases)
    with httpx.Client(base_url=emulator.url, timeout=60) as http:
        for path, wrong in cases:
            answer = http.post(f"{PROJECT}/{method}", json=replaced(body, path, wrong))
            assert answer.status_code < 500, (path, wrong, answer.text)
            if answer.status_code == 200 and method in ("thumbnails", "videoThumbnails", "tables", "maps"):
                name = answer.json()["name"]
                verb = {"maps": "/tiles/0/0/0", "tables": ":getFeatures"}.get(method, ":getPixels")
                fetched = http.get(f"/v1/{name}{verb}")
                assert fetched.status_code < 500, (path, wrong, fetched.text)


@pytest.mark.parametrize("wrong", WRONG)
def test_an_update_of_a_wrong_kind_is_the_clients_error(emulator: Emulator, wrong: Any) -> None:
    name = f"{emulator.url}{PROJECT}/assets/hostile_updates"
    httpx.post(f"{emulator.url}{PROJECT}/assets?assetId=hostile_updates", json={"type": "FOLDER"})
    for mask in ("properties", "startTime", "bands", "properties.a"):
        for asset in (wrong, {mask.partition(".")[0]: wrong}):
            answer = httpx.patch(name, json={"updateMask": {"paths": [mask]}, "asset": asset})
            assert answer.status_code < 500, answer.text
    for mask in (wrong, {"paths": wrong}):
        assert httpx.patch(name, json={"updateMask": mask, "asset": {}}).status_code < 500
    assert httpx.get(name).status_code == 200
    assert httpx.get(f"{emulator.url}{PROJECT}:listAssets").status_code == 200


@pytest.mark.parametrize(
    "query", ["pageSize=x", "pageToken=x", "filter=(", "region=x", "startTime=x", "view=x", "pageSize=0"]
)
def test_a_listing_with_wrong_parameters_is_the_clients_error(emulator: Emulator, query: str) -> None:
    for listing in ("assets:listAssets", "assets/poi_2020:listFeatures"):
        answer = httpx.get(f"{emulator.url}{PROJECT}/{listing}?{query}&pageSize=1", timeout=60)
        assert answer.status_code < 500, answer.text


def test_no_task_of_a_wrong_request_failed_by_a_bug(emulator: Emulator) -> None:
    listed = httpx.get(f"{emulator.url}{PROJECT}/operations?pageSize=1000").json()["operations"]
    bugs = [o["error"]["message"] for o in listed if "Internal error" in o.get("error", {}).get("message", "")]
    assert bugs == []
