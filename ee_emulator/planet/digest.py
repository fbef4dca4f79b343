"""One digest over samples of every data set: it says whether the planet is still the one that models were tuned on."""

import hashlib
import json
from typing import cast

from ee_emulator.catalog.base import Asset, ImageAsset, ImageCollectionAsset, TableAsset, Window
from ee_emulator.planet.assets import to_degrees
from ee_emulator.planet.catalog import SimulatedCatalog

# A piece of Wuhan and one of Lanzhou, degrees.
_PLACES = ((114.28, 30.57, 114.30, 30.59), (103.82, 36.05, 103.84, 36.07))


def digest(catalog: SimulatedCatalog | None = None) -> dict[str, str]:
    """A digest for each asset, from windows and rows at two places."""
    catalog = catalog or SimulatedCatalog()
    return {asset_id: _digest(asset) for asset_id, asset in sorted(catalog.assets.items())}


def _digest(asset: Asset) -> str:
    if hasattr(asset, "images"):
        return _digest_collection(cast(ImageCollectionAsset, asset))
    if hasattr(asset, "read"):
        return _digest_image(cast(ImageAsset, asset))
    return _digest_table(asset)


def _digest_table(table: TableAsset) -> str:
    found = hashlib.sha256()
    for place in _PLACES:
        for row in table.rows(place):
            text = json.dumps([row.id, row.geometry, row.properties], sort_keys=True, ensure_ascii=False)
            found.update(text.encode())
    return found.hexdigest()[:16]


def _digest_collection(collection: ImageCollectionAsset) -> str:
    found = hashlib.sha256()
    for place in _PLACES:
        images = list(collection.images(place))
        found.update("\n".join(image.id for image in images).encode())
        for image in images[:: max(1, len(images) // 3)]:
            found.update(_window_bytes(image, (place[0] + place[2]) / 2, (place[1] + place[3]) / 2))
    return found.hexdigest()[:16]


def _digest_image(image: ImageAsset) -> str:
    found = hashlib.sha256(image.id.encode())
    for place in _PLACES:
        found.update(_window_bytes(image, (place[0] + place[2]) / 2, (place[1] + place[3]) / 2))
    return found.hexdigest()[:16]


def _window_bytes(image: ImageAsset, lon: float, lat: float) -> bytes:
    """12 × 12 pixels of every band about a place."""
    content = b""
    for band in image.bands:
        x, y = (lon, lat)
        if band.crs != "EPSG:4326":
            x, y = to_degrees(band.crs).transform(lon, lat, direction="INVERSE")
        column, row = ~band.transform @ (x, y)
        pixels = image.read([band.name], Window(int(column), int(row), 12, 12))[band.name]
        content += pixels.values.tobytes() + pixels.mask.tobytes()
    return content
