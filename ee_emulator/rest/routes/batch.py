"""Exports, uploads, and the operations that carry them out."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ee_emulator.errors import EarthEngineError
from ee_emulator.rest.exports.operations import Operations, Work
from ee_emulator.rest.exports.tasks import Exports
from ee_emulator.rest.service import Service, as_json, page_of, read_body, read_expression
from ee_emulator.rest.uploads import Uploads

Starter = Callable[[dict[str, Any]], Work]
MAX_WAIT_SECONDS = 30.0


class BatchRoutes:
    """Exports of images, tables, maps and classifiers, imports of images and tables, and `operations`."""

    def __init__(self, service: Service, operations: Operations, exports: Exports, uploads: Uploads) -> None:
        self._service = service
        self._operations = operations
        self._exports = exports
        self._uploads = uploads

    def routes(self, project: str) -> list[Route]:
        """The routes under a project's path."""
        starters: list[tuple[str, str, Starter]] = [
            ("image:export", "EXPORT_IMAGE", self._exports.image),
            ("table:export", "EXPORT_FEATURES", self._exports.table),
            ("map:export", "EXPORT_TILES", self._exports.map),
            ("classifier:export", "EXPORT_CLASSIFIER", self._exports.classifier),
            ("image:import", "INGEST_IMAGE", self._uploads.image),
            ("table:import", "INGEST_TABLE", self._uploads.table),
        ]
        operation = project + "/operations/{id}"
        return [
            *(Route(f"{project}/{p}", partial(self._start, kind, s), methods=["POST"]) for p, kind, s in starters),
            Route(project + "/operations", self._list),
            Route(operation + ":cancel", self._cancel, methods=["POST"]),
            Route(operation + ":wait", self._wait, methods=["POST"]),
            Route(operation, self._get),
            Route(operation, self._delete, methods=["DELETE"]),
        ]

    async def _start(self, kind: str, starter: Starter, request: Request) -> Response:
        body = await (read_expression(request) if kind.startswith("EXPORT") else read_body(request))
        project = request.path_params["project"]
        return await self._service.answer(
            lambda: self._operations.start(project, body, kind, starter(body)).describe(),
        )

    async def _list(self, request: Request) -> Response:
        start, size = page_of(request.query_params.get("pageToken"), request.query_params.get("pageSize"))
        every = self._operations.list(request.path_params["project"])
        page = [operation.describe() for operation in every[start : start + size]]
        more = {"nextPageToken": str(start + size)} if start + size < len(every) else {}
        return as_json({"operations": page} | more)

    async def _get(self, request: Request) -> Response:
        return as_json(self._operations.get(_name(request)).describe())

    async def _cancel(self, request: Request) -> Response:
        self._operations.cancel(_name(request))
        return as_json({})

    async def _delete(self, request: Request) -> Response:
        self._operations.forget(_name(request))
        return as_json({})

    async def _wait(self, request: Request) -> Response:
        seconds = _seconds((await read_body(request)).get("timeout"))
        return await self._service.answer(lambda: self._operations.wait(_name(request), seconds).describe())


def _name(request: Request) -> str:
    return f"projects/{request.path_params['project']}/operations/{request.path_params['id']}"


def _seconds(duration: Any) -> float:
    """Seconds of a protocol buffers `Duration`, such as `3.5s`."""
    try:
        return MAX_WAIT_SECONDS if duration is None else min(float(str(duration).removesuffix("s")), MAX_WAIT_SECONDS)
    except ValueError:
        raise EarthEngineError(f"Invalid timeout: {duration!r}.") from None
