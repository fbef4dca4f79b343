"""Language models judged by running what they wrote: the benchmark, records by model and part, the leaderboard."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
from pydantic import Field

from assets.checks import blocked, declared, results
from assets.failures import told_clearly
from assets.geocode.judged import EVALUATED, RECORD_CHECKS, model_and_part, outcomes, run_folder, runs_folder
from assets.geocode.knowledge import INDEX
from assets.resources import CityLake
from lake.settings import settings

GROUP = "evaluation"
BENCHMARK, RECORDS = dg.AssetKey(["evaluation", "benchmark"]), dg.AssetKey(["evaluation", "records"])
LEADERBOARD, UPLIFT = dg.AssetKey(["evaluation", "leaderboard"]), dg.AssetKey(["evaluation", "uplift"])

Results = Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]


class EvaluationConfig(dg.Config):
    """How a model is evaluated: `eecode eval run --help`."""

    solver: str = Field(default="bare", description="bare, rag, cop, few_shot, chain_of_thought, self_debug")
    epochs: int = Field(default=5, ge=1, description="Times that each function is asked for.")
    sample: int = Field(default=0, ge=0, description="Functions drawn over all types; 0: all.")
    seed: int = Field(default=0, description="Of the sample and of the model.")
    temperature: float = Field(default=0.2, ge=0.0)
    max_tokens: int = Field(default=1024, ge=1)


@dg.asset(key=BENCHMARK, group_name=GROUP, kinds={"earthengine", "yaml"})
def benchmark(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    """Functions to be written, cases that they are called with, and answers by execution (on a SIMULATED planet)."""
    from codegen.evaluation.building.build import default_benchmark
    from codegen.evaluation.cases.case import section
    from codegen.evaluation.cases.reading import read_benchmark

    with told_clearly():
        found = read_benchmark(default_benchmark(context.log.info))
    counts: dict[str, int] = {}
    for task, case in found.cases():
        counts[section(task, case)] = counts.get(section(task, case), 0) + 1
    return dg.MaterializeResult(
        metadata={"folder": dg.MetadataValue.path(found.folder.resolve()), "functions": len(found.tasks), **counts}
    )


@dg.asset(
    key=RECORDS,
    deps=[BENCHMARK],
    partitions_def=EVALUATED,
    group_name=GROUP,
    kinds={"inspect", "parquet"},
    pool="sandbox",
    check_specs=declared(RECORD_CHECKS, RECORDS),
)
def records(context: dg.AssetExecutionContext, config: EvaluationConfig, lake: CityLake) -> Results:
    """What a model wrote for a part of the benchmark, and the verdict on each case; goes on where it was."""
    from codegen.evaluation.scores.report import markdown
    from codegen.evaluation.scores.runs import read_run
    from codegen.evaluation.tasks.plan import Plan
    from codegen.evaluation.tasks.running import evaluate

    model, part = model_and_part(context)
    asked = config.model_dump() | {"sample": config.sample or None}
    plan = Plan(str(settings().benchmark_dir), model, parts=[part], **asked)
    folder = run_folder(model, plan.label, part)
    with told_clearly():
        result = evaluate(plan, folder, say=context.log.info)
        run = read_run(folder)
    written = lake.store.write_table(f"evaluation/{folder.relative_to(runs_folder())}", run.records)
    found = outcomes(run.records, plan)
    yield dg.MaterializeResult(
        metadata={
            "report": dg.MetadataValue.md(markdown(run.records, run.about)),
            "logs": dg.MetadataValue.path((folder / "logs").resolve()),
            "programs": result.programs,
            "not judged": len(result.failed),
            "records": written.uri,
        }
    )
    yield from results({context.partition_key: found}, RECORDS)
    if blocked(found):
        raise dg.Failure(description="These verdicts cannot be used: see the check.", allow_retries=False)


@dg.asset(key=LEADERBOARD, deps=[RECORDS], group_name=GROUP, kinds={"html", "mlflow"})
def leaderboard() -> dg.MaterializeResult[None]:
    """The page over all models that were judged, and an MLflow run of each."""
    from codegen.evaluation.leaderboard.expected import expected_answers
    from codegen.evaluation.leaderboard.writing import write
    from codegen.evaluation.scores.report import markdown
    from codegen.evaluation.scores.runs import read_runs
    from codegen.evaluation.scores.tracking import log_scores, store_of, told

    page: Path = runs_folder() / "leaderboard.html"
    with told_clearly():
        run = read_runs(sorted(path.parent for path in runs_folder().rglob("records.parquet")))
        write(run.records, page, run.about, expected_answers(settings().benchmark_dir))
        logged = log_scores(run.records, run.about, store_of(settings()), page)
    return dg.MaterializeResult(
        metadata={
            "report": dg.MetadataValue.md(markdown(run.records, run.about)),
            "page": dg.MetadataValue.path(page.resolve()),
            "tracking": told(logged),
        }
    )


class UpliftConfig(dg.Config):
    """What is studied: `eecode eval study --help`."""

    model: str = Field(default="local", description="As in AEF_ECON_LANGUAGE_MODELS.")
    sample: int = Field(default=6, ge=0, description="Tasks drawn over the classes of problems; 0: all.")
    epochs: int = Field(default=1, ge=1)
    limit_minutes: float = Field(default=60.0, description="Begins nothing that would end later; 0: no limit.")


@dg.asset(key=UPLIFT, deps=[BENCHMARK, INDEX], group_name=GROUP, kinds={"inspect", "html"}, pool="sandbox")
def uplift(context: dg.AssetExecutionContext, config: UpliftConfig) -> dg.MaterializeResult[None]:
    """What retrieval, the chain, each of its steps and each table of the knowledge base bring to one model."""
    from codegen.evaluation.study.analysis import analyse
    from codegen.evaluation.study.conditions import read_conditions
    from codegen.evaluation.study.findings import findings, limits
    from codegen.evaluation.study.page import write
    from codegen.evaluation.study.reading import read_study
    from codegen.evaluation.study.running import Wanted, run_study

    wanted = Wanted(
        benchmark=settings().benchmark_dir,
        model=config.model,
        conditions=read_conditions(None),
        parts=("combination", "theme"),
        sample=config.sample or None,
        epochs=config.epochs,
        limit_minutes=config.limit_minutes or None,
    )
    folder = settings().data_dir / "studies" / "dagster" / config.model.replace("/", "_")
    with told_clearly():
        outcome = run_study(wanted, folder, context.log.info)
        study = read_study(folder)
        analysis = analyse(study)
        page = write(study, analysis, folder)
    said = [*findings(analysis, study.state.conditions.families), *limits(study, analysis)]
    return dg.MaterializeResult(
        metadata={
            "findings": dg.MetadataValue.md("\n".join(f"- {one}" for one in said)),
            "page": dg.MetadataValue.path(page.resolve()),
            "missing": sum(outcome.missing.values()),
            "not judged": sum(outcome.failed.values()),
        }
    )
