"""Maximum entropy: where a species is likely, from its presences and a background.

The distribution over the background is q(x) = exp(Σ λ f(x)) / Z. Its weights λ maximise the mean log q of the
presences less Σ β |λ|, with β the regularisation of each feature times its standard deviation over the presences by
the root of their number (Phillips, Anderson and Schapire 2006; Phillips and Dudík 2008). The maximum is found by
L-BFGS-B on λ split into its positive and its negative part, which makes the penalty smooth.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ee_emulator.errors import EarthEngineError
from ee_emulator.learning.maxent_features import Feature, chosen_types, families, regularisation
from ee_emulator.learning.table import Fitted, Matrix, Output, Training
from ee_emulator.raster.pixel_type import DOUBLE

FORMATS = ("cloglog", "logistic", "cumulative", "raw")
LIMIT = 100.0
"""Greatest weight: presences beyond the background would have one without end."""


@dataclass(frozen=True, eq=False)
class _Model:
    """The fitted distribution.

    Attributes:
        features: Those with a weight.
        weights: λ.
        low: Least value of each input in the training; 0 for a categorical one.
        width: Range of each input; 1 for a categorical one, or one that does not vary.
        continuous: Which inputs are scaled and clamped.
        normaliser: log Z.
        entropy: Of q over the background.
        background: log q of the background, ascending.
    """

    features: list[Feature]
    weights: Matrix
    low: Matrix
    width: Matrix
    continuous: NDArray[np.bool_]
    normaliser: float
    entropy: float
    background: Matrix

    def scaled(self, inputs: Matrix, clamped: bool) -> Matrix:
        """Inputs on the scale of the training, [0, 1] within its range."""
        scaled = (inputs - self.low) / self.width
        answer: Matrix = np.where(self.continuous & clamped, np.clip(scaled, 0, 1), scaled)
        return answer

    def log_raw(self, inputs: Matrix, clamped: bool) -> Matrix:
        """Log q of rows."""
        rows = self.scaled(inputs, clamped)
        total = np.zeros(len(rows))
        for feature, weight in zip(self.features, self.weights, strict=True):
            total += weight * feature(rows)
        return total - self.normaliser


def maxent(training: Training, settings: dict[str, Any]) -> Fitted:
    """The model of presences (class 1) against a background (class 0).

    Raises:
        EarthEngineError: An unknown output format, or no presence, or classes other than 0 and 1.
    """
    if settings["output_format"] not in FORMATS:
        raise EarthEngineError(f"Unknown output format; known: {', '.join(FORMATS)}.")
    if not set(training.labels.tolist()) <= {0, 1}:
        raise EarthEngineError("Maxent learns from presences (1) and a background (0); there are other classes.")
    presences, background = _samples(training, settings)
    model = _fit(training, presences, background, settings)

    def predict(inputs: Matrix) -> list[Matrix]:
        inside = _in_range(model, inputs, settings["extrapolate"])
        clamped = _formatted(model, model.log_raw(inputs, True), settings["output_format"])
        free = _formatted(model, model.log_raw(inputs, False), settings["output_format"])
        probability = np.where(inside, clamped if settings["do_clamp"] else free, 0.0)
        return [probability, np.abs(clamped - free)][: len(outputs)]

    outputs = (Output(DOUBLE, "probability"), Output(DOUBLE, "clamp"))[: 2 if settings["write_clamp_grid"] else 1]
    explanation = {
        "entropy": model.entropy,
        "numberOfBackgroundPoints": len(background),
        "numberOfTrainingSamples": len(presences),
        "numberOfFeatures": len(model.features),
    }
    return Fitted(predict, outputs, lambda: explanation)


def _samples(training: Training, settings: dict[str, Any]) -> tuple[Matrix, Matrix]:
    """Presences to learn from, and the background with them where that is asked for."""
    present = training.target.astype(np.int64) == 1
    presences, background = training.inputs[present], training.inputs[~present]
    share = settings["random_test_points"] / 100
    if share > 0:
        kept = np.random.default_rng(abs(settings["seed"])).permutation(len(presences))
        presences = presences[np.sort(kept[round(share * len(presences)) :])]
    if not len(presences):
        raise EarthEngineError("Maxent needs presences, rows of class 1.")
    if settings["add_all_samples_to_background"]:
        return presences, np.concatenate([background, presences])
    if settings["add_samples_to_background"]:
        known = set(map(tuple, background.tolist()))
        added = [row for row in np.unique(presences, axis=0).tolist() if tuple(row) not in known]
        background = np.concatenate([background, np.array(added).reshape(-1, presences.shape[1])])
    if not len(background):
        raise EarthEngineError("Maxent needs a background, rows of class 0.")
    return presences, background


def _fit(training: Training, presences: Matrix, background: Matrix, settings: dict[str, Any]) -> _Model:
    named = set(settings["categorical_names"] or ())
    categorical = {k: np.unique(background[:, k]) for k, name in enumerate(training.names) if name in named}
    continuous = np.array([name not in named for name in training.names])
    everything = np.concatenate([presences, background])
    low = np.where(continuous, everything.min(axis=0), 0.0)
    width = np.where(continuous, everything.max(axis=0) - low, 1.0)
    width[width == 0] = 1.0
    inside, around = (presences - low) / width, (background - low) / width

    types = chosen_types(len(presences), settings)
    features, betas = [], []
    for family in families(types, np.flatnonzero(continuous).tolist(), categorical):
        beta = settings["beta_multiplier"] * regularisation(family.kind, types, len(presences), settings)
        features += family.features
        betas += [beta] * len(family.features)
    of_presences = np.column_stack([feature(inside) for feature in features])
    of_background = np.column_stack([feature(around) for feature in features])
    penalty = np.array(betas) * _spread(of_presences, of_background)
    weights = _weights(of_presences.mean(axis=0), of_background, penalty)
    kept = np.flatnonzero(weights)
    energy = of_background @ weights
    from scipy.special import logsumexp

    normaliser = float(logsumexp(energy))
    logs = energy - normaliser
    entropy = float(-np.sum(np.exp(logs) * logs))
    return _Model(
        [features[k] for k in kept], weights[kept], low, width, continuous, normaliser, entropy, np.sort(logs)
    )


def _spread(of_presences: Matrix, of_background: Matrix) -> Matrix:
    """The standard error of each feature's mean; for few presences not less than that of a nearly uniform one."""
    count = len(of_presences)
    deviation = of_presences.std(axis=0, ddof=1) if count > 1 else np.zeros(of_presences.shape[1])
    least = 0.001 * np.ptp(of_background, axis=0)
    spread: Matrix = np.maximum(deviation, least) / np.sqrt(count)
    return np.maximum(spread, 1e-6)


def _weights(target: Matrix, of_background: Matrix, penalty: Matrix) -> Matrix:
    """The λ of the greatest penalised likelihood."""
    from scipy.optimize import minimize

    size = len(target)

    def loss(halves: Matrix) -> tuple[float, Matrix]:
        weights = halves[:size] - halves[size:]
        energy = of_background @ weights
        from scipy.special import logsumexp

        normaliser = logsumexp(energy)
        slope = np.exp(energy - normaliser) @ of_background - target
        value = normaliser - target @ weights + penalty @ (halves[:size] + halves[size:])
        return float(value), np.concatenate([slope + penalty, penalty - slope])

    found = minimize(
        loss,
        np.zeros(2 * size),
        jac=True,
        method="L-BFGS-B",
        bounds=[(0, LIMIT)] * (2 * size),
        options={"maxiter": 500},
    )
    weights: Matrix = found.x[:size] - found.x[size:]
    return weights


def _in_range(model: _Model, inputs: Matrix, extrapolate: bool) -> NDArray[np.bool_]:
    if extrapolate:
        return np.ones(len(inputs), bool)
    scaled = model.scaled(inputs, False)
    inside: NDArray[np.bool_] = np.all(~model.continuous | ((scaled >= 0) & (scaled <= 1)), axis=1)
    return inside


def _formatted(model: _Model, log_raw: Matrix, output_format: str) -> Matrix:
    """Raw values as Maxent reports them: as they are, as a percentile of the background, or as probabilities."""
    formats: dict[str, Callable[[], Matrix]] = {
        "raw": lambda: np.exp(np.clip(log_raw, -700, 700)),
        "logistic": lambda: 1 / (1 + np.exp(-np.clip(log_raw + model.entropy, -700, 700))),
        "cloglog": lambda: -np.expm1(-np.exp(np.clip(log_raw + model.entropy, -700, 700))),
        "cumulative": lambda: _cumulative(model, log_raw),
    }
    return formats[output_format]()


def _cumulative(model: _Model, log_raw: Matrix) -> Matrix:
    below = np.concatenate([[0.0], np.cumsum(np.exp(model.background))])
    return 100 * below[np.searchsorted(model.background, log_raw, side="right")]
