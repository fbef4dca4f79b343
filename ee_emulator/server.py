"""The REST server: what an `earthengine-api` client asks for, under `/v1` and `/v1alpha`."""

import logging
import os
import re
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ee_emulator import algorithms
from ee_emulator.assets import describe_asset, find_asset, list_children
from ee_emulator.catalog.base import Catalog
from ee_emulator.catalog.chain import ChainCatalog
from ee_emulator.discovery import discovery_document
from ee_emulator.encode import encode, encode_feature
from ee_emulator.errors import EarthEngineError
from ee_emulator.graph import evaluate
from ee_emulator.limits import SECONDS, Budget, out_of_memory
from ee_emulator.pixels import compute_pixels
from ee_emulator.registry import Context, coerce, shipped_algorithms
from ee_emulator.workers import worker_pool

logger = logging.getLogger("ee_emulator")
Work = Callable[[], Response]
DEFAULT_PAGE = 1_000
REMEMBERED_TABLES = 4


def build_catalog(folder: str | None = None) -> Catalog:
    """The simulated planet, with the assets of a folder in front of it."""
    from ee_emulator.catalog.folder import FolderCatalog
    from ee_emulator.planet.catalog import SimulatedCatalog

    catalogs: list[Catalog] = [FolderCatalog(Path(folder))] if folder else []
    return ChainCatalog([*catalogs, SimulatedCatalog()])


class Service:
    """The request handlers over one catalogue; computation happens in worker threads."""

    def __init__(self, catalog: Catalog, threads: int, seconds: float = SECONDS) -> None:
        algorithms.load()
        self._catalog = catalog
        self._seconds = seconds
        self._pool = worker_pool(threads)
        # Pages of one table are asked for one after the other: its features are computed for the first only.
        self._tables: dict[bytes, list[Any]] = {}
        self._tables_lock = threading.Lock()

    async def discovery(self, request: Request) -> Response:
        """The discovery document, which the client builds its methods from."""
        version = request.query_params.get("version") or request.path_params.get("version", "v1")
        return _json(discovery_document(version, str(request.base_url)))

    async def list_algorithms(self, _: Request) -> Response:
        """All 991 signatures, as shipped."""
        return _json(shipped_algorithms())

    async def compute_value(self, request: Request) -> Response:
        """The value of an expression."""
        body = await _body(request)
        return await self._run(lambda: _json({"result": encode(evaluate(body["expression"], self._context()))}))

    async def compute_pixels(self, request: Request) -> Response:
        """Pixels of an image over a grid."""
        body = await _body(request)

        def work() -> Response:
            context = self._context()
            content, media_type = compute_pixels(evaluate(body["expression"], context), body, context)
            return Response(content, media_type=media_type)

        return await self._run(work)

    async def compute_features(self, request: Request) -> Response:
        """One page of a table."""
        body = await _body(request)
        return await self._run(lambda: _json(self._feature_page(body)))

    def _feature_page(self, body: Mapping[str, Any]) -> dict[str, Any]:
        key = orjson.dumps(body["expression"], option=orjson.OPT_SORT_KEYS)
        start, size = _page(body.get("pageToken"), body.get("pageSize"))
        features = self._tables.get(key)
        if features is None:
            context = self._context()
            collection = coerce(evaluate(body["expression"], context), "FeatureCollection", context)
            features = list(collection.elements())
        end = start + size
        rows = [encode_feature(feature) for feature in features[start:end]]
        answer: dict[str, Any] = {"type": "FeatureCollection", "features": rows}
        if end < len(features):
            answer["nextPageToken"] = str(end)
            self._remember(key, features)
        else:
            with self._tables_lock:
                self._tables.pop(key, None)
        return answer

    def _remember(self, key: bytes, features: list[Any]) -> None:
        with self._tables_lock:
            self._tables.pop(key, None)
            while len(self._tables) >= REMEMBERED_TABLES:
                self._tables.pop(next(iter(self._tables)))
            self._tables[key] = features

    async def get_resource(self, request: Request) -> Response:
        """An asset, or the assets under one."""
        name, _, verb = request.path_params["name"].partition(":")
        if verb not in ("", "listAssets", "listImages"):
            return _error(EarthEngineError(f"not supported by the emulator: GET {request.url.path}"))
        query = dict(request.query_params)
        return await self._run(lambda: _json(self._resource(name, verb, query)))

    def _resource(self, name: str, verb: str, query: Mapping[str, str]) -> dict[str, Any]:
        if not verb:
            return describe_asset(find_asset(self._catalog, name))
        if re.fullmatch(r"projects/[^/]+", name):  # how the client asks for the root folder of a project
            name += "/assets"
        start, size = _page(query.get("pageToken"), query.get("pageSize"))
        children, token = list_children(self._catalog, name, start, size)
        answer: dict[str, Any] = {verb.removeprefix("list").lower(): [describe_asset(child) for child in children]}
        return answer | ({"nextPageToken": token} if token else {})

    async def unsupported(self, request: Request) -> Response:
        """A clear no; never 5xx, which clients would try again."""
        return _error(EarthEngineError(f"not supported by the emulator: {request.method} {request.url.path}"))

    def _context(self) -> Context:
        return Context(self._catalog, now_ms=time.time() * 1000, budget=Budget.of(self._seconds))

    async def _run(self, work: Work) -> Response:
        return await self._pool.run(partial(_guarded, work), self._seconds)


def _guarded(work: Work) -> Response:
    try:
        return work()
    except EarthEngineError as error:
        return _error(error)
    except RecursionError:
        return _error(EarthEngineError("Expression nesting is too deep."))
    except MemoryError:
        return _error(out_of_memory())


def _page(token: Any, size: Any) -> tuple[int, int]:
    try:
        start, count = int(token or 0), int(size or DEFAULT_PAGE)
    except (TypeError, ValueError):
        raise EarthEngineError(f"Invalid page: token {token!r}, size {size!r}.") from None
    if start < 0 or count < 1:
        raise EarthEngineError(f"Invalid page: token {token!r}, size {size!r}.")
    return start, count


async def _body(request: Request) -> dict[str, Any]:
    try:
        body = orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        raise EarthEngineError(f"Invalid JSON payload received: {error}.") from None
    if not isinstance(body, dict) or not isinstance(body.get("expression"), dict):
        raise EarthEngineError("Invalid request: 'expression' is missing.")
    return body


def _json(content: Any) -> Response:
    try:
        text = orjson.dumps(content)
    except orjson.JSONEncodeError as error:  # nested beyond what JSON readers take
        raise EarthEngineError(f"The result cannot be written as JSON: {error}.") from None
    return Response(text, media_type="application/json")


def _error(error: EarthEngineError) -> Response:
    content = {"error": {"code": error.status, "message": error.message, "status": error.code}}
    return Response(orjson.dumps(content), error.status, media_type="application/json")


async def _on_earth_engine_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, EarthEngineError)
    return _error(error)


async def _on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _error(
        EarthEngineError(f"{error.detail}: {request.method} {request.url.path}", error.status_code, "NOT_FOUND")
    )


async def _on_bug(request: Request, error: Exception) -> Response:
    logger.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return _error(EarthEngineError(f"Internal error in the emulator: {error!r}", 500, "INTERNAL"))


def create_app(catalog: Catalog, threads: int | None = None, seconds: float = SECONDS) -> Starlette:
    """The application over a catalogue; a request may take so many seconds."""
    service = Service(catalog, threads or max(4, os.cpu_count() or 1), seconds)
    project = "/{version}/projects/{project}"
    return Starlette(
        routes=[
            Route("/$discovery/rest", service.discovery),
            Route("/{version}/$discovery/rest", service.discovery),
            Route(project + "/algorithms", service.list_algorithms),
            Route(project + "/value:compute", service.compute_value, methods=["POST"]),
            Route(project + "/image:computePixels", service.compute_pixels, methods=["POST"]),
            Route(project + "/table:computeFeatures", service.compute_features, methods=["POST"]),
            Route("/{version}/{name:path}", service.get_resource, methods=["GET"]),
            Route("/{path:path}", service.unsupported, methods=["POST", "PUT", "PATCH", "DELETE"]),
        ],
        exception_handlers={
            EarthEngineError: _on_earth_engine_error,
            HTTPException: _on_http_error,
            Exception: _on_bug,
        },
    )
