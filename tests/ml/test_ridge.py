"""Ridge from moments against scikit-learn and against brute force."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.linear_model import Ridge, RidgeCV
from sklearn.model_selection import GridSearchCV, LeaveOneGroupOut, LeaveOneOut, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ml.ridge import Features, Path, Paths, add, features, known_moments, label_sets, moments

Array = NDArray[np.float64]


def problem(rows: int, width: int, labels: int, seed: int) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(rows, width)) @ rng.normal(size=(width, width)) + 5 * rng.normal(size=width)
    Y = X @ rng.normal(size=(width, labels)) + rng.normal(size=(rows, labels)) + 30
    return X.astype(np.float32).astype(np.float64), Y


def scikit_learn(X: Array, Y: Array, alpha: float, X_test: Array) -> Array:
    scaler = StandardScaler().fit(X)
    model = Ridge(alpha=alpha, solver="svd").fit(scaler.transform(X), Y)
    return np.asarray(model.predict(scaler.transform(X_test))).reshape(len(X_test), -1)  # one label comes back flat


def everything(X: Features) -> NDArray[np.int64]:
    return np.arange(len(X.values))


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    width=st.integers(1, 12),
    labels=st.integers(1, 3),
    alpha=st.sampled_from([0.1, 10.0, 1e3]),
)
def test_coefficients_equal_scikit_learns(seed: int, width: int, labels: int, alpha: float) -> None:
    X, Y = problem(80, width, labels, seed)
    whole = features(X)
    fit = Path(moments(whole, Y, everything(whole))).fit(np.full(labels, alpha))
    expected = scikit_learn(X, Y, alpha, X)
    np.testing.assert_allclose(X @ fit.coefficients + fit.intercept, expected, rtol=1e-6, atol=1e-6)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_held_out_errors_from_moments_equal_errors_of_predictions(seed: int) -> None:
    X, Y = problem(90, 6, 2, seed)
    whole, train, test = features(X), np.arange(60), np.arange(60, 90)
    path, held_out = Path(moments(whole, Y, train)), moments(whole, Y, test)
    alphas = [0.5, 20.0, 1e4]
    errors = path.squared_errors(held_out, alphas)
    for i, alpha in enumerate(alphas):
        expected = ((scikit_learn(X[train], Y[train], alpha, X[test]) - Y[test]) ** 2).sum(axis=0)
        np.testing.assert_allclose(errors[i], expected, rtol=1e-6, atol=1e-6)
        np.testing.assert_allclose(path.fit(np.full(2, alpha)).squared_error(held_out), expected, rtol=1e-6, atol=1e-6)


def brute_force_alpha(X: Array, Y: Array, sets: Sequence[NDArray[np.int64]], alphas: Sequence[float]) -> list[float]:
    """The penalty of each label by leaving every set out in turn, with scikit-learn alone."""
    errors = np.zeros((len(alphas), Y.shape[1]))
    for held_out in sets:
        rest = np.concatenate([other for other in sets if other is not held_out])
        for i, alpha in enumerate(alphas):
            errors[i] += ((scikit_learn(X[rest], Y[rest], alpha, X[held_out]) - Y[held_out]) ** 2).sum(axis=0)
    return [alphas[i] for i in errors.argmin(axis=0)]


@pytest.mark.parametrize("seed", range(8))
def test_the_penalty_is_the_one_that_brute_force_finds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X, Y = problem(120, 8, 3, seed)
    Y += rng.normal(scale=[0.1, 30.0, 300.0], size=Y.shape)
    groups = [np.arange(i * 20, (i + 1) * 20) for i in range(6)]
    for i, group in enumerate(groups):  # as cities do, groups differ in their level
        X[group] += 3 * rng.normal(size=8)
        Y[group] += 20 * i
    X = X.astype(np.float32).astype(np.float64)
    alphas = [0.1, 1.0, 10.0, 100.0, 1e3, 1e4]
    whole = features(X)
    paths = Paths({i: moments(whole, Y, group) for i, group in enumerate(groups)})
    sets = [(0, 1), (2,), (3, 4), (5,)]
    expected = brute_force_alpha(X, Y, [np.concatenate([groups[i] for i in members]) for members in sets], alphas)
    fit = paths.choose_and_fit(sets, alphas)
    assert fit.alpha.tolist() == expected
    for label, alpha in enumerate(expected):
        np.testing.assert_allclose(
            X @ fit.coefficients[:, label] + fit.intercept[label],
            scikit_learn(X, Y[:, label], alpha, X).ravel(),
            rtol=1e-6,
            atol=1e-6,
        )


def test_of_equal_penalties_the_larger_one_is_taken() -> None:
    X = np.ones((40, 2))  # constant features: no penalty changes anything
    Y = np.random.default_rng(0).normal(size=(40, 1))
    whole = features(X)
    paths = Paths({i: moments(whole, Y, np.arange(i * 20, (i + 1) * 20)) for i in range(2)})
    assert paths.choose_and_fit([(0,), (1,)], [1.0, 100.0, 10.0]).alpha.tolist() == [100.0]


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), missing=st.floats(0.05, 0.5))
def test_missing_values_take_the_training_mean_wherever_they_are_missing(seed: int, missing: float) -> None:
    rng = np.random.default_rng(seed)
    X, Y = problem(100, 5, 2, seed)
    X[rng.random(100) < missing, :2] = np.nan  # two columns of one stream, missing together
    X[rng.random(100) < missing, 4] = np.nan
    train, test = np.arange(70), np.arange(70, 100)
    mean = np.nanmean(X[train], axis=0)
    filled = np.where(np.isnan(X), mean, X)
    whole = features(X)
    fit = Path(moments(whole, Y, train)).fit(np.full(2, 3.0))
    expected = scikit_learn(filled[train], Y[train], 3.0, filled[test])
    np.testing.assert_allclose(filled[test] @ fit.coefficients + fit.intercept, expected, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(
        fit.squared_error(moments(whole, Y, test)), ((expected - Y[test]) ** 2).sum(axis=0), rtol=1e-5, atol=1e-5
    )


def test_columns_that_are_missing_together_share_a_flag() -> None:
    X = np.ones((4, 5))
    X[1, [0, 2]], X[2, 4] = np.nan, np.nan
    made = features(X)
    assert made.values.shape == (4, 7)
    assert made.flag_of[0] == made.flag_of[2] != made.flag_of[4]
    assert made.flag_of[1] == made.flag_of[3] == -1
    np.testing.assert_array_equal(made.values[:, made.flag_of[0]], [0, 1, 0, 0])
    np.testing.assert_array_equal(made.values[:, made.flag_of[4]], [0, 0, 1, 0])


def test_a_column_that_the_training_rows_lack_altogether_is_left_out() -> None:
    X, Y = problem(60, 3, 1, 0)
    X[:40, 1] = np.nan
    whole = features(X)
    fit = Path(moments(whole, Y, np.arange(40))).fit(np.array([1.0]))
    assert fit.coefficients[1, 0] == 0.0
    assert np.isfinite(fit.squared_error(moments(whole, Y, np.arange(40, 60)))).all()


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), missing=st.floats(0.0, 1.0))
def test_moments_of_labels_with_gaps_are_those_of_the_rows_that_have_them(seed: int, missing: float) -> None:
    rng = np.random.default_rng(seed)
    X, Y = problem(60, 4, 3, seed)
    X[rng.random(60) < 0.2, 2] = np.nan
    Y[rng.random(60) < missing, :2] = np.nan  # two labels share their gaps
    whole, rows = features(X), np.arange(5, 55)
    everywhere = moments(whole, np.where(np.isfinite(Y), Y, 0.0), rows)
    assert [label for labels in label_sets(Y) for label in labels] == [0, 1, 2]
    for labels in label_sets(Y):
        found = known_moments(everywhere, whole, Y, rows, labels)
        known = rows[np.isfinite(Y[rows, labels[0]])]
        expected = moments(whole, Y[:, labels], known)
        assert found.rows == expected.rows
        for name in ("x", "y", "xx", "xy", "yy"):
            np.testing.assert_allclose(getattr(found, name), getattr(expected, name), rtol=1e-9, atol=1e-9)


def test_moments_of_parts_add_up_to_those_of_the_whole() -> None:
    X, Y = problem(50, 4, 2, 1)
    whole = features(X)
    total = add(moments(whole, Y, part) for part in (np.arange(10), np.arange(10, 10), np.arange(10, 50)))
    expected = moments(whole, Y, np.arange(50))
    assert total.rows == 50
    np.testing.assert_allclose(total.xx, expected.xx, rtol=1e-12)
    np.testing.assert_allclose(total.sst, ((Y - Y.mean(axis=0)) ** 2).sum(axis=0), rtol=1e-9)


def penalised(X: Array, Y: Array, alphas: Sequence[float]) -> tuple[RidgeCV, Array]:
    """scikit-learn's choice over rows, and the standardised features that it was fitted on."""
    standardised = StandardScaler().fit_transform(X)
    return RidgeCV(alphas, alpha_per_target=True).fit(standardised, Y), standardised


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), rows=st.sampled_from([9, 60, 2_500]), noise=st.sampled_from([1.0, 100.0]))
def test_the_choice_over_rows_is_that_of_scikit_learns_ridge_cv(seed: int, rows: int, noise: float) -> None:
    rng = np.random.default_rng(seed)
    X, Y = problem(rows, 12, 3, seed)
    Y += noise * rng.normal(size=Y.shape)
    alphas = [0.1, 1.0, 10.0, 100.0, 1e3, 1e4]
    model, standardised = penalised(X, Y, alphas)
    whole = features(X)
    paths = Paths({0: moments(whole, Y, np.arange(0, 4)), 1: moments(whole, Y, np.arange(4, rows))})
    fit = paths.choose_over_rows_and_fit([(0,), (1,)], whole, Y, everything(whole), alphas)
    assert fit.alpha.tolist() == model.alpha_.tolist()
    np.testing.assert_allclose(X @ fit.coefficients + fit.intercept, model.predict(standardised), rtol=1e-6, atol=1e-6)
    errors = Path(moments(whole, Y, everything(whole))).row_errors(whole, Y, everything(whole), alphas)
    np.testing.assert_allclose(errors.min(axis=0) / rows, -model.best_score_, rtol=1e-6)


def test_row_errors_are_those_of_leaving_each_row_out() -> None:
    rng = np.random.default_rng(3)
    X, Y = problem(40, 5, 2, 3)
    X[rng.random(40) < 0.3, 1:3] = np.nan
    whole, rows, alphas = features(X), np.arange(5, 40), [0.5, 30.0]
    path = Path(moments(whole, Y, rows))
    x = np.where(np.isnan(X), np.nanmean(X[rows], axis=0), X)[rows]
    standardised = StandardScaler().fit_transform(x)
    for alpha, found in zip(alphas, path.row_errors(whole, Y, rows, alphas), strict=True):
        predicted = cross_val_predict(Ridge(alpha), standardised, Y[rows], cv=LeaveOneOut())
        np.testing.assert_allclose(found, ((predicted - Y[rows]) ** 2).sum(axis=0), rtol=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_the_choice_over_groups_is_that_of_a_grid_search_that_leaves_groups_out(seed: int) -> None:
    rng = np.random.default_rng(seed)
    X, Y = problem(120, 8, 3, seed)
    Y += rng.normal(scale=[1.0, 30.0, 300.0], size=Y.shape)
    groups = np.repeat(np.arange(6), 20)  # of one size: the search averages the groups' mean errors
    alphas = [0.1, 1.0, 10.0, 100.0, 1e3, 1e4]
    whole = features(X)
    paths = Paths({i: moments(whole, Y, np.flatnonzero(groups == i)) for i in range(6)})
    fit = paths.choose_and_fit([(i,) for i in range(6)], alphas)
    pipeline = make_pipeline(StandardScaler(), Ridge())
    for label in range(3):
        search = GridSearchCV(
            pipeline, {"ridge__alpha": alphas}, scoring="neg_mean_squared_error", cv=LeaveOneGroupOut()
        ).fit(X, Y[:, label], groups=groups)
        assert fit.alpha[label] == search.best_params_["ridge__alpha"]
        np.testing.assert_allclose(
            X @ fit.coefficients[:, label] + fit.intercept[label], search.predict(X), rtol=1e-6, atol=1e-6
        )


def test_moments_taken_some_rows_at_a_time_are_those_of_all() -> None:
    X, Y = problem(5_000, 3, 2, 0)
    found = moments(features(X), Y, np.arange(5_000))
    assert found.rows == 5_000
    np.testing.assert_allclose(found.xx, X.T @ X, rtol=1e-9)
    np.testing.assert_allclose(found.xy, X.T @ Y, rtol=1e-9)
