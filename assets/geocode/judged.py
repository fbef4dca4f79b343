"""What is evaluated: models by parts of the benchmark, where their runs lie, and what is checked of the verdicts."""

from pathlib import Path
from typing import TYPE_CHECKING, cast

import dagster as dg

from codegen.evaluation.cases.case import PARTS, Part
from lake.settings import settings
from quality.outcome import CheckSpec, Outcome

if TYPE_CHECKING:
    import polars as pl

    from codegen.evaluation.tasks.plan import Plan

MODELS = [name.strip() for name in settings().language_models.split(",") if name.strip()]
EVALUATED = dg.MultiPartitionsDefinition(
    {"model": dg.StaticPartitionsDefinition(MODELS), "part": dg.StaticPartitionsDefinition(list(PARTS))}
)
"""Models of `AEF_ECON_LANGUAGE_MODELS` by parts of the benchmark."""

_CHECKS = {
    "complete": CheckSpec("complete", True, "Every case of the part is judged once in every epoch, and no other is."),
    "reasons_given": CheckSpec("reasons_given", True, "What failed has a class of error and a reason, the rest none."),
    "reference_is_right": CheckSpec("reference_is_right", True, "The benchmark's own solutions pass every case."),
    "network_share": CheckSpec("network_share", False, "The network failed few cases only."),
}
RECORD_CHECKS = tuple(_CHECKS.values())


def model_and_part(context: dg.AssetExecutionContext) -> tuple[str, Part]:
    """The model and the part of a run's partition."""
    model, part = context.partition_key.rsplit("|", 1)  # Dagster sorts dimensions by name
    return model, cast("Part", part)


def runs_folder() -> Path:
    """Where the runs of Dagster lie."""
    return settings().data_dir / "evaluations" / "dagster"


def run_folder(model: str, solver: str, part: Part) -> Path:
    """Folder of a run; names with slashes stay one folder."""
    return runs_folder() / model.replace("/", "_") / solver.replace("/", "_").replace(" ", "_") / part


def outcomes(records: "pl.DataFrame", plan: "Plan") -> list[Outcome]:
    """The checks of a run's verdicts."""
    from codegen.evaluation.cases.case import section
    from codegen.evaluation.cases.reading import read_benchmark
    from codegen.evaluation.scores.checks import all_checks
    from codegen.evaluation.tasks.choosing import choose

    tasks = choose(read_benchmark(Path(plan.benchmark), plan.parts).tasks, plan.limit, plan.sample, plan.seed)
    cases = [(section(task, case), task.function, case.id) for task in tasks for case in task.cases]
    found = all_checks(records, cases, plan.epochs)
    return [_CHECKS[one.name].outcome([] if one.passed else [one.told], one.figures) for one in found]
