"""What is looked up in the knowledge base for a prompt."""

from __future__ import annotations

from collections.abc import Mapping

from codegen.chain.describing import describe
from codegen.chain.effects import Effects
from codegen.retrieval.documents import Kind

Wanted = Mapping[tuple[Kind, ...], int]
"""Groups of kinds, and how many documents of each."""

FOR_DESIGN: Wanted = {("dataset",): 4, ("function", "combination"): 3, ("chain", "pattern"): 3}
FOR_CODE: Wanted = {
    ("operator",): 6,
    ("dataset",): 3,
    ("relationship", "pattern", "chain"): 3,
    ("function", "combination"): 2,
    ("script",): 2,
}
FOR_MENDING: Wanted = {("operator",): 5, ("dataset",): 2}
FOR_EXAMPLES: Wanted = {("script",): 3}


async def look_up(effects: Effects, step: str, query: str, wanted: Wanted) -> str:
    """Blocks of reference data for a query, from the tables that are allowed; empty where there are none."""
    setting = effects.pool.setting
    is_on = "retrieval" in setting.steps and setting.strategy == "cop"
    if not is_on or not effects.can_search or not query.strip():
        return ""
    allowed = {tuple(kind for kind in kinds if kind in setting.tables): count for kinds, count in wanted.items()}
    groups = {kinds: count for kinds, count in allowed.items() if kinds}
    if not groups:
        return ""
    found = await effects.retrieve(step, query, groups)
    return "\n\n".join(filter(None, (found.text, await describe(effects, found))))
