"""What the data sets that were found hold: asked of Earth Engine itself, as no table knows the bands of all."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from codegen.chain.effects import Effects
from codegen.chain.pool import Retrieved
from codegen.chain.programs import program
from codegen.chain.telling import line
from codegen.retrieval.rules import data_sets_in

_MOST = 4
_KIND = "dataset:"


async def describe(effects: Effects, found: Retrieved) -> str:
    """A line for each data set among what was found, and those that the request names."""
    setting = effects.pool.setting
    if not effects.can_run or "dataset" not in setting.tables or setting.function:
        return ""
    named = data_sets_in(f"{setting.request} {effects.pool.state.fields.get('data', '')}")
    ids = [id.removeprefix(_KIND) for id in found.documents if id.startswith(_KIND)]
    chosen = list(dict.fromkeys([*named, *ids]))[:_MOST]
    if not chosen:
        return ""
    execution, _ = await effects.run(program("describe", chosen), "python")
    lines = list(filter(None, map(_told, _rows(execution.stdout))))
    return "\n".join(["What these data sets hold:", *lines]) if lines else ""


def _rows(printed: str) -> Iterator[dict[str, Any]]:
    for row in printed.splitlines():
        try:
            told = json.loads(row)
        except ValueError:
            continue
        if isinstance(told, dict) and told.get("type") not in (None, "NOT_THERE"):
            yield told


def _told(row: dict[str, Any]) -> str:
    names = _listed(row.get("bands") or row.get("properties"))
    if not names:
        return ""
    what = "bands" if row.get("bands") else "properties"
    period = _listed(row.get("period"))
    parts = [f"{what} {', '.join(names)}"]
    parts += [f"from {period[0]} to {period[1]}"] if len(period) > 1 else []
    return f"- {line(str(row.get('id')))} ({line(str(row['type'])).lower()}): {'; '.join(parts)}"


def _listed(value: Any) -> Sequence[str]:
    return [line(str(one), 60) for one in value] if isinstance(value, list) else []
