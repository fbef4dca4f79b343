"""Classifiers of weighted sums: naive Bayes, support vectors, perceptron and Winnow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ee_emulator.errors import EarthEngineError
from ee_emulator.learning.forests import several_classes
from ee_emulator.learning.table import (
    CLASS,
    Fitted,
    Matrix,
    Training,
    affordable,
    from_shares,
    greatest,
    quantity,
    single,
)

# Naive Bayes ------------------------------------------------------------------------------------------------------


def naive_bayes(training: Training, mode: str, smoothing: float) -> Fitted:
    """Naive Bayes over counts, as Smile's multinomial model: inputs are cut to whole numbers, negative ones to 0.

    With the sum N(t, c) of input t over the rows of class c: P(t | c) = (N(t, c) + λ) / (Σ N(·, c) + λ · inputs), and
    a row x is of the class of the greatest log P(c) + Σ x(t) · log P(t | c) (Manning, Raghavan and Schütze 2008,
    chapter 13).
    """
    several_classes(training)
    counts = np.stack([_counts(training.of_class(code)).sum(axis=0) for code in range(len(training.labels))])
    with np.errstate(divide="ignore"):
        conditional = np.log(counts + smoothing) - np.log(
            counts.sum(axis=1, keepdims=True) + smoothing * counts.shape[1]
        )
    prior = np.log(np.bincount(training.codes) / len(training.codes))

    def shares(inputs: Matrix) -> Matrix:
        with np.errstate(invalid="ignore"):
            evidence = np.nan_to_num(_counts(inputs)[:, None, :] * conditional).sum(axis=2)
        from scipy.special import softmax

        answer: Matrix = softmax(prior + evidence, axis=1)
        return answer

    explanation = {"classes": training.labels.tolist(), "priors": np.exp(prior).tolist()}
    return from_shares(shares, training.labels, mode, explanation)


def _counts(inputs: Matrix) -> Matrix:
    counts: Matrix = np.trunc(np.maximum(inputs, 0))
    return counts


# Support vectors --------------------------------------------------------------------------------------------------

_KERNELS = {"LINEAR": "linear", "POLY": "poly", "RBF": "rbf", "SIGMOID": "sigmoid"}
_REGRESSIONS = ("EPSILON_SVR", "NU_SVR")
MOST_STEPS = 10**7
"""Steps after which LIBSVM stops though it has not converged; here the machines of all pairs of classes share them."""


def support_vectors(training: Training, mode: str, parameters: Mapping[str, Any]) -> Fitted:
    """LIBSVM (Chang and Lin 2011), through scikit-learn, which wraps the same library.

    Raises:
        EarthEngineError: An unknown type, kernel or procedure, or an output mode that the type does not have.
    """
    kind = parameters["svm_type"]
    if kind not in _MACHINES:
        raise EarthEngineError(f"Unknown SVM type '{kind}'; known: {', '.join(_MACHINES)}.")
    if (mode == "REGRESSION") != (kind in _REGRESSIONS):
        raise EarthEngineError(f"An SVM of type {kind} has no output mode {mode}.")
    affordable(len(training.target) ** 2 * len(training.names), 1e7)
    if parameters["decision_procedure"] not in ("Voting", "Margin"):
        raise EarthEngineError("The decision procedure must be 'Voting' or 'Margin'.")
    machine = _MACHINES[kind](training, mode, parameters)
    return machine


def _options(parameters: Mapping[str, Any], classes: int = 2) -> dict[str, Any]:
    kernel = parameters["kernel_type"]
    if kernel not in _KERNELS:
        raise EarthEngineError(f"Unknown kernel type '{kernel}'; known: {', '.join(_KERNELS)}.")
    return {
        "kernel": _KERNELS[kernel],
        "degree": _or(parameters["degree"], 3),
        "gamma": _or(parameters["gamma"], "auto"),
        "coef0": _or(parameters["coef0"], 0.0),
        "shrinking": parameters["shrinking"],
        "tol": _or(parameters["termination_epsilon"], 1e-3),
        # Without a limit, as scikit-learn has it, inputs that are not scaled may keep a machine busy for ever.
        "max_iter": MOST_STEPS // (classes * (classes - 1) // 2),
    }


def _or(value: Any, default: Any) -> Any:
    return default if value is None else value


def _classes(training: Training, mode: str, parameters: Mapping[str, Any]) -> Fitted:
    from sklearn.svm import SVC, NuSVC

    several_classes(training)
    options = _options(parameters, len(training.labels))
    if parameters["svm_type"] == "C_SVC":
        machine = SVC(C=_or(parameters["cost"], 1.0), decision_function_shape="ovo", **options)
    else:
        machine = NuSVC(nu=_or(parameters["nu"], 0.5), decision_function_shape="ovo", **options)
    machine.fit(training.inputs, training.codes)
    explanation = _machine_explained(training, machine, parameters)
    if mode == "CLASSIFICATION":
        margin = parameters["decision_procedure"] == "Margin"

        def chosen(inputs: Matrix) -> NDArray[np.int64]:
            codes = np.argmax(_margins(machine, inputs), axis=1) if margin else machine.predict(inputs)
            return np.asarray(np.take(training.labels, codes))

        return single(chosen, CLASS, explanation)
    return from_shares(_calibrated(training, machine), training.labels, mode, explanation)


def _machine_explained(training: Training, machine: Any, parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "classes": training.labels.tolist(),
        "svmType": parameters["svm_type"],
        "kernelType": parameters["kernel_type"],
        "numSupportVectors": len(machine.support_),
    }


def _margins(machine: Any, inputs: Matrix) -> Matrix:
    """The sum of a class's distances from the borders with each other class."""
    classes = len(machine.classes_)
    decisions = machine.decision_function(inputs).reshape(len(inputs), -1)
    if classes == 2:
        return np.column_stack([-decisions[:, 0], decisions[:, 0]])
    margins = np.zeros((len(inputs), classes))
    pairs = [(a, b) for a in range(classes) for b in range(a + 1, classes)]
    for column, (a, b) in enumerate(pairs):
        margins[:, a] += decisions[:, column]
        margins[:, b] -= decisions[:, column]
    return margins


def _calibrated(training: Training, machine: Any) -> Any:
    """Probabilities by Platt's sigmoid over cross-validated decisions, as LIBSVM makes them."""
    from sklearn.base import clone
    from sklearn.calibration import CalibratedClassifierCV

    folds = min(5, int(np.bincount(training.codes).min()))
    if folds < 2:
        raise EarthEngineError("Probabilities of an SVM need two or more rows of each class.")
    calibrated = CalibratedClassifierCV(clone(machine), cv=folds, ensemble=False)
    return calibrated.fit(training.inputs, training.codes).predict_proba


def _one_class(training: Training, mode: str, parameters: Mapping[str, Any]) -> Fitted:
    from sklearn.svm import OneClassSVM

    if mode != "CLASSIFICATION":
        raise EarthEngineError(f"An SVM of type ONE_CLASS has no output mode {mode}.")
    wanted = _or(parameters["one_class"], 0)
    if wanted not in (0, 1):
        raise EarthEngineError("oneClass must be 0 or 1.")
    members = training.inputs[training.target.astype(np.int64) == wanted]
    if not len(members):
        raise EarthEngineError(f"No row of class {wanted} to learn from.")
    machine = OneClassSVM(nu=_or(parameters["nu"], 0.5), **_options(parameters)).fit(members)
    explanation = _machine_explained(training, machine, parameters)
    return single(lambda rows: np.where(machine.predict(rows) > 0, wanted, 1 - wanted), CLASS, explanation)


def _regression(training: Training, mode: str, parameters: Mapping[str, Any]) -> Fitted:
    from sklearn.svm import SVR, NuSVR

    cost, options = _or(parameters["cost"], 1.0), _options(parameters)
    if parameters["svm_type"] == "EPSILON_SVR":
        machine = SVR(C=cost, epsilon=_or(parameters["loss_epsilon"], 0.1), **options)
    else:
        machine = NuSVR(C=cost, nu=_or(parameters["nu"], 0.5), **options)
    machine.fit(training.inputs, training.target)
    explanation = _machine_explained(training, machine, parameters)
    del explanation["classes"]
    return quantity(machine.predict, explanation)


_MACHINES = {
    "C_SVC": _classes,
    "NU_SVC": _classes,
    "ONE_CLASS": _one_class,
    "EPSILON_SVR": _regression,
    "NU_SVR": _regression,
}

# Learned row by row -----------------------------------------------------------------------------------------------


def perceptron(training: Training, mode: str, epochs: int, averaged: bool) -> Fitted:
    """A multiclass perceptron; averaged over all steps it errs less (Daumé 2006, section 2.2.1)."""
    affordable(epochs * len(training.target), 1e5)
    weights, total = np.zeros((2, len(training.labels), len(training.names) + 1))
    rows = np.column_stack([training.inputs, np.ones(len(training.inputs))])
    for _ in range(epochs):
        for row, code in zip(rows, training.codes, strict=True):
            guess = int(np.argmax(weights @ row))
            if guess != code:
                weights[code] += row
                weights[guess] -= row
            total += weights
    return _by_scores(training, total if averaged else weights)


def winnow(
    training: Training, mode: str, epochs: int, learning_rate: float, bias_learning_rate: float, margin: float
) -> Fitted:
    """Balanced Winnow, a pair of positive weights a class and input that are multiplied where it errs (Dagan 1997).

    A class whose score does not exceed that of the right one by the margin is left alone. Inputs are scaled to
    [0, 1], which the multiplication needs.
    """
    affordable(epochs * len(training.target), 5e4)
    low, high = training.inputs.min(axis=0), training.inputs.max(axis=0)
    width = np.where(high > low, high - low, 1.0)
    rows = np.column_stack([(training.inputs - low) / width, np.ones(len(training.inputs))])
    rates = np.append(np.full(len(training.names), learning_rate), bias_learning_rate)
    positive, negative = np.ones((2, len(training.labels), rows.shape[1]))
    for _ in range(epochs):
        for row, code in zip(rows, training.codes, strict=True):
            scores = (positive - negative) @ row
            scores[code] -= margin
            guess = int(np.argmax(scores))
            if guess == code:
                continue
            for changed, factor in ((code, np.exp(rates * row)), (guess, np.exp(-rates * row))):
                positive[changed] *= factor
                negative[changed] /= factor
    weights = (positive - negative) / np.append(width, 1.0)
    weights[:, -1] -= weights[:, :-1] @ low
    return _by_scores(training, weights)


def _by_scores(training: Training, weights: Matrix) -> Fitted:
    def chosen(inputs: Matrix) -> NDArray[np.int64]:
        return greatest(training.labels, inputs @ weights[:, :-1].T + weights[:, -1])

    return single(chosen, CLASS, {"classes": training.labels.tolist(), "weights": weights.tolist()})
