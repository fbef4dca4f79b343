"""`eecode generate`: a program for a request, step by step."""

from __future__ import annotations

import argparse
import asyncio
import datetime
import hashlib
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codegen.chain.names import STEPS, STRATEGIES
from lake.errors import BadInputError
from lake.settings import settings

if TYPE_CHECKING:
    from codegen.chain.asking import Asker
    from codegen.chain.effects import Show
    from codegen.chain.pool import Pool
    from codegen.models.completion import LanguageModel
    from codegen.sandbox.sandbox import Sandbox

_POOL = "pool.json"
_DEFAULTS: dict[str, Any] = {"language": "python", "model": "local", "rounds": 3, "seed": 0, "strategy": "cop"}


def add_parser(subparsers: Any) -> None:
    """Adds the command to those of `eecode`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "generate", help="a program for a request in words: docs/generate-code.md"
    )
    parser.add_argument("request", nargs="?", help='"monthly NDVI of Wuhan 2020 as a chart", in English or Chinese')
    parser.add_argument("--language", choices=("python", "javascript"), help="of the program (default: python)")
    parser.add_argument(
        "--model", help="local (the default), openai-api/SERVICE/MODEL, or a provider's: docs/evaluate-your-model.md"
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="(default: a folder of the request's own in DATA_DIR)")
    parser.add_argument("--answers", type=Path, metavar="FILE", help="answers to what is asked back: YAML or JSON")
    parser.add_argument("--no-ask", action="store_true", help="ask nothing: assume, and say so")
    parser.add_argument(
        "--without", action="append", default=[], metavar="STEP", help=f"leave out: {', '.join(STEPS)}, or a table"
    )
    parser.add_argument("--strategy", choices=STRATEGIES, help="Chain of Programming (the default), or a rival")
    parser.add_argument("--rounds", type=int, metavar="N", help="of debugging, at most (default: 3)")
    parser.add_argument("--seed", type=int, help="of all draws (default: 0)")
    parser.add_argument("--max-tokens", type=int, default=1024, metavar="N", help="of an answer (default: %(default)s)")
    parser.add_argument("--kb", type=Path, metavar="DIR", help="the knowledge base (default: DATA_DIR/knowledge)")
    parser.add_argument("--resume", type=Path, metavar="DIR", help="go on with what an earlier run began there")
    parser.add_argument("--feedback", metavar="TEXT", help="with --resume: what is wrong with the program")
    parser.add_argument("--unsafe-local", action="store_true", help="run programs without a sandbox, at your own risk")
    parser.add_argument("--url", metavar="EE_URL", help="of Earth Engine (default: a local one, started if need be)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Runs the command.

    Returns:
        0 if there is a program and it ran.
    """
    folder = _folder(options)
    pool = asyncio.run(_resumed(options, folder) if options.resume else _generated(options, folder))
    _tell(pool, folder)
    return 0 if pool.ran else 1


def _folder(options: argparse.Namespace) -> Path:
    if options.resume is not None:
        given = [name for name in ("request", "out", *_DEFAULTS) if getattr(options, name) is not None]
        given += ["without"] if options.without else []
        if given:
            raise BadInputError(f"--resume goes on with what the folder holds: leave out {', '.join(given)}.")
        resumed: Path = options.resume
        return resumed
    if options.feedback is not None:
        raise BadInputError("--feedback is about a program that is there: name its folder with --resume DIR.")
    if not (options.request or "").strip():
        raise BadInputError('Say what the program should do: eecode generate "monthly NDVI of Wuhan 2020 as a chart".')
    return options.out or settings().data_dir / "generated" / _name(options.request)


def _name(request: str) -> str:
    """Of a request's folder: its first words, and a hash that tells it from others."""
    words = "-".join(re.findall(r"[a-z0-9]+", request.lower())[:6])
    return "-".join(filter(None, (words[:60], hashlib.sha256(request.strip().encode()).hexdigest()[:8])))


async def _generated(options: argparse.Namespace, folder: Path) -> Pool:
    from codegen.chain.generate import generate
    from codegen.chain.places import open_places
    from codegen.chain.steps import ALL
    from codegen.models.completion import Sampling
    from codegen.models.opening import open_model

    chosen = _DEFAULTS | {name: getattr(options, name) for name in _DEFAULTS if getattr(options, name) is not None}
    steps = ALL.without(*options.without)
    model = open_model(chosen.pop("model"))
    with open_places(steps, options.kb, options.url, options.unsafe_local, _say) as places:
        return await generate(
            options.request,
            model,
            pool_path=folder / _POOL,
            steps=steps,
            search=places.search,
            sandbox=places.sandbox,
            asker=_asker(options),
            sampling=Sampling(max_tokens=options.max_tokens),
            data_sets=places.data_sets,
            date=_date(folder),
            take_result=True,
            simulated=places.simulated,
            say=_say,
            show=_shower(folder, places.sandbox),
            **chosen,
        )


async def _resumed(options: argparse.Namespace, folder: Path) -> Pool:
    from codegen.chain.generate import resume
    from codegen.chain.places import open_places
    from codegen.chain.pool import read_pool
    from codegen.models.opening import open_model

    setting = read_pool(folder / _POOL).setting
    model: LanguageModel = open_model(setting.model)
    with open_places(setting.switched, options.kb, options.url, options.unsafe_local, _say) as places:
        return await resume(
            folder / _POOL,
            model,
            places.search,
            places.sandbox,
            _asker(options),
            _say,
            _shower(folder, places.sandbox),
        )


def _date(folder: Path) -> str:
    """Today, or the day on which the folder's pool was begun."""
    from codegen.chain.pool import read_pool

    path = folder / _POOL
    return read_pool(path).setting.date if path.exists() else datetime.datetime.now(datetime.UTC).date().isoformat()


def _asker(options: argparse.Namespace) -> Asker:
    from codegen.chain.asking import FEEDBACK, Assuming, Given, Terminal, answers_from

    if options.feedback is not None:
        return Given({FEEDBACK: options.feedback}, "user")
    if options.answers is not None:
        return answers_from(options.answers)
    return Assuming() if options.no_ask or not sys.stdin.isatty() else Terminal()


def _shower(folder: Path, sandbox: Sandbox | None) -> Show:
    from codegen.chain.output import write_output

    def show(pool: Pool) -> None:
        write_output(pool, folder, sandbox, _say)
        execution = pool.last_execution
        printed = execution.stdout.strip() if execution is not None else ""
        if printed:
            _say("\n".join(["It ran, and printed:", *(f"  {one}" for one in printed[:1_000].splitlines()[:12])]))
        _say(f"What it gives lies in {folder / 'output'}.")

    return show


def _tell(pool: Pool, folder: Path) -> None:
    from codegen.chain.output import program_path, write_program

    write_program(pool, folder)
    for text in (*pool.state.assumptions, *pool.state.notes):
        _say(f"- {text}")
    calls = pool.record.calls
    tokens = sum(one.prompt_tokens + one.completion_tokens for one in calls)
    seconds = sum(one.seconds for one in calls)
    _say(f"{len(calls)} questions to {pool.setting.model}, {tokens:,} tokens, {seconds:.0f} s.")
    program = pool.program
    if program.state == "ran":
        _say(f"The program ran: {program_path(pool, folder)}")
        if pool.setting.simulated:
            _say(
                "It ran on the local Earth Engine, whose planet is SIMULATED: what it gives says nothing of the Earth."
            )
    elif program.code:
        what = "does not run" if program.state == "failed" else "was not run"
        _say(f"The program {what}: {program_path(pool, folder)}")
        if program.reason:
            _say(f"  {program.reason.splitlines()[0]}")
    else:
        _say(f"There is no program: {program.reason}")


def _say(text: str) -> None:
    print(text, flush=True)
