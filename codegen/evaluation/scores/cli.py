"""`eecode eval report` and `eecode eval compare`: what came of runs, and whether one is better than another."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from codegen.evaluation.scores.comparing import Comparison
    from codegen.evaluation.scores.frame import Network
    from codegen.evaluation.scores.runs import Run

_MEBIBYTE = 2**20


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds `report` and `compare` to the commands of `eecode eval`."""
    report = subparsers.add_parser("report", help="scores of runs: the report, the leaderboard page, MLflow")
    report.add_argument("runs", nargs="+", type=Path, metavar="RUN_DIR", help="folder that `eecode eval run` wrote")
    report.add_argument("--out", type=Path, metavar="PAGE", help="default: leaderboard.html in the first run")
    report.add_argument("--benchmark", type=Path, metavar="FOLDER", help="shows the expected answers of this benchmark")
    report.add_argument(
        "--most-mb",
        type=float,
        default=32,
        help="size of the page; texts that do not fit are left out (%(default)s)",
    )
    report.add_argument("--mlflow", action="store_true", help="logs a run a system at MLFLOW_TRACKING_URI")
    report.set_defaults(run=_report)
    compare = subparsers.add_parser("compare", help="differences between two runs, with intervals and p-values")
    compare.add_argument("a", type=Path, metavar="RUN_A", help="what is compared with")
    compare.add_argument("b", type=Path, metavar="RUN_B", help="what is compared")
    compare.add_argument("--rate", default="unbiased_1", help="first_1, …, unbiased_5, valid (default: %(default)s)")
    compare.add_argument("--without-network", action="store_true", help="leaves out what the network failed")
    compare.set_defaults(run=_compare)


def _report(options: argparse.Namespace) -> int:
    from codegen.evaluation.leaderboard.writing import write
    from codegen.evaluation.scores.checks import all_checks
    from codegen.evaluation.scores.report import markdown
    from codegen.evaluation.scores.runs import read_runs

    run = read_runs(options.runs)
    print(markdown(run.records, run.about))
    for finding in all_checks(run.records):
        if not finding.passed:
            print(f"Beware: {finding.told}")
    out: Path = options.out or options.runs[0] / "leaderboard.html"
    write(run.records, out, run.about, _answers(options.benchmark, run.about), int(options.most_mb * _MEBIBYTE))
    print(f"Look at {out}.")
    if options.mlflow:
        _log(options.runs, out)
    return 0


def _answers(named: Path | None, about: Mapping[str, Any]) -> dict[str, str]:
    """What is expected of each case, in short: by the benchmark that is named, or the one of the runs if it is here."""
    from codegen.evaluation.leaderboard.expected import expected_answers
    from lake.errors import BadInputError

    if named is not None:
        return expected_answers(named)
    settings = about.get("settings")
    folder = Path(str(settings.get("benchmark", ""))) if isinstance(settings, Mapping) else Path()
    if folder == Path() or not folder.is_dir():
        return {}
    try:
        return expected_answers(folder)
    except BadInputError as error:
        print(f"The page does without expected answers: {error}")
        return {}


def _log(folders: Sequence[Path], page: Path) -> None:
    """Each run with what is told of it alone."""
    from codegen.evaluation.scores.runs import read_run
    from codegen.evaluation.scores.tracking import log_scores, store_of, told
    from lake.settings import settings

    for folder in folders:
        run = read_run(folder)
        print(told(log_scores(run.records, run.about, store_of(settings()), page)))


def _compare(options: argparse.Namespace) -> int:
    from codegen.evaluation.scores.report import comparisons_markdown
    from codegen.evaluation.scores.runs import read_run, told_apart

    names = options.a.resolve().name, options.b.resolve().name
    a, b = told_apart(read_run(options.a), read_run(options.b), names)
    whole, sections = _compared(a, b, options.rate, options.without_network)
    print(comparisons_markdown(whole))
    print("\nBy section, each system pair's sections being a family for Holm's correction:\n")
    print(comparisons_markdown(sections))
    return 0


def _compared(a: Run, b: Run, rate: str, without_network: bool) -> tuple[list[Comparison], list[Comparison]]:
    """Each system of a with each of b: in all, and by section."""
    import polars as pl

    from codegen.evaluation.scores.comparing import as_family, compared, compared_items
    from codegen.evaluation.scores.frame import systems

    network: Network = "left_out" if without_network else "counted"
    found = compared_items(pl.concat([a.records, b.records]), rate, network)
    pairs = [(first, second) for first in systems(a.records) for second in systems(b.records)]
    by_section: dict[Any, Sequence[Comparison]] = {
        section: compared(found, pairs, rate, section=section) for section in sorted(set(found["section"]))
    }
    of_pairs = zip(*by_section.values(), strict=True)
    return as_family(compared(found, pairs, rate)), [one for family in of_pairs for one in as_family(family)]
