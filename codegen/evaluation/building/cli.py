"""The commands `eecode eval build` and `eecode eval answers`."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codegen.evaluation.cases.case import PARTS
from lake.errors import BadInputError
from lake.settings import settings

if TYPE_CHECKING:
    from codegen.evaluation.building.build import Built


def add_parser(subparsers: Any) -> None:
    """Adds `build` and `answers` to the commands of `eecode eval`."""
    parser = subparsers.add_parser(
        "build", help="our benchmark, in AutoGEEval++'s form; what is done is not done again"
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="folder of the benchmark (default: DATA_DIR/benchmark)")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS, help="which parts (default: all)")
    parser.add_argument(
        "--validate",
        action="store_true",
        help="run everything anew, and fail where a case is unsound or an answer is not the one of answers.lock",
    )
    parser.add_argument("--lock", action="store_true", help="write answers.lock: for who changes cases on purpose")
    parser.set_defaults(run=_build)
    answers = subparsers.add_parser("answers", help="expected answers of your own cases, by running their references")
    answers.add_argument("folder", type=Path, metavar="DIR", help="cases in the published form, with reference_code")
    answers.add_argument("--again", action="store_true", help="the answers that are there, too")
    answers.add_argument("--url", help="of an Earth Engine (default: a local one is started)")
    answers.add_argument("--unsafe-local", action="store_true", help="without a sandbox: the references run as you")
    answers.set_defaults(run=_answer)


def _build(options: argparse.Namespace) -> int:
    from codegen.evaluation.building.build import build_benchmark

    started = time.perf_counter()
    folder: Path = options.out or settings().data_dir / "benchmark"
    if options.validate:
        _forget(folder)
    built = build_benchmark(folder, options.parts, _say)
    print(table(built))
    print(f"\nDone in {time.perf_counter() - started:.0f} s. The benchmark lies in {folder}.")
    if options.lock:
        _lock(built)
    elif options.validate:
        _validate(built)
    return 0


def _answer(options: argparse.Namespace) -> int:
    from codegen.evaluation.building.answering import answer_cases

    answered = answer_cases(
        options.folder, options.url, again=options.again, unsafe_local=options.unsafe_local, say=_say
    )
    print(f"{len(answered.written):,} answers written, {len(answered.failed):,} cases have none.")
    return 1 if answered.failed else 0


def _forget(folder: Path) -> None:
    from codegen.evaluation.building.finishing import JOURNAL

    for path in folder.glob(f"*/{JOURNAL}"):
        path.unlink()


def _lock(built: Built) -> None:
    from codegen.evaluation.building.lock import read_lock, write_lock

    parts = {one.task.part for one in built.drafts}
    kept = {} if parts == set(PARTS) else read_lock()
    write_lock({**kept, **built.hashes})
    print("Wrote answers.lock.")


def _validate(built: Built) -> None:
    from codegen.evaluation.building.lock import moved, read_lock

    locked = read_lock()
    unknown = sorted(set(built.hashes) - set(locked))
    changed = moved(built.hashes, locked)
    if built.problems or changed or unknown:
        raise BadInputError(
            f"{len(built.problems)} cases or tasks are unsound, {len(changed)} answers moved and {len(unknown)} tasks "
            "are not in answers.lock, all told above. Where that is meant: `eecode eval build --lock`."
        )
    print("Both solutions of every task agree, and every answer is the one of answers.lock.")


def table(built: Built) -> str:
    """Counts of a build as a table in Markdown."""
    from codegen.evaluation.building.build import counts

    lines = ["| part | tasks | cases | second solutions |", "|---|---:|---|---|"]
    for part in PARTS:
        told = counts(built, part)
        if told["tasks"]:
            cases, seconds = (
                ", ".join(f"{count:,} {name}" for name, count in told[key].items())
                for key in ("cases", "second_solutions")
            )
            lines.append(f"| {part} | {told['tasks']:,} | {cases} | {seconds} |")
    return "\n".join(lines)


def _say(line: str) -> None:
    print(line, flush=True)
