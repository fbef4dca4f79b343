"""A quota that answers 429, with which a client's backoff is tried."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.types import Receive, Scope, Send

from ee_emulator.client import initialise
from ee_emulator.process import Emulator, start_emulator
from ee_emulator.rest.quota import CONCURRENCY_MESSAGE, Bucket, Quota, QuotaMiddleware
from ee_emulator.rest.service import MAX_BODY_BYTES, as_json


@pytest.fixture(scope="module")
def limited() -> Iterator[Emulator]:
    """A server that bears four requests a second."""
    with start_emulator(options=["--quota", "4"]) as server:
        yield server


@pytest.fixture
def ee(limited: Emulator) -> Iterator[ModuleType]:
    import ee

    time.sleep(1.2)  # the bucket is full again
    initialise(limited.url)
    yield ee
    ee.data.setMaxRetries(0)


def test_a_client_without_retries_gets_earth_engines_error(ee: ModuleType) -> None:
    with pytest.raises(ee.EEException, match="Quota exceeded for quota metric") as refused:
        _ = [ee.Number(number).getInfo() for number in range(10)]
    assert refused.value.__context__ is not None
    assert refused.value.__context__.resp.status == 429  # type: ignore[attr-defined]  # the client's own exception


def test_a_client_with_retries_gets_through(ee: ModuleType) -> None:
    ee.data.setMaxRetries(5)
    with ThreadPoolExecutor(4) as pool:
        numbers = list(pool.map(lambda number: ee.Number(number).getInfo(), range(8)))
    assert numbers == list(range(8))


def test_a_refusal_has_googles_shape(limited: Emulator) -> None:
    answers = [httpx.get(f"{limited.url}/v1/projects/local-ee/config") for _ in range(12)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert refused[0].json()["error"]["status"] == "RESOURCE_EXHAUSTED"
    assert httpx.get(f"{limited.url}/v1/$discovery/rest").status_code == 200


def test_no_more_than_so_many_are_under_way_at_once() -> None:
    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(0.05)
        await as_json({})(scope, receive, send)

    async def answers() -> list[httpx.Response]:
        app = QuotaMiddleware(slow, Quota(concurrent=2))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            first = await asyncio.gather(*(client.get("/v1/x") for _ in range(5)))
            return [*first, await client.get("/v1/x")]

    found = asyncio.run(answers())
    assert sorted(answer.status_code for answer in found[:5]) == [200, 200, 429, 429, 429]
    assert found[5].status_code == 200
    assert {a.json()["error"]["message"] for a in found if a.status_code == 429} == {CONCURRENCY_MESSAGE}


@given(st.floats(0.2, 50), st.lists(st.floats(0, 3), max_size=60))
@settings(max_examples=100, deadline=None)
def test_a_bucket_never_gives_more_than_its_rate(rate: float, pauses: list[float]) -> None:
    now = [0.0]
    bucket, taken = Bucket(rate, lambda: now[0]), 0
    for pause in pauses:
        now[0] += pause
        taken += bucket.take()
        assert taken <= max(rate, 1) + rate * now[0] + 1e-6


# The other limits of a request ------------------------------------------------------------------------------------


def test_a_body_over_the_limit_is_413(emulator: Emulator) -> None:
    url = f"{emulator.url}/v1/projects/local-ee/value:compute"
    large: dict[str, Any] = {"expression": {"result": "0", "values": {"0": {"constantValue": "x" * MAX_BODY_BYTES}}}}
    refused = httpx.post(url, json=large, timeout=60)
    assert refused.status_code == 413
    assert refused.json()["error"]["message"] == f"Request payload size exceeds the limit: {MAX_BODY_BYTES} bytes."
    small: dict[str, Any] = {"expression": {"result": "0", "values": {"0": {"constantValue": "x" * 100_000}}}}
    assert len(httpx.post(url, json=small, timeout=60).json()["result"]) == 100_000


def test_other_machines_are_kept_out_unless_the_host_lets_them_in(emulator: Emulator) -> None:
    assert emulator.url.startswith("http://127.0.0.1:")
    with start_emulator(options=["--host", "127.0.0.2"]) as other:
        assert httpx.get(f"{other.url}/v1/$discovery/rest").status_code == 200
