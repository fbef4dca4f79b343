"""`aef-econ ui`: a backfill through Dagster's daemon, and both pages as a person sees them in a browser."""

import os
import re
import shutil
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from assets.econ.keys import EMBEDDINGS, OBSERVATIONS, RELEASE, STREAM_TABLES
from ml.release import layout
from tests.assets.support import Workplace, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow
CHROMIUM = shutil.which("chromium")
in_a_browser = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium here: deploy/system_packages.sh installs it"),
]
WAIT_MS = 60_000
BACKFILLED = [*STREAM_TABLES, *OBSERVATIONS, EMBEDDINGS, RELEASE]


@dataclass(frozen=True)
class Pages:
    """Both pages, served over a copy of the finished main job."""

    place: Workplace
    dagster: str
    mlflow: str

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """An answer of Dagster's GraphQL."""
        answer = httpx.post(f"{self.dagster}/graphql", json={"query": query, "variables": variables}, timeout=60)
        told: dict[str, Any] = answer.json()
        assert "errors" not in told, told["errors"]
        data: dict[str, Any] = told["data"]
        return data


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def interrupts_ignored() -> Iterator[None]:
    """What is started in here begins as a shell begins what is put in the background with `&`."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="module")
def pages(finished: Workplace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    place = finished.copied_to(tmp_path_factory.mktemp("ui") / "data")
    dagster, mlflow = free_port(), free_port()
    with interrupts_ignored():
        command = place.start("ui", "--port", str(dagster), "--mlflow-port", str(mlflow))
    try:
        wait_until(lambda: "Ctrl-C ends" in place.output or command.poll() is not None)
        assert command.poll() is None, place.output
        served = Pages(place, f"http://127.0.0.1:{dagster}", f"http://127.0.0.1:{mlflow}")
        wait_until(lambda: _is_loaded(served), pause=0.5)
        yield served
    finally:
        command.send_signal(signal.SIGINT)
        ended = command.wait(60)
    assert ended == 0, place.output
    for port in (dagster, mlflow):
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0, "a server outlived the command"


def _is_loaded(pages: Pages) -> bool:
    with suppress(httpx.TransportError):
        nodes = pages.ask("{ repositoriesOrError { ... on RepositoryConnection { nodes { name } } } }")
        return bool(nodes["repositoriesOrError"]["nodes"])
    return False


@pytest.fixture(scope="module")
def backfill(pages: Pages) -> str:
    """The id of a backfill, which goes on while the pages are looked at: the daemon takes half a minute to begin."""
    started = pages.ask(
        """mutation($wanted: LaunchBackfillParams!) {
             launchPartitionBackfill(backfillParams: $wanted) {
               ... on LaunchBackfillSuccess { backfillId } ... on PythonError { message } } }""",
        wanted={"assetSelection": [{"path": key.path} for key in BACKFILLED], "partitionNames": ["qingdao|2020"]},
    )
    return str(started["launchPartitionBackfill"]["backfillId"])


@pytest.fixture(scope="module")
def page() -> Iterator["Page"]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        opened = browser.new_page(viewport={"width": 1400, "height": 900})
        opened.set_default_timeout(WAIT_MS)
        yield opened
        browser.close()


def keep(page: "Page", name: str) -> None:
    """A screenshot, where somebody wants to look at it."""
    if folder := os.environ.get("AEF_ECON_SCREENSHOTS"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


@pytest.mark.usefixtures("backfill")
class TestInABrowser:
    pytestmark = in_a_browser

    def test_the_asset_graph_shows_every_group(self, pages: Pages, page: "Page") -> None:
        page.goto(f"{pages.dagster}/asset-groups")
        for group in ("streams", "labels", "model", "release", "publication"):
            page.get_by_text(group, exact=True).first.wait_for()
        keep(page, "asset-graph")

    def test_a_click_materialises_a_partition_and_it_becomes_green(self, pages: Pages, page: "Page") -> None:
        page.goto(f"{pages.dagster}/assets/streams/nightlights?view=partitions&partition=xiamen%7C2023")
        page.get_by_text("xiamen|2023").first.wait_for()
        page.get_by_role("button", name=re.compile("Materialize…")).first.click()
        page.get_by_role("button", name="Launch 1 run").click()
        wait_until(lambda: bool(pages.place.lake.metadata("streams/nightlights", "xiamen", 2023)))
        wait_until(lambda: not pages.place.open_runs(), pause=0.5)
        page.reload()
        page.get_by_text("Materialized", exact=True).first.wait_for()
        keep(page, "materialised")

    def test_the_map_and_the_word_on_the_simulation_are_in_the_metadata(self, pages: Pages, page: "Page") -> None:
        page.goto(f"{pages.dagster}/assets/streams/indices?view=partitions&partition=wuhan%7C2021")
        page.get_by_text("[Show Markdown]").first.click()
        picture = page.get_by_alt_text("map")
        picture.wait_for()
        assert picture.evaluate("image => image.complete && image.naturalWidth") >= 100
        page.get_by_text("Simulated data: not a measurement.").wait_for()
        keep(page, "thumbnail")

    def test_mlflow_shows_the_run_and_the_champion(self, pages: Pages, page: "Page") -> None:
        page.goto(f"{pages.mlflow}/#/models/aef-econ")
        page.get_by_text("@ champion").first.wait_for()
        keep(page, "model")
        page.get_by_text(re.compile("^Version 1")).first.click()
        page.get_by_role("link", name=re.compile("^car-")).first.click()
        page.get_by_text("E2/car_256/mean_r2").first.wait_for()
        keep(page, "run")


def test_a_backfill_through_the_daemon_brings_a_new_city_into_the_release(pages: Pages, backfill: str) -> None:
    def status() -> str:
        told = pages.ask(
            "query($id: String!) { partitionBackfillOrError(backfillId: $id) { ... on PartitionBackfill { status } } }",
            id=backfill,
        )
        return str(told["partitionBackfillOrError"]["status"])

    wait_until(lambda: status().startswith(("COMPLETED", "FAILED", "CANCELED")), pause=0.5)
    assert status() == "COMPLETED_SUCCESS"
    with pages.place.instance() as instance:
        assert all("qingdao|2020" in instance.get_materialized_partitions(key) for key in BACKFILLED)
    assert pages.place.lake.metadata(layout.dataset(64), "qingdao", 2020)["simulated"] == "true"
    assert pages.place.held_slots() == 0
