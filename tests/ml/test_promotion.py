"""Which candidate becomes the champion."""

import math
from dataclasses import replace

import polars as pl
import pytest

from lake.errors import BadInputError
from ml.promotion import TOLERANCE, Scores, scores_of, scores_pass

GOOD = Scores(car=0.6, aef=0.3, shared=0.5, car_collapsed=0, aef_collapsed=2, shared_collapsed=1)


def test_the_first_good_candidate_passes() -> None:
    outcome = scores_pass(GOOD, None)
    assert outcome.passed
    assert outcome.reasons == ()
    assert outcome.metrics["candidate_car"] == 0.6


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"car": 0.29}, "below 0.300 of AEF alone"),
        ({"car_collapsed": 3}, "3 labels have R² < 0 under E2, more than 2 of AEF alone"),
        ({"car": math.nan}, "not a finite number"),
        ({"car": -math.inf}, "not a finite number"),
    ],
)
def test_a_bad_candidate_is_told_why(change: dict[str, float], reason: str) -> None:
    outcome = scores_pass(replace(GOOD, **change), None)  # type: ignore[arg-type]
    assert not outcome.passed
    assert reason in " ".join(outcome.reasons)


def test_every_reason_is_told_at_once() -> None:
    assert len(scores_pass(replace(GOOD, car=0.1, car_collapsed=9), GOOD).reasons) == 3


def test_a_candidate_may_fall_short_of_the_champion_by_the_tolerance_only() -> None:
    assert scores_pass(replace(GOOD, car=GOOD.car - TOLERANCE + 1e-9), GOOD).passed
    worse = scores_pass(replace(GOOD, car=GOOD.car - TOLERANCE - 1e-9), GOOD)
    assert not worse.passed
    assert "below 0.600 of the champion" in worse.reasons[0]
    assert worse.metrics["champion_car"] == 0.6


def test_scores_survive_being_a_tag() -> None:
    assert Scores.from_json(GOOD.to_json()) == GOOD


def table(r2: dict[tuple[str, str], list[float]]) -> pl.DataFrame:
    rows = [
        {
            "split": split, "fold": "West", "label": f"l{i}", "representation": name,
            "r2": value, "n": 100, "alpha": 1.0, "sse": 1 - value, "sst": 1.0,
        }
        for (split, name), values in r2.items()
        for i, value in enumerate(values)
    ]  # fmt: skip
    return pl.DataFrame(rows)


def test_scores_are_taken_from_e2_and_from_the_encoders_that_would_be_released() -> None:
    scores = scores_of(
        table(
            {
                ("E2", "car_256"): [0.9, 0.9],
                ("E2", "car_256_all"): [0.5, -0.1],
                ("E2", "aef"): [0.1, 0.1],
                ("E2", "shared_256"): [0.9, 0.9],
                ("E2", "shared_256_all"): [-0.5, -0.5],
                ("E1", "car_256"): [0.9, 0.9],
                ("E1", "aef"): [0.9, 0.9],
            }
        )
    )
    assert scores.car == pytest.approx(0.2)
    assert scores.aef == pytest.approx(0.1)
    assert scores.shared == pytest.approx(-0.5)
    assert (scores.car_collapsed, scores.aef_collapsed, scores.shared_collapsed) == (1, 0, 2)


def test_one_label_that_fails_without_bound_does_not_decide_alone() -> None:
    names = {("E2", "aef"): [0.1, 0.1], ("E2", "shared_256_all"): [0.1, 0.1]}
    assert scores_of(table({("E2", "car_256_all"): [0.9, -80.0], **names})).car == pytest.approx(-0.05)


def test_a_table_without_what_is_compared_says_so() -> None:
    with pytest.raises(BadInputError, match="lacks car_256_all, shared_256_all under E2"):
        scores_of(table({("E2", "aef"): [0.1]}))


@pytest.mark.parametrize(("change", "warned"), [({}, False), ({"car": 0.4}, True), ({"car_collapsed": 2}, True)])
def test_falling_behind_the_twin_is_told_and_does_not_stop_a_promotion(change: dict[str, float], warned: bool) -> None:
    outcome = scores_pass(replace(GOOD, **change), None)  # type: ignore[arg-type]
    assert bool(outcome.warnings) is warned
    assert outcome.passed
