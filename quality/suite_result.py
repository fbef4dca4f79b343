"""What a Great Expectations suite found, in a form that outlives its objects."""

from dataclasses import dataclass
from typing import Any

KEYS = ("city", "year", "band", "label", "split", "fold", "representation")
"""Columns that tell in which row something unexpected stands."""


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
    """An expectation that Great Expectations could not judge is never a mere warning."""
    return bool(result.expectation_config.severity == "warning") and not _errors(result)


def _errors(result: Any) -> list[str]:
    """Messages of what was raised while the expectation was judged: one, or one a metric."""
    told = result.exception_info
    each = [told] if "exception_message" in told else told.values()
    return sorted({str(one["exception_message"]) for one in each if one["exception_message"]})


def _sentence(result: Any) -> str:
    """`Expected column values to be between (column=minimum, …); found 2 others, at lanzhou|2018|lst, …`."""
    configuration = result.expectation_config
    told = {key: value for key, value in configuration.kwargs.items() if key not in {"batch_id", "row_condition"}}
    if condition := configuration.kwargs.get("row_condition"):
        told["where"] = f"{condition['column']['name']} in {condition['parameter']}"
    arguments = ", ".join(f"{key}={value}" for key, value in told.items())
    name = configuration.type.removeprefix("expect_").replace("_", " ")
    if errors := _errors(result):
        return f"Expected {name} ({arguments}); it could not be judged: {'; '.join(errors)}"
    return f"Expected {name} ({arguments}); found {_found(result.result)}."


def _found(found: Any) -> str:
    """What was seen instead: the first rows, or the observed value."""
    if rows := found.get("unexpected_index_list"):
        first = ["|".join(str(row[key]) for key in KEYS if key in row) for row in rows[:3]]
        return f"{found['unexpected_count']} others, at {', '.join(first)}"
    return str(found.get("observed_value"))
