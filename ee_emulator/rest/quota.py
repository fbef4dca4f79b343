"""A quota on requests, so that a client's backoff can be tried: too many get 429, as from Earth Engine."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ee_emulator.errors import EarthEngineError
from ee_emulator.rest.service import error_answer

RATE_MESSAGE = (
    "Quota exceeded for quota metric 'Number of read requests' and limit 'Number of read requests per minute per user' "
    "of service 'earthengine.googleapis.com' for consumer 'project_number:0'."
)
CONCURRENCY_MESSAGE = "Too many concurrent aggregations."


@dataclass(frozen=True)
class Quota:
    """What a server allows.

    Attributes:
        requests_per_second: None for any number; as many may come in one burst.
        concurrent: How many may be under way at once; None for any number.
    """

    requests_per_second: float | None = None
    concurrent: int | None = None


class Bucket:
    """A token bucket: it holds a second's worth of requests, at least one, and fills steadily."""

    def __init__(self, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._capacity = max(rate, 1.0)
        self._tokens = self._capacity
        self._clock = clock
        self._last = clock()
        self._lock = threading.Lock()

    def take(self) -> bool:
        """Whether one more request is within the rate."""
        with self._lock:
            now = self._clock()
            self._tokens = min(self._capacity, self._tokens + (now - self._last) * self._rate)
            self._last = now
            if self._tokens < 1:
                return False
            self._tokens -= 1
            return True


class QuotaMiddleware:
    """Counts every request but those of the discovery document, which no client tries again."""

    def __init__(self, app: ASGIApp, quota: Quota) -> None:
        self._app = app
        self._concurrent = quota.concurrent
        self._bucket = Bucket(quota.requests_per_second) if quota.requests_per_second else None
        self._under_way = 0  # only the event loop's thread counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers 429 itself, or hands the request on."""
        if scope["type"] != "http" or "$discovery" in scope["path"]:
            await self._app(scope, receive, send)
            return
        refusal = self._refusal()
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        self._under_way += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._under_way -= 1

    def _refusal(self) -> Response | None:
        if self._concurrent is not None and self._under_way >= self._concurrent:
            return error_answer(EarthEngineError(CONCURRENCY_MESSAGE, 429, "RESOURCE_EXHAUSTED"))
        if self._bucket is not None and not self._bucket.take():
            return error_answer(EarthEngineError(RATE_MESSAGE, 429, "RESOURCE_EXHAUSTED"))
        return None
