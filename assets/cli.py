"""The command `aef-econ`: the main job, backfills, the pages, and models of your own table."""

import argparse
import logging
import os
import sys
import time
import warnings
from pathlib import Path

from assets.environment import QUIET
from lake.errors import AefEconError


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns its exit status."""
    options = _parser().parse_args(arguments)
    # Before anything heavy is imported: Dagster tells every beta feature, MLflow and GX would send usage statistics.
    warnings.filterwarnings("ignore", module=r"dagster.*|dagster_dbt.*|mlflow.*|great_expectations.*")
    os.environ |= {key: value for key, value in QUIET.items() if key not in os.environ}
    _log(options.verbose)
    try:
        return int(options.run(options))
    except AefEconError as error:
        print(f"aef-econ: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("aef-econ: interrupted; the same command goes on where this one was.", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="aef-econ", description=__doc__)
    parser.add_argument("--verbose", action="store_true", help="log what happens inside")
    commands = parser.add_subparsers(required=True)
    demo = commands.add_parser(
        "demo", help="the main job at the scale of AEF_ECON_PROFILE; done work is not done again"
    )
    demo.set_defaults(run=_demo)
    backfill = commands.add_parser(
        "backfill", help="streams, and a release where there is a champion, of some partitions"
    )
    backfill.add_argument("--cities", required=True, help="city ids, separated by commas, or `all`")
    backfill.add_argument("--years", required=True, help="years or spans, separated by commas: 2020,2022-2024")
    backfill.set_defaults(run=_backfill)
    study = commands.add_parser(
        "experiments", help="the table of experiments at the scale of AEF_ECON_PROFILE, its report and champion"
    )
    study.set_defaults(run=_experiments)
    pages = commands.add_parser("ui", help="Dagster and MLflow on loopback")
    pages.add_argument("--port", type=int, default=3000, help="of Dagster (default: %(default)s)")
    pages.add_argument("--mlflow-port", type=int, default=5000, help="of MLflow (default: %(default)s)")
    pages.add_argument("--host", default="127.0.0.1", help="address to bind (default: %(default)s, this machine only)")
    pages.set_defaults(run=_ui)
    _add_own_table(commands)
    return parser


def _add_own_table(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`fit`, `embed` and `probe`: docs/fit-your-own-table.md."""
    fit = commands.add_parser("fit", help="a model of your own table of streams, with scores and embeddings")
    fit.add_argument("--table", type=Path, required=True, help="Parquet, CSV or Arrow file, or a folder of them")
    fit.add_argument("--spec", type=Path, required=True, help="YAML that tells its streams, labels and groups")
    fit.add_argument("--out", type=Path, required=True, help="folder of the results; done work is not done again")
    fit.set_defaults(run=_fit)
    embed = commands.add_parser("embed", help="embeddings of another table by a model that `fit` made")
    embed.add_argument("--model", type=Path, required=True, help="the folder that `fit` wrote")
    embed.add_argument("--table", type=Path, required=True, help="table with the same stream columns")
    embed.add_argument("--out", type=Path, required=True, help="Parquet file to write")
    embed.add_argument("--keys", help="columns to carry through, separated by commas (default: those of the spec)")
    embed.set_defaults(run=_embed)
    probe = commands.add_parser("probe", help="what labels can be read out of any table of embeddings")
    probe.add_argument("--embeddings", type=Path, required=True, help="table with columns of features")
    probe.add_argument("--spec", type=Path, required=True, help="YAML that tells labels, groups and features")
    probe.add_argument("--labels", type=Path, help="table of the labels, joined by the spec's keys")
    probe.add_argument("--out", type=Path, required=True, help="folder of the results")
    probe.set_defaults(run=_probe)


def _log(verbose: bool) -> None:
    """Our own rooms' warnings go to the terminal; what libraries say only where it is asked for."""
    logging.basicConfig(handlers=None if verbose else [logging.NullHandler()], level=logging.INFO)
    if not verbose:
        handler = logging.StreamHandler()
        handler.setLevel(logging.WARNING)
        for room in ("assets", "ee_emulator", "lake", "ml", "quality"):
            logging.getLogger(room).addHandler(handler)


def _demo(_: argparse.Namespace) -> int:
    started = time.perf_counter()
    from assets.econ.definitions import defs
    from assets.econ.main_job import run_main_job
    from assets.econ.summary import summary
    from assets.instance import open_instance

    repository = defs.get_repository_def()
    with open_instance() as instance:
        run_main_job(instance, repository.get_job, _say)
    print(f"\n{summary()}\n\nDone in {time.perf_counter() - started:.0f} s. Look at it with `make ui`.")
    return 0


def _backfill(options: argparse.Namespace) -> int:
    from assets.econ.definitions import defs
    from assets.econ.main_job import run_backfill
    from assets.instance import open_instance
    from assets.selection import chosen_cities, chosen_years

    partitions = [(city, year) for city in chosen_cities(options.cities) for year in chosen_years(options.years)]
    repository = defs.get_repository_def()
    with open_instance() as instance:
        run_backfill(instance, repository.get_job, _say, partitions)
    return 0


def _experiments(_: argparse.Namespace) -> int:
    started = time.perf_counter()
    from assets.econ.definitions import defs
    from assets.econ.main_job import Phases
    from assets.econ.study_job import run_study, study_summary
    from assets.instance import open_instance

    _tell_progress("ml.experiments")
    with open_instance() as instance:
        run_study(Phases(instance, defs.get_repository_def().get_job, _say))
    print(f"\n{study_summary()}\n\nDone in {time.perf_counter() - started:.0f} s. Look at it with `make ui`.")
    return 0


def _tell_progress(room: str) -> None:
    """A room's progress on the terminal, for steps that take long; the terminal as it is now, before it is led away."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter("  %(message)s"))
    handler.addFilter(lambda record: record.levelno == logging.INFO)
    logging.getLogger(room).addHandler(handler)


def _ui(options: argparse.Namespace) -> int:
    from assets.ui import serve

    return serve(options.port, options.mlflow_port, options.host)


def _fit(options: argparse.Namespace) -> int:
    from ml.own_table.fitting import fit

    fit(options.table, options.spec, options.out, _say)
    return 0


def _embed(options: argparse.Namespace) -> int:
    from ml.own_table.embedding import embed

    keys = None if options.keys is None else [name for name in options.keys.split(",") if name]
    embed(options.model, options.table, options.out, _say, keys)
    return 0


def _probe(options: argparse.Namespace) -> int:
    from ml.own_table.probing import probe

    probe(options.embeddings, options.spec, options.out, _say, options.labels)
    return 0


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
