"""pass@k against its definition: all subsets of epochs, one by one."""

from itertools import combinations
from math import comb, sqrt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codegen.evaluation.scores.frame import checked
from codegen.evaluation.scores.passing import KS, items, stability, unbiased
from tests.codegen.evaluation.scores.simulated import Bench, Simulated, simulated

FEWER = settings(max_examples=40)  # each makes a table
EPOCHS = st.lists(st.booleans(), min_size=1, max_size=8)


def of(passed: list[bool], errors: list[str] | None = None, network: str = "counted") -> dict[str, object]:
    """The item of a case with these epochs."""
    size = len(passed)
    one = simulated([Simulated("m")], Bench(tasks=1, most_cases=1, epochs=1), texts=False)
    wrong = errors or [None if right else "runtime" for right in passed]
    told = [pl.Series("epoch", range(1, size + 1)), pl.Series("passed", passed)]
    table = pl.concat([one] * size).with_columns(*told, pl.Series("error", wrong, dtype=pl.String))
    found = items(checked(table.sample(fraction=1, shuffle=True, seed=size)), network)  # type: ignore[arg-type]
    return found.row(0, named=True) if found.height else {}


@FEWER
@given(EPOCHS)
def test_the_unbiased_estimate_is_the_share_of_subsets_in_which_any_passed(passed: list[bool]):
    item = of(passed)
    for k in KS:
        subsets = [any(subset) for subset in combinations(passed, k)]
        expected = None if not subsets else pytest.approx(sum(subsets) / len(subsets))
        assert item[f"unbiased_{k}"] == expected


@FEWER
@given(EPOCHS)
def test_the_first_estimate_looks_at_the_first_k_epochs(passed: list[bool]):
    item = of(passed)
    for k in KS:
        assert item[f"first_{k}"] == (float(any(passed[:k])) if len(passed) >= k else None)


@given(st.integers(1, 200), st.data())
def test_the_unbiased_estimate_is_its_formula_for_many_epochs(epochs: int, data: st.DataObject):
    right = data.draw(st.integers(0, epochs))
    frame = pl.DataFrame({"n": [epochs], "c": [right]})
    for k in (1, 3, 5, 10):
        value = frame.select(unbiased(pl.col("n"), pl.col("c"), k)).item()
        expected = None if epochs < k else pytest.approx(1 - comb(epochs - right, k) / comb(epochs, k), abs=1e-12)
        assert value == expected


def test_failures_of_the_network_are_failures_or_no_epochs():
    passed, errors = [False, True, False], ["network", None, "network"]
    assert of(passed, errors)["first_1"] == 0.0  # type: ignore[arg-type]
    left_out = of(passed, errors, "left_out")  # type: ignore[arg-type]
    assert (left_out["epochs"], left_out["right"], left_out["first_1"]) == (1, 1, 1.0)
    assert left_out["first_3"] is None
    assert of([False], ["network"], "left_out") == {}


def stable(first: float | None, third: float | None, fifth: float | None) -> dict[str, float | None]:
    rates = {f"{e}_{k}": [v] for e in ("first", "unbiased") for k, v in zip(KS, (first, third, fifth), strict=True)}
    return pl.DataFrame(rates, schema=dict.fromkeys(rates, pl.Float64)).select(stability()).row(0, named=True)


@given(st.lists(st.floats(0.001, 1), min_size=3, max_size=3).map(sorted))
def test_cv_and_sa_are_what_the_methods_say(rates: list[float]):
    mean = sum(rates) / 3
    deviation = sqrt(sum((rate - mean) ** 2 for rate in rates) / 3)
    found = stable(*rates)
    assert found["cv"] == found["cv_unbiased"] == pytest.approx(deviation / mean)
    assert found["sa"] == pytest.approx(rates[2] / (1 + deviation / mean))


def test_stability_where_nothing_passed_or_a_rate_is_not_defined():
    assert stable(0.0, 0.0, 0.0) == {"cv": None, "sa": 0.0, "cv_unbiased": None, "sa_unbiased": 0.0}
    assert stable(0.5, 0.5, None)["cv"] is None
    assert stable(0.5, 0.5, None)["sa"] is None
    assert stable(0.5, 0.5, 0.5)["sa"] == pytest.approx(0.5)


def test_rates_of_simulated_models_are_near_the_true_ones():
    records = checked(simulated([Simulated("m", rate=0.4)], Bench(tasks=800, most_cases=1, spread=1e9), texts=False))
    means = items(records).select(pl.mean("first_1", "unbiased_1", "unbiased_3", "unbiased_5")).row(0)
    expected = (0.4, 0.4, 1 - 0.6**3, 1 - 0.6**5)
    assert means == pytest.approx(expected, abs=0.05)
