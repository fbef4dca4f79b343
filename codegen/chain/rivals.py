"""Ways of writing a program that Chain of Programming is held against: one prompt, and for `self_debug` a second look.

None analyses, designs, looks anything up or checks. What they write is run where execution is on; an error is told to
`self_debug` alone. Sources: few-shot (Brown et al. 2020), chain of thought (Wei et al. 2022), self-debugging (Chen et
al. 2023).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from importlib import resources

import yaml

from codegen.chain.effects import Effects
from codegen.chain.implementation import program_in, written
from codegen.chain.names import Strategy
from codegen.chain.parsing import fenced
from codegen.chain.pool import Pool, Round
from codegen.chain.prompting import prompt
from codegen.chain.telling import LANGUAGES, rules, summary, whole
from codegen.models.completion import Message
from codegen.sandbox.outcome import Language

Rival = Callable[[Effects], Awaitable[str | None]]


async def direct(effects: Effects) -> str | None:
    """The request, and nothing else."""
    return await written(effects, "direct", _once(effects.pool))


async def few_shot(effects: Effects) -> str | None:
    """With requests and programs before it as examples."""
    pool = effects.pool
    messages = prompt(
        "few_shot",
        language=LANGUAGES[pool.setting.language],
        examples=_examples(pool.setting.language),
        summary=_asked(pool),
        rules=rules(pool, whole(pool)),
    )
    return await written(effects, "few_shot", messages)


async def chain_of_thought(effects: Effects) -> str | None:
    """With thinking before writing."""
    pool = effects.pool
    language = LANGUAGES[pool.setting.language]
    messages = prompt("chain_of_thought", language=language, summary=_asked(pool), rules=rules(pool, whole(pool)))
    return await written(effects, "chain_of_thought", messages)


async def self_debug(effects: Effects) -> str | None:
    """Direct, and then the model explains its program and mends it, until it says that it is right."""
    pool = effects.pool
    code = await direct(effects)
    for number in range(1, pool.setting.rounds + 1):
        if code is None:
            break
        language = LANGUAGES[pool.setting.language]
        given = fenced(code, pool.setting.language)
        messages = prompt("review", language=language, summary=_asked(pool), code=given, rules=rules(pool, whole(pool)))
        call = await effects.ask(f"review {number}", messages)
        mended = program_in(call.text, pool)
        if mended is None or mended == code:
            break
        pool.state.rounds.append(Round(cause="review", told=call.text[-500:]))
        code = mended
    return code


RIVALS: Mapping[Strategy, Rival] = {
    "direct": direct,
    "few_shot": few_shot,
    "chain_of_thought": chain_of_thought,
    "self_debug": self_debug,
}


def _once(pool: Pool) -> list[Message]:
    kind, language = whole(pool), LANGUAGES[pool.setting.language]
    if kind == "function":
        request = fenced(pool.setting.request, "python")
        return prompt(kind, language=language, request=request, plan="", context="", rules=rules(pool, kind))
    return prompt(kind, language=language, summary=_asked(pool), context="", rules=rules(pool, kind))


def _asked(pool: Pool) -> str:
    """The request as it is; of a function what has to be completed."""
    if not pool.setting.function:
        return summary(pool)
    return f"Complete this function. Keep its name and its parameters.\n\n{fenced(pool.setting.request, 'python')}"


@cache
def _examples(language: Language) -> str:
    text = resources.files("codegen.chain").joinpath("prompts", "examples.yaml").read_text(encoding="utf-8")
    rows: list[dict[str, str]] = yaml.safe_load(text)
    parts = [
        f"Request:\n\n{fenced(row['request'], 'text')}\n\n{fenced(row[language].strip(), language)}" for row in rows
    ]
    return "\n\n".join(parts)
