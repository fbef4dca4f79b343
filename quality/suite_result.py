"""What a Great Expectations suite found, in a form that outlives its objects."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class SuiteResult:
    """What one suite found.

    Attributes:
        name: Name of the suite; says whether its data are simulated.
        passed: True where every critical expectation was met.
        expectations: Number of expectations.
        failures: A sentence for each critical expectation that was not met.
        warnings: A sentence for each other that was not met.
    """

    name: str
    passed: bool
    expectations: int
    failures: tuple[str, ...]
    warnings: tuple[str, ...]


def suite_result(name: str, found: Any) -> SuiteResult:
    """Reads the result of a validation definition's run."""
    unmet = [result for result in found.results if not result.success]
    failures = tuple(_sentence(result) for result in unmet if not _is_warning(result))
    warnings = tuple(_sentence(result) for result in unmet if _is_warning(result))
    return SuiteResult(name, not failures, len(found.results), failures, warnings)


def _is_warning(result: Any) -> bool:
    return bool(result.expectation_config.severity == "warning")


def _sentence(result: Any) -> str:
    """`minimum: values to be between (band in lst, min_value=-50.0, …): 2 unexpected, first lanzhou 2018 lst`."""
    configuration, found = result.expectation_config, result.result
    told = {key: value for key, value in configuration.kwargs.items() if key not in {"batch_id", "row_condition"}}
    if condition := configuration.kwargs.get("row_condition"):
        told["where"] = f"{condition['column']['name']} in {condition['parameter']}"
    arguments = ", ".join(f"{key}={value}" for key, value in told.items())
    name = configuration.type.removeprefix("expect_").replace("_", " ")
    return f"Expected {name} ({arguments}); found {_found(result, found)}."


def _found(result: Any, found: Any) -> str:
    """What was seen instead: the first rows, the observed value, or the error that kept it from being judged."""
    if message := result.exception_info.get("exception_message"):
        return f"an error: {message}"
    if rows := found.get("unexpected_index_list"):
        keys = ("city", "year", "band", "label", "split", "fold", "representation")
        first = ["|".join(str(row[key]) for key in keys if key in row) for row in rows[:3]]
        return f"{found['unexpected_count']} others, at {', '.join(first)}"
    return str(found.get("observed_value"))
