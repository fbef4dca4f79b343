"""Resources that are registered first and fetched later: thumbnails, maps with their tiles, and tables."""

import functools
from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ee_emulator.registry import Context, coerce
from ee_emulator.rest.files import File
from ee_emulator.rest.maps import map_image, tile, tile_grid
from ee_emulator.rest.remembered import Remembered
from ee_emulator.rest.service import Service, read_expression, value_of
from ee_emulator.rest.tables import check_format, table_download
from ee_emulator.rest.thumbnails import animation, film_strip, thumbnail

Maker = Callable[[Mapping[str, Any], Context], File]
Check = Callable[[Mapping[str, Any], Context], Any]


def _check_image(request: Mapping[str, Any], context: Context) -> None:
    coerce(value_of(request, context), "Image", context)


def _check_collection(request: Mapping[str, Any], context: Context) -> None:
    coerce(value_of(request, context), "ImageCollection", context)


def _check_table(request: Mapping[str, Any], context: Context) -> None:
    check_format(request.get("fileFormat"))
    coerce(value_of(request, context), "FeatureCollection", context)


# What each kind is fetched by, how it is checked when it is registered, and what makes its file.
_KINDS: tuple[tuple[str, str, Check, Maker], ...] = (
    ("thumbnails", "getPixels", _check_image, thumbnail),
    ("videoThumbnails", "getPixels", _check_collection, animation),
    ("filmstripThumbnails", "getPixels", _check_collection, film_strip),
    ("tables", "getFeatures", _check_table, table_download),
)


class PictureRoutes:
    """Registering computes no pixels, but an expression that cannot be evaluated is refused at once."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._maps = Remembered("maps")

    def routes(self, project: str) -> list[Route]:
        """The routes under a project's path."""
        found = [
            Route(project + "/maps", functools.partial(self._create, self._maps, map_image), methods=["POST"]),
            Route(project + "/maps/{id}/tiles/{zoom:int}/{x:int}/{y:int}", self._tile),
        ]
        for kind, verb, check, make in _KINDS:
            kept = Remembered(kind)
            found += [
                Route(f"{project}/{kind}", functools.partial(self._create, kept, check), methods=["POST"]),
                Route(f"{project}/{kind}/{{id}}:{verb}", functools.partial(self._fetch, kept, make)),
            ]
        return found

    async def _create(self, kept: Remembered, check: Check, request: Request) -> Response:
        body = await read_expression(request)
        project = request.path_params["project"]

        def work() -> dict[str, str]:
            check(body, self._service.context())
            return {"name": kept.add(project, body)}

        return await self._service.answer(work)

    async def _fetch(self, kept: Remembered, make: Maker, request: Request) -> Response:
        name = request.url.path.split("/", 2)[2].partition(":")[0]
        return await self._service.run(lambda: _file(make(kept.get(name), self._service.context())))

    async def _tile(self, request: Request) -> Response:
        parameters = request.path_params
        name = f"projects/{parameters['project']}/maps/{parameters['id']}"
        zoom, x, y = (int(parameters[key]) for key in ("zoom", "x", "y"))

        def work() -> Response:
            wanted = self._maps.get(name)
            tile_grid(zoom, x, y)
            return _file(tile(wanted, zoom, x, y, self._service.context()))

        return await self._service.run(work)


def _file(file: File) -> Response:
    # Maps in a browser show tiles of another origin.
    headers = {"Access-Control-Allow-Origin": "*"}
    if file.name:
        safe = "".join(c if c.isalnum() or c in "._- " else "_" for c in file.name)
        headers["Content-Disposition"] = f'attachment; filename="{safe.encode("ascii", "replace").decode()}"'
    return Response(file.content, media_type=file.media_type, headers=headers)
