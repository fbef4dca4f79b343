"""The STAC catalogue of the release: a collection per width, an item per city-year, relative links.

An item is written with its partition, since only then its files are at hand to be summed up. Catalogue and collections
are made anew from the items in the lake; the same items give the same bytes, for no wall clock is in them. The folder
`release/` can be copied anywhere as a whole.
"""

import contextlib
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyproj
import pystac
import pystac.validation
from pystac.extensions.file import FileExtension
from pystac.extensions.projection import ProjectionExtension
from pystac.extensions.table import Column, TableExtension

from lake.errors import BadInputError, PartitionMissingError
from lake.grid import PIXEL_SIZE, GridWindow
from lake.partition_io import Lake, Written
from lake.streams import AEF_NODATA
from ml.release import layout

_PARQUET = "application/vnd.apache.parquet"
_ALPHAEARTH = pystac.Provider(
    "Google and Google DeepMind",
    roles=[pystac.ProviderRole.PRODUCER],
    url="https://developers.google.com/earth-engine/datasets/catalog/GOOGLE_SATELLITE_EMBEDDING_V1_ANNUAL",
)
_CORNER_DECIMALS = 6  # of a degree: a tenth of a metre


@dataclass(frozen=True)
class Asset:
    """A file of an item.

    Attributes:
        key: Key of the asset.
        path: Where it lies, relative to the lake.
        title: For people.
        media_type: IANA type.
        roles: STAC roles.
        content: Its bytes, to be summed up.
        fields: What else the asset's entry holds.
    """

    key: str
    path: str
    title: str
    media_type: str
    roles: tuple[str, ...]
    content: bytes
    fields: Mapping[str, Any]


@dataclass(frozen=True)
class Catalogue:
    """What `write_stac` left behind.

    Attributes:
        written: The catalogue first, then a collection a width.
        items: Items of all collections.
    """

    written: tuple[Written, ...]
    items: int


def cog_asset(path: str, content: bytes, width: int) -> Asset:
    """The COG of an item."""
    fields = {
        "bands": [{"name": name} for name in layout.bands(width)],
        "data_type": "int8",
        "nodata": AEF_NODATA,
        "gsd": PIXEL_SIZE,
    }
    title = f"{width}-d embedding, Cloud Optimised GeoTIFF"
    return Asset("embedding", path, title, pystac.MediaType.COG, ("data",), content, fields)


def table_asset(path: str, content: bytes, width: int) -> Asset:
    """The Parquet table of an item."""
    return Asset("table", path, f"{width}-d embedding, Parquet table", _PARQUET, ("data",), content, {})


def picture_asset(path: str, content: bytes) -> Asset:
    """The picture of an item."""
    title = "Colours of the first three principal axes"
    return Asset("picture", path, title, pystac.MediaType.PNG, ("overview",), content, {})


def build_item(edition: layout.Edition, width: int, window: GridWindow, rows: int, assets: Sequence[Asset]) -> bytes:
    """The STAC item of one city-year in one width, as JSON.

    Args:
        edition: What is released; the item's time is the whole of its year.
        width: Width of the released embedding.
        window: Where the raster lies.
        rows: Rows of the table.
        assets: The item's files, a table among them.
    """
    item = pystac.Item(
        id=f"{layout.collection(width)}-{edition.city}-{edition.year}",
        geometry=_footprint(window),
        bbox=_rounded(window.bounds_wgs84),
        datetime=None,
        properties={
            "title": f"AEF-Econ {width}-d, {edition.title}",
            "description": layout.simulated_note(edition.simulated),
            "gsd": PIXEL_SIZE,
            "license": layout.LICENCE,
            "aef_econ:city": edition.city,
            "aef_econ:city_name_zh": edition.place.name_zh,
            "aef_econ:region": edition.place.region,
            "aef_econ:tier": edition.place.tier,
            "aef_econ:model": edition.model,
            "aef_econ:streams_version": edition.streams_version,
            "aef_econ:quantisation": layout.QUANTISATION,
            "aef_econ:simulated": edition.simulated,
        },
        start_datetime=datetime(edition.year, 1, 1, tzinfo=UTC),
        end_datetime=datetime(edition.year, 12, 31, 23, 59, 59, tzinfo=UTC),
        collection=layout.collection(width),
    )
    ProjectionExtension.ext(item, add_if_missing=True).apply(
        code=window.crs,
        shape=[window.height, window.width],
        transform=[float(value) for value in tuple(window.transform)[:6]],
        bbox=list(window.bounds),
    )
    here = layout.item_path(width, edition.city, edition.year)
    for asset in assets:
        _add_asset(item, asset, here)
    table = TableExtension.ext(item.assets["table"], add_if_missing=True)
    table.columns = [Column({"name": name, "type": kind}) for name, kind in _columns(width)]
    table.row_count = rows
    item.add_link(_link(pystac.RelType.ROOT, "../../../catalog.json"))
    item.add_link(_link(pystac.RelType.PARENT, "../../collection.json"))
    item.add_link(_link(pystac.RelType.COLLECTION, "../../collection.json"))
    return _json(item.to_dict(include_self_link=False, transform_hrefs=False))


def write_stac(lake: Lake) -> Catalogue:
    """Writes `release/catalog.json` and each collection from the items in the lake.

    A partition whose item is not there yet is left out: it is being released, or its release was cut off.

    Raises:
        BadInputError: Nothing is released yet.
    """
    found = {width: list(_items(lake, width).values()) for width in layout.WIDTHS}
    items = sum(map(len, found.values()))
    if not items:
        raise BadInputError("Nothing is released yet, so there is nothing to catalogue: release a partition first.")
    simulated = any(_any_simulated(documents) for documents in found.values())
    catalog = pystac.Catalog(
        id="aef-econ",
        title=f"AEF-Econ embeddings{layout.simulated_suffix(simulated)}",
        description=f"City embeddings of 100 m pixels, a city and year an item. {layout.simulated_note(simulated)}",
    )
    catalog.add_link(_link(pystac.RelType.ROOT, "./catalog.json"))
    written = []
    for width, documents in found.items():
        if documents:
            catalog.add_link(_link(pystac.RelType.CHILD, f"./{layout.collection(width)}/collection.json"))
            written.append(lake.write_bytes(_collection_path(width), _collection(width, documents)))
    first = lake.write_bytes(layout.CATALOG, _json(catalog.to_dict(include_self_link=False, transform_hrefs=False)))
    return Catalogue((first, *written), items)


def validate(lake: Lake) -> int:
    """Validates every document of the catalogue against the STAC 1.1 core schemas, which pystac carries with it.

    The schemas of the projection, file and table extensions live on the web and are not looked up, so that this works
    without a network.

    Returns:
        Documents that are valid: all.

    Raises:
        pystac.STACValidationError: One is not; says which and why.
        PartitionMissingError: There is no catalogue.
    """
    documents = {layout.CATALOG: json.loads(lake.read_bytes(layout.CATALOG))}
    for width in layout.WIDTHS:
        items = _items(lake, width)
        if items:
            path = _collection_path(width)
            documents |= {path: json.loads(lake.read_bytes(path)), **items}
    for path, document in documents.items():
        pystac.validation.validate_dict(document, extensions=[], href=path)
    return len(documents)


def _add_asset(item: pystac.Item, asset: Asset, item_path: str) -> None:
    href = _relative(asset.path, item_path)
    entry = pystac.Asset(href, asset.title, None, asset.media_type, list(asset.roles), dict(asset.fields))
    item.add_asset(asset.key, entry)
    FileExtension.ext(entry, add_if_missing=True).apply(
        # a multihash: 12 is sha2-256, 20 its length in bytes
        checksum="1220" + hashlib.sha256(asset.content).hexdigest(),
        size=len(asset.content),
    )


def _collection(width: int, items: Sequence[Mapping[str, Any]]) -> bytes:
    simulated = _any_simulated(items)
    models = sorted({item["properties"]["aef_econ:model"] for item in items})
    collection = pystac.Collection(
        id=layout.collection(width),
        title=f"AEF-Econ embeddings, {width} dimensions{layout.simulated_suffix(simulated)}",
        description=(
            f"The leading {width} dimensions of the AEF-Econ embeddings at unit length, int8, nodata {AEF_NODATA}. "
            f"Dequantise: {layout.QUANTISATION}. {layout.attribution(simulated)} {layout.simulated_note(simulated)}"
        ),
        license=layout.LICENCE,
        keywords=["embedding", "city", "AlphaEarth", "socio-economic"],
        extent=_extent(items),
        providers=[] if simulated else [_ALPHAEARTH],
        summaries=pystac.Summaries(
            {
                "aef_econ:city": sorted({item["properties"]["aef_econ:city"] for item in items}),
                "aef_econ:model": models,
                "proj:code": sorted({item["properties"]["proj:code"] for item in items}),
                "gsd": [PIXEL_SIZE],
            }
        ),
    )
    collection.stac_extensions = [ProjectionExtension.get_schema_uri()]
    collection.add_link(_link(pystac.RelType.ROOT, "../catalog.json"))
    collection.add_link(_link(pystac.RelType.PARENT, "../catalog.json"))
    for item in items:
        city, year = item["properties"]["aef_econ:city"], item["properties"]["start_datetime"][:4]
        collection.add_link(_link(pystac.RelType.ITEM, f"./city={city}/year={year}/item.json"))
    return _json(collection.to_dict(include_self_link=False, transform_hrefs=False))


def _extent(items: Sequence[Mapping[str, Any]]) -> pystac.Extent:
    """The whole extent first, then each city's, as STAC asks."""
    boxes = np.array(sorted({tuple(item["bbox"]) for item in items}))
    whole = [*boxes[:, :2].min(axis=0).tolist(), *boxes[:, 2:].max(axis=0).tolist()]
    spatial = [whole, *boxes.tolist()] if len(boxes) > 1 else [whole]
    years = sorted(int(item["properties"]["start_datetime"][:4]) for item in items)
    start, end = datetime(years[0], 1, 1, tzinfo=UTC), datetime(years[-1], 12, 31, 23, 59, 59, tzinfo=UTC)
    return pystac.Extent(pystac.SpatialExtent(spatial), pystac.TemporalExtent([[start, end]]))


def _items(lake: Lake, width: int) -> dict[str, dict[str, Any]]:
    """The items in the lake by path, sorted by city and year."""
    items = {}
    for city, year in lake.partitions(layout.dataset(width)):
        path = layout.item_path(width, city, year)
        with contextlib.suppress(PartitionMissingError):
            items[path] = json.loads(lake.read_bytes(path))
    return items


def _any_simulated(items: Sequence[Mapping[str, Any]]) -> bool:
    return any(item["properties"]["aef_econ:simulated"] for item in items)


def _collection_path(width: int) -> str:
    return f"{layout.dataset(width)}/collection.json"


def _columns(width: int) -> list[tuple[str, str]]:
    return [
        ("pixel", "uint32"),
        ("lon", "double"),
        ("lat", "double"),
        *((name, "int8") for name in layout.bands(width)),
    ]


def _footprint(window: GridWindow) -> dict[str, Any]:
    """The window's corners in degrees, counter-clockwise, as a GeoJSON polygon."""
    west, south, east, north = window.bounds
    to_degrees = pyproj.Transformer.from_crs(window.crs, "EPSG:4326", always_xy=True)
    corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    return {"type": "Polygon", "coordinates": [[_rounded(to_degrees.transform(x, y)) for x, y in corners]]}


def _rounded(degrees: Sequence[float]) -> list[float]:
    return [round(float(value), _CORNER_DECIMALS) for value in degrees]


def _relative(path: str, document: str) -> str:
    """The way from a document to a file, both relative to the lake; with forward slashes on every system."""
    here, there = document.split("/")[:-1], path.split("/")
    shared = 0
    while shared < min(len(here), len(there) - 1) and here[shared] == there[shared]:
        shared += 1
    up = [
        "..",
    ] * (len(here) - shared) or ["."]
    return "/".join([*up, *there[shared:]])


def _link(rel: str, href: str) -> pystac.Link:
    return pystac.Link(rel, href, pystac.MediaType.GEOJSON if rel == pystac.RelType.ITEM else pystac.MediaType.JSON)


def _json(document: Mapping[str, Any]) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()
