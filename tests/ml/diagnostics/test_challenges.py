"""Width costs what theory says on made-up data, and any table can be looked at."""

import numpy as np
import polars as pl
import pytest

from lake.errors import BadInputError
from ml.diagnostics.challenges import CHALLENGES, TASKS, Challenges, study_challenges
from ml.diagnostics.challenges_figures import challenges_figure, tasks_figure
from ml.diagnostics.settings import quartiles, synthetic_settings, table_settings
from tests.ml.diagnostics.conftest import ORIGIN, Table, words


@pytest.fixture(scope="module")
def study() -> Challenges:
    return study_challenges(synthetic_settings(400, widths=(8, 32, 128)), origin=ORIGIN, draws=2)


def by_width(study: Challenges, setting: str, measure: str) -> list[float]:
    part = study.table.filter((pl.col("setting") == setting) & (pl.col("measure") == measure)).sort("width")
    return part["mean"].to_list()


@pytest.mark.parametrize("setting", ["Gaussian", "uniform"])
def test_all_five_challenges_grow_with_width(study: Challenges, setting: str) -> None:
    for measure in CHALLENGES:
        values = by_width(study, setting, measure)
        if measure == "concentration":
            values = [-value for value in values]
        assert values[0] < values[1] < values[2], measure


@pytest.mark.parametrize("setting", ["Gaussian", "uniform"])
def test_neighbours_lose_what_lies_in_five_dimensions_among_many(study: Challenges, setting: str) -> None:
    for task in ("regression_knn", "classification_knn"):
        values = by_width(study, setting, task)
        assert values[0] > 0.25
        assert values[2] < 0.5 * values[0]
    knn, ridge = (by_width(study, setting, f"regression_{method}") for method in ("knn", "ridge"))
    assert ridge[2] > knn[2]  # a linear method can leave dimensions out
    clusters = by_width(study, setting, "clustering_kmeans")
    assert clusters[2] < clusters[0]


def test_the_share_of_edge_is_that_of_independent_dimensions(study: Challenges) -> None:
    for width, share in zip((8, 32, 128), by_width(study, "uniform", "boundary"), strict=True):
        assert share == pytest.approx(1 - 0.98**width, abs=0.05)


def test_what_was_lost_is_best_less_widest(study: Challenges) -> None:
    lost = study.losses()
    assert lost.height == 2 * len(TASKS)
    row = lost.row(
        by_predicate=(pl.col("setting") == "Gaussian") & (pl.col("task") == TASKS["regression_knn"]), named=True
    )
    values = by_width(study, "Gaussian", "regression_knn")
    assert row["lost"] == pytest.approx(max(values) - values[-1])
    assert row["best_width"] == 8


def test_a_table_loses_to_noise_beside_it(table: Table) -> None:
    settings = table_settings(table.embeddings, {"y": table.label}, table.city, rows=400)
    assert [setting.widths for setting in settings] == [(8, 16, 24), (24, 48, 96)]
    study = study_challenges(settings, origin=ORIGIN, draws=1)
    regression = by_width(study, "beside noise", "regression_knn")
    assert regression[0] > regression[-1] + 0.1
    sparsity = by_width(study, "beside noise", "sparsity")
    assert sparsity[-1] > sparsity[0]
    leading, beside = (
        by_width(study, "leading dimensions", "regression_ridge"),
        by_width(study, "beside noise", "regression_ridge"),
    )
    assert leading[-1] == beside[0]  # both are the whole table


def test_a_table_of_classes_alone_has_no_regression(table: Table) -> None:
    classes = np.where(table.label > 0, "high", "low")
    study = study_challenges(
        table_settings(table.embeddings, {"c": classes}, None, rows=200)[:1], origin=ORIGIN, draws=1
    )
    assert np.isnan(by_width(study, "leading dimensions", "regression_knn")).all()
    assert by_width(study, "leading dimensions", "classification_knn")[-1] > 0.5
    assert "| – |" in study.to_markdown()


def test_widths_that_cannot_hold_the_signal_are_refused() -> None:
    with pytest.raises(BadInputError, match="fills 5 dimensions; 4 are too few"):
        synthetic_settings(100, widths=(4, 8))


def test_a_table_without_labels_is_refused(table: Table) -> None:
    with pytest.raises(BadInputError, match="needs a label to predict"):
        table_settings(table.embeddings, {}, None, rows=100)


def test_quartiles_are_even() -> None:
    assert np.bincount(quartiles(np.random.default_rng(0).normal(size=(400, 1)))[:, 0]).tolist() == [100] * 4


def test_tables_and_figures_say_where_the_data_come_from(study: Challenges) -> None:
    assert ORIGIN in study.to_markdown()
    for figure in (challenges_figure(study), tasks_figure(study)):
        assert ORIGIN in words(figure)
        assert "Gaussian" in words(figure)
