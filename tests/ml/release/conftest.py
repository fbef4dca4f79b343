"""A small lake with streams of two cities, and a model that is served as the registered one is."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import torch

from lake.aef import quantise, unit_length
from lake.grid import CityGrid, city_grid
from lake.partition_io import Lake
from lake.streams import AEF_NODATA, STREAMS
from ml.export import export
from ml.fusion import ConcatMLP, Encoder
from ml.inference import RegisteredModel
from ml.preprocessing import fit_preprocessing
from ml.registry import column_table
from ml.release.axes import Axes, fit_axes
from ml.release.embeddings import embed_partition

PARTITIONS = (("lanzhou", 2020), ("wuhan", 2020), ("wuhan", 2021))
PIXELS = 450
MISSING = 7
"""Place in the grid of a pixel that every stream lacks."""


def small_grid(city: str) -> CityGrid:
    return city_grid(city, PIXELS)


def stream_tables(city: str, year: int) -> dict[str, pl.DataFrame]:
    """Smooth made-up streams over the small grid, of which one pixel has nothing."""
    grid = small_grid(city)
    rng = np.random.default_rng([year, len(city)])
    x, y = ((centre - centre.mean()) / 1_000 for centre in grid.centres())
    waves = np.sin(np.stack([x, y, x + y, x - y, np.hypot(x, y)], axis=1) + year)
    tables = {}
    for stream in STREAMS.values():
        values = waves @ rng.normal(size=(5, stream.width)) + 0.1 * rng.normal(size=(len(x), stream.width))
        values[MISSING] = np.nan
        columns = quantise(unit_length(values)) if stream.dtype == "Int8" else np.abs(values).astype(np.float32)
        tables[stream.name] = pl.DataFrame({"pixel": grid.pixel, **dict(zip(stream.columns, columns.T, strict=True))})
    return tables


def write_streams(lake: Lake, city: str, year: int, simulated: str = "true") -> None:
    for name, table in stream_tables(city, year).items():
        lake.write(STREAMS[name].dataset, city, year, table, {"simulated": simulated})


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    tables = stream_tables("wuhan", 2020)
    raw = np.concatenate([tables[s.name].select(s.columns).cast(pl.Float32).to_numpy() for s in STREAMS.values()], 1)
    raw[raw == AEF_NODATA] = np.nan
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        return Encoder(fit_preprocessing(raw, np.arange(len(raw))), ConcatMLP(hidden=32)).eval()


@pytest.fixture(scope="session")
def model(encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> RegisteredModel:
    """The encoder through export and MLflow's own loader."""
    import mlflow

    folder = tmp_path_factory.mktemp("model")
    files = {"network": folder / "network.pt2", "columns": folder / "columns.json", "card": folder / "README.md"}
    files["network"].write_bytes(export(encoder))
    files["columns"].write_text(json.dumps(column_table()))
    files["card"].write_text("A random encoder.")
    mlflow.pyfunc.save_model(
        folder / "model",
        python_model=str(Path(__file__).parents[3] / "ml" / "serving_model.py"),
        artifacts={key: str(path) for key, path in files.items()},
        pip_requirements=["torch"],
    )
    pyfunc = mlflow.pyfunc.load_model(str(folder / "model"))
    return RegisteredModel(pyfunc, "aef-econ", "1", "a-run", simulated=True, digest="abc123")


@pytest.fixture(scope="session")
def fill(model: RegisteredModel) -> Callable[[Lake], Axes]:
    """Writes streams and embeddings of all partitions into a lake, and fits the picture axes."""

    def fill_lake(lake: Lake) -> Axes:
        for city, year in PARTITIONS:
            write_streams(lake, city, year)
            embed_partition(lake, model, city, year)
        return fit_axes(lake, PARTITIONS)

    return fill_lake


@pytest.fixture(scope="session")
def embedded_folder(fill: Callable[[Lake], Axes], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("embedded") / "lake"
    fill(Lake(str(folder)))
    return folder


@pytest.fixture
def embedded(embedded_folder: Path, tmp_path: Path) -> Lake:
    """A lake of one's own with streams, embeddings and axes of all partitions."""
    shutil.copytree(embedded_folder, tmp_path / "embedded")
    return Lake(str(tmp_path / "embedded"))


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"))
