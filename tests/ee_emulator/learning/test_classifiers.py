"""The other classifiers: against other libraries, and by what they must not do."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist
from sklearn.exceptions import ConvergenceWarning
from sklearn.naive_bayes import MultinomialNB
from sklearn.svm import SVC

from ee_emulator.errors import EarthEngineError
from ee_emulator.learning import distances, linear
from ee_emulator.learning.maxent import maxent
from ee_emulator.learning.table import Training

GENERATOR = np.random.default_rng(5)
INPUTS = GENERATOR.normal(np.repeat([[2, 2], [8, 3], [3, 9]], 30, axis=0), 1.0)
TRAINING = Training(("a", "b"), INPUTS, np.repeat([1.0, 4.0, 6.0], 30))
ELSEWHERE = GENERATOR.uniform(0, 10, (300, 2))
MACHINE = {
    "decision_procedure": "Voting",
    "svm_type": "C_SVC",
    "kernel_type": "RBF",
    "shrinking": True,
    "degree": None,
    "gamma": None,
    "coef0": None,
    "cost": None,
    "nu": None,
    "termination_epsilon": None,
    "loss_epsilon": None,
    "one_class": None,
}
MAXENT = {
    "categorical_names": None,
    "output_format": "raw",
    "auto_feature": True,
    "linear": True,
    "quadratic": True,
    "product": True,
    "threshold": False,
    "hinge": True,
    "hinge_threshold": 15,
    "l2lq_threshold": 10,
    "lq2lqpt_threshold": 80,
    "add_samples_to_background": True,
    "add_all_samples_to_background": False,
    "beta_multiplier": 1.0,
    "beta_hinge": -1.0,
    "beta_lqp": -1.0,
    "beta_categorical": -1.0,
    "beta_threshold": -1.0,
    "extrapolate": True,
    "do_clamp": True,
    "write_clamp_grid": True,
    "random_test_points": 0.0,
    "seed": 0,
}


@pytest.mark.parametrize(
    ("metric", "scipy_name"), [("euclidean", "euclidean"), ("manhattan", "cityblock"), ("cosine", "cosine")]
)
def test_distances_to_means_are_those_of_scipy(metric: str, scipy_name: str) -> None:
    means = np.array([TRAINING.of_class(code).mean(axis=0) for code in range(3)])
    expected = cdist(ELSEWHERE, means, scipy_name)
    found = distances.minimum_distance(TRAINING, "RAW", metric, 1).predict(ELSEWHERE)[0]
    np.testing.assert_allclose(1 - np.cos(found) if metric == "cosine" else found, expected, atol=1e-12)


def test_mahalanobis_distances_take_the_spread_of_each_class() -> None:
    found = distances.minimum_distance(TRAINING, "RAW", "mahalanobis", 1).predict(ELSEWHERE)[0]
    for code in range(3):
        members = TRAINING.of_class(code)
        expected = cdist(ELSEWHERE, members.mean(axis=0)[None], "mahalanobis", VI=np.linalg.inv(np.cov(members.T)))
        np.testing.assert_allclose(found[:, code], expected[:, 0])


def test_the_nearest_of_several_come_first() -> None:
    classes = distances.minimum_distance(TRAINING, "CLASSIFICATION", "euclidean", 2).predict(ELSEWHERE)[0]
    nearest = distances.minimum_distance(TRAINING, "CLASSIFICATION", "euclidean", 1).predict(ELSEWHERE)[0]
    measured = distances.minimum_distance(TRAINING, "REGRESSION", "euclidean", 2).predict(ELSEWHERE)[0]
    assert classes.shape == measured.shape == (300, 2)
    assert (classes[:, 0] == nearest).all()
    assert (measured[:, 0] <= measured[:, 1]).all()


def test_a_tree_search_knows_the_euclidean_distance_only() -> None:
    line = Training(("a", "b"), np.array([[3.0, 3.0], [0.0, 5.0]]), np.array([0.0, 1.0]))
    origin = np.zeros((1, 2))  # Euclidean 4.2 and 5, Manhattan 6 and 5
    for method, expected in (("AUTO", 0), ("KD_TREE", 0), ("LINEAR_SEARCH", 1), ("COVER_TREE", 1)):
        nearest = distances.nearest_neighbours(line, "CLASSIFICATION", 1, method, "MANHATTAN")
        assert nearest.predict(origin)[0].tolist() == [expected]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.sampled_from([0, 1, 5])), min_size=2, max_size=30))
def test_naive_bayes_over_counts_is_that_of_scikit_learn(rows: list[tuple[int, int, int]]) -> None:
    table = np.array(rows, float)
    training = Training(("a", "b"), table[:, :2], table[:, 2])
    if len(training.labels) < 2:
        return
    expected = MultinomialNB(alpha=0.5).fit(table[:, :2], table[:, 2]).predict_proba(ELSEWHERE.astype(int))
    found = linear.naive_bayes(training, "MULTIPROBABILITY", 0.5).predict(ELSEWHERE)[0]
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_negative_counts_say_nothing() -> None:
    model = linear.naive_bayes(TRAINING, "MULTIPROBABILITY", 1e-6)
    np.testing.assert_allclose(model.predict(np.array([[-3.0, -1.0]]))[0], 1 / 3)


def test_support_vectors_are_libsvms() -> None:
    found = linear.support_vectors(TRAINING, "CLASSIFICATION", MACHINE).predict(ELSEWHERE)[0]
    assert (found == SVC(gamma="auto").fit(INPUTS, TRAINING.target).predict(ELSEWHERE)).all()


def test_support_vectors_of_noise_that_is_not_scaled_come_to_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    noise = Training(("a", "b"), GENERATOR.uniform(0, 4000, (160, 2)), np.repeat([0.0, 1.0], 80))
    monkeypatch.setattr(linear, "MOST_STEPS", 10_000)
    with pytest.warns(ConvergenceWarning):
        found = linear.support_vectors(noise, "CLASSIFICATION", MACHINE | {"kernel_type": "LINEAR"})
    assert set(found.predict(noise.inputs)[0]) <= {0.0, 1.0}


def test_voting_and_margins_agree_where_a_class_is_clear() -> None:
    margins = linear.support_vectors(TRAINING, "CLASSIFICATION", MACHINE | {"decision_procedure": "Margin"})
    assert (margins.predict(INPUTS)[0] == TRAINING.target).mean() > 0.95
    pair = Training(("a", "b"), INPUTS[:60], TRAINING.target[:60])
    both = [
        linear.support_vectors(pair, "CLASSIFICATION", MACHINE | {"decision_procedure": p}).predict(ELSEWHERE)[0]
        for p in ("Voting", "Margin")
    ]
    assert (both[0] == both[1]).all()


def test_one_class_is_told_from_whatever_is_elsewhere() -> None:
    inside = Training(("a", "b"), INPUTS[:30], np.zeros(30))
    machine = linear.support_vectors(
        inside, "CLASSIFICATION", MACHINE | {"svm_type": "ONE_CLASS", "nu": 0.1, "gamma": 0.05}
    )
    assert machine.predict(np.array([[2.0, 2.0], [90.0, 90.0]]))[0].tolist() == [0, 1]


@pytest.mark.parametrize("kind", ["EPSILON_SVR", "NU_SVR"])
def test_support_vectors_learn_quantities(kind: str) -> None:
    training = Training(("a", "b"), INPUTS, 2 * INPUTS[:, 0] - INPUTS[:, 1])
    options = MACHINE | {"svm_type": kind, "kernel_type": "LINEAR"}
    found = linear.support_vectors(training, "REGRESSION", options).predict(INPUTS)[0]
    np.testing.assert_allclose(found, training.target, atol=0.3)
    with pytest.raises(EarthEngineError, match="has no output mode CLASSIFICATION"):
        linear.support_vectors(training, "CLASSIFICATION", options)


def _presences(count: int) -> Training:
    background = GENERATOR.uniform(0, 1, (150, 2))
    inside = GENERATOR.normal([0.8, 0.5], [0.05, 0.3], (count, 2)).clip(0, 1)
    inputs = np.concatenate([background, inside])
    return Training(("heat", "rain"), inputs, np.repeat([0.0, 1.0], [150, count]))


@pytest.mark.parametrize("count", [5, 40, 120])
def test_maxent_peaks_where_the_presences_are(count: int) -> None:
    training = _presences(count)
    probability, clamp = maxent(training, MAXENT | {"output_format": "cloglog"}).predict(training.inputs)
    present = training.target == 1
    assert probability[present].mean() > probability[~present].mean() + 0.1
    assert ((probability >= 0) & (probability <= 1)).all()
    np.testing.assert_allclose(clamp, 0, atol=1e-12)  # nothing lies outside the training


def test_raw_values_of_the_background_sum_to_one_and_the_mean_of_a_feature_is_nearly_that_of_the_presences() -> None:
    training = _presences(60)
    settings_ = MAXENT | {"add_samples_to_background": False}
    raw = maxent(training, settings_).predict(training.inputs)[0]
    background, present = training.target == 0, training.target == 1
    assert raw[background].sum() == pytest.approx(1)
    expected = training.inputs[present, 0]
    error = expected.std(ddof=1) / np.sqrt(60)
    assert abs(raw[background] @ training.inputs[background, 0] - expected.mean()) <= error


def test_more_regularisation_spreads_the_distribution_out() -> None:
    training = _presences(60)
    entropies = [maxent(training, MAXENT | {"beta_multiplier": b}).explain()["entropy"] for b in (1, 20)]
    assert entropies == sorted(entropies)


def test_clamping_holds_a_prediction_at_the_border() -> None:
    training = _presences(5)  # linear features only
    outside, border = np.array([[5.0, 0.5]]), np.array([[training.inputs[:, 0].max(), 0.5]])
    clamped = maxent(training, MAXENT)
    assert clamped.predict(outside)[0] == pytest.approx(clamped.predict(border)[0])
    free = maxent(training, MAXENT | {"do_clamp": False})
    assert free.predict(outside)[0] > free.predict(border)[0]
    assert free.predict(outside)[1] == pytest.approx(free.predict(outside)[0] - clamped.predict(outside)[0])
    assert maxent(training, MAXENT | {"extrapolate": False}).predict(outside)[0] == [0]


def test_maxent_wants_presences_and_a_background() -> None:
    with pytest.raises(EarthEngineError, match="there are other classes"):
        maxent(TRAINING, MAXENT)
    with pytest.raises(EarthEngineError, match="rows of class 1"):
        maxent(Training(("a", "b"), INPUTS, np.zeros(90)), MAXENT)
