"""Text variants: what stays, what goes, and that the alignment is fitted on training rows alone."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray
from scipy.linalg import orthogonal_procrustes
from scipy.stats import ortho_group

from lake.errors import BadInputError
from ml import text_variants
from ml.dataset import StreamTable
from ml.schema import SEVEN, Schema, StreamSpec
from ml.text_variants import fit_text, text_variant
from ml.training import train
from tests.ml.conftest import TINY

WIDTH = 6
ROWS = np.arange(60)


def quantity(name: str, width: int) -> StreamSpec:
    return StreamSpec(name, name, tuple(f"{name}_{i}" for i in range(width)), "quantity", ("identity",) * width)


def bilingual(width: int = WIDTH) -> StreamSpec:
    columns = tuple(f"{language}_{i:02d}" for language in ("zh", "en") for i in range(width))
    return StreamSpec("text", "Text", columns, "direction", ("identity",) * 2 * width)


SCHEMA = Schema((quantity("light", 2), bilingual(), quantity("height", 1)))
ZH, EN = slice(2, 2 + WIDTH), slice(2 + WIDTH, 2 + 2 * WIDTH)
ROTATION: NDArray[np.float64] = ortho_group(WIDTH, seed=4).rvs()


def unit(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return values / np.linalg.norm(values, axis=1, keepdims=True)


@pytest.fixture
def table() -> StreamTable:
    """English is Chinese in turned axes, with noise."""
    rng = np.random.default_rng(1)
    raw = rng.normal(size=(100, SCHEMA.width)).astype(np.float32)
    raw[:, EN] = raw[:, ZH] @ ROTATION.T + 0.01 * rng.normal(size=(100, WIDTH))
    return StreamTable(pl.DataFrame({"row": range(100)}), SCHEMA, raw)


def test_bilingual_is_the_table_as_it_was(table: StreamTable) -> None:
    assert text_variant(table, "bilingual", ROWS) is table


def test_none_has_the_other_streams_alone(table: StreamTable) -> None:
    found = text_variant(table, "none", ROWS)
    assert found.schema.names == ("light", "height")
    np.testing.assert_array_equal(found.raw, table.raw[:, [0, 1, -1]])


@pytest.mark.parametrize(("language", "columns"), [("zh", ZH), ("en", EN)])
def test_one_language_is_left_in_its_place(table: StreamTable, language: str, columns: slice) -> None:
    found = text_variant(table, language, ROWS)  # type: ignore[arg-type]
    assert found.schema.names == SCHEMA.names
    assert found.schema["text"].columns == SCHEMA.columns[columns]
    assert found.schema["text"].kind == "direction"
    np.testing.assert_array_equal(found.values["text"], table.raw[:, columns])
    np.testing.assert_array_equal(found.values["height"], table.values["height"])


def test_the_rotation_is_scipys_and_finds_the_true_one(table: StreamTable) -> None:
    rotation = fit_text(table, "aligned", ROWS).rotation
    expected, _ = orthogonal_procrustes(unit(table.raw[ROWS, EN]), unit(table.raw[ROWS, ZH]))
    np.testing.assert_allclose(rotation, expected, atol=1e-6)
    np.testing.assert_allclose(rotation, ROTATION, atol=0.02)


def test_chunks_do_not_change_the_rotation(table: StreamTable, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = fit_text(table, "aligned", ROWS)
    monkeypatch.setattr(text_variants, "CHUNK", 7)
    np.testing.assert_allclose(fit_text(table, "aligned", ROWS).rotation, whole.rotation, atol=1e-12)
    np.testing.assert_array_equal(whole.apply(table).raw.shape, (100, SCHEMA.width - WIDTH))


def test_aligned_languages_agree_and_become_one_stream(table: StreamTable) -> None:
    found = text_variant(table, "aligned", ROWS)
    assert found.schema["text"].width == WIDTH
    np.testing.assert_allclose(found.values["text"], unit(table.raw[:, ZH]), atol=0.03)


def test_where_a_language_is_missing_the_other_one_speaks_and_without_both_nothing_does(table: StreamTable) -> None:
    table.raw[0, EN], table.raw[1, ZH], table.raw[2, 2 : 2 + 2 * WIDTH] = np.nan, np.nan, np.nan
    transform = fit_text(table, "aligned", ROWS)
    text = transform.apply(table).values["text"]
    np.testing.assert_allclose(text[:1], unit(table.raw[:1, ZH]), atol=1e-6)
    np.testing.assert_allclose(text[1:2], unit(table.raw[1:2, EN]) @ transform.rotation, atol=1e-6)
    assert np.isnan(text[2]).all()


def test_the_rotation_knows_training_rows_only_and_serves_new_ones(table: StreamTable) -> None:
    changed = replace(table, raw=table.raw.copy())
    changed.raw[60:] *= -3.0
    changed.raw[60:, EN] = 1.0
    before, after = fit_text(table, "aligned", ROWS), fit_text(changed, "aligned", ROWS)
    np.testing.assert_array_equal(before.rotation, after.rotation)
    new = replace(table, keys=table.keys[:5], raw=table.raw[:5])
    np.testing.assert_allclose(before.apply(new).raw, before.apply(table).raw[:5], atol=1e-7)


def test_shuffled_texts_are_the_same_ones_elsewhere(table: StreamTable) -> None:
    found = text_variant(table, "shuffled", ROWS, seed=3)
    assert found.schema == SCHEMA
    np.testing.assert_array_equal(found.values["light"], table.values["light"])
    order = np.argmin(((found.values["text"][:, None] - table.values["text"][None]) ** 2).sum(axis=2), axis=1)
    assert sorted(order) == list(range(100))
    assert (order == np.arange(100)).mean() < 0.1
    np.testing.assert_array_equal(found.values["text"], table.values["text"][order])
    np.testing.assert_array_equal(text_variant(table, "shuffled", ROWS, seed=3).raw, found.raw)
    assert not np.array_equal(text_variant(table, "shuffled", ROWS, seed=4).raw, found.raw)


@pytest.mark.parametrize("variant", ["none", "en", "aligned", "shuffled"])
def test_a_file_holds_the_same_columns_as_memory(table: StreamTable, variant: str, tmp_path: Path) -> None:
    path = tmp_path / "raw.npy"
    found = text_variant(table, variant, ROWS, into=path)  # type: ignore[arg-type]
    assert isinstance(found.raw, np.memmap)
    in_memory = text_variant(table, variant, ROWS).raw  # type: ignore[arg-type]
    np.testing.assert_array_equal(np.load(path), in_memory)


@pytest.mark.parametrize(
    "schema",
    [
        Schema((quantity("light", 2),)),
        Schema((quantity("text", 2),)),
        Schema((StreamSpec("text", "Text", ("zh_0", "zh_1", "en_0"), "direction", ("identity",) * 3),)),
    ],
)
@pytest.mark.parametrize("variant", ["none", "aligned"])
def test_a_table_without_text_in_two_languages_is_refused(schema: Schema, variant: str) -> None:
    table = StreamTable(pl.DataFrame(), schema, np.zeros((3, schema.width), np.float32))
    with pytest.raises(BadInputError, match=r"as many columns zh_… as en_…; the table has (light|text)"):
        text_variant(table, variant, np.arange(3))  # type: ignore[arg-type]


def test_an_alignment_without_a_row_in_both_languages_is_refused(table: StreamTable) -> None:
    table.raw[::2, EN], table.raw[1::2, ZH] = np.nan, np.nan
    with pytest.raises(BadInputError, match="No training row has its text in both languages"):
        fit_text(table, "aligned", ROWS)


def test_a_variant_that_is_not_known_is_refused(table: StreamTable) -> None:
    with pytest.raises(BadInputError, match="Unknown text variant 'fr'; there are bilingual, none"):
        fit_text(table, "fr", ROWS)  # type: ignore[arg-type]


@pytest.mark.parametrize("variant", ["none", "aligned"])
def test_a_model_trains_on_what_a_variant_left(data: StreamTable, variant: str) -> None:
    rows = np.arange(len(data))
    found = text_variant(data, variant, rows)  # type: ignore[arg-type]
    trained = train(found, replace(TINY, epochs=1), rows)
    assert trained.schema.width == SEVEN.width - (128 if variant == "none" else 64)
    assert np.isfinite(trained.history[0].loss)
