"""Rows are drawn the same way each time, few of them are read, and missing values do no harm."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from lake.aef import quantise
from lake.errors import BadInputError
from ml.diagnostics.sample import draw, released_forms, sample_rows


def test_the_draw_is_the_same_each_time_and_has_no_row_twice() -> None:
    rows = sample_rows(1_000, 100, seed=3)
    np.testing.assert_array_equal(rows, sample_rows(1_000, 100, seed=3))
    assert len(set(rows.tolist())) == 100
    assert (np.diff(rows) > 0).all()
    assert not np.array_equal(rows, sample_rows(1_000, 100, seed=4))
    np.testing.assert_array_equal(sample_rows(50, 100, seed=0), np.arange(50))


def test_a_large_table_is_not_read_into_memory(tmp_path: Path) -> None:
    matrix = np.memmap(tmp_path / "table", np.float32, "w+", shape=(2_000_000, 16))  # 128 MB, sparse on disk
    tracemalloc.start()
    sample = draw({"table": matrix}, {}, None, rows=200, seed=0)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sample.points["table"].shape == (200, 16)
    assert peak < 32e6


def test_int8_is_taken_as_codes_and_missing_values_become_the_mean() -> None:
    values = np.random.default_rng(0).uniform(-1, 1, size=(40, 3)).astype(np.float32)
    codes = quantise(values)
    values[3, 1] = np.nan
    values[5] = np.nan
    sample = draw({"float": values, "codes": codes}, {}, None, rows=100, seed=0)
    assert 5 not in sample.rows
    assert sample.points["float"][3, 1] == pytest.approx(np.nanmean(np.delete(values[:, 1], 5)), abs=1e-6)
    np.testing.assert_allclose(sample.points["codes"][0], values[0], atol=0.02)
    assert sample.stored == {"float": 12, "codes": 3}


def test_text_and_whole_numbers_are_classes_and_empty_ones_unknown() -> None:
    labels = {"a": np.array(["x", "", "y"] * 20, object), "b": np.arange(60) % 2, "c": np.full(60, np.inf)}
    sample = draw({"m": np.random.default_rng(0).normal(size=(60, 2))}, labels, None, rows=100, seed=0)
    assert sample.labels["a"][:3].tolist() == [1, -1, 2]
    assert sample.labels["b"].dtype == np.int64
    assert np.isnan(sample.labels["c"]).all()


@pytest.mark.parametrize(
    ("representations", "labels", "said"),
    [
        ({}, {}, "No representation"),
        ({"a": np.ones((40, 2))}, {"y": np.ones(39)}, "same rows; got a 40, y 39"),
        ({"a": np.ones((29, 2))}, {}, "29 of 29 rows drawn .* at least 30"),
        ({"a": np.ones((90, 2)), "b": np.full((90, 2), np.nan)}, {}, "0 of 90 rows drawn"),
    ],
)
def test_what_cannot_be_looked_at_is_refused(representations: dict, labels: dict, said: str) -> None:
    with pytest.raises(BadInputError, match=said):
        draw(representations, labels, None, rows=100, seed=0)


def test_released_forms_are_what_is_released() -> None:
    rng = np.random.default_rng(1)
    full = rng.normal(size=(60, 32)).astype(np.float32)
    full /= np.linalg.norm(full, axis=1, keepdims=True)
    raw = np.column_stack([rng.normal(1e6, 1e5, size=60), np.full(60, 7.0)]).astype(np.float32)
    forms = released_forms(full, raw=raw, aef=full[:, :4], widths=(8, 64))
    assert list(forms) == ["embedding_32", "embedding_8", "int8_8", "pca_8", "raw", "aef"]
    np.testing.assert_allclose(np.linalg.norm(forms["embedding_8"], axis=1), 1, atol=1e-6)
    assert forms["int8_8"].dtype == np.int8
    kept = forms["pca_8"].var(axis=0).sum() / full.var(axis=0).sum()
    assert kept > full[:, :8].var(axis=0).sum() / full.var(axis=0).sum()
    np.testing.assert_allclose(forms["raw"].std(axis=0), [1, 0], atol=1e-5)
