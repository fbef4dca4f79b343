"""A small made-up knowledge base: fifty operators, what goes with them, three data sets and a few scripts."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from codegen.extraction.signatures import signatures
from codegen.retrieval.index import Index, build_index
from codegen.retrieval.questions import KnowledgeSearch

OPERATORS = (
    "Image", "Image.select", "Image.updateMask", "Image.clip", "Image.reduceRegion", "Image.normalizedDifference",
    "Image.reproject", "Image.rename", "Image.addBands", "Image.multiply", "Image.add", "Image.gt",
    "Image.glcmTexture", "Image.pixelArea", "Image.reduceToVectors", "Image.sample", "Image.classify",
    "ImageCollection", "ImageCollection.filterDate", "ImageCollection.filterBounds", "ImageCollection.map",
    "ImageCollection.median", "ImageCollection.select", "ImageCollection.mosaic", "ImageCollection.first",
    "FeatureCollection", "FeatureCollection.filter", "FeatureCollection.randomPoints", "FeatureCollection.merge",
    "Feature", "Feature.buffer", "Feature.select", "Geometry.Point", "Geometry.Polygon", "Geometry.buffer",
    "Reducer.mean", "Reducer.linearFit", "Reducer.histogram", "Classifier.smileRandomForest", "Classifier.train",
    "ConfusionMatrix.accuracy", "Terrain.slope", "Terrain.hillshade", "Date", "Date.difference", "Dictionary.get",
    "List.map", "Number.divide", "Array.eigen", "Kernel.gaussian",
)  # fmt: skip
DATA_SET = "LANDSAT/LC08/C02/T1_L2"

_CHAINS = {
    ("ImageCollection", "ImageCollection.filterDate", "ImageCollection.map", "ImageCollection.median"): 9,
    ("ImageCollection", "ImageCollection.filterDate", "ImageCollection.median"): 20,
    ("ImageCollection", "ImageCollection.filterDate", "ImageCollection.select"): 15,
    ("ImageCollection", "ImageCollection.filterBounds", "ImageCollection.filterDate", "ImageCollection.first"): 4,
    ("Image", "Image.reduceRegion", "Dictionary.get"): 7,
    ("Image", "Image.select", "Image.updateMask"): 6,
}
_PARAMETER = pl.Struct({"name": pl.String, "type": pl.String, "optional": pl.Boolean, "description": pl.String})
_NAMES = pl.List(pl.String)


def ee(*names: str) -> list[str]:
    return [f"ee.{name}" for name in names]


def _operators() -> pl.DataFrame:
    known = {operator.name: operator for operator in signatures().all()}
    rows: list[dict[str, Any]] = []
    for number, name in enumerate(ee(*OPERATORS)):
        one = known[name]
        given = [{"name": p.name, "type": p.type, "optional": p.optional, "description": ""} for p in one.parameters]
        told = {
            key: getattr(one, key) for key in ("name", "owner", "short", "kind", "returns", "algorithm", "description")
        }
        rows.append(told | {"parameters": given, "deprecated": False, "uses": 100 - number, "scripts": 50 - number})
    return pl.DataFrame(rows, schema_overrides={"parameters": pl.List(_PARAMETER)})


def _relationships() -> pl.DataFrame:
    rows = [
        ("ee.ImageCollection", "ee.ImageCollection.filterDate", "sequential", 40, 30),
        ("ee.ImageCollection.filterDate", "ee.ImageCollection.median", "sequential", 20, 18),
        ("ee.ImageCollection.filterDate", "ee.ImageCollection.select", "sequential", 15, 12),
        ("ee.Image.reduceRegion", "ee.Dictionary.get", "sequential", 7, 6),
        ("ee.Image.select", "ee.Image.reduceRegion", "sequential", 5, 5),
        ("ee.Image.reduceRegion", "ee.Reducer.mean", "nested", 11, 9),
        ("ee.Image.reduceRegion", "ee.Geometry.Polygon", "nested", 3, 3),
        ("Map.addLayer", "ee.Image.clip", "nested", 8, 8),
        ("ee.Reducer.mean", "ee.Geometry.Polygon", "parallel", 3, 3),
    ]
    return pl.DataFrame(rows, schema=["first", "second", "relation", "count", "scripts"], orient="row")


def _chains() -> pl.DataFrame:
    rows = [
        {"chain": " -> ".join(ee(*chain)), "operators": ee(*chain), "count": n, "scripts": n - 1, "example": "s0"}
        for chain, n in _CHAINS.items()
    ]
    return pl.DataFrame(rows)


def made_up() -> dict[str, pl.DataFrame]:
    """All tables by name."""
    return {
        "operators": _operators(),
        "relationships": _relationships(),
        "patterns": pl.DataFrame(
            [
                (ee("Image.select", "Image.updateMask"), True, 2, 6, 0.1, True, True),
                (ee("Image.select"), False, 1, 6, 0.1, False, False),
            ],
            schema=["operators", "ordered", "size", "count", "support", "closed", "maximal"],
            orient="row",
        ),
        "chains": _chains(),
        "functions": pl.DataFrame(
            [("f0", "analysis", "zonal statistics", ["mean", "region"], "Statistics of the pixels in regions.", 9)],
            schema=["function", "category", "name", "terms", "description", "scripts"],
            orient="row",
        ),
        "combinations": pl.DataFrame(
            [("c0", ee("Image.reduceRegion", "Reducer.mean"), 9, 0.2)],
            schema=["combination", "operators", "count", "support"],
            orient="row",
        ),
        "mapping": pl.DataFrame([("c0", "f0", 0.8)], schema=["combination", "function", "score"], orient="row"),
        "datasets": pl.DataFrame(
            [
                (DATA_SET, "USGS Landsat 8 Level 2, surface reflectance", "USGS", "image_collection", "landsat, sr", 5),
                ("COPERNICUS/S1_GRD", "Sentinel-1 SAR radar backscatter", "ESA", "image_collection", "radar, sar", 2),
                ("USGS/SRTMGL1_003", "NASA SRTM digital elevation 30 m", "NASA", "image", "dem, elevation", 1),
            ],
            schema=["id", "title", "provider", "type", "tags", "scripts"],
            orient="row",
        ),
        "dataset_operators": pl.DataFrame(
            [(DATA_SET, "ee.ImageCollection.filterDate", 6, 5), (DATA_SET, "ee.Image.updateMask", 3, 3)],
            schema=["dataset", "operator", "count", "scripts"],
            orient="row",
        ),
        "scripts": _scripts(),
    }


def _scripts() -> pl.DataFrame:
    texts = {
        "s0": (
            "var c = ee.ImageCollection('A/B').filterDate('2020', '2021').median();",
            "Cloud-free composite of a year.",
        ),
        "s1": ("var s = ee.Terrain.slope(ee.Image('USGS/SRTMGL1_003'));", "由高程计算坡度"),
        "s2": ("print(ee.Number(1).divide(2))", ""),
    }
    rows = [(id, "made up", id, "MIT", "javascript", text, said) for id, (text, said) in texts.items()]
    columns = ["id", "corpus", "origin", "licence", "language", "text", "comments"]
    return pl.DataFrame(rows, schema=columns, orient="row")


def write(tables: Mapping[str, pl.DataFrame], folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        table.write_parquet(folder / f"{name}.parquet")
    return folder


@pytest.fixture(scope="session")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(made_up(), tmp_path_factory.mktemp("knowledge"))


@pytest.fixture(scope="session")
def folder(knowledge: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of it; not to be written to."""
    place = tmp_path_factory.mktemp("index") / "index"
    build_index(knowledge, place)
    return place


@pytest.fixture(scope="session")
def index(folder: Path) -> Index:
    return Index.open(folder)


@pytest.fixture(scope="session")
def search(knowledge: Path, folder: Path) -> KnowledgeSearch:
    return KnowledgeSearch.open(knowledge, folder)
