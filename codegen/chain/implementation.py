"""Implementation: each function by itself, with what the knowledge base has on it, or all in one piece."""

from __future__ import annotations

from collections.abc import Sequence

from codegen.chain.assembly import assembled, defined_parameters, definitions, rounded_off
from codegen.chain.effects import Effects
from codegen.chain.looking_up import FOR_CODE, look_up
from codegen.chain.parsing import code_in, fenced
from codegen.chain.pool import Pool, Submodule
from codegen.chain.prompting import prompt
from codegen.chain.telling import LANGUAGES, line, plan, rules, sentence, summary, values, whole
from codegen.models.completion import Message

_TRIES = 2
_AGAIN = "There is no function `{name}` in a fenced block of code in this answer. Write it, and nothing else."


async def implement(effects: Effects) -> str | None:
    """The program's first draft; None where the model writes none."""
    pool = effects.pool
    code: str | None = None
    if pool.state.submodules and not pool.setting.function:
        code = await _by_parts(effects, pool.state.submodules)
        if code is None:
            pool.note("Implementation: a function of the design was not written; the program is written in one piece.")
    code = code or await _in_one_piece(effects)
    pool.state.done.append("implementation")
    return code


async def _by_parts(effects: Effects, submodules: Sequence[Submodule]) -> str | None:
    pool = effects.pool
    for number, submodule in enumerate(submodules, 1):
        effects.say(f"  {number} of {len(submodules)}: {submodule.name}")
        written = await _part(effects, submodule)
        if written is None:
            return None
        pool.state.code[submodule.name] = written
    return assembled(submodules, pool.state.code, pool.setting.language, line(pool.state.fields.get("objective", "")))


async def _part(effects: Effects, submodule: Submodule) -> str | None:
    pool = effects.pool
    language = pool.setting.language
    query = f"{submodule.purpose} {pool.state.fields.get('objective', '')}"
    context = await look_up(effects, submodule.name, query, FOR_CODE)
    messages = prompt(
        "implementation",
        language=LANGUAGES[language],
        summary=summary(pool),
        plan=plan(pool.state.submodules),
        written=_written(pool),
        context=context,
        name=submodule.name,
        purpose=sentence(submodule.purpose),
        inputs=values(submodule.inputs),
        outputs=_outputs(submodule, language),
        rules=rules(pool),
    )
    for _ in range(_TRIES):
        call = await effects.ask(f"implementation {submodule.name}", messages)
        found = code_in(call.text, language, submodule.name)
        code = definitions(found, language, submodule.name) if found is not None else None
        if code is not None:
            return code
        again = Message("user", _AGAIN.format(name=submodule.name))
        messages = [*messages, Message("assistant", call.text or "…"), again]
    return None


def _outputs(submodule: Submodule, language: str) -> str:
    if len(submodule.outputs) <= 1:
        return values(submodule.outputs) if submodule.outputs else "the result"
    form = "a tuple" if language == "python" else "an object with these keys"
    return f"{form}: {values(submodule.outputs)}"


def _written(pool: Pool) -> str:
    """Signatures of the functions that are there already."""
    signatures = [
        f"{name}({', '.join(defined_parameters(code, pool.setting.language, name))})"
        for name, code in pool.state.code.items()
    ]
    return f"Written already: {', '.join(f'`{one}`' for one in signatures)}." if signatures else ""


async def _in_one_piece(effects: Effects) -> str | None:
    pool = effects.pool
    setting, kind = pool.setting, whole(pool)
    context = await look_up(effects, kind, pool.state.fields.get("objective", "") or setting.request, FOR_CODE)
    steps = plan(pool.state.submodules)
    messages = prompt(
        kind,
        language=LANGUAGES[setting.language],
        context=context,
        rules=rules(pool, kind),
        **(
            {"request": fenced(setting.request, "python"), "plan": f"A plan for it:\n\n{steps}" if steps else ""}
            if kind == "function"
            else {"summary": summary(pool)}
        ),
    )
    return await written(effects, "implementation", messages)


async def written(effects: Effects, step: str, messages: Sequence[Message]) -> str | None:
    """What a model writes upon a prompt for a whole program or function, made complete; None where that is nothing."""
    call = await effects.ask(step, messages)
    if not call.text:
        effects.pool.note(f"The model gave no answer ({step}): {call.note or 'it was empty'}.")
    return program_in(call.text, effects.pool)


def program_in(answer: str, pool: Pool) -> str | None:
    """The program or function in an answer, made complete; None where there is none."""
    setting = pool.setting
    code = code_in(answer, setting.language, setting.function or "main")
    if code is None:
        return None
    return code if setting.function else rounded_off(code, setting.language)
