"""Embedding a partition with a model that MLflow serves."""

import numpy as np
import polars as pl
import pytest

from lake.errors import BadInputError, PartitionMissingError
from lake.partition_io import Lake
from lake.streams import AEF_NODATA, STREAMS
from ml.fusion import Encoder
from ml.inference import RegisteredModel, embed
from ml.release.embeddings import embed_partition, read_embeddings
from ml.release.layout import EMBEDDINGS
from tests.ml.release.conftest import MISSING, small_grid, stream_tables, write_streams


def test_a_partition_is_embedded_as_the_encoder_does(lake: Lake, model: RegisteredModel, encoder: Encoder) -> None:
    write_streams(lake, "wuhan", 2020)
    written = embed_partition(lake, model, "wuhan", 2020)
    pixel, embeddings = read_embeddings(lake, "wuhan", 2020)
    assert written.rows == len(pixel) == len(small_grid("wuhan").pixel)
    assert np.array_equal(pixel, small_grid("wuhan").pixel)
    assert lake.read(EMBEDDINGS, "wuhan", 2020).schema["embedding"] == pl.Array(pl.Float32, 256)
    assert np.allclose(embeddings, embed(encoder, stream_tables("wuhan", 2020)), atol=1e-6, equal_nan=True)


def test_only_a_pixel_without_any_stream_has_no_embedding(lake: Lake, model: RegisteredModel) -> None:
    write_streams(lake, "wuhan", 2020)
    embed_partition(lake, model, "wuhan", 2020)
    _, embeddings = read_embeddings(lake, "wuhan", 2020)
    assert np.flatnonzero(np.isnan(embeddings).any(axis=1)).tolist() == [MISSING]
    assert np.allclose(np.linalg.norm(np.delete(embeddings, MISSING, axis=0), axis=1), 1, atol=1e-5)


def test_embedding_again_changes_nothing(lake: Lake, model: RegisteredModel) -> None:
    write_streams(lake, "wuhan", 2020)
    first = embed_partition(lake, model, "wuhan", 2020)
    again = embed_partition(lake, model, "wuhan", 2020)
    assert (first.changed, again.changed) == (True, False)
    assert first.content_hash == again.content_hash


def test_it_says_which_model_and_streams_it_came_from(lake: Lake, model: RegisteredModel) -> None:
    write_streams(lake, "wuhan", 2020)
    embed_partition(lake, model, "wuhan", 2020)
    before = lake.metadata(EMBEDDINGS, "wuhan", 2020)
    assert before["model_name"] == "aef-econ"
    assert before["model_digest"] == "abc123"
    lake.write(STREAMS["text"].dataset, "wuhan", 2020, stream_tables("wuhan", 2021)["text"])
    embed_partition(lake, model, "wuhan", 2020)
    assert lake.metadata(EMBEDDINGS, "wuhan", 2020)["streams_version"] != before["streams_version"]


@pytest.mark.parametrize(
    ("streams", "trained", "said"), [("true", False, "true"), ("false", True, "true"), ("false", False, "false")]
)
def test_it_is_simulated_where_streams_or_training_were(
    lake: Lake, model: RegisteredModel, streams: str, trained: bool, said: str
) -> None:
    served = RegisteredModel(model.pyfunc, "aef-econ", "1", "a-run", trained, "abc123")
    write_streams(lake, "wuhan", 2020, simulated=streams)
    embed_partition(lake, served, "wuhan", 2020)
    assert lake.metadata(EMBEDDINGS, "wuhan", 2020)["simulated"] == said


def test_streams_that_are_missing_everywhere_are_refused(lake: Lake, model: RegisteredModel) -> None:
    for name, table in stream_tables("wuhan", 2020).items():
        missing = AEF_NODATA if STREAMS[name].dtype == "Int8" else float("nan")
        dtype = pl.Int8 if STREAMS[name].dtype == "Int8" else pl.Float32
        nothing = table.with_columns(pl.lit(missing, dtype).alias(column) for column in STREAMS[name].columns)
        lake.write(STREAMS[name].dataset, "wuhan", 2020, nothing)
    with pytest.raises(BadInputError, match=r"wuhan\|2020 are missing everywhere: extract"):
        embed_partition(lake, model, "wuhan", 2020)
    assert not lake.exists(EMBEDDINGS, "wuhan", 2020)


def test_a_stream_that_was_never_written_is_named(lake: Lake, model: RegisteredModel) -> None:
    write_streams(lake, "wuhan", 2020)
    with pytest.raises(PartitionMissingError, match=r"streams/aef of wuhan\|2021"):
        embed_partition(lake, model, "wuhan", 2021)
