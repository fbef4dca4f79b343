"""The static check: false alarms and recall on geemap's scripts, and scripts a second.

False alarms are counted on scripts that run to their end, each script once; recall on the same scripts with changes
sown into them (`tests/codegen/checking/seeding.py`), of those that then fail to run in Node or Python.

Usage: python -m benchmarks.static_check [--javascript 1] [--python 12]
"""

import argparse
import time
from collections.abc import Sequence

from codegen.checking.check import check
from codegen.corpora.script import Language
from ee_emulator.process import start_emulator
from tests.codegen.checking.measuring import Scripts, alarmed, recall
from tests.codegen.trace.runs import in_python, trace_javascript, trace_python
from tests.ee_emulator.javascript.scripts import distinct_scripts


def rate(scripts: Scripts, language: Language) -> float:
    """Scripts a second, the best of three rounds."""
    taken = []
    for _ in range(3):
        started = time.perf_counter()
        for script in scripts:
            check(script["code"], language)
        taken.append(time.perf_counter() - started)
    return len(scripts) / min(taken)


def measure(language: Language, scripts: Scripts, every: int, url: str) -> None:
    """Prints what one language's scripts show."""
    run = trace_javascript if language == "javascript" else trace_python

    def fails(some: Scripts) -> Sequence[bool]:
        return [trace.error is not None for trace in run(url, some)]

    told = alarmed(scripts, language)
    false = [script["name"] for script, failed in zip(told, fails(told), strict=True) if not failed]
    print(f"{language}: {len(scripts):,} scripts, {rate(scripts, language):,.0f} a second")
    print(f"alarms in {len(told)} scripts, of which {len(false)} run ({len(false) / len(scripts):.4f}): {false}")
    print(f"changes in every {every}. script:\n{recall(scripts[::every], language, fails)}\n")


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--javascript", type=int, default=1, help="sow into each n-th script (default: %(default)s)")
    parser.add_argument("--python", type=int, default=12, help="the same for Python: a process a change")
    options = parser.parse_args()
    scripts = distinct_scripts()
    with start_emulator() as emulator:
        measure("javascript", scripts, options.javascript, emulator.url)
        measure("python", in_python(scripts), options.python, emulator.url)


if __name__ == "__main__":
    main()
