"""Statistics of embeddings, on embeddings of which they are known."""

import json

import numpy as np
import pytest
from numpy.typing import NDArray

from lake.aef import unit_length
from lake.errors import BadInputError
from ml.release.statistics import dimension_table, statistics


def on_the_sphere(width: int = 16, count: int = 4_000) -> NDArray[np.float32]:
    return unit_length(np.random.default_rng(0).normal(size=(count, width))).astype(np.float32)


def test_directions_without_preference_use_every_dimension() -> None:
    found = statistics(on_the_sphere())
    assert found.participation_ratio == pytest.approx(16, abs=0.2)
    assert found.effective_rank == pytest.approx(16, abs=0.2)
    assert found.dead_share == 0
    assert found.mean_cosine == pytest.approx(0, abs=0.01)


def test_a_collapsed_embedding_shows() -> None:
    found = statistics(np.tile(on_the_sphere(count=1), (50, 1)))
    assert found.mean_cosine == pytest.approx(1)
    assert found.dead_share == 1
    assert found.participation_ratio == 0
    assert found.effective_rank == 0


def test_embeddings_along_a_line_have_rank_one() -> None:
    line = np.outer(np.linspace(-1, 1, 100), on_the_sphere(count=1)[0]).astype(np.float32)
    found = statistics(line)
    assert found.participation_ratio == pytest.approx(1)
    assert found.effective_rank == pytest.approx(1)


def test_mean_cosine_is_over_pairs_of_different_pixels() -> None:
    embeddings = on_the_sphere(count=7)
    cosines = embeddings @ embeddings.T
    assert statistics(embeddings).mean_cosine == pytest.approx(cosines[~np.eye(7, dtype=bool)].mean(), abs=1e-5)


def test_missing_pixels_are_counted_and_left_out() -> None:
    embeddings = on_the_sphere()
    holed = np.concatenate([embeddings, np.full_like(embeddings[:1000], np.nan)])
    assert statistics(holed).missing_share == 0.2
    assert statistics(holed).participation_ratio == statistics(embeddings).participation_ratio
    assert dimension_table(holed).equals(dimension_table(embeddings))


def test_an_embedding_that_is_not_of_unit_length_shows() -> None:
    embeddings = on_the_sphere()
    embeddings[3] *= 2
    assert (statistics(embeddings).norm_min, statistics(embeddings).norm_max) == pytest.approx((1, 2), abs=1e-5)


def test_they_are_json_and_one_row_a_dimension() -> None:
    embeddings = on_the_sphere()
    assert json.loads(json.dumps(statistics(embeddings).to_dict()))["pixels"] == 4_000
    table = dimension_table(embeddings)
    assert table.columns == ["dimension", "mean", "std", "minimum", "maximum"]
    assert np.allclose(table["mean"], embeddings.mean(axis=0), atol=1e-5)


def test_a_partition_without_any_embedding_is_refused() -> None:
    with pytest.raises(BadInputError, match="run inference on it again"):
        statistics(np.full((3, 4), np.nan, np.float32))
