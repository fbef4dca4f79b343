"""A draft becomes a program that runs: checked, run, mended; again, until it runs or nothing changes any more."""

from __future__ import annotations

from codegen.chain.debugging import mend
from codegen.chain.effects import Effects
from codegen.chain.pool import Cause, Draft, Finding, Program
from codegen.chain.running import execute, told_error
from codegen.checking.check import check

_TOLD = 8
"""Findings that a model is told at a time."""


async def settle(effects: Effects, code: str) -> None:
    """Leaves in the pool the program that ran, or the last one and why it does not run."""
    pool = effects.pool
    setting = pool.setting
    mends = "debugging" in setting.steps and setting.strategy in ("cop", "self_debug")
    rounds = setting.rounds if mends else 0
    tried: set[str] = set()
    while True:
        draft = _draft(effects, code)
        errors = [one for one in draft.findings or [] if not one.is_warning]
        cause: Cause = "check"
        told = _told_findings(errors)
        if not errors or rounds == 0:
            # What the check complains of is run all the same when nothing can be mended any more: it has the last word.
            execution = await execute(effects, draft) if "execution" in setting.steps and effects.can_run else None
            if execution is None:
                state, reason = ("failed", told) if errors else ("written", "")
                pool.state.program = Program(state=state, code=code, reason=reason)  # type: ignore[arg-type]
                return
            if execution.succeeded:
                pool.state.program = Program(state="ran", code=code)
                return
            cause, told = "execution", told_error(execution)
        pool.state.program = Program(state="failed", code=code, reason=told)
        if rounds == 0:
            return
        tried.add(code)
        rounds -= 1
        effects.say(f"  mending: {told.splitlines()[0]}")
        mended = await mend(effects, code, cause, told)
        if mended is None:
            pool.note("Debugging ends early: the model's answer holds no program.")
            return
        if mended in tried:
            pool.note("Debugging ends early: a program that failed comes again.")
            return
        code = mended


async def settle_feedback(effects: Effects, told: str) -> None:
    """Mends a program that runs and is not what the user wanted; where that fails, the one before stays."""
    pool = effects.pool
    before = pool.state.program
    mended = await mend(effects, before.code, "feedback", told)
    if mended is None:
        pool.note("The feedback led to nothing: the model's answer holds no program.")
        return
    await settle(effects, mended)
    if pool.state.program.state == "failed" and before.state == "ran":
        pool.note(f"The feedback led to a program that fails ({pool.state.program.reason}): the one before stays.")
        pool.state.program = before


def _draft(effects: Effects, code: str) -> Draft:
    """A new draft in the pool, checked where that is on."""
    pool = effects.pool
    draft = Draft(code=code)
    if "check" in pool.setting.steps and pool.setting.strategy == "cop":
        found = check(code, pool.setting.language, pool.setting.data_sets)
        draft.findings = [Finding.of(one) for one in found]
        for warning in (one for one in draft.findings if one.is_warning):
            effects.say(f"  warning: {warning.message}")
    pool.state.drafts.append(draft)
    return draft


def _told_findings(errors: list[Finding]) -> str:
    return "\n".join(f"{f'Line {one.line}: ' if one.line else ''}{one.message}" for one in errors[:_TOLD])
