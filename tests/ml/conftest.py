"""A small lake of streams and labels that follow from common hidden factors; no Earth Engine is asked."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from lake.cities import CITIES
from lake.partition_io import Lake
from lake.streams import STREAMS, Stream
from ml.config import TrainingConfig
from ml.dataset import LABELS_DATASET, StreamTable, load_streams
from ml.probes import SPLIT_DATASETS
from ml.tracking import Tracking

PARTITIONS = tuple((city, year) for city in ("wuhan", "lanzhou", "shenyang", "haikou") for year in (2020, 2021))
PIXELS = 120
FACTORS = 6
SEEN_BY_AEF = 3
"""Of the factors; the others show in narrow streams only, as in the world that CAR is made for."""
LABELS = ("gdp_density", "house_price", "pm25")
TINY = TrainingConfig(width=32, heads=(16,), hidden=48, epochs=3, batch=128, threads=1)


def stream_values(stream: Stream, factors: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float32]:
    """Columns of a stream in plausible raw units: a fixed mixture of the factors, with noise."""
    mixture = np.random.default_rng(stream.width).normal(size=(factors.shape[1], stream.width))
    if stream.name == "aef":
        mixture[SEEN_BY_AEF:] = 0.0
    values = np.tanh(0.6 * factors @ mixture) + 0.1 * rng.normal(size=(len(factors), stream.width))
    if stream.name == "aef":
        values /= np.linalg.norm(values, axis=1, keepdims=True)
        return np.rint(np.sign(values) * np.sqrt(np.abs(values)) * 127.5).clip(-127, 127).astype(np.float32)
    if stream.name in {"indices", "text"}:
        return values.astype(np.float32)
    return np.expm1(1.5 * np.abs(values)).astype(np.float32)


def stream_table(stream: Stream, values: NDArray[np.float32], pixel: NDArray[np.uint32]) -> pl.DataFrame:
    """A stream as the lake holds it."""
    dtype = pl.Int8 if stream.dtype == "Int8" else pl.Float32
    columns = {name: pl.Series(values[:, i]).cast(dtype) for i, name in enumerate(stream.columns)}
    return pl.DataFrame({"pixel": pl.Series(pixel, dtype=pl.UInt32), **columns})


def write_streams(lake: Lake, partitions: Sequence[tuple[str, int]], pixels: int = PIXELS) -> pl.DataFrame:
    """Writes the seven streams of the partitions and returns keys and labels."""
    labels = []
    for number, (city, year) in enumerate(partitions):
        rng = np.random.default_rng((7, number))
        factors = rng.normal(size=(pixels, FACTORS))
        pixel = np.arange(pixels, dtype=np.uint32)
        for name, stream in STREAMS.items():
            table = stream_table(stream, stream_values(stream, factors, rng), pixel)
            lake.write(stream.dataset, city, year, table, {"stream": name, "simulated": "true"})
        truth = factors @ np.random.default_rng(11).normal(size=(FACTORS, len(LABELS)))
        values = truth + 0.3 * rng.normal(size=truth.shape)
        keys = {"city": [city] * pixels, "year": [year] * pixels, "pixel": pixel}
        labels.append(pl.DataFrame({**keys, **{name: values[:, i] for i, name in enumerate(LABELS)}}))
    return pl.concat(labels).cast({"year": pl.Int32, "pixel": pl.UInt32})


def write_labels(lake: Lake, labels: pl.DataFrame) -> None:
    """Writes the label table and the three splits, as dbt's hand-off does."""
    lake.write_table(LABELS_DATASET, labels)
    blocks = labels.select("city", "pixel").unique().sort("city", "pixel")
    lake.write_table(SPLIT_DATASETS["E1"], blocks.with_columns((pl.col("pixel") // 8 % 5).cast(pl.Int32).alias("fold")))
    for split, attribute in (("E2", "region"), ("E3", "tier")):
        folds = {"city": list(CITIES), "fold": [getattr(city, attribute) for city in CITIES.values()]}
        lake.write_table(SPLIT_DATASETS[split], pl.DataFrame(folds))


@pytest.fixture(scope="session")
def filled_lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Streams, labels and splits of four cities and two years; read-only."""
    lake = Lake(str(tmp_path_factory.mktemp("lake")))
    write_labels(lake, write_streams(lake, PARTITIONS))
    return lake


@pytest.fixture(scope="session")
def data(filled_lake: Lake) -> StreamTable:
    return load_streams(filled_lake, PARTITIONS)


MakeTracking = Callable[[Path], Tracking]


@pytest.fixture(scope="session")
def make_tracking(tmp_path_factory: pytest.TempPathFactory) -> MakeTracking:
    """Makes a store in a folder. Its tables are made once and copied, for MLflow takes seconds for them."""
    from mlflow import MlflowClient

    blank = tmp_path_factory.mktemp("blank") / "mlflow.db"
    MlflowClient(f"sqlite:///{blank}").search_experiments()

    def make(folder: Path) -> Tracking:
        shutil.copyfile(blank, folder / "mlflow.db")
        return Tracking(f"sqlite:///{folder / 'mlflow.db'}", str(folder / "artifacts"))

    return make


@pytest.fixture
def tracking(tmp_path: Path, make_tracking: MakeTracking) -> Tracking:
    return make_tracking(tmp_path)
