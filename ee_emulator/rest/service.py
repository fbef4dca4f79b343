"""What all request handlers share: the catalogue, threads to compute in, and the form of requests and answers."""

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from ee_emulator import algorithms
from ee_emulator.catalog.base import Catalog
from ee_emulator.errors import EarthEngineError
from ee_emulator.graph import evaluate
from ee_emulator.limits import SECONDS, Budget, out_of_memory
from ee_emulator.registry import Context
from ee_emulator.rest.data_folder import DataFolder
from ee_emulator.rest.messages import checked_message
from ee_emulator.workers import worker_pool

MAX_BODY_BYTES = 10 * 2**20
"""Earth Engine's own limit of a request's body."""
DEFAULT_PAGE = 1_000

Work = Callable[[], Response]


class Service:
    """One catalogue and one data folder behind a pool of threads; the event loop itself computes nothing."""

    def __init__(self, catalog: Catalog, data: DataFolder, threads: int, seconds: float = SECONDS) -> None:
        algorithms.load()
        self.catalog = catalog
        self.data = data
        self._seconds = seconds
        self._pool = worker_pool(threads)

    def context(self) -> Context:
        """A context for one request."""
        return self._context(Budget.of(self._seconds))

    def batch_context(self) -> Context:
        """A context for a task, which has the time that it needs."""
        return self._context(Budget())

    def _context(self, budget: Budget) -> Context:
        return Context(self.catalog, now_ms=time.time() * 1000, budget=budget, file=self.data.uri_file)

    async def run(self, work: Work) -> Response:
        """Computes an answer in a thread; what the client did wrong becomes an error answer."""
        return await self._pool.run(partial(_guarded, work), self._seconds)

    async def answer(self, work: Callable[[], Any]) -> Response:
        """Like `run`, for work that gives JSON."""
        return await self.run(lambda: as_json(work()))


def _guarded(work: Work) -> Response:
    try:
        return work()
    except EarthEngineError as error:
        return error_answer(error)
    except RecursionError:
        return error_answer(EarthEngineError("Expression nesting is too deep."))
    except MemoryError:
        return error_answer(out_of_memory())


def as_json(content: Any) -> Response:
    """A JSON answer."""
    try:
        text = orjson.dumps(content)
    except orjson.JSONEncodeError as error:  # nested beyond what JSON readers take
        raise EarthEngineError(f"The result cannot be written as JSON: {error}.") from None
    return Response(text, media_type="application/json")


def error_answer(error: EarthEngineError) -> Response:
    """An error in the shape of Google's interfaces."""
    content = {"error": {"code": error.status, "message": error.message, "status": error.code}}
    return Response(orjson.dumps(content), error.status, media_type="application/json")


async def read_body(request: Request) -> dict[str, Any]:
    """The request's JSON object; an empty body is an empty one.

    Raises:
        EarthEngineError: 413 where the body is larger than Earth Engine takes, 400 where it is no JSON object or a
            field is of a wrong kind.
    """
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > MAX_BODY_BYTES:
            message = f"Request payload size exceeds the limit: {MAX_BODY_BYTES} bytes."
            raise EarthEngineError(message, 413)
    try:
        body = orjson.loads(content) if content else {}
    except orjson.JSONDecodeError as error:
        raise EarthEngineError(f"Invalid JSON payload received: {error}.") from None
    if not isinstance(body, dict):
        raise EarthEngineError("Invalid JSON payload received: it is not an object.")
    return checked_message(body)


async def read_expression(request: Request) -> dict[str, Any]:
    """The body of a request that must hold an expression."""
    body = await read_body(request)
    if not isinstance(body.get("expression"), dict):
        raise EarthEngineError("Invalid request: 'expression' is missing.")
    return body


def value_of(body: Mapping[str, Any], context: Context) -> Any:
    """The value of a request's expression."""
    return evaluate(body["expression"], context)


def page_of(token: Any, size: Any) -> tuple[int, int]:
    """Start and length of the page that a token and a size ask for.

    Raises:
        EarthEngineError: The token is none of ours, or the size is not a positive number.
    """
    try:
        start, count = int(token or 0), int(size or DEFAULT_PAGE)
    except (TypeError, ValueError):
        raise EarthEngineError(f"Invalid page: token {token!r}, size {size!r}.") from None
    if start < 0 or count < 1:
        raise EarthEngineError(f"Invalid page: token {token!r}, size {size!r}.")
    return start, count
