"""Embeddings of partitions."""

import numpy as np
import polars as pl
import pytest
import torch

from lake.errors import BadInputError
from lake.partition_io import Lake
from lake.streams import STREAMS
from ml.dataset import StreamTable
from ml.fusion import ConcatMLP, Encoder
from ml.inference import BATCH, RegisteredModel, embed, embed_matrix, embed_table, embedded_pixels, matryoshka
from ml.preprocessing import fit_preprocessing
from ml.schema import SEVEN


@pytest.fixture(scope="module")
def encoder(data: StreamTable) -> Encoder:
    torch.manual_seed(2)
    raw = data.raw
    return Encoder(fit_preprocessing(raw, np.arange(len(raw))), ConcatMLP(256, 32)).eval()


def streams(lake: Lake) -> dict[str, pl.DataFrame]:
    return {name: lake.read(stream.dataset, "wuhan", 2020) for name, stream in STREAMS.items()}


def test_batches_do_not_change_the_embeddings(encoder: Encoder, data: StreamTable) -> None:
    raw = data.raw
    many = np.tile(raw, (2 * BATCH // len(raw) + 1, 1))
    found = embed_matrix(encoder, many)
    assert found.shape == (len(many), 256)
    np.testing.assert_allclose(found, np.tile(embed_matrix(encoder, raw), (len(many) // len(raw), 1)), atol=1e-6)


def test_no_rows_give_no_embeddings(encoder: Encoder) -> None:
    assert embed_matrix(encoder, np.empty((0, SEVEN.width), np.float32)).shape == (0, 256)


def test_a_partition_has_the_embeddings_of_its_rows(encoder: Encoder, filled_lake: Lake, data: StreamTable) -> None:
    tables = streams(filled_lake)
    shuffled = {name: table.sample(fraction=1, shuffle=True, seed=3) for name, table in tables.items()}
    embeddings = embed(encoder, shuffled)
    assert embedded_pixels(shuffled).to_list() == sorted(tables["aef"]["pixel"])
    rows = data.keys.with_row_index().filter(city="wuhan", year=2020)["index"].to_numpy()
    np.testing.assert_allclose(embeddings, embed_table(encoder, data)[rows], atol=1e-6)


def test_a_pixel_that_only_one_stream_has_is_embedded(encoder: Encoder, filled_lake: Lake) -> None:
    tables = streams(filled_lake)
    extra = tables["poi"].head(1).with_columns(pl.lit(99_999, pl.UInt32).alias("pixel"))
    tables["poi"] = pl.concat([tables["poi"], extra])
    assert embedded_pixels(tables)[-1] == 99_999
    assert np.linalg.norm(embed(encoder, tables)[-1]) == pytest.approx(1.0, abs=1e-5)


def test_matryoshka_embeddings_have_unit_length_and_keep_nan() -> None:
    embeddings = np.random.default_rng(0).normal(size=(4, 256)).astype(np.float32)
    embeddings[2] = np.nan
    head = matryoshka(embeddings, 64)
    assert head.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(head[[0, 1, 3]], axis=1), 1.0, atol=1e-6)
    assert np.isnan(head[2]).all()
    np.testing.assert_allclose(head[0] * np.linalg.norm(embeddings[0, :64]), embeddings[0, :64], rtol=1e-5)


class OtherColumns:
    """A registered model of another time."""

    columns = ("A00", "ndvi")

    def unwrap_python_model(self) -> "OtherColumns":
        return self


def test_a_registered_model_of_other_columns_is_refused(data: StreamTable) -> None:
    model = RegisteredModel(OtherColumns(), "aef-econ", "7", "run", simulated=True, digest="d")
    with pytest.raises(BadInputError, match="Version 7 of aef-econ was trained on other stream columns"):
        embed_table(model, data)
