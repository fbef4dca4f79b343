"""What the page on the sandbox says, held against what there is."""

import contextlib
import io
import re
from collections import Counter
from pathlib import Path

from codegen.sandbox.outcome import Limits
from codegen.sandbox.worker import RESULT_BYTES
from ee_emulator.process import Emulator
from tests.codegen.sandbox.conftest import needs_bubblewrap
from tests.codegen.sandbox.hostile import programs

PAGE = (Path(__file__).parents[3] / "docs" / "how-the-sandbox-holds.md").read_text(encoding="utf-8")


@needs_bubblewrap
def test_the_example_runs(emulator: Emulator) -> None:
    found = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    code = found[1].replace("http://127.0.0.1:8085", emulator.url)
    with contextlib.redirect_stdout(io.StringIO()) as said:
        exec(compile(code, "page", "exec"), {})
    first, second = said.getvalue().split("\n", 1)
    assert first == "ended 3"
    assert second.strip().startswith("ee.Number {'result'")


def test_the_programs_are_counted_right() -> None:
    rows = {kind.lower(): int(count) for kind, count in re.findall(r"^\| (\w+) \| (\d+) \|", PAGE, re.MULTILINE)}
    assert {kind: rows.get(kind) for kind in rows} == Counter(program.kind for program in programs())
    assert f"{len(programs())} programs" in PAGE


def test_the_limits_are_told_right() -> None:
    limits = Limits()
    assert f"{limits.wall_seconds:.0f} s by the clock, {limits.cpu_seconds:.0f} s of processor" in PAGE
    assert f"{limits.memory_bytes // 2**30} GiB of all processes" in PAGE
    assert f"| {limits.processes}, threads included |" in PAGE
    assert f"{limits.output_bytes // 2**20} MiB on each stream, {RESULT_BYTES // 2**20} MiB of result" in PAGE
    assert f"{limits.disk_bytes // 2**20} MiB in `/tmp`" in PAGE
