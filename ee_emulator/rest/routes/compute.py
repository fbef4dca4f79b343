"""Answers that are computed while the client waits: values, pixels, and pages of tables and collections."""

import threading
from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ee_emulator.encode import encode, encode_feature
from ee_emulator.registry import coerce
from ee_emulator.rest.pixels import compute_pixels
from ee_emulator.rest.service import Service, as_json, page_of, read_expression, value_of

REMEMBERED = 4


class ComputeRoutes:
    """`value:compute`, `image:computePixels`, `table:computeFeatures` and `imageCollection:computeImages`."""

    def __init__(self, service: Service) -> None:
        self._service = service
        # Pages of one table are asked for one after the other: its elements are computed for the first only.
        self._elements: dict[bytes, list[Any]] = {}
        self._lock = threading.Lock()

    def routes(self, project: str) -> list[Route]:
        """The routes under a project's path."""
        return [
            Route(project + "/value:compute", self.value, methods=["POST"]),
            Route(project + "/image:computePixels", self.pixels, methods=["POST"]),
            Route(project + "/table:computeFeatures", self.features, methods=["POST"]),
            Route(project + "/imageCollection:computeImages", self.images, methods=["POST"]),
        ]

    async def value(self, request: Request) -> Response:
        """The value of an expression."""
        body = await read_expression(request)
        return await self._service.run(
            lambda: as_json({"result": encode(value_of(body, self._service.context()))}),
        )

    async def pixels(self, request: Request) -> Response:
        """Pixels of an image over a grid."""
        body = await read_expression(request)

        def work() -> Response:
            context = self._service.context()
            file = compute_pixels(value_of(body, context), body, context)
            return Response(file.content, media_type=file.media_type)

        return await self._service.run(work)

    async def features(self, request: Request) -> Response:
        """One page of a table."""
        body = await read_expression(request)

        def work() -> dict[str, Any]:
            page, token = self._page(body, "FeatureCollection")
            features = [encode_feature(feature) for feature in page]
            return {"type": "FeatureCollection", "features": features} | token

        return await self._service.answer(work)

    async def images(self, request: Request) -> Response:
        """One page of the images of a collection, as `getInfo` shows them."""
        body = await read_expression(request)

        def work() -> dict[str, Any]:
            page, token = self._page(body, "ImageCollection")
            return {"images": [encode(image) for image in page]} | token

        return await self._service.answer(work)

    def _page(self, body: Mapping[str, Any], kind: str) -> tuple[list[Any], dict[str, str]]:
        """The elements of one page, and the token of the next in the shape of an answer."""
        key = kind.encode() + orjson.dumps(body["expression"], option=orjson.OPT_SORT_KEYS)
        start, size = page_of(body.get("pageToken"), body.get("pageSize"))
        elements = self._elements.get(key)
        if elements is None:
            context = self._service.context()
            elements = list(coerce(value_of(body, context), kind, context).elements())
        end = start + size
        self._remember(key, elements if end < len(elements) else None)
        return elements[start:end], {"nextPageToken": str(end)} if end < len(elements) else {}

    def _remember(self, key: bytes, elements: list[Any] | None) -> None:
        with self._lock:
            self._elements.pop(key, None)
            if elements is None:
                return
            while len(self._elements) >= REMEMBERED:
                self._elements.pop(next(iter(self._elements)))
            self._elements[key] = elements
