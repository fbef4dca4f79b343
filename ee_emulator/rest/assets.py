"""Assets as the REST interface describes them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast

import shapely

from ee_emulator.catalog.base import Asset, BandSpec, Catalog, ImageAsset, ImageCollectionAsset
from ee_emulator.encode import encode, geojson
from ee_emulator.errors import EarthEngineError

PUBLIC = "projects/earthengine-public/assets/"
LEGACY = "projects/earthengine-legacy/assets/"


def asset_id_of(name: str) -> str:
    """The id that expressions use, from a resource name (`projects/earthengine-public/assets/X` → `X`)."""
    return name.rstrip("/").removeprefix(PUBLIC).removeprefix(LEGACY)


def resource_name_of(asset_id: str) -> str:
    """The resource name of an id."""
    if asset_id.startswith("users/"):
        return LEGACY + asset_id
    return asset_id if asset_id.startswith("projects/") else PUBLIC + asset_id


def find_asset(catalog: Catalog, name: str) -> Asset:
    """The asset with this resource name or id.

    Raises:
        EarthEngineError: 404, in Earth Engine's words.
    """
    asset = catalog.get(asset_id_of(name))
    if asset is None:
        raise not_found(asset_id_of(name))
    return asset


def not_found(asset_id: str) -> EarthEngineError:
    """Earth Engine's answer for an asset that does not exist or that the caller may not see."""
    return EarthEngineError(
        f"Asset '{asset_id}' not found (does not exist or caller does not have access).", 404, "NOT_FOUND"
    )


def asset_type(asset: Asset) -> str:
    """`IMAGE`, `IMAGE_COLLECTION`, `TABLE` or `CLASSIFIER`."""
    if hasattr(asset, "expression"):
        return "CLASSIFIER"
    if hasattr(asset, "read"):
        return "IMAGE"
    return "IMAGE_COLLECTION" if hasattr(asset, "images") else "TABLE"


def describe_asset(asset: Asset) -> dict[str, Any]:
    """An asset's JSON."""
    answer: dict[str, Any] = {
        "type": asset_type(asset),
        "name": resource_name_of(asset.id),
        "id": asset.id,
        "properties": {
            key: encode(value) for key, value in asset.properties.items() if not key.startswith("system:time")
        },
    }
    for key, field in (("system:time_start", "startTime"), ("system:time_end", "endTime")):
        if key in asset.properties:
            answer[field] = rfc3339(float(asset.properties[key]))
    if answer["type"] == "IMAGE":
        image = cast(ImageAsset, asset)
        answer["geometry"] = geojson(shapely.box(*image.bounds))
        answer["bands"] = [_describe_band(band) for band in image.bands]
    return answer


def _describe_band(band: BandSpec) -> dict[str, Any]:
    t = band.transform
    grid: dict[str, Any] = {
        "crsCode": band.crs,
        "affineTransform": {
            "scaleX": t.a,
            "shearX": t.b,
            "translateX": t.c,
            "shearY": t.d,
            "scaleY": t.e,
            "translateY": t.f,
        },
    }
    if band.dimensions:
        grid["dimensions"] = {"width": band.dimensions[0], "height": band.dimensions[1]}
    precision = {"float32": "FLOAT", "float64": "DOUBLE"}.get(band.dtype, "INT")
    return {"id": band.name, "dataType": {"precision": precision}, "grid": grid}


def rfc3339(ms: float) -> str:
    """A moment as the interface writes it."""
    moment = datetime.fromtimestamp(ms / 1000, UTC)
    fraction = f".{moment.microsecond // 1000:03d}" if moment.microsecond >= 1000 else ""
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + fraction + "Z"


def list_children(catalog: Catalog, parent: str, *, required: bool = True) -> Sequence[Asset]:
    """The assets under a folder or collection.

    Raises:
        EarthEngineError: 404 where there is nothing of that name, if it is `required`.
    """
    asset_id = asset_id_of(parent)
    found = catalog.get(asset_id)
    if found is not None and asset_type(found) == "IMAGE_COLLECTION":
        return list(cast(ImageCollectionAsset, found).images())
    children = catalog.list(asset_id)
    if required and not children and found is None:
        raise not_found(asset_id)
    return children
