"""`python -m tests.codegen.labelled.traced [PART]`: the tables of calls held against what the scripts really call.

The trace knows operators and places, not what enters where: it checks that a table names the right operators, each
once for each place, in the order of their first calls; not its sources. Calls in branches that a run does not take
(`?`) are passed over. The trace's names become those of the labels.
"""

from __future__ import annotations

import difflib
import re
import sys

import yaml

from ee_emulator.process import start_emulator
from tests.codegen.labelled.derive import HERE, read_calls
from tests.codegen.trace.runs import Trace, trace_javascript, trace_python


def as_labelled(operator: str) -> str:
    """A traced operator's name in the labels: JavaScript's, and geometries' methods without the kind of geometry."""
    operator = re.sub(r"^(ee\.Geometry)\.[A-Z]\w+(?=\.[a-z])", r"\1", operator)
    return re.sub(r"\.(And|Or|Not)$", lambda found: f".{found[1].lower()}", operator)


def differences(table: list[str], trace: Trace) -> list[str]:
    """How a table and a trace differ; nothing if they do not."""
    wanted = [call.operator for call in read_calls(table).values() if not call.untaken]
    got = [as_labelled(call.operator) for call in trace.calls]
    found = [line for line in difflib.ndiff(wanted, got) if line[0] in "+-"]
    return ([f"error: {trace.error}"] if trace.error else []) + found


def main() -> int:
    """Prints where they differ."""
    part = sys.argv[1] if len(sys.argv) > 1 else ""
    wrong = 0
    with start_emulator() as emulator:
        for ending, traces_of in ((".js", trace_javascript), (".py", trace_python)):
            paths = [path for path in sorted(HERE.glob(f"[0-9]*{ending}")) if part in path.name]
            scripts = [{"name": path.name, "code": path.read_text()} for path in paths]
            for path, trace in zip(paths, traces_of(emulator.url, scripts) if scripts else [], strict=True):
                table = yaml.safe_load(path.with_suffix(".yaml").read_text())["calls"]
                for line in differences(table, trace):
                    print(f"{path.name}: {line}")
                    wrong += 1
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
