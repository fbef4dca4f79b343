"""A small table whose three streams and labels follow from hidden factors, and one model fitted to it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from ml.own_table.fitting import fit
from ml.own_table.layout import resolve
from ml.own_table.matrix import Matrix, read_matrix
from ml.own_table.sources import open_source
from ml.own_table.spec import Spec, load_spec

ROWS = 360
SPEC = """
streams:
  bands: {columns: "band_*", kind: direction}
  counts: {columns: [shops, people], transform: log1p}
  heat: {columns: heat}
labels: {income: quantity, use: class}
groups: region
keys: [place, region]
origin: Made up for a test.
budget: {epochs: 12, width: 8, heads: [4], hidden: 32, batch: 64}
"""


def made_table(rows: int = ROWS, seed: int = 3) -> pl.DataFrame:
    """Places in three regions: `income` shows in `counts` only, `use` in the bands."""
    rng = np.random.default_rng(seed)
    factors = rng.normal(size=(rows, 4))
    bands = np.tanh(factors @ np.random.default_rng(5).normal(size=(4, 6))) + 0.05 * rng.normal(size=(rows, 6))
    return pl.DataFrame({
        "place": np.arange(rows),
        "region": np.array(["east", "north", "west"])[np.arange(rows) % 3],
        **{f"band_{i}": bands[:, i] for i in range(6)},
        "shops": np.floor(np.exp(2 + factors[:, 0])),
        "people": np.floor(np.exp(4 + 0.5 * factors[:, 0])),
        "heat": factors[:, 1] + 0.1 * rng.normal(size=rows),
        "income": factors[:, 0] + 0.1 * rng.normal(size=rows),
        "use": np.where(factors[:, 1] > 0, "homes", "works"),
        "x": rng.uniform(0, 1000, rows),
        "y": rng.uniform(0, 1000, rows),
    })  # fmt: skip


def silent(_: str) -> None:
    """Hears and says nothing."""


def write_spec(folder: Path, text: str = SPEC) -> Path:
    path = folder / "spec.yaml"
    path.write_text(text, encoding="utf-8")
    return path


Read = Callable[..., Matrix]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads a frame as `fit` would, under a spec's text."""

    def read_frame(table: pl.DataFrame, text: str = SPEC) -> Matrix:
        path = tmp_path / "table.parquet"
        table.write_parquet(path)
        spec, source = load_spec(write_spec(tmp_path, text)), open_source(path)
        layout = resolve(spec.streams, source, spec.columns)
        return read_matrix(source, layout, spec.columns, spec.where, tmp_path / "out", silent)

    return read_frame


def spec_of(**fields: Any) -> Spec:
    return Spec.model_validate({"streams": {"all": {"columns": ["band_*"]}}, **fields})


@dataclass(frozen=True)
class Fitted:
    """A fit that is done.

    Attributes:
        table: Its table.
        spec: Its spec.
        out: Its results.
        report: `report.json`.
        said: What was said on the way.
    """

    table: Path
    spec: Path
    out: Path
    report: dict[str, Any]
    said: list[str]


@pytest.fixture(scope="session")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Fitted:
    """The small table, fitted; read-only."""
    folder = tmp_path_factory.mktemp("fitted")
    table, spec, said = folder / "places.parquet", write_spec(folder), list[str]()
    made_table().write_parquet(table)
    path = fit(table, spec, folder / "out", said.append)
    return Fitted(table, spec, folder / "out", json.loads(path.read_text(encoding="utf-8")), said)
