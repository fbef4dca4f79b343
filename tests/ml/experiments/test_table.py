"""The table of experiments: 31 runs, each one change from another, and CAR's own ablation."""

from collections import Counter

import pytest

from lake.errors import BadInputError
from ml.experiments.table import CAR, REFERENCE, Budget, Experiment, chosen, load_experiments, training_config

ROWS = {row.name: row for row in load_experiments()}
CONTROLLED = [row for row in ROWS.values() if row.axis != "car"]
TRAINED = [row for row in ROWS.values() if row.one_change_from]


def test_there_are_31_experiments_on_five_axes_with_three_baselines() -> None:
    axes = {"fusion": 6, "objective": 7, "text": 5, "dimension": 5, "normalisation": 4}
    assert Counter(row.axis for row in CONTROLLED) == {"reference": 1, **axes, "baseline": 3}
    assert len(CONTROLLED) == 31


@pytest.mark.parametrize("row", [row for row in CONTROLLED if row.one_change_from], ids=lambda row: row.name)
def test_each_controlled_run_differs_from_the_reference_in_the_field_of_its_axis(row: Experiment) -> None:
    assert row in TRAINED
    field = {"dimension": "width"}.get(row.axis, row.axis)
    assert list(row.change(ROWS[REFERENCE])) == [field]


@pytest.mark.parametrize("row", TRAINED, ids=lambda row: row.name)
def test_each_trained_row_is_one_change_from_the_row_that_it_names(row: Experiment) -> None:
    assert len(row.change(ROWS[row.one_change_from])) == 1


def test_car_comes_of_the_reference_by_single_changes() -> None:
    step = ROWS[CAR]
    changes = []
    while step.name != REFERENCE:
        changes += list(step.change(ROWS[step.one_change_from]))
        step = ROWS[step.one_change_from]
    assert changes == ["decorrelation", "reconstruction"]


def test_the_ablation_of_car_crosses_weights_with_stream_masking() -> None:
    crossed = {
        (row.training.weights, row.training.masking)
        for row in ROWS.values()
        if row.axis == "car" and row.training and row.training.decorrelation and row.training.stream_loss == "by_kind"
    }
    assert crossed == {("uniform", 0.3), ("uniform", 0.0), ("learned", 0.3), ("learned", 0.0)}


def test_repeats_have_seeds_of_their_own_and_one_budget() -> None:
    training = ROWS[REFERENCE].training
    assert training is not None
    first, second = (training_config(training, Budget(epochs=7), repeat) for repeat in (0, 1))
    assert first.seed != second.seed
    assert (first.epochs, second.epochs, first.threads) == (7, 7, 1)
    assert [row.name for row in ROWS.values() if row.repeats == 3] == [REFERENCE, CAR, "car_heads"]


def test_rows_are_chosen_by_name_and_an_unknown_one_is_answered_with_those_there_are() -> None:
    assert [row.name for row in chosen(["car", "reference"])] == ["reference", "car"]
    assert len(chosen([])) == len(ROWS)
    with pytest.raises(BadInputError, match="no experiment cra; there are reference, fusion_gated"):
        chosen(["cra"])
