"""The study sees what was put into the data, says where they come from, and gives advice that follows."""

import dataclasses

import numpy as np
import polars as pl
import pytest

from lake.errors import BadInputError
from ml.diagnostics.advice import advise
from ml.diagnostics.dimensionality import Dimensionality, study_dimensionality
from ml.diagnostics.dimensionality_figures import contrast_and_skill_figure, measures_figure, spectrum_figure
from ml.diagnostics.sample import released_forms
from tests.ml.diagnostics.conftest import ORIGIN, Table, words


@pytest.fixture(scope="module")
def study(table: Table) -> Dimensionality:
    forms = released_forms(table.embeddings, widths=(12, 6))
    forms["noise"] = np.random.default_rng(0).normal(size=(len(table.embeddings), 24)).astype(np.float32)
    labels = {"label": table.label, "region": np.asarray(table.city, str)}
    return study_dimensionality(forms, labels, table.city, origin=ORIGIN, rows=400, neighbours=5)


def cell(study: Dimensionality, representation: str, metric: str) -> dict[str, float]:
    row = study.metrics.row(
        by_predicate=(pl.col("representation") == representation) & (pl.col("metric") == metric), named=True
    )
    return dict(row)


def test_every_representation_has_every_metric(study: Dimensionality) -> None:
    assert study.metrics.height == 7 * 5 + 5 == 8 * 5
    assert study.shapes["representation"].to_list()[:2] == ["embedding_24", "embedding_12"]
    assert (study.metrics["low"] <= study.metrics["skill"]).all()
    assert (study.metrics["skill"] <= study.metrics["high"]).all()


def test_neighbours_tell_a_label_that_the_embedding_holds_and_not_from_noise(study: Dimensionality) -> None:
    told = study.labels.filter((pl.col("metric") == "cosine") & (pl.col("label") == "label"))
    skill = dict(told.select("representation", "skill").iter_rows())
    assert skill["embedding_24"] > 0.5
    assert skill["noise"] < 0.1


def test_contrast_is_not_skill(study: Dimensionality) -> None:
    """Cosine and Euclidean distance order unit vectors alike, so that their skill is one; their contrast is not."""
    cosine, euclidean = cell(study, "embedding_24", "cosine"), cell(study, "embedding_24", "euclidean")
    assert cosine["skill"] == pytest.approx(euclidean["skill"])
    assert cosine["contrast"] == pytest.approx((1 + euclidean["contrast"]) ** 2 - 1, rel=0.1)


def test_shuffled_columns_have_less_contrast_than_a_manifold(study: Dimensionality) -> None:
    found = cell(study, "embedding_24", "euclidean")
    assert found["contrast"] > 2 * found["shuffled"]
    noise = cell(study, "noise", "euclidean")
    assert noise["contrast"] == pytest.approx(noise["shuffled"], rel=0.1)


def test_the_same_seed_gives_the_same_numbers(table: Table) -> None:
    one, other = (
        study_dimensionality(
            {"e": table.embeddings}, {"y": table.label}, table.city, origin=ORIGIN, metrics=("cosine",), rows=200
        )
        for _ in range(2)
    )
    assert one.metrics.equals(other.metrics)
    assert one.shapes.equals(other.shapes)


def test_advice_is_the_smallest_of_the_good_and_says_why(study: Dimensionality) -> None:
    advice = advise(study)
    best = study.metrics["skill"].max()
    chosen = study.metrics.filter(pl.col("representation") == advice.representation)
    assert chosen["skill"].max() >= best - 0.02
    stored = dict(study.shapes.select("representation", "bytes").iter_rows())
    smaller = [name for name, size in stored.items() if size < stored[advice.representation]]
    assert (study.metrics.filter(pl.col("representation").is_in(smaller))["skill"] < best - 0.02).all()
    text = advice.to_markdown()
    assert f"Take {advice.representation}" in text
    assert f"rank correlation with skill is {study.agreement:.2f}" in text


def test_among_equal_metrics_the_one_that_indexes_support_is_advised(study: Dimensionality) -> None:
    unit_vectors = study.metrics.filter(pl.col("representation") == "int8_12")
    draws = {key: values for key, values in study.draws.items() if key[0] == "int8_12"}
    shapes = study.shapes.filter(pl.col("representation") == "int8_12")
    advice = advise(dataclasses.replace(study, metrics=unit_vectors, shapes=shapes, draws=draws))
    assert advice.metric == "cosine"
    assert "it is the only one" in advice.sentences[0]


def test_advice_among_some_names_what_does_better(study: Dimensionality) -> None:
    advice = advise(study, among=["noise"])
    assert advice.representation == "noise"
    best = study.metrics.sort("skill", descending=True).row(0, named=True)
    assert f"Mind that {best['representation']}, which is not on offer" in advice.to_markdown()
    assert "Mind that" not in advise(study).to_markdown()
    with pytest.raises(BadInputError, match="None of aef was measured"):
        advise(study, among=["aef"])


def test_hubs_are_warned_of_only_where_they_are(study: Dimensionality) -> None:
    calm = study.metrics.with_columns(pl.lit(0.01).alias("antihubs"))
    assert "Hubs are no concern: 1.0%" in advise(dataclasses.replace(study, metrics=calm)).to_markdown()
    crowded = study.metrics.with_columns(pl.lit(0.4).alias("antihubs"))
    assert "Beware of hubs: 40.0%" in advise(dataclasses.replace(study, metrics=crowded)).to_markdown()


def test_without_labels_there_is_geometry_and_no_advice_on_the_metric(table: Table) -> None:
    study = study_dimensionality({"e": table.embeddings}, {}, origin=ORIGIN, metrics=("cosine",), rows=100)
    advice = advise(study)
    assert study.metrics["skill"].to_list() == [None]
    assert advice.metric is None
    assert advice.sentences[0].startswith("No label varies")
    assert "width to spare" in advice.to_markdown()
    words(measures_figure(study))


def test_bad_requests_are_refused(table: Table) -> None:
    with pytest.raises(BadInputError, match="No metric is called hamming; there are cosine"):
        study_dimensionality({"e": table.embeddings}, {}, origin=ORIGIN, metrics=("hamming",))
    with pytest.raises(BadInputError, match="at least 2 neighbours, not 1"):
        study_dimensionality({"e": table.embeddings}, {}, origin=ORIGIN, neighbours=1)
    with pytest.raises(BadInputError, match=r"has 0 others outside its own group.* leave the groups out"):
        study_dimensionality({"e": table.embeddings}, {}, ["one"] * len(table.embeddings), origin=ORIGIN)


def test_rows_that_are_all_equal_do_no_harm() -> None:
    study = study_dimensionality({"e": np.ones((50, 3))}, {"y": np.arange(50.0)}, origin=ORIGIN)
    assert np.isnan(study.agreement)
    assert "every row has a twin" in advise(study).to_markdown()
    assert "| – |" in study.to_markdown()


def test_one_column_is_a_table_too() -> None:
    y = np.random.default_rng(0).normal(size=120)
    study = study_dimensionality({"e": y[:, None]}, {"y": y}, origin=ORIGIN, metrics=("euclidean", "chebyshev"))
    assert (study.metrics["skill"] > 0.9).all()
    assert study.shapes["participation"][0] == 1


def test_tables_and_figures_say_where_the_data_come_from(study: Dimensionality) -> None:
    assert ORIGIN in study.to_markdown()
    for figure in (measures_figure(study), contrast_and_skill_figure(study), spectrum_figure(study)):
        assert ORIGIN in words(figure)
    assert f"{cell(study, 'noise', 'manhattan')['contrast']:.2f}" in words(measures_figure(study))
