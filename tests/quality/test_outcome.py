"""Outcomes: what an orchestrator stores of a check is plain and finite."""

import json

import numpy as np
import pytest

from quality.outcome import CheckSpec, enumerate_names

SPEC = CheckSpec("ranges", True, "Values lie within limits.")


def test_no_problem_passes_and_tells_what_was_held_to() -> None:
    outcome = SPEC.outcome()
    assert (outcome.passed, outcome.blocking, outcome.description) == (True, True, "Values lie within limits.")


def test_problems_fail_and_are_told() -> None:
    outcome = SPEC.outcome(["a is wrong.", "Mend it."])
    assert not outcome.passed
    assert outcome.description == "a is wrong. Mend it."


def test_metrics_are_json_whatever_numpy_made_of_them() -> None:
    metrics = {"n": np.int64(3), "share": np.float32(0.5), "all": np.bool_(True), "none": float("nan"), "word": "x"}
    plain = dict(SPEC.outcome(metrics=metrics).metrics)
    assert json.loads(json.dumps(plain, allow_nan=False)) == {
        "n": 3,
        "share": 0.5,
        "all": 1,
        "none": "nan",
        "word": "x",
    }


def test_a_metric_that_no_one_can_plot_is_refused() -> None:
    with pytest.raises(TypeError, match="list"):
        SPEC.outcome(metrics={"rows": [1, 2]})


def test_what_was_not_judged_has_not_passed() -> None:
    outcome = SPEC.not_judged(CheckSpec("schema", True, ""))
    assert not outcome.passed
    assert "'schema'" in outcome.description


def test_long_lists_are_counted() -> None:
    assert enumerate_names(range(3)) == "0, 1, 2"
    assert enumerate_names(range(1_008)) == "0, 1, 2, 3, 4, 5 and 1,002 more"
