"""The command `eecode`: Earth Engine code, known, generated and judged."""

import argparse
import sys
import time
from pathlib import Path

from codegen.chain import cli as chain
from codegen.evaluation.building import cli as building
from codegen.evaluation.scores import cli as scores
from codegen.evaluation.study import cli as study
from codegen.evaluation.tasks import cli as tasks
from lake.errors import AefEconError, BadInputError
from lake.settings import settings


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns its exit status."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except AefEconError as error:
        print(f"eecode: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("eecode: interrupted; the same command goes on where this one was.", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="eecode", description=__doc__)
    rooms = parser.add_subparsers(required=True)
    _add_knowledge(rooms)
    chain.add_parser(rooms)
    evaluation = rooms.add_parser("eval", help="models, judged by running what they wrote: docs/evaluate-your-model.md")
    commands = evaluation.add_subparsers(required=True)
    for room in (tasks, scores, study, building):
        room.add_parser(commands)
    return parser


def _add_knowledge(rooms: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    knowledge = rooms.add_parser("kb", help="the knowledge base: docs/knowledge-base.md")
    commands = knowledge.add_subparsers(required=True)
    build = commands.add_parser("build", help="from scripts; what is done is not done again")
    build.add_argument("--scripts", action="append", default=[], metavar="PATH", help="folder, .jsonl file or git URL")
    build.add_argument("--embedded", action="store_true", help="the scripts of installed packages too (the default)")
    build.add_argument("--out", type=Path, help="folder of the knowledge base (default: DATA_DIR/knowledge)")
    build.add_argument("--executor", choices=("local", "ray"), default="local", help="where scripts are extracted from")
    build.add_argument("--workers", type=int, help="processes (default: one a core)")
    build.add_argument(
        "--near", type=float, default=0.9, help="likeness from which scripts are the same; 0: only where they are equal"
    )
    build.set_defaults(run=_build)
    search = commands.add_parser("search", help="by text in English or Chinese, operator, data set or code")
    search.add_argument("text", help='"cloud mask", "what follows reduceRegion?", LANDSAT/LC08/C02/T1_L2, code')
    search.add_argument("--kb", type=Path, help="folder of the knowledge base")
    search.add_argument("--top", type=int, default=10, help="answers (default: %(default)s)")
    search.add_argument("--prompt", type=int, metavar="TOKENS", help="as context for a prompt, within so many tokens")
    search.set_defaults(run=_search)
    stats = commands.add_parser("stats", help="its head numbers")
    stats.add_argument("--kb", type=Path, help="folder of the knowledge base")
    stats.set_defaults(run=_stats)
    sql = commands.add_parser("sql", help="a query in DuckDB; each table is a view")
    sql.add_argument("query", help='"select name, uses from operators order by uses desc limit 10"')
    sql.add_argument("--kb", type=Path, help="folder of the knowledge base")
    sql.set_defaults(run=_sql)


def _build(options: argparse.Namespace) -> int:
    from codegen.corpora.sources import EMBEDDED, corpora
    from codegen.knowledge.building import build

    started = time.perf_counter()
    folder = options.out or _default()
    named = corpora(options.scripts, folder / "clones")
    if options.embedded or not options.scripts:
        named = EMBEDDED | named
    found = {name: connector() for name, connector in named.items()}
    build(found, folder, _say, options.executor, options.workers, options.near or None)
    _index(folder)
    print(_report(folder).split("\n### ", 1)[0])  # the head numbers; `stats` prints the rest
    print(f"\nDone in {time.perf_counter() - started:.0f} s. Look at {folder / 'explorer.html'}.")
    return 0


def _index(folder: Path) -> None:
    from codegen.retrieval.index import build_index

    build_index(folder, folder / "index", lambda done, total: _say(f"Embedded {done:,} of {total:,} texts."))


def _search(options: argparse.Namespace) -> int:
    from codegen.retrieval.context import context
    from codegen.retrieval.printing import printed
    from codegen.retrieval.questions import KnowledgeSearch

    folder = _built(options.kb)
    search = KnowledgeSearch.open(folder, folder / "index")
    if options.prompt is None:
        print(printed(search.ask(options.text, options.top)))
    else:
        print(context(search.index.search(options.text, k=options.top), options.prompt))
    return 0


def _stats(options: argparse.Namespace) -> int:
    print(_report(_built(options.kb)))
    return 0


def _report(folder: Path) -> str:
    return (folder / "report.md").read_text(encoding="utf-8")


def _sql(options: argparse.Namespace) -> int:
    from codegen.knowledge.views import query

    print(query(_built(options.kb), options.query))
    return 0


def _built(given: Path | None) -> Path:
    folder: Path = given or _default()
    if not (folder / "manifest.json").exists():
        raise BadInputError(f"There is no knowledge base in {folder}: build one with `eecode kb build --out {folder}`.")
    return folder


def _default() -> Path:
    return settings().data_dir / "knowledge"


def _say(line: str) -> None:
    print(line, flush=True)
