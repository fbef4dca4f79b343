"""The exported graph is the network, in one file, for any number of rows."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from ml.dataset import StreamTable
from ml.export import example_rows, export, load
from ml.fusion import ConcatMLP, Encoder
from ml.inference import embed_matrix
from ml.preprocessing import fit_preprocessing
from ml.schema import SEVEN


@pytest.fixture(scope="module")
def encoder(data: StreamTable) -> Encoder:
    torch.manual_seed(1)
    raw = data.raw
    return Encoder(fit_preprocessing(raw, np.arange(len(raw))), ConcatMLP(256, 32)).eval()


@pytest.fixture(scope="module")
def archive(encoder: Encoder) -> bytes:
    return export(encoder)


@pytest.mark.parametrize("rows", [1, 2, 7, 8, 500])
def test_any_number_of_rows_gives_the_networks_embeddings(
    encoder: Encoder, archive: bytes, data: StreamTable, rows: int
) -> None:
    raw = data.raw[:rows].copy()
    raw[:, 3] = -128
    raw[0, 60:90] = np.nan
    with torch.inference_mode():
        found = load(archive)(torch.from_numpy(raw)).numpy()
    np.testing.assert_allclose(found, embed_matrix(encoder, raw), atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1.0, atol=1e-5)


def test_a_row_of_nothing_gives_nan_in_the_graph_too(archive: bytes) -> None:
    raw = torch.full((2, SEVEN.width), torch.nan)
    raw[1, 100] = 1.0
    with torch.inference_mode():
        found = load(archive)(raw)
    assert torch.isnan(found[0]).all()
    assert torch.isfinite(found[1]).all()


def test_the_graph_needs_torch_alone(archive: bytes, tmp_path: Path) -> None:
    (tmp_path / "network.pt2").write_bytes(archive)
    script = (
        "import sys, torch\n"
        "network = torch.export.load('network.pt2').module()\n"
        f"assert network(torch.ones(3, {SEVEN.width})).shape == (3, 256)\n"
        "assert not {'ml', 'lake'} & {name.split('.')[0] for name in sys.modules}\n"
    )
    subprocess.run([sys.executable, "-P", "-c", script], cwd=tmp_path, check=True)


def test_examples_are_the_most_complete_rows() -> None:
    raw = np.zeros((6, 4), np.float32)
    raw[[0, 2, 5]] = np.nan
    raw[1, 0] = np.nan
    np.testing.assert_array_equal(example_rows(raw, 3), raw[[3, 4, 1]])
