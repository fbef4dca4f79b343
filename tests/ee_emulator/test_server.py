"""The server as a process and as a REST interface: errors, paging, concurrency, life and death."""

import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import numpy as np
import pytest

from ee_emulator import algorithms
from ee_emulator.process import Emulator, start_emulator
from ee_emulator.registry import IMPLEMENTATIONS, shipped_algorithms, signatures

PROJECT = "/v1/projects/local-ee"
ONE_PIXEL = {"dimensions": {"width": 1, "height": 1}, "affineTransform": {}, "crsCode": "EPSG:4326"}


@pytest.fixture(scope="module")
def http(emulator: Emulator) -> httpx.Client:
    return httpx.Client(base_url=emulator.url, timeout=60)


def invocation(name: str, **arguments: Any) -> dict[str, Any]:
    values = {key: {"constantValue": value} for key, value in arguments.items()}
    return {"functionInvocationValue": {"functionName": name, "arguments": values}}


def compute(http: httpx.Client, node: Mapping[str, Any]) -> httpx.Response:
    return http.post(f"{PROJECT}/value:compute", json={"expression": {"result": "0", "values": {"0": node}}})


def error_of(response: httpx.Response) -> dict[str, Any]:
    """The error's JSON, whose code is the response's."""
    error: dict[str, Any] = response.json()["error"]
    assert error["code"] == response.status_code
    return error


# What clients load first -------------------------------------------------------------------------------------------


def test_both_versions_have_a_discovery_document_with_their_own_paths(http: httpx.Client) -> None:
    for version in ("v1", "v1alpha"):
        document = http.get(f"/{version}/$discovery/rest").json()
        method = document["resources"]["projects"]["resources"]["value"]["methods"]["compute"]
        assert document["version"] == version
        assert method["path"].startswith(f"{version}/")
        assert document["rootUrl"] == f"{http.base_url}/".replace("//", "/").replace(":/", "://", 1)


def test_the_discovery_document_has_what_todays_clients_ask_for(http: httpx.Client) -> None:
    projects = http.get("/$discovery/rest", params={"version": "v1"}).json()["resources"]["projects"]["resources"]
    assert {"create", "getFeatures"} <= projects["tables"]["methods"].keys()
    assert "export" in projects["classifier"]["methods"]
    assert "view" in projects["assets"]["methods"]["listAssets"]["parameters"]


def test_all_shipped_signatures_are_served(http: httpx.Client) -> None:
    served = http.get(f"{PROJECT}/algorithms").json()
    assert len(served["algorithms"]) == 991
    assert served == shipped_algorithms()


# Errors ------------------------------------------------------------------------------------------------------------


def test_an_asset_that_does_not_exist_is_404(http: httpx.Client) -> None:
    response = http.get(f"{PROJECT}/assets/nowhere")
    assert response.status_code == 404
    error = error_of(response)
    assert error["status"] == "NOT_FOUND"
    assert error["message"].endswith("not found (does not exist or caller does not have access).")


def test_the_client_turns_404_into_its_own_exception(ee: ModuleType) -> None:
    with pytest.raises(ee.EEException, match="not found"):
        ee.data.getAsset("projects/local-ee/assets/nowhere")
    with pytest.raises(ee.EEException, match=r"ImageCollection asset 'NOWHERE/AT/ALL' not found"):
        ee.ImageCollection("NOWHERE/AT/ALL").size().getInfo()


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[1, 2]", b'"text"', b"{}", b'{"expression": 3}'])
@pytest.mark.parametrize("method", ["value:compute", "image:computePixels", "table:computeFeatures"])
def test_bodies_that_are_no_request_are_400(http: httpx.Client, method: str, body: bytes) -> None:
    response = http.post(f"{PROJECT}/{method}", content=body)
    assert response.status_code == 400
    assert error_of(response)["status"] == "INVALID_ARGUMENT"


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ({"values": {}}, "needs 'result' and 'values'"),
        ({"result": "0", "values": {}}, "'0' leads nowhere"),
        ({"result": "0", "values": {"0": {"unknownValue": 1}}}, "unknown kind of node"),
        ({"result": "0", "values": {"0": {"argumentReference": "x"}}}, "'x' is not bound"),
        ({"result": "0", "values": {"0": {"valueReference": "0"}}}, "refers to itself"),
        ({"result": "0", "values": {"0": invocation("Number.add", left=1)}}, "Parameter 'right' is required"),
        (
            {"result": "0", "values": {"0": invocation("Number.add", left=1, right=1, up=1)}},
            "Unrecognized argument 'up'",
        ),
        ({"result": "0", "values": {"0": invocation("Number.add", left=1, right="x")}}, "Number.add"),
        ({"result": "0", "values": {"0": invocation("Number.fly")}}, "Unknown function 'Number.fly'"),
        ({"result": 0, "values": []}, "needs 'result' and 'values'"),
    ],
)
def test_malformed_expressions_are_400_and_say_why(http: httpx.Client, expression: Any, says: str) -> None:
    response = http.post(f"{PROJECT}/value:compute", json={"expression": expression})
    assert response.status_code == 400
    assert says in error_of(response)["message"]


def test_an_algorithm_that_is_not_there_is_named(http: httpx.Client) -> None:
    algorithms.load()
    missing = sorted(signatures().keys() - IMPLEMENTATIONS.keys())
    for name in missing[:: max(1, len(missing) // 20)]:
        response = compute(http, invocation(name))
        assert response.status_code == 400
        assert name in error_of(response)["message"]


@pytest.mark.parametrize(
    "verb", ["video:export", "videoMap:export", "featureView", "image:importExternal", "assets:fly"]
)
def test_requests_that_are_not_there_are_400_and_never_5xx(http: httpx.Client, verb: str) -> None:
    response = http.post(f"{PROJECT}/{verb}", json={})
    assert response.status_code == 400
    assert error_of(response)["message"] == f"not supported by the emulator: POST {PROJECT}/{verb}"


@pytest.mark.parametrize(
    ("request_body", "says"),
    [
        ({"grid": {"dimensions": {"width": 1}}}, "Invalid pixel grid"),
        ({"grid": {"dimensions": {"width": 1, "height": 0}, "affineTransform": {}, "crsCode": "EPSG:4326"}}, "1x0"),
        ({"grid": {"dimensions": {"width": 1, "height": 1}, "affineTransform": {}, "crsCode": "EPSG:0"}}, "EPSG:0"),
        ({"fileFormat": "FAX", "grid": ONE_PIXEL}, "not supported by the emulator: file format FAX"),
        ({}, "unbounded"),
    ],
)
def test_impossible_pixel_grids_are_400(http: httpx.Client, request_body: dict[str, Any], says: str) -> None:
    expression = {"result": "0", "values": {"0": invocation("Image.constant", value=1)}}
    response = http.post(f"{PROJECT}/image:computePixels", json={"expression": expression, **request_body})
    assert response.status_code == 400
    assert says in error_of(response)["message"]


def test_a_graph_thousands_of_calls_deep_is_evaluated(http: httpx.Client) -> None:
    values: dict[str, Any] = {"0": {"constantValue": 0}}
    for k in range(1, 3_001):
        node = invocation("Number.add", right=1)
        node["functionInvocationValue"]["arguments"]["left"] = {"valueReference": str(k - 1)}
        values[str(k)] = node
    response = http.post(f"{PROJECT}/value:compute", json={"expression": {"result": "3000", "values": values}})
    assert response.json() == {"result": 3000}


# Assets and tables -------------------------------------------------------------------------------------------------


def test_assets_are_described(ee: ModuleType) -> None:
    collection = ee.data.getAsset("LANDSAT/LC08/C02/T1_L2")
    assert collection["type"] == "IMAGE_COLLECTION"
    image = ee.data.getAsset("WorldPop/GP/100m/pop/CHN_2020")
    assert image["startTime"] == "2020-01-01T00:00:00Z"
    assert [band["id"] for band in image["bands"]] == ["population"]
    assert ee.data.getAsset("projects/local-ee/assets/poi_2020")["type"] == "TABLE"


def test_assets_are_listed_page_by_page(ee: ModuleType, http: httpx.Client) -> None:
    folder = ee.data.listAssets({"parent": "projects/local-ee/assets"})["assets"]
    assert "projects/local-ee/assets/places_2018" in [asset["id"] for asset in folder]
    assert {asset["type"] for asset in folder} >= {"TABLE", "IMAGE_COLLECTION"}
    parent = "/v1/projects/earthengine-public/assets/NOAA/VIIRS/DNB/ANNUAL_V22"
    first = http.get(f"{parent}:listAssets", params={"pageSize": 2}).json()
    second = http.get(f"{parent}:listAssets", params={"pageSize": 2, "pageToken": first["nextPageToken"]}).json()
    names = [asset["id"].rpartition("/")[2] for asset in first["assets"] + second["assets"]]
    assert names == ["20220101", "20230101", "20240101"]
    assert "nextPageToken" not in second


def test_table_pages_join_to_the_whole(ee: ModuleType) -> None:
    numbers = ee.FeatureCollection(
        ee.List.sequence(0, 6).map(lambda n: ee.Feature(ee.Geometry.Point([n, 0]), {"n": n}))
    )
    request: dict[str, Any] = {"expression": numbers, "pageSize": 3}
    sizes, found = [], []
    while True:
        page = ee.data.computeFeatures(request)
        sizes.append(len(page["features"]))
        found += [feature["properties"]["n"] for feature in page["features"]]
        if "nextPageToken" not in page:
            break
        request["pageToken"] = page["nextPageToken"]
    assert sizes == [3, 3, 1]
    assert found == list(range(7))


def test_a_table_arrives_as_a_data_frame(ee: ModuleType) -> None:
    place = ee.Geometry.Rectangle([114.28, 30.57, 114.32, 30.61], None, False)
    table = ee.FeatureCollection("projects/local-ee/assets/poi_2020").filterBounds(place)
    frame = ee.data.computeFeatures({"expression": table, "fileFormat": "PANDAS_DATAFRAME", "pageSize": 200})
    assert len(frame) == table.size().getInfo() > 400
    assert {"category", "city", "year"} <= set(frame.columns)


@pytest.mark.parametrize("page", [{"pageToken": "x"}, {"pageToken": "-1"}, {"pageSize": -5}])
def test_impossible_pages_are_400(http: httpx.Client, page: dict[str, Any]) -> None:
    expression = {"result": "0", "values": {"0": invocation("Collection", features=[])}}
    response = http.post(f"{PROJECT}/table:computeFeatures", json={"expression": expression, **page})
    assert response.status_code == 400
    assert "Invalid page" in error_of(response)["message"]


# Many at once ------------------------------------------------------------------------------------------------------


def _tile(ee: ModuleType, number: int) -> np.ndarray:
    """A tile of pixels that hold `number` times their column."""
    image = ee.Image.pixelCoordinates(ee.Projection("EPSG:32650")).select("x").floor().multiply(number).toInt()
    affine = {"scaleX": 1, "shearX": 0, "translateX": 0, "shearY": 0, "scaleY": 1, "translateY": 0}
    grid = {"dimensions": {"width": 64, "height": 8}, "affineTransform": affine, "crsCode": "EPSG:32650"}
    request = {"expression": image, "fileFormat": "NUMPY_NDARRAY", "grid": grid}
    pixels: np.ndarray = ee.data.computePixels(request)["x"]
    return pixels


def test_eight_threads_get_their_own_answers(ee: ModuleType) -> None:
    with ThreadPoolExecutor(8) as pool:
        tiles = list(pool.map(lambda number: _tile(ee, number), range(40)))
    for number, tile in enumerate(tiles):
        assert (tile == np.arange(64) * number).all()


def test_three_processes_get_their_own_answers(emulator: Emulator) -> None:
    script = textwrap.dedent("""
        import sys
        import ee
        from ee_emulator.client import initialise

        initialise(sys.argv[1])
        own = int(sys.argv[2])
        for n in range(1, 30):
            multiples = ee.List.sequence(1, n).map(lambda k: ee.Number(k).multiply(own))
            assert multiples.reduce("sum").getInfo() == own * n * (n + 1) / 2
    """)
    started = [subprocess.Popen([sys.executable, "-c", script, emulator.url, str(k)]) for k in (2, 3, 5)]
    assert [process.wait(120) for process in started] == [0, 0, 0]


# Life and death ----------------------------------------------------------------------------------------------------


def _serve(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ee_emulator.cli", "serve", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_a_busy_port_is_named_with_what_to_do() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = _serve("--port", str(port))
    assert ended.returncode == 1
    assert ended.stdout == ""
    expected = f"ee-emulator: port {port} on 127.0.0.1 is busy: choose another with --port, or --port 0 for any.\n"
    assert ended.stderr == expected


def test_a_catalogue_that_is_not_there_is_named(tmp_path: Path) -> None:
    ended = _serve("--port", "0", "--catalog", str(tmp_path / "nowhere"))
    assert ended.returncode == 1
    assert str(tmp_path / "nowhere") in ended.stderr
    assert "Traceback" not in ended.stderr


def test_starting_in_python_tells_why_it_failed(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="did not start"), start_emulator(catalog=str(tmp_path / "nowhere")):
        raise AssertionError("it started")


def test_the_server_dies_with_its_parent() -> None:
    script = "from ee_emulator.process import start_emulator\n"
    script += "with start_emulator() as e:\n    print(e.url, e.process.pid, flush=True)\n    input()\n"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        url, pid = parent.stdout.readline().split()
        assert httpx.get(f"{url}/v1/$discovery/rest").status_code == 200
        parent.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and _answers(url):
        time.sleep(0.1)
    assert not _answers(url)
    assert not _alive(int(pid))


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/v1/$discovery/rest", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # An orphan that nobody has waited for yet is a zombie.
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def test_coverage_counts_add_up() -> None:
    command = [sys.executable, "-m", "ee_emulator.cli", "coverage", "--json"]
    report = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert set(report) == {"implemented", "total", "documented", "documented_implemented", "missing"}
    assert (report["total"], report["documented"]) == (991, 888)
    assert report["documented_implemented"] + len(report["missing"]) == report["documented"]
    assert 537 <= report["documented_implemented"] <= report["implemented"] <= report["total"]
