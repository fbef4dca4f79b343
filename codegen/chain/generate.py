"""From a request in words to a program, and from a signature to a function."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from codegen.chain.asking import Asker, Assuming
from codegen.chain.chain import run_chain
from codegen.chain.effects import Effects, Runner, Say, Show
from codegen.chain.names import STEPS, Step, Strategy
from codegen.chain.pool import Pool, Setting, read_pool
from codegen.chain.steps import ALL, Steps
from codegen.models.completion import LanguageModel, Sampling
from codegen.retrieval.documents import KINDS
from codegen.sandbox.outcome import Language
from lake.errors import BadInputError

if TYPE_CHECKING:
    from codegen.retrieval.questions import KnowledgeSearch

_FUNCTION = re.compile(r"^\s*(?:async\s+)?def\s+([A-Za-z_]\w*)", re.MULTILINE)


def _silent(line: str) -> None:
    pass


def _unshown(pool: Pool) -> None:
    pass


async def generate(
    request: str,
    model: LanguageModel,
    *,
    pool_path: Path | None = None,
    language: Language = "python",
    steps: Steps = ALL,
    strategy: Strategy = "cop",
    search: KnowledgeSearch | None = None,
    sandbox: Runner | None = None,
    asker: Asker | None = None,
    seed: int = 0,
    rounds: int = 3,
    sampling: Sampling = Sampling(),  # noqa: B008  # it cannot be changed
    context_tokens: int = 1200,
    data_sets: Sequence[str] | None = None,
    date: str = "",
    take_result: bool = False,
    simulated: bool = False,
    say: Say = _silent,
    show: Show = _unshown,
) -> Pool:
    """Writes a program for a request.

    Args:
        request: In English or Chinese.
        model: Writes.
        pool_path: File of the pool: a chain that was begun there goes on; None: it is kept in memory.
        language: Of the program.
        steps: Those that are taken.
        strategy: Chain of Programming, or a rival.
        search: The knowledge base; None: nothing is looked up.
        sandbox: Where drafts run; None: none is run.
        asker: Answers what the request leaves open; by default it is assumed, and said.
        seed: Of all draws.
        rounds: Of debugging, at most.
        sampling: Temperature and length of answers.
        context_tokens: Of what is looked up for one prompt, at most.
        data_sets: Ids that Earth Engine serves there; None: not told.
        date: For the program's header.
        take_result: Whether what `main()` of a Python program gives is taken into the pool once it runs.
        simulated: Whether programs run on the local Earth Engine, a simulated planet: header and pictures say so.
        say: Is told of each step.
        show: Is given the pool when a program runs, before the user is asked whether it is what was wanted.

    Returns:
        The pool, with the program; where there is none, or none that runs, it says why.

    Raises:
        BadInputError: The request is empty, or the pool is that of another request.
        ModelError: The model cannot be reached; called again with the same pool, it goes on where it was.
    """
    if not request.strip():
        raise BadInputError("The request is empty: say what the program should do, in English or Chinese.")
    setting = Setting(
        request=_written(request),
        language=language,
        model=model.name,
        strategy=strategy,
        steps=_ordered(steps),
        tables=[kind for kind in KINDS if kind in steps.tables],
        rounds=rounds,
        seed=seed,
        temperature=sampling.temperature,
        max_tokens=sampling.max_tokens,
        context_tokens=context_tokens,
        data_sets=None if data_sets is None else list(data_sets),
        date=date,
        take_result=take_result,
        simulated=simulated,
    )
    return await _chained(setting, pool_path, model, search, sandbox, asker, say, show)


async def complete_function(
    instruction: str,
    model: LanguageModel,
    steps: Steps = ALL,
    search: KnowledgeSearch | None = None,
    sandbox: Runner | None = None,
    *,
    pool_path: Path | None = None,
    strategy: Strategy = "cop",
    seed: int = 0,
    rounds: int = 2,
    sampling: Sampling = Sampling(),  # noqa: B008  # it cannot be changed
    context_tokens: int = 1200,
    say: Say = _silent,
) -> Pool:
    """Writes a Python function from its signature and docstring.

    It is checked, defined in the sandbox, and called there only as its docstring shows: no case of a benchmark is seen.

    Args:
        instruction: Signature and docstring.
        model: Writes.
        steps: Those that are taken.
        search: The knowledge base; None: nothing is looked up.
        sandbox: Where the function is defined; None: it is not.
        pool_path: As for `generate`.
        strategy: Likewise.
        seed: Of all draws.
        rounds: Of debugging, at most.
        sampling: Temperature and length of answers.
        context_tokens: Of what is looked up for one prompt, at most.
        say: Is told of each step.

    Returns:
        The pool; `program.code` is the function.

    Raises:
        BadInputError: There is no signature.
        ModelError: As `generate`.
    """
    named = _FUNCTION.search(instruction)
    if named is None:
        raise BadInputError("The instruction has no signature: it should begin with `def name(…):`.")
    setting = Setting(
        request=_written(instruction),
        function=named[1],
        model=model.name,
        strategy=strategy,
        steps=_ordered(steps),
        tables=[kind for kind in KINDS if kind in steps.tables],
        rounds=rounds,
        seed=seed,
        temperature=sampling.temperature,
        max_tokens=sampling.max_tokens,
        context_tokens=context_tokens,
    )
    return await _chained(setting, pool_path, model, search, sandbox, None, say, _unshown)


async def resume(
    pool_path: Path,
    model: LanguageModel,
    search: KnowledgeSearch | None = None,
    sandbox: Runner | None = None,
    asker: Asker | None = None,
    say: Say = _silent,
    show: Show = _unshown,
) -> Pool:
    """Goes on with a chain where it was; what its record holds is not asked again.

    Raises:
        BadInputError: There is no pool, or it is that of another model.
        ModelError: As `generate`.
    """
    pool = read_pool(pool_path)
    if pool.setting.model != model.name:
        raise BadInputError(f"{pool_path} was begun with the model {pool.setting.model}: go on with that one.")
    return await run_chain(Effects(pool, pool_path, model, search, sandbox, asker or Assuming(), say, show))


async def replay(pool: Pool) -> Pool:
    """The same chain from its record alone, without a model, a knowledge base, a sandbox or a user.

    Returns:
        Another pool, whose state is what the steps make of the record today.

    Raises:
        ReplayError: The record ends before the chain does, or the steps ask something else today.
    """
    copy = pool.model_copy(deep=True)
    return await run_chain(Effects(copy, None, None, None, None, None))


async def _chained(
    setting: Setting,
    path: Path | None,
    model: LanguageModel,
    search: KnowledgeSearch | None,
    sandbox: Runner | None,
    asker: Asker | None,
    say: Say,
    show: Show,
) -> Pool:
    pool = Pool(setting=setting)
    if path is not None and path.exists():
        pool = read_pool(path)
        if pool.setting != setting:
            raise BadInputError(
                f"{path} belongs to another request or other settings: name another folder, or resume it."
            )
    effects = Effects(pool, path, model, search, sandbox, asker or Assuming(), say, show)
    effects.save()
    return await run_chain(effects)


def _written(text: str) -> str:
    """Without what cannot be written to a file."""
    return text.strip().encode("utf-8", "replace").decode("utf-8")


def _ordered(steps: Steps) -> list[Step]:
    return [step for step in STEPS if step in steps.taken]
