"""What the sandbox adds to a case, beside the same case without one and with a process of its own.

A case is a call of a function that gives `ee.Number(1)`: compiled, executed, called, its graph taken. `in this process`
does just that; `sandbox` has a warm worker fork, enclose and end a process for it; `fresh process` starts Python,
imports and initialises the client; `fresh sandbox` does so within bubblewrap. The local Earth Engine runs beside and is
asked for its list of algorithms by the last two alone. The limit: a case in the sandbox takes at most 25 ms longer than
in this process, at the median.

Usage: python benchmarks/sandbox_overhead.py [--cases N] [--fresh N]
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from codegen.sandbox.inside.program import call
from codegen.sandbox.sandbox import Sandbox, open_sandbox
from ee_emulator.client import initialise
from ee_emulator.process import start_emulator

LIMIT_MS = 25.0
CODE = "import ee\n\n\ndef one():\n    return ee.Number(1)\n"
_ALONE = """
import json, sys
from codegen.sandbox.inside.program import call
from ee_emulator.client import initialise
initialise(sys.argv[1])
print(json.dumps(call(sys.argv[2], "one", {})))
"""


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=400, help="in this process and in the sandbox")
    parser.add_argument("--fresh", type=int, default=10, help="of what starts anew for each")
    given = parser.parse_args()
    with start_emulator() as server:
        initialise(server.url)
        main_module = sys.modules["__main__"]
        here = _times(given.cases, lambda: call(CODE, "one", {}))
        sys.modules["__main__"] = main_module  # which `call` replaced, as in a sandbox nobody minds
        with open_sandbox(server.url) as sandbox:
            warm = _times(given.cases, lambda: _in(sandbox))
        rows = {
            "in this process": here,
            "sandbox": warm,
            "fresh process": _times(given.fresh, lambda: _alone(server.url)),
            "fresh sandbox": _times(given.fresh, lambda: _anew(server.url)),
        }
        rate = _rate(server.url, given.cases)
    base = statistics.median(warm)
    print(f"{'':<18}{'least':>10}{'median':>10}{'95 of 100':>12}{'of the sandbox':>16}")
    for name, times in rows.items():
        middle, high = statistics.median(times), sorted(times)[int(0.95 * (len(times) - 1))]
        print(f"{name:<18}{min(times):>7.2f} ms{middle:>7.2f} ms{high:>9.2f} ms{middle / base:>14.2f} ×")
    overhead = base - statistics.median(here)
    print(f"overhead of a case at the median: {overhead:.1f} ms (limit {LIMIT_MS:.0f} ms)")
    print(f"2 workers: {rate:.0f} cases a second")
    if overhead > LIMIT_MS:
        sys.exit(1)


def _times(count: int, once: Callable[[], object]) -> list[float]:
    """Milliseconds of each; the first, which warms up, is left out."""
    times = []
    for _ in range(count + 1):
        start = time.perf_counter()
        once()
        times.append((time.perf_counter() - start) * 1000)
    return times[1:]


def _in(sandbox: Sandbox) -> None:
    outcome = sandbox.call(CODE, "one", {})
    assert outcome.returned is not None
    assert outcome.returned.type == "ee.Number"


def _alone(url: str) -> None:
    done = subprocess.run([sys.executable, "-c", _ALONE, url, CODE], capture_output=True, check=True)
    assert json.loads(done.stdout)["type"] == "ee.Number"


def _anew(url: str) -> None:
    with open_sandbox(url) as sandbox:
        _in(sandbox)


def _rate(url: str, count: int) -> float:
    """Cases a second with two workers."""
    with open_sandbox(url, workers=2) as sandbox, ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: _in(sandbox), range(4)))
        start = time.perf_counter()
        list(pool.map(lambda _: _in(sandbox), range(count)))
        return count / (time.perf_counter() - start)


if __name__ == "__main__":
    main()
