"""The chain: requirement, design, implementation, debugging, annotation; and the rivals that it is held against."""

from __future__ import annotations

from codegen.chain.annotation import annotate
from codegen.chain.asking import feedback_question, tongue_of
from codegen.chain.design import design
from codegen.chain.effects import Effects
from codegen.chain.implementation import implement
from codegen.chain.pool import Knowledge, Pool
from codegen.chain.requirement import analyse, from_function, from_request
from codegen.chain.rivals import RIVALS
from codegen.chain.running import take_result
from codegen.chain.settling import settle, settle_feedback

_MOST_FEEDBACK = 10


async def run_chain(effects: Effects) -> Pool:
    """Takes all steps; what the record holds is not asked again.

    Returns:
        The pool; a chain that fails says why in `program.reason`.

    Raises:
        ModelError: The model cannot be reached; resumed later, the chain goes on where it was.
        ReplayError: There is no model, and the record ends before the chain does.
    """
    pool = effects.pool
    pool.state = Knowledge()
    code = await (_programmed(effects) if pool.setting.strategy == "cop" else _rival(effects))
    if code is None:
        pool.failed("The model wrote no program.")
    else:
        await settle(effects, code)
        await _heed_feedback(effects)
    if "annotation" in pool.setting.steps and pool.setting.strategy == "cop" and not pool.setting.function:
        annotate(pool)
    effects.save()
    return pool


async def _programmed(effects: Effects) -> str | None:
    """Requirement analysis, algorithm design, implementation."""
    pool = effects.pool
    steps = pool.setting.steps
    if "requirement" not in steps:
        from_request(pool)
    elif pool.setting.function:
        from_function(pool)
    else:
        effects.say("Requirement analysis")
        await analyse(effects)
        effects.save()
    if "design" in steps:
        effects.say("Algorithm design")
        await design(effects)
        effects.save()
    effects.say("Implementation")
    code = await implement(effects)
    effects.save()
    return code


async def _rival(effects: Effects) -> str | None:
    from_request(effects.pool)
    effects.say(f"Writing ({effects.pool.setting.strategy})")
    code = await RIVALS[effects.pool.setting.strategy](effects)
    effects.save()
    return code


async def _heed_feedback(effects: Effects) -> None:
    """Shows what the program gives, and asks whether it is what was wanted, as long as somebody says that it is not."""
    pool = effects.pool
    heeds = "debugging" in pool.setting.steps and pool.setting.strategy == "cop" and not pool.setting.function
    for number in range(1, _MOST_FEEDBACK + 1):
        await take_result(effects)
        is_shown = pool.ran and effects.is_live
        if is_shown:
            effects.show(pool)
        said = None
        if heeds and pool.state.program.code:
            said = await effects.answer(feedback_question(tongue_of(pool.setting.request), number))
        if said is None:
            if pool.ran and not is_shown:
                effects.show(pool)
            return
        effects.say("Debugging, by what you said")
        await settle_feedback(effects, said.text)
        effects.save()
