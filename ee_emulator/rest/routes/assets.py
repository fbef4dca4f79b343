"""Assets: reading those of the catalogue, and everything with the client's own."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from itertools import islice
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ee_emulator.catalog.base import TableAsset, TableRow
from ee_emulator.encode import encode
from ee_emulator.errors import EarthEngineError
from ee_emulator.registry import invoke
from ee_emulator.rest.asset_filter import asset_filter, region_of
from ee_emulator.rest.assets import asset_id_of, describe_asset, find_asset, list_children, not_found
from ee_emulator.rest.own_assets import OwnAssets
from ee_emulator.rest.pixels import compute_pixels
from ee_emulator.rest.service import Service, page_of, read_body

Verb = Callable[[str, Mapping[str, Any]], Any]
BASIC = ("type", "name", "id")


class AssetRoutes:
    """The methods of `projects.assets`."""

    def __init__(self, service: Service, own: OwnAssets) -> None:
        self._service = service
        self._own = own
        self._gets: Mapping[str, Verb] = {
            "": self._describe,
            "listAssets": self._list,
            "listImages": self._list_images,
            "listFeatures": self._list_features,
        }
        self._posts: Mapping[str, Verb] = {
            "copy": self._copy,
            "move": self._move,
            "getIamPolicy": lambda name, _: own.policy(name),
            "setIamPolicy": lambda name, body: own.set_policy(name, body.get("policy") or {}),
            "testIamPermissions": self._test_permissions,
        }

    def routes(self, project: str) -> list[Route]:
        """The routes under a project's path; the project itself lists its root."""
        asset = project + "/assets/{path:path}"
        return [
            Route(project + "/assets", self._create, methods=["POST"]),
            Route(project + ":listAssets", self._get),
            Route(project + "/assets", self._get),
            Route(asset, self._get),
            Route(asset, self._post, methods=["POST"]),
            Route(asset, self._patch, methods=["PATCH"]),
            Route(asset, self._delete, methods=["DELETE"]),
        ]

    async def _get(self, request: Request) -> Response:
        name, verb = _name_and_verb(request)
        method = self._gets.get(verb)
        if method is None:
            raise EarthEngineError(f"not supported by the emulator: GET {request.url.path}")
        query = dict(request.query_params)
        return await self._service.answer(lambda: method(name, query))

    async def _post(self, request: Request) -> Response:
        name, verb = _name_and_verb(request)
        body = await read_body(request)
        if verb == "getPixels":
            return await self._service.run(lambda: self._pixels(name, body))
        method = self._posts.get(verb)
        if method is None:
            raise EarthEngineError(f"not supported by the emulator: POST {request.url.path}")
        return await self._service.answer(lambda: method(name, body))

    async def _create(self, request: Request) -> Response:
        body = await read_body(request)
        parent, asset_id = _name_and_verb(request)[0], request.query_params.get("assetId", "")
        return await self._service.answer(lambda: self._own.create(f"{parent}/{asset_id}", body))

    async def _patch(self, request: Request) -> Response:
        body = await read_body(request)
        name, mask = _name_and_verb(request)[0], _mask(body.get("updateMask"))
        return await self._service.answer(lambda: self._own.update(name, body.get("asset") or {}, mask))

    async def _delete(self, request: Request) -> Response:
        name, _ = _name_and_verb(request)

        def work() -> dict[str, Any]:
            self._own.delete(name)
            return {}

        return await self._service.answer(work)

    def _describe(self, name: str, _: Mapping[str, Any]) -> dict[str, Any]:
        return self._own.describe(name) or describe_asset(find_asset(self._service.catalog, name))

    def _list(self, name: str, query: Mapping[str, Any]) -> dict[str, Any]:
        return self._page_of_children(name, query, "assets")

    def _list_images(self, name: str, query: Mapping[str, Any]) -> dict[str, Any]:
        return self._page_of_children(name, query, "images")

    def _page_of_children(self, name: str, query: Mapping[str, Any], key: str) -> dict[str, Any]:
        if re.fullmatch(r"projects/[^/]+", name):  # how the client asks for the root folder of a project
            name += "/assets"
        start, size = page_of(query.get("pageToken"), query.get("pageSize"))
        children = self._children(name)
        found = [children[asset_id] for asset_id in sorted(children)]
        wanted = _with_times(query)
        if wanted or key == "images":
            passes = asset_filter(wanted)
            kept = (asset for asset in (describe() for describe in found) if passes(asset))
            shown = [asset for asset in kept if key == "assets" or asset["type"] == "IMAGE"]
            count, page = len(shown), shown[start : start + size]
        else:  # a collection may have thousands of images: only those of the page are described
            count, page = len(found), [describe() for describe in found[start : start + size]]
        if query.get("view") == "BASIC":
            page = [{field: child[field] for field in BASIC} for child in page]
        return {key: page} | ({"nextPageToken": str(start + size)} if start + size < count else {})

    def _children(self, name: str) -> dict[str, Callable[[], dict[str, Any]]]:
        """For each asset under a folder or collection its id and what describes it."""
        own = self._own.describe(name)
        if own is not None and own["type"] not in ("FOLDER", "IMAGE_COLLECTION"):
            raise EarthEngineError(f"Asset '{own['id']}' is not a folder or an image collection.")
        others = list_children(self._service.catalog, name, required=own is None)
        found: dict[str, Callable[[], dict[str, Any]]] = {a.id: partial(describe_asset, a) for a in others}
        mine = self._own.children(name) if own is not None else []
        return found | {child["id"]: partial(dict, child) for child in mine}

    def _list_features(self, name: str, query: Mapping[str, Any]) -> dict[str, Any]:
        """One page of a stored table; no more of it is read than the page needs."""
        asset_id = asset_id_of(name)
        table = self._service.catalog.get(asset_id)
        if not hasattr(table, "rows"):
            raise not_found(asset_id) if table is None else EarthEngineError(f"Asset '{asset_id}' is not a table.")
        bounds = region_of(query["region"]).bounds if query.get("region") else None
        passes = asset_filter(_with_times(query))
        start, size = page_of(query.get("pageToken"), query.get("pageSize"))
        rows = (_feature(row) for row in cast(TableAsset, table).rows(bounds))
        page = list(islice((row for row in rows if passes(row)), start, start + size + 1))
        more = {"nextPageToken": str(start + size)} if len(page) > size else {}
        return {"type": "FeatureCollection", "features": page[:size]} | more

    def _pixels(self, name: str, body: Mapping[str, Any]) -> Response:
        context = self._service.context()
        image = invoke("Image.load", {"id": asset_id_of(name)}, context)
        file = compute_pixels(image, body, context)
        return Response(file.content, media_type=file.media_type)

    def _copy(self, name: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return self._own.copy(name, _destination(body), overwrite=bool(body.get("overwrite")))

    def _move(self, name: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return self._own.move(name, _destination(body))

    def _test_permissions(self, name: str, body: Mapping[str, Any]) -> dict[str, Any]:
        asked = body.get("permissions", [])
        if not isinstance(asked, list) or not all(isinstance(permission, str) for permission in asked):
            raise EarthEngineError("Invalid value at 'permissions': it must be a list of texts.")
        return {"permissions": self._own.permissions(name, asked)}


def _feature(row: TableRow) -> dict[str, Any]:
    """A stored row as a GeoJSON feature."""
    properties = {key: encode(value) for key, value in row.properties.items()}
    return {"type": "Feature", "geometry": row.geometry, "id": row.id, "properties": properties}


def _name_and_verb(request: Request) -> tuple[str, str]:
    """The resource's name, without the version before it, and what follows its colon."""
    path = request.url.path.lstrip("/").partition("/")[2]
    name, _, verb = path.partition(":")
    return name.rstrip("/"), verb


def _destination(body: Mapping[str, Any]) -> str:
    name = body.get("destinationName")
    if not isinstance(name, str):
        raise EarthEngineError("Invalid request: 'destinationName' is missing.")
    return name


def _mask(mask: Any) -> list[str]:
    """The paths of a field mask, which comes as an object or as text with commas."""
    paths = mask.get("paths") if isinstance(mask, Mapping) else mask
    if isinstance(paths, str):
        paths = paths.split(",")
    if paths is not None and not isinstance(paths, list):
        raise EarthEngineError("Invalid value at 'updateMask': it must be a list of paths.")
    return [str(path) for path in paths or []]


def _with_times(query: Mapping[str, Any]) -> str:
    """A filter with the times and the region that the older parameters carry."""
    parts = [query.get("filter")]
    parts.append(f'startTime >= "{query["startTime"]}"' if query.get("startTime") else None)
    parts.append(f'endTime < "{query["endTime"]}"' if query.get("endTime") else None)
    parts.append('intersects("' + query["region"].replace('"', "'") + '")' if query.get("region") else None)
    return " AND ".join(part for part in parts if part)
