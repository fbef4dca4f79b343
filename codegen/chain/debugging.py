"""Debugging: the model is told what is wrong, and writes the program again."""

from __future__ import annotations

import re

from codegen.chain.effects import Effects
from codegen.chain.implementation import written
from codegen.chain.looking_up import FOR_MENDING, look_up
from codegen.chain.parsing import fenced
from codegen.chain.pool import Cause, Pool, Round
from codegen.chain.prompting import prompt
from codegen.chain.telling import LANGUAGES, line, rules, summary, whole

_MOST_BEFORE = 3
_NAMES = re.compile(r"\bee(?:\.\w+)+|\b[A-Z]\w+\.\w+")


async def mend(effects: Effects, code: str, cause: Cause, told: str) -> str | None:
    """The program written again; None where the model writes none."""
    pool = effects.pool
    setting = pool.setting
    before = _before(pool)
    pool.state.rounds.append(Round(cause=cause, told=told))
    number = len(pool.state.rounds)
    context = await look_up(effects, f"debugging {number}", _query(told, pool), FOR_MENDING)
    messages = prompt(
        "debugging",
        language=LANGUAGES[setting.language],
        summary=summary(pool),
        code=fenced(code, setting.language),
        told=fenced(told, "text"),
        before=before,
        context=context,
        rules=rules(pool, whole(pool)),
    )
    mended = await written(effects, f"debugging {number}", messages)
    if mended is not None:
        pool.state.rounds[-1].draft = len(pool.state.drafts)
    return mended


def _before(pool: Pool) -> str:
    """What was wrong with the drafts before, so that a fault does not come back."""
    told = dict.fromkeys(line(one.told, 200) for one in pool.state.rounds[-_MOST_BEFORE:])
    return "Earlier drafts failed with:\n" + "\n".join(f"- {one}" for one in told) if told else ""


def _query(told: str, pool: Pool) -> str:
    """Names of operators in the message, and what the program is for."""
    names = " ".join(dict.fromkeys(_NAMES.findall(told)))
    return f"{names} {line(told, 300)} {pool.state.fields.get('objective', '')}"
