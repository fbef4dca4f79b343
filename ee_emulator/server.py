"""The REST server: what an `earthengine-api` client asks for, under `/v1` and `/v1alpha`."""

import logging
import os
from collections.abc import Sequence
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ee_emulator.catalog.base import Catalog
from ee_emulator.catalog.chain import ChainCatalog
from ee_emulator.catalog.own import OwnCatalog
from ee_emulator.errors import EarthEngineError
from ee_emulator.limits import SECONDS
from ee_emulator.registry import shipped_algorithms
from ee_emulator.rest.data_folder import DataFolder
from ee_emulator.rest.discovery import discovery_document
from ee_emulator.rest.exports.operations import CONCURRENT, Operations
from ee_emulator.rest.exports.tasks import Exports
from ee_emulator.rest.own_assets import OwnAssets
from ee_emulator.rest.quota import Quota, QuotaMiddleware
from ee_emulator.rest.routes.assets import AssetRoutes
from ee_emulator.rest.routes.batch import BatchRoutes
from ee_emulator.rest.routes.compute import ComputeRoutes
from ee_emulator.rest.routes.pictures import PictureRoutes
from ee_emulator.rest.service import Service, as_json, error_answer
from ee_emulator.rest.uploads import Uploads

Group = ComputeRoutes | PictureRoutes | BatchRoutes | AssetRoutes
logger = logging.getLogger("ee_emulator")


def build_catalog(folder: str | None = None) -> Catalog:
    """The simulated planet, with the assets of a folder in front of it."""
    from ee_emulator.catalog.folder import FolderCatalog
    from ee_emulator.planet.catalog import SimulatedCatalog

    catalogs: list[Catalog] = [FolderCatalog(Path(folder))] if folder else []
    return ChainCatalog([*catalogs, SimulatedCatalog()])


async def _discovery(request: Request) -> Response:
    """The discovery document, which the client builds its methods from."""
    version = request.query_params.get("version") or request.path_params.get("version", "v1")
    return as_json(discovery_document(version, str(request.base_url)))


async def _algorithms(_: Request) -> Response:
    """All 991 signatures, as shipped."""
    return as_json(shipped_algorithms())


async def _config(request: Request) -> Response:
    """A project's settings."""
    name = f"projects/{request.path_params['project']}/config"
    return as_json({"name": name, "maxConcurrentExports": CONCURRENT})


async def _token(_: Request) -> Response:
    """An access token for whoever asks: the command line insists on one (see `client.write_command_line_config`)."""
    return as_json({"access_token": "local", "token_type": "Bearer", "expires_in": 3600})


async def _unsupported(request: Request) -> Response:
    """A clear no; never 5xx, which clients would try again."""
    return error_answer(EarthEngineError(f"not supported by the emulator: {request.method} {request.url.path}"))


async def _on_earth_engine_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, EarthEngineError)
    return error_answer(error)


async def _on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    message = f"{error.detail}: {request.method} {request.url.path}"
    return error_answer(EarthEngineError(message, error.status_code, "NOT_FOUND"))


async def _on_bug(request: Request, error: Exception) -> Response:
    logger.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return error_answer(EarthEngineError(f"Internal error in the emulator: {error!r}", 500, "INTERNAL"))


def create_app(
    catalog: Catalog,
    threads: int | None = None,
    seconds: float = SECONDS,
    data: DataFolder | None = None,
    quota: Quota | None = None,
) -> Starlette:
    """The application over a catalogue.

    Args:
        catalog: Assets of others, which clients read.
        threads: How many requests are computed at once.
        seconds: How long one may take.
        data: Where clients' own assets and exports go; a temporary folder by default.
        quota: What clients may ask for; no limit by default.
    """
    data = data or DataFolder()
    own = OwnAssets(data, catalog)
    every = ChainCatalog([OwnCatalog(data), catalog])
    service = Service(every, data, threads or max(4, os.cpu_count() or 1), seconds)
    exports = Exports(data, own, service.batch_context)
    batch = BatchRoutes(service, Operations(data), exports, Uploads(data, own))
    groups: list[Group] = [ComputeRoutes(service), PictureRoutes(service), batch, AssetRoutes(service, own)]
    return Starlette(
        routes=_routes(groups),
        middleware=[Middleware(QuotaMiddleware, quota=quota)] if quota else [],
        exception_handlers={
            EarthEngineError: _on_earth_engine_error,
            HTTPException: _on_http_error,
            Exception: _on_bug,
        },
    )


def _routes(groups: Sequence[Group]) -> list[Route]:
    project = "/{version}/projects/{project}"
    every = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    return [
        Route("/$discovery/rest", _discovery),
        Route("/{version}/$discovery/rest", _discovery),
        Route("/token", _token, methods=["POST"]),
        Route(project + "/algorithms", _algorithms),
        Route(project + "/config", _config),
        *(route for group in groups for route in group.routes(project)),
        Route("/{path:path}", _unsupported, methods=every),
    ]
