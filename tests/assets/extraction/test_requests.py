"""Requests under failures: real ones, over HTTP, by a server that fails on demand."""

import gc
import io
import sys
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import ee
import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.extraction import requests
from assets.extraction.connection import Patience, Session, activate, connect
from assets.extraction.errors import ExtractionError
from assets.extraction.extract import extract
from assets.extraction.job import Job
from lake.grid import PATCH, CityGrid, GridWindow, city_grid, spread_grid
from lake.streams import NIGHTLIGHTS
from tests.assets.extraction.conftest import local_settings
from tests.assets.extraction.faults import Fault, Proxy, faulty

GRID = city_grid("wuhan", 30)
QUICK = Patience(attempts=4, first_wait=0.01, longest_wait=0.05, deadline=0.5)


@pytest.fixture(scope="module")
def proxy_and_session(earth_engine: Session) -> Iterator[tuple[Proxy, Session]]:
    assert earth_engine.url is not None
    with faulty(earth_engine.url) as proxy, connect(local_settings(ee_emulator_url=proxy.url)) as session:
        yield proxy, replace(session, patience=QUICK)
        ee.data.setDeadline(0)  # the client's is the process's: other tests would be as impatient


@pytest.fixture
def proxy(proxy_and_session: tuple[Proxy, Session]) -> Iterator[Proxy]:
    proxy = proxy_and_session[0]
    while proxy.under_way:  # answers to requests that were given up
        time.sleep(0.05)
    proxy.computations = proxy.most_at_once = 0
    yield proxy
    proxy.faults.clear()
    proxy.delay = 0.0


@pytest.fixture
def session(proxy_and_session: tuple[Proxy, Session], proxy: Proxy) -> Session:
    activate(proxy_and_session[1])
    return proxy_and_session[1]


@pytest.mark.parametrize("fault", [429, 500, 502, 503, 504, "break", "hang"])
def test_a_passing_failure_is_tried_again(proxy: Proxy, session: Session, earth_engine: Session, fault: Fault) -> None:
    calm = extract(earth_engine, NIGHTLIGHTS, GRID, 2020)
    proxy.faults = deque([fault, fault])
    found = extract(session, NIGHTLIGHTS, GRID, 2020)
    assert found.table.equals(calm.table)
    assert proxy.computations == 2 + 2  # what is there, and its pixels; two of the requests were wasted


def test_a_lasting_failure_gives_up_after_the_tries_with_status_and_words(proxy: Proxy, session: Session) -> None:
    proxy.faults = deque([429] * 10)
    with pytest.raises(ExtractionError, match=r"nightlights of wuhan\|2020.*429 at 4 tries \(Quota exceeded"):
        extract(session, NIGHTLIGHTS, GRID, 2020)
    assert proxy.computations == QUICK.attempts


@pytest.mark.parametrize("fault", ["hang", "break"])
def test_a_dead_network_is_said_to_be_one(proxy: Proxy, session: Session, fault: Fault) -> None:
    proxy.faults = deque([fault] * 10)
    with pytest.raises(ExtractionError, match=r"nightlights of wuhan\|2020: .* did not answer in 4 tries"):
        extract(session, NIGHTLIGHTS, GRID, 2020)


def test_a_refusal_is_not_tried_again_and_keeps_earth_engines_words(proxy: Proxy, session: Session) -> None:
    proxy.faults = deque(["Image.load: no such asset."])
    with pytest.raises(ExtractionError, match=r"nightlights of wuhan\|2020: .*\(400\): Image\.load: no such asset\."):
        extract(session, NIGHTLIGHTS, GRID, 2020)
    assert proxy.computations == 1


def test_a_forbidden_project_says_what_to_check(proxy: Proxy, session: Session) -> None:
    proxy.faults = deque([403])
    with pytest.raises(ExtractionError, match=r"\(403\).*EE_PROJECT"):
        extract(session, NIGHTLIGHTS, GRID, 2020)
    assert proxy.computations == 1


def test_what_is_too_much_at_once_is_asked_for_in_parts(proxy: Proxy, session: Session) -> None:
    job = Job(session, "nightlights", GRID, 2020)
    image = ee.ImageCollection("NOAA/VIIRS/DNB/ANNUAL_V21").filterDate("2020", "2021").mosaic()
    whole = requests.fetch_raster(job, image, ["average"])
    proxy.faults = deque(["User memory limit exceeded."] * 2)
    proxy.computations = 0
    in_parts = requests.fetch_raster(job, image, ["average"])
    np.testing.assert_array_equal(in_parts, whole)
    assert proxy.computations == 5  # the whole, its half, that half's two parts, and the other half


def test_a_single_pixel_that_is_too_much_ends_the_splitting(proxy: Proxy, session: Session) -> None:
    proxy.faults = deque(["Computation timed out."] * 100)
    job = Job(session, "nightlights", city_grid("wuhan", 3), 2020)
    with pytest.raises(ExtractionError, match="even a single pixel: Computation timed out"):
        requests.fetch_raster(job, ee.Image(1).rename("one"), ["one"])


def test_a_table_comes_page_by_page(proxy: Proxy, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    job = Job(session, "text", city_grid("wuhan", 2500), 2020)
    table = ee.FeatureCollection("projects/local-ee/assets/places_2020").filterBounds(job.region)
    whole = requests.fetch_features(job, table)
    assert len(whole) > 15
    monkeypatch.setattr(requests, "PAGE", 15)
    proxy.computations = 0
    proxy.faults = deque([503])
    assert requests.fetch_features(job, table) == whole
    assert proxy.computations == -(-len(whole) // 15) + 1


def test_tiles_are_asked_for_side_by_side_and_empty_ones_not(proxy: Proxy, session: Session) -> None:
    whole = city_grid("wuhan", 3000)
    # An L of pixels: the window's lower right quarter is empty.
    left = whole.columns - whole.window.column < 20
    top = whole.rows - whole.window.row < 20
    grid = CityGrid(whole.city, whole.crs, whole.transform, whole.ncols, whole.nrows, whole.pixel[left | top])
    proxy.delay = 0.2
    raster = requests.fetch_raster(Job(session, "aef", grid, 2020), ee.Image(7).rename("seven"), ["seven"], side=32)
    assert proxy.computations == 3  # of four tiles
    assert 1 < proxy.most_at_once <= requests.THREADS
    assert (grid.gather(raster) == 7).all()
    assert np.isnan(raster[-1, -1]).all()


def test_answers_are_read_in_threads_whenever_the_garbage_collector_comes() -> None:
    file = io.BytesIO()
    np.save(file, np.zeros((2, 2), [(f"A{band:02d}", np.float32) for band in range(64)]))
    threshold, interval = gc.get_threshold(), sys.getswitchinterval()

    def let_others_in(*_: object) -> None:
        sum(range(50))

    gc.callbacks.append(let_others_in)
    gc.set_threshold(50)
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(requests.THREADS) as pool:  # without the lock one in seven ends with a SystemError
            read = list(pool.map(requests.read_npy, [file.getvalue()] * 300))
    finally:
        sys.setswitchinterval(interval)
        gc.set_threshold(*threshold)
        gc.callbacks.remove(let_others_in)
    assert {array.shape for array in read} == {(2, 2)}


def test_of_a_spread_sample_nothing_between_the_patches_is_computed(proxy: Proxy, session: Session) -> None:
    grid = spread_grid("wuhan", 100)
    asked: list[tuple[int, int]] = []

    def image_over(window: GridWindow) -> ee.Image:
        asked.append((window.width, window.height))
        return ee.Image.pixelCoordinates(ee.Projection(grid.crs)).select("x")

    raster = requests.fetch_raster_of(Job(session, "aef", grid, 2020), image_over, ["x"], margin=3)
    assert proxy.computations == 4
    assert asked == [(PATCH + 6, PATCH + 6)] * 4
    assert np.isfinite(raster).sum() == 4 * (PATCH + 6) ** 2
    np.testing.assert_allclose(grid.gather(raster[3:-3, 3:-3])[:, 0], grid.centres()[0], atol=0.1)


def test_masked_pixels_are_missing_and_zeros_are_not(session: Session) -> None:
    job = Job(session, "aef", GRID, 2020)
    image = ee.Image.cat(ee.Image(0).rename("zero"), ee.Image(1).updateMask(0).rename("masked"))
    raster = requests.fetch_raster(job, image, ["zero", "masked"])
    assert (raster[..., 0] == 0).all()
    assert np.isnan(raster[..., 1]).all()


@given(st.integers(1, 300), st.integers(1, 300), st.integers(20, 130))
@settings(deadline=None)
def test_tiles_cover_a_window_once_and_are_small(width: int, height: int, side: int) -> None:
    window = GridWindow("EPSG:32650", Affine(100, 0, 0, 0, -100, 0), width, height, 0, 0)
    covered = np.zeros((height, width), int)
    for tile in requests.tiles_of(window, side):
        assert 0 < tile.width <= side
        assert 0 < tile.height <= side
        covered[tile.row : tile.row + tile.height, tile.column : tile.column + tile.width] += 1
    assert (covered == 1).all()


@given(st.integers(1, 50), st.integers(1, 50))
def test_halves_make_up_a_tile(width: int, height: int) -> None:
    tile = requests.Tile(3, 4, width, height)
    if max(width, height) == 1:
        return
    first, second = tile.halves()
    assert first.width * first.height + second.width * second.height == width * height
    assert min(first.width, first.height, second.width, second.height) > 0


def test_a_tile_of_the_widest_stream_is_well_under_the_limit() -> None:
    assert requests.MAX_SIDE**2 * 128 * 4 < 48 * 2**20 / 4
