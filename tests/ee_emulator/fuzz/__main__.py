"""The long run: `python -m tests.ee_emulator.fuzz --count 100000 [--url http://127.0.0.1:8765]`; status 1 on a bug."""

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from ee_emulator import algorithms
from tests.ee_emulator.fuzz.graphs import Graph, Graphs
from tests.ee_emulator.fuzz.mutations import Mutations, real_graphs
from tests.ee_emulator.fuzz.run import run


def main() -> int:
    """Runs as many graphs as asked for, half of them mutated where there are real ones; prints the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--url", help="of a server; the application in this process by default")
    options = parser.parse_args()
    algorithms.load()
    sources: list[Callable[[int], Graph]] = [Graphs(options.seed).graph]
    if originals := real_graphs():
        sources.append(Mutations(originals, options.seed).graph)
    with tempfile.TemporaryDirectory() as folder:
        report = run(sources, range(options.count // len(sources)), Path(folder), options.url)
    print(report.text())
    return 1 if report.bugs else 0


if __name__ == "__main__":
    sys.exit(main())
