"""How a model is asked for a function: at once, with what the knowledge base has, or by Chain of Programming.

| strategy | what it does | source |
|---|---|---|
| `bare` | asks once, with signature and docstring | AutoGEEval |
| `rag` | puts in front what the knowledge base has on the docstring | METHODS, 7 |
| `cop` | Chain of Programming | METHODS, 6 |
| `direct`, `few_shot`, `chain_of_thought`, `self_debug` | its rivals | `codegen.chain.rivals` |

None of them sees a case of the benchmark or an expected answer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import anyio.to_thread

from codegen.chain.steps import ALL
from codegen.chain.steps import Strategy as ChainStrategy
from codegen.evaluation.cases.case import Task
from codegen.evaluation.judging.extraction import code_of
from codegen.evaluation.tasks.conversation import Conversation
from codegen.evaluation.tasks.knowledge import knowledge_search
from codegen.evaluation.tasks.prompts import prompt
from codegen.retrieval.context import context
from codegen.retrieval.documents import KINDS, Kind

if TYPE_CHECKING:
    from codegen.sandbox.sandbox import Sandbox

OpenSandbox = Callable[[], "Sandbox"]


@dataclass(frozen=True, slots=True)
class Question:
    """What a strategy is given.

    Attributes:
        task: The function to be written; its cases are not for the strategy.
        model: Is asked.
        sandbox: Gives the sandbox; one that no strategy asks for need not be there.
    """

    task: Task
    model: Conversation
    sandbox: OpenSandbox


Strategy = Callable[[Question], Awaitable[str]]
"""Gives the code of the function; empty where the model wrote none."""


async def bare(question: Question) -> str:
    """Asks once."""
    return code_of(await question.model.say(prompt("bare", instruction=question.task.instruction)))


def rag(knowledge: Path, tokens: int, hits: int, tables_without: Collection[Kind] = ()) -> Strategy:
    """Retrieved context in front.

    Args:
        knowledge: Folder of the knowledge base.
        tokens: Of the context, at most.
        hits: Looked for.
        tables_without: Kinds of documents that are left out.
    """
    kinds = [kind for kind in KINDS if kind not in tables_without]

    async def ask(question: Question) -> str:
        instruction = question.task.instruction
        found = await anyio.to_thread.run_sync(
            lambda: knowledge_search(knowledge).index.search(instruction, kinds=kinds, k=hits)
        )
        return code_of(await question.model.say(prompt("rag", instruction=instruction, context=context(found, tokens))))

    return ask


def cop(knowledge: Path, tokens: int, rounds: int, without: Collection[str] = ()) -> Strategy:
    """Chain of Programming.

    Args:
        knowledge: Folder of the knowledge base; not opened where nothing is looked up.
        tokens: Of what is looked up for one prompt, at most.
        rounds: Of debugging, at most.
        without: Steps and kinds of documents that are left out.

    Raises:
        BadInputError: There is no such step or kind.
    """
    steps = ALL.without(*without)

    async def ask(question: Question) -> str:
        from codegen.chain.generate import complete_function

        search = await anyio.to_thread.run_sync(knowledge_search, knowledge) if steps.has("retrieval") else None
        sampling = question.model.sampling
        pool = await complete_function(
            question.task.instruction,
            question.model,
            steps,
            search,
            question.sandbox() if steps.has("execution") else None,
            seed=sampling.seed or 0,
            rounds=rounds,
            sampling=sampling,
            context_tokens=tokens,
        )
        return pool.state.program.code

    return ask


def rival(strategy: ChainStrategy, rounds: int = 0) -> Strategy:
    """What Chain of Programming is held against.

    Args:
        strategy: Which.
        rounds: Times that `self_debug` may look again; the sandbox tells it what fails.
    """

    async def ask(question: Question) -> str:
        from codegen.chain.generate import complete_function

        pool = await complete_function(
            question.task.instruction,
            question.model,
            sandbox=question.sandbox() if rounds else None,
            strategy=strategy,
            seed=question.model.sampling.seed or 0,
            rounds=rounds,
            sampling=question.model.sampling,
        )
        return pool.state.program.code

    return ask
