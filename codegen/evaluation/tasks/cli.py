"""`eecode eval run`, `retry` and `view`."""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from codegen.evaluation.cases.case import PARTS
from codegen.evaluation.tasks.plan import SOLVERS
from lake.settings import settings

if TYPE_CHECKING:
    from codegen.evaluation.tasks.running import Result

FAILED = 3
"""Exit status of a run of which programs are not judged."""
SHOWN = 3
"""Failures that are told."""
PORT = 7575
QUIET_SECONDS = 15.0


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds `run`, `retry` and `view` to the commands of `eecode eval`."""
    run = subparsers.add_parser("run", help="evaluates a model; the same command goes on where it was interrupted")
    run.add_argument(
        "--model",
        required=True,
        metavar="NAME",
        help="reference, local, openai-api/SERVICE/MODEL (SERVICE_BASE_URL, SERVICE_API_KEY), or PROVIDER/MODEL",
    )
    run.add_argument("--solver", choices=SOLVERS, default="bare", help="how it is asked (default: %(default)s)")
    run.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS), help="of the benchmark (default: all)")
    run.add_argument("--epochs", type=int, default=5, metavar="N", help="times each function (default: %(default)s)")
    chosen = run.add_mutually_exclusive_group()
    chosen.add_argument("--sample", type=int, metavar="N", help="so many functions, drawn over all types")
    chosen.add_argument("--limit", type=int, metavar="N", help="the first so many functions")
    run.add_argument("--seed", type=int, default=0, help="of the sample and of the model (default: %(default)s)")
    run.add_argument("--benchmark", type=Path, metavar="DIR", help="default: AEF_ECON_BENCHMARK, or ours")
    run.add_argument("--out", type=Path, metavar="DIR", help="default: DATA_DIR/evaluations/BENCHMARK/MODEL/SOLVER")
    run.add_argument("--fresh", action="store_true", help="forgets what is in the folder")
    _add_model_options(run)
    _add_judge_options(run)
    run.set_defaults(run=_run)
    retry = subparsers.add_parser("retry", help="goes on with a run, with the settings that it has")
    retry.add_argument("folder", type=Path, metavar="DIR", help="of the run")
    retry.set_defaults(run=_retry)
    view = subparsers.add_parser("view", help="the log viewer of inspect_ai, on this machine only")
    view.add_argument("folder", type=Path, nargs="?", metavar="DIR", help="of a run, or of several (default: all)")
    view.add_argument("--port", type=int, default=PORT, help="default: %(default)s")
    view.set_defaults(run=_view)


ASKING = ("temperature", "max_tokens", "connections", "attempts", "attempt_seconds")
JUDGING = ("workers", "limit_seconds", "url", "unsafe_local")
"""Fields of `Plan` that are options of `run` and `study`."""


def add_asking_options(group: argparse._ArgumentGroup) -> None:
    """The options of `ASKING`."""
    group.add_argument("--temperature", type=float, default=0.2, help="default: %(default)s")
    group.add_argument("--max-tokens", type=int, default=1024, metavar="N", help="of an answer (default: %(default)s)")
    group.add_argument("--connections", type=int, default=10, metavar="N", help="questions at a time (%(default)s)")
    group.add_argument("--attempts", type=int, default=6, metavar="N", help="where the endpoint fails (%(default)s)")
    group.add_argument("--attempt-seconds", type=int, default=300, metavar="S", help="for an answer (%(default)s)")


def add_judging_options(group: argparse._ArgumentGroup) -> None:
    """The options of `JUDGING`."""
    group.add_argument("--workers", type=int, metavar="N", help="programs at a time (default: one a core)")
    group.add_argument("--limit-seconds", type=float, default=300.0, metavar="S", help="for a case (%(default)s)")
    group.add_argument("--url", default="", help="of an Earth Engine (default: a local one is started)")
    group.add_argument("--unsafe-local", action="store_true", help="without a sandbox: generated code runs as you")


def told_of_plan(options: argparse.Namespace) -> dict[str, Any]:
    """Fields of `Plan` that those options tell."""
    given = {name: getattr(options, name) for name in (*ASKING, *JUDGING)}
    given["workers"] = given["workers"] or None
    return {name: value for name, value in given.items() if value is not None}


def _add_model_options(run: argparse.ArgumentParser) -> None:
    model = run.add_argument_group("model")
    add_asking_options(model)
    model.add_argument("--kb", type=Path, metavar="DIR", help="knowledge base of rag and cop (DATA_DIR/knowledge)")
    model.add_argument("--without", nargs="+", default=[], metavar="STEP", help="steps that cop leaves out")
    model.add_argument(
        "--tables-without",
        nargs="+",
        default=[],
        metavar="TABLE",
        help="tables of the knowledge base that are left out",
    )


def _add_judge_options(run: argparse.ArgumentParser) -> None:
    judge = run.add_argument_group("judge")
    add_judging_options(judge)
    judge.add_argument("--judge-again", action="store_true", help="the same code too, in each epoch")


def _run(options: argparse.Namespace) -> int:
    from codegen.evaluation.building.build import default_benchmark

    benchmark = options.benchmark or default_benchmark(_saying_after(QUIET_SECONDS))
    given = {
        "benchmark": str(benchmark),
        "model": options.model,
        "parts": options.parts,
        "solver": options.solver,
        "options": _solver_options(options),
        "epochs": options.epochs,
        "limit": options.limit,
        "sample": options.sample,
        "seed": options.seed,
        "judge_again": options.judge_again,
        **told_of_plan(options),
    }
    return _evaluate(given, options.out or _default_out(given), options.fresh)


def _retry(options: argparse.Namespace) -> int:
    from codegen.evaluation.tasks.running import settings_of

    return _evaluate(settings_of(options.folder), options.folder, fresh=False)


def _view(options: argparse.Namespace) -> NoReturn:
    from codegen.evaluation.tasks.logs import view

    view(options.folder or settings().data_dir / "evaluations", options.port)


def _evaluate(given: dict[str, Any], out: Path, fresh: bool) -> int:
    from codegen.evaluation.tasks.plan import Plan
    from codegen.evaluation.tasks.running import evaluate

    result = evaluate(Plan(**given), out, fresh=fresh, say=_say)
    _show_figures(out, Path(given["benchmark"]))
    _show_failures(result)
    return FAILED if result.failed else 0


def _show_figures(out: Path, benchmark: Path) -> None:
    from codegen.evaluation.leaderboard.expected import expected_answers
    from codegen.evaluation.leaderboard.writing import write
    from codegen.evaluation.scores.report import markdown
    from codegen.evaluation.scores.runs import read_run

    run = read_run(out)
    page = out / "leaderboard.html"
    write(run.records, page, run.about, expected_answers(benchmark))
    # Tables by type and difficulty are for the page.
    report = markdown(run.records, {"simulated": run.about.get("simulated")})
    print("\n### ".join(part for part in report.split("\n### ") if not part.startswith("pass@1 by ")))
    print(f"Leaderboard: {page}\nLog viewer: eecode eval view {out}")


def _show_failures(result: Result) -> None:
    for (function, epoch), reason in list(result.failed.items())[:SHOWN]:
        print(f"{function}, epoch {epoch}: {reason}")
    if result.failed:
        print(
            f"{len(result.failed):,} of {result.programs:,} programs are not judged: they count as failures of the "
            f"network. `eecode eval retry {result.folder}` asks for them again, and for nothing else."
        )


def _solver_options(options: argparse.Namespace) -> dict[str, Any]:
    """What a solver is told beside the question."""
    from lake.errors import BadInputError

    knowing = options.solver in ("rag", "cop")
    if options.without and options.solver != "cop":
        raise BadInputError("--without leaves out steps of --solver cop.")
    if (options.tables_without or options.kb) and not knowing:
        raise BadInputError("--kb and --tables-without are for --solver rag and cop.")
    told = {"without": options.without, "tables_without": options.tables_without}
    if options.kb:
        told["knowledge"] = str(options.kb)
    return {name: value for name, value in told.items() if value}


def _default_out(given: dict[str, Any]) -> Path:
    from codegen.evaluation.tasks.plan import Plan

    plan = Plan(**given)
    names = (Path(plan.benchmark).resolve().name, plan.model, plan.label)
    return (settings().data_dir / "evaluations").joinpath(*(_name(name) for name in names))


def _name(text: str) -> str:
    return re.sub(r"[^\w.-]+", "_", text)


def _saying_after(seconds: float) -> Callable[[str], None]:
    """Says nothing of what is done in no time, as when all is there already."""
    started = time.monotonic()
    return lambda line: _say(line) if time.monotonic() - started > seconds else None


def _say(line: str) -> None:
    print(line, flush=True)
