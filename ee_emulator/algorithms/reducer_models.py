"""Reducer: fitted models, rank correlation with several inputs, and the geometric median."""

from ee_emulator import limits
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.folds import ranks as rank_folds
from ee_emulator.raster.folds import regressions as regression_folds
from ee_emulator.raster.folds import vectors as vector_folds
from ee_emulator.raster.pixel_type import PixelType
from ee_emulator.raster.reducer import Fold, Reducer
from ee_emulator.registry import algorithm


def _regression(name: str, fold: Fold, inputs: int, outputs: tuple[str, ...]) -> Reducer:
    kinds = [PixelType("double", dimensions=2)] + [PixelType("double", dimensions=1)] * (len(outputs) - 1)
    return Reducer(f"Reducer.{name}", outputs, fold, inputs, types=lambda _: kinds)


@algorithm("Reducer.linearRegression")
def linear_regression(num_x: int, num_y: int) -> Reducer:
    """Least squares of the last inputs on the first."""
    fold = regression_folds.linear_regression(*_variables(num_x, num_y))
    return _regression("linearRegression", fold, num_x + num_y, ("coefficients", "residuals"))


@algorithm("Reducer.robustLinearRegression")
def robust_linear_regression(num_x: int, num_y: int, beta: float | None) -> Reducer:
    """Least squares of the last inputs on the first, without outliers."""
    fold = regression_folds.robust_regression(*_variables(num_x, num_y), beta)
    return _regression("robustLinearRegression", fold, num_x + num_y, ("coefficients", "residuals"))


@algorithm("Reducer.ridgeRegression")
def ridge_regression(num_x: int, num_y: int, lambda_: float) -> Reducer:
    """Least squares with a penalty on the coefficients, and with an intercept."""
    fold = regression_folds.ridge_regression(*_variables(num_x, num_y), lambda_)
    return _regression("ridgeRegression", fold, num_x + num_y, ("coefficients", "residuals", "pValue"))


def _variables(num_x: int, num_y: int) -> tuple[int, int]:
    if num_x < 1 or num_y < 1:
        raise EarthEngineError(f"There must be at least one variable of each kind, got {num_x} and {num_y}.")
    limits.inputs(num_x + num_y)
    return num_x, num_y


@algorithm("Reducer.kendallsCorrelation")
def kendalls_correlation(num_inputs: int) -> Reducer:
    """Kendall's rank correlation of two inputs, or of one with its order.

    Raises:
        EarthEngineError: Neither one nor two inputs.
    """
    if num_inputs not in (1, 2):
        raise EarthEngineError(f"The number of inputs must be 1 or 2, got {num_inputs}.")
    fold = rank_folds.kendalls_correlation(num_inputs)
    return Reducer("Reducer.kendallsCorrelation", ("tau", "p-value"), fold, num_inputs, weighted=False)


@algorithm("Reducer.geometricMedian")
def geometric_median(num_x: int, eta: float, initial_step_size: float) -> Reducer:
    """The point that is nearest to all observations; the iteration here needs no step size."""
    outputs = ("median", *(f"median{k}" for k in range(1, limits.inputs(num_x))))
    fold = vector_folds.geometric_median(_variables(num_x, 1)[0], eta)
    return Reducer("Reducer.geometricMedian", outputs, fold, num_x)
