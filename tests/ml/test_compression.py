"""What smaller embeddings cost, against what is known of the embeddings tried."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors

from lake.aef import unit_length
from lake.errors import BadInputError
from lake.partition_io import Lake
from ml.compression import CompressionStudy, compression_study, neighbours, principal_axes, stored_forms
from ml.compression_report import compression_advice, compression_figure, compression_table
from ml.probes import Benchmark
from ml.size_studies import COMPRESSION_DATASET, run_compression_study
from ml.splits import leave_one_out, tabular_benchmark
from tests.ml.conftest import PARTITIONS, TINY

ROWS, WIDTH = 600, 16
EVERY = np.arange(ROWS)


def late_embeddings() -> NDArray[np.float32]:
    """Unit vectors whose last two dimensions vary most, so that components find at once what heads cut off."""
    scale = np.full(WIDTH, 0.05)
    scale[-2:] = 1.0
    return unit_length(np.random.default_rng(5).normal(size=(ROWS, WIDTH)) * scale).astype(np.float32)


def late_benchmark(embeddings: NDArray[np.float32]) -> Benchmark:
    labels = {"sum": embeddings[:, -2:].sum(axis=1), "last": embeddings[:, -1]}
    return tabular_benchmark(labels, [leave_one_out("by site", np.repeat(list("abcdef"), ROWS // 6))])


@pytest.fixture(scope="module")
def late() -> CompressionStudy:
    embeddings = late_embeddings()
    benchmark = late_benchmark(embeddings)
    return compression_study(lambda rows: embeddings, benchmark, benchmark.folds, False, (8, 4), "sample")


def row_of(study: CompressionStudy, form: str) -> dict[str, float]:
    return study.table.filter(pl.col("form") == form).row(0, named=True)


def test_forms_take_the_bytes_that_they_say() -> None:
    forms = {form.name: form for form in stored_forms(late_embeddings(), EVERY, (8, 4))}
    assert {name: form.bytes_a_row for name, form in forms.items()} == {
        "full_16": 64, "full_16_int8": 16, "matryoshka_8": 32, "matryoshka_8_int8": 8, "pca_8": 32, "pca_8_int8": 8,
        "matryoshka_4": 16, "matryoshka_4_int8": 4, "pca_4": 16, "pca_4_int8": 4,
    }  # fmt: skip
    for name, form in forms.items():
        assert form.values.shape == (ROWS, form.width)
        assert form.values.dtype == np.float32
        if form.codes:
            exact = forms[name.removesuffix("_int8")].values
            # neighbouring codes lie at most 2/127.5 apart on the scale of the largest value
            assert np.abs(form.values - exact).max() <= np.abs(exact).max() / 127.5 * 1.01


def test_components_are_those_of_scikit_learn_and_of_training_rows_only() -> None:
    embeddings, training = late_embeddings(), np.arange(400)
    expected = PCA(4, svd_solver="full").fit(embeddings[training].astype(np.float64))
    found = {form.name: form.values for form in stored_forms(embeddings, training, (4,))}["pca_4"]
    projected = expected.transform(embeddings.astype(np.float64))
    np.testing.assert_allclose(np.abs(found), np.abs(projected), atol=1e-4)
    changed = embeddings.copy()
    changed[400:] = changed[400:, ::-1]
    for before, after in zip(principal_axes(embeddings, training), principal_axes(changed, training), strict=True):
        np.testing.assert_array_equal(before, after)


def test_rows_without_an_embedding_have_none_in_any_form() -> None:
    embeddings = late_embeddings()
    embeddings[7] = np.nan
    for form in stored_forms(embeddings, EVERY, (8,)):
        assert np.isnan(form.values[7]).all(), form.name
        assert np.isfinite(np.delete(form.values, 7, axis=0)).all(), form.name


def test_neighbours_are_those_of_scikit_learn() -> None:
    values = np.random.default_rng(0).normal(size=(700, 5)).astype(np.float32)
    queries = np.arange(0, 700, 2)
    expected = NearestNeighbors(n_neighbors=10, algorithm="brute").fit(values).kneighbors(values[queries])[1]
    without_itself = [np.setdiff1d(row, [query])[:10] for row, query in zip(
        NearestNeighbors(n_neighbors=11, algorithm="brute").fit(values).kneighbors(values[queries])[1], queries,
        strict=True,
    )]  # fmt: skip
    assert expected.shape == (350, 10)
    np.testing.assert_array_equal(neighbours(values, queries, 10), np.stack(without_itself))


def test_components_keep_what_heads_cut_off(late: CompressionStudy) -> None:
    full, head, components = (row_of(late, form) for form in ("full_16", "matryoshka_4", "pca_4"))
    assert full["mean_r2"] > 0.99
    assert full["loss"] is None
    assert full["recall"] == 1.0
    assert head["loss"] > 0.8
    assert abs(components["loss"]) < 0.01
    assert components["recall"] > 3 * head["recall"]
    for row in late.table.filter(pl.col("loss").is_not_null()).to_dicts():
        assert row["loss"] == pytest.approx(full["mean_r2"] - row["mean_r2"], abs=1e-9)
        assert row["low"] <= row["loss"] + 1e-9
        assert row["loss"] <= row["high"] + 1e-9


def test_the_advice_is_the_smallest_form_that_loses_little(late: CompressionStudy) -> None:
    told = compression_advice(late)
    good = late.table.filter(pl.col("high") <= 0.01).sort("bytes").row(0, named=True)
    assert good["form"] == "pca_4_int8"
    assert "For linear probes take PCA 4-d int8 (4 bytes a sample)" in told
    assert "At 4 dimensions PCA loses" in told
    worse = replace(late, table=late.table.with_columns(high=pl.lit(0.5), recall=pl.lit(0.1)))
    assert compression_advice(worse).count("No smaller form") == 2


def test_each_set_of_training_rows_is_embedded_once_and_without_the_fold() -> None:
    embeddings, asked = late_embeddings(), []
    benchmark = late_benchmark(embeddings)

    def embed(rows: NDArray[np.int64]) -> NDArray[np.float32]:
        asked.append(rows)
        return embeddings

    compression_study(embed, benchmark, [*benchmark.folds, *benchmark.folds], False, (4,))
    assert len(asked) == len(benchmark.folds) == 6
    assert all(len(rows) == ROWS * 5 // 6 for rows in asked)


def test_what_cannot_be_studied_is_refused() -> None:
    embeddings = late_embeddings()
    benchmark = late_benchmark(embeddings)
    with pytest.raises(BadInputError, match="16 dimensions"):
        stored_forms(embeddings, EVERY, (16,))
    with pytest.raises(BadInputError, match="there are 9 complete"):
        stored_forms(embeddings, np.arange(9), (4,))
    with pytest.raises(BadInputError, match="two groups to train on"):
        compression_study(lambda rows: embeddings, benchmark, [], False, (4,))


def test_table_and_figure_say_where_the_numbers_come_from(late: CompressionStudy) -> None:
    assert "bytes a sample" in compression_table(late)
    for simulated in (True, False):
        study = replace(late, simulated=simulated)
        assert ("Simulated data" in compression_table(study)) is simulated
        assert ("Simulated data" in str(compression_figure(study)._suptitle.get_text())) is simulated


def test_the_study_on_a_lake_leaves_tables_and_pictures_there(filled_lake: Lake, tmp_path: Path) -> None:
    outcome = run_compression_study(filled_lake, PARTITIONS, tmp_path, replace(TINY, epochs=1))
    assert outcome.simulated
    table = filled_lake.read_table(f"{COMPRESSION_DATASET}/forms")
    assert set(table["split"]) == {"E2", "E3"}
    assert filled_lake.table_metadata(f"{COMPRESSION_DATASET}/forms")["simulated"] == "true"
    assert filled_lake.read_bytes(f"{COMPRESSION_DATASET}/compression.png") == outcome.figures["compression"]
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    again = run_compression_study(filled_lake, PARTITIONS, tmp_path, replace(TINY, epochs=1))
    assert again.text == outcome.text
    assert not any(written.changed for written in again.written.values())
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before
