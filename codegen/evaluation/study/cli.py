"""`eecode eval study`: what a way of asking a model is worth."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING

from codegen.evaluation.cases.case import PARTS
from codegen.evaluation.tasks.cli import add_asking_options, add_judging_options, told_of_plan
from lake.settings import settings

if TYPE_CHECKING:
    from codegen.evaluation.study.running import Outcome, Wanted

FAILED = 3
"""Exit status of a study of which programs are not judged, as somebody did not answer."""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds `study` to the commands of `eecode eval`."""
    study = subparsers.add_parser(
        "study", help="one model, asked in many ways: docs/the-uplift-study.md; the same command goes on"
    )
    study.add_argument("--model", metavar="NAME", help="local, openai-api/SERVICE/MODEL, or PROVIDER/MODEL")
    study.add_argument("--sample", type=int, metavar="N", help="so many tasks, drawn over classes of problems")
    study.add_argument("--epochs", type=int, default=1, metavar="N", help="times each task (default: %(default)s)")
    study.add_argument(
        "--parts",
        nargs="+",
        choices=PARTS,
        default=["combination", "theme"],
        help="of the benchmark (default: those whose tasks are problems, combination and theme)",
    )
    study.add_argument("--conditions", type=Path, metavar="FILE", help="your own table, as study/conditions.yaml")
    study.add_argument("--only", nargs="+", metavar="NAME", help="some families or conditions of the table")
    study.add_argument("--limit-minutes", type=float, metavar="M", help="begins nothing that would end later")
    study.add_argument("--benchmark", type=Path, metavar="DIR", help="default: ours, DATA_DIR/benchmark")
    study.add_argument("--kb", type=Path, metavar="DIR", help="knowledge base (default: DATA_DIR/knowledge)")
    study.add_argument("--out", type=Path, metavar="DIR", help="default: DATA_DIR/studies/BENCHMARK/MODEL")
    study.add_argument("--seed", type=int, default=0, help="of the draw and of the model (default: %(default)s)")
    study.add_argument("--report-only", action="store_true", help="asks nothing: page and tables of what is there")
    plan = study.add_argument_group("asking and judging, as of `eecode eval run`")
    add_asking_options(plan)
    add_judging_options(plan)
    study.set_defaults(run=_study)


def _study(options: argparse.Namespace) -> int:
    from lake.errors import BadInputError

    if options.report_only and (options.out or options.model):
        _report(options.out or _default_out(_benchmark(options), options.model))
        return 0
    if not options.model:
        raise BadInputError("A study wants a --model, and --report-only one or the --out of a study.")
    from codegen.evaluation.study.running import run_study

    wanted = _wanted(options)
    out: Path = options.out or _default_out(wanted.benchmark, wanted.model)
    outcome = run_study(wanted, out, _say)
    _report(out)
    _tell(outcome)
    return FAILED if outcome.failed else 0


def _wanted(options: argparse.Namespace) -> Wanted:
    from codegen.evaluation.study.conditions import only, read_conditions
    from codegen.evaluation.study.running import Wanted

    conditions = read_conditions(options.conditions)
    return Wanted(
        benchmark=_benchmark(options, build=True),
        model=options.model,
        conditions=only(conditions, options.only) if options.only else conditions,
        parts=tuple(part for part in PARTS if part in options.parts),
        sample=options.sample,
        epochs=options.epochs,
        seed=options.seed,
        knowledge=options.kb,
        limit_minutes=options.limit_minutes,
        settings=told_of_plan(options),
    )


def _benchmark(options: argparse.Namespace, build: bool = False) -> Path:
    """The one that is named, or ours, built where it is not there."""
    folder: Path = options.benchmark or settings().benchmark_dir
    if build and not options.benchmark:
        from codegen.evaluation.building.build import default_benchmark

        return default_benchmark(_say)
    return folder


def _default_out(benchmark: Path, model: str) -> Path:
    names = (re.sub(r"[^\w.-]+", "_", name) for name in (benchmark.resolve().name, model))
    return (settings().data_dir / "studies").joinpath(*names)


def _report(out: Path) -> None:
    from codegen.evaluation.study.analysis import analyse
    from codegen.evaluation.study.findings import findings, limits
    from codegen.evaluation.study.page import write
    from codegen.evaluation.study.reading import read_study

    study = read_study(out)
    analysis = analyse(study)
    page = write(study, analysis, out)
    for title, told in (
        ("What it says", findings(analysis, study.state.conditions.families)),
        ("What cannot be concluded", limits(study, analysis)),
    ):
        print("\n".join([f"\n{title}:", *(f"- {one}" for one in told)]))
    print(f"\nLook at {page}.")


def _tell(outcome: Outcome) -> None:
    if outcome.missing:
        told = ", ".join(f"{name} {number:,}" for name, number in outcome.missing.items())
        print(f"Programs that are still missing: {told}. The same command goes on.")
    if outcome.failed:
        told = ", ".join(f"{name} {number:,}" for name, number in outcome.failed.items())
        print(f"Programs that could not be judged, as somebody did not answer: {told}. The same command tries again.")


def _say(line: str) -> None:
    print(line, flush=True)
