"""How fast reference solutions are judged: warm workers that fork a case, beside a fresh sandbox for every case.

Each case is run in the sandbox, evaluated by the local Earth Engine and compared with its expected answer; all pass.
The other side does the same in a sandbox that is started for the case and closed after it: bubblewrap, Python and the
client are what it pays for anew. It takes a sample, as many at a time, and its total is reckoned from that. With
`--epochs 5` all cases are judged five times, as five runs of a model are.

Usage: python benchmarks/judging_speed.py [--benchmark FOLDER] [--cases 1325] [--workers 2] [--epochs 1] [--sample 40]
"""

import argparse
import random
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from codegen.evaluation.cases.case import Benchmark
from codegen.evaluation.cases.reading import read_benchmark
from codegen.evaluation.judging.judge import Judge, Verdict
from codegen.evaluation.judging.pool import Job, judge_all
from codegen.sandbox.sandbox import Sandbox, open_sandbox
from ee_emulator.process import start_emulator

CASES = 1_325
MOST_SECONDS = 90.0
MOST_SECONDS_OF_FIVE = 480.0
MOST_SANDBOX_MILLISECONDS = 25.0
NOTHING = "def f():\n    return 1"


def main() -> None:
    """Judges, and prints both sides."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--benchmark", type=Path, help="a folder of cases with references; built where none is given")
    parser.add_argument("--cases", type=int, default=CASES, help="unit cases, the first of them")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--sample", type=int, default=40, help="cases that are judged in a fresh sandbox each")
    asked = parser.parse_args()
    with _benchmark(asked.benchmark) as benchmark, start_emulator() as server:
        jobs = list(_jobs(benchmark, asked.cases))
        print(f"{len(jobs)} reference cases of {benchmark.name}, {asked.workers} workers")
        with open_sandbox(server.url, workers=asked.workers) as sandbox:
            judge = Judge(sandbox, server.url, benchmark.folder)
            seconds = [_judged(jobs, judge, asked.workers, epoch) for epoch in range(1, asked.epochs + 1)]
            empty = [sandbox.call(NOTHING, "f", {}) for _ in range(50)]
            started = time.perf_counter()
            for _ in range(50):
                sandbox.call(NOTHING, "f", {})
            overhead = (time.perf_counter() - started) / len(empty) * 1_000
        print(
            f"sandbox, a function that does nothing: {overhead:.1f} ms a case (limit {MOST_SANDBOX_MILLISECONDS:.0f})"
        )
        sample = random.Random(1).sample(jobs, min(asked.sample, len(jobs)))
        fresh = _judged_afresh(sample, server.url, benchmark.folder, asked.workers)
    limit = f", limit {MOST_SECONDS:.0f}" if len(jobs) == CASES else ""
    best = min(seconds)
    print(f"warm workers:  {best:.1f} s for {len(jobs)} cases, {best / len(jobs) * 1000:.1f} ms a case{limit}")
    if asked.epochs > 1:
        limit = f", limit {MOST_SECONDS_OF_FIVE:.0f} for five" if len(jobs) == CASES else ""
        print(f"{asked.epochs} epochs:      {sum(seconds):.1f} s{limit}")
    reckoned = fresh * len(jobs)
    print(
        f"fresh sandbox: {reckoned:.0f} s, reckoned from {len(sample)} cases at {fresh * 1000:.0f} ms a case: "
        f"{reckoned / best:.1f} times as long"
    )


def _sandbox_milliseconds(sandbox: Sandbox, rounds: int = 50) -> float:
    """What the sandbox itself takes, half of the calls within."""
    taken = []
    for _ in range(rounds):
        started = time.perf_counter()
        sandbox.call(NOTHING, "f", {})
        taken.append(time.perf_counter() - started)
    return statistics.median(taken) * 1_000


@contextmanager
def _benchmark(folder: Path | None) -> Iterator[Benchmark]:
    if folder is not None:
        yield read_benchmark(folder, ("unit",))
        return
    from codegen.evaluation.building.build import build_benchmark

    with tempfile.TemporaryDirectory() as made:
        build_benchmark(Path(made), ("unit",), print)
        yield read_benchmark(Path(made), ("unit",))


def _jobs(benchmark: Benchmark, count: int) -> Iterator[Job]:
    """Cases and their references; from the first again where there are too few."""
    cases = [Job(task, case, task.reference) for task, case in benchmark.cases() if task.reference]
    while count > 0 and cases:
        yield from cases[:count]
        count -= len(cases)


def _judged(jobs: list[Job], judge: Judge, workers: int, epoch: int) -> float:
    started = time.perf_counter()
    verdicts = [(job, verdict) for job, verdict in judge_all(jobs, judge, workers)]
    seconds = time.perf_counter() - started
    each = sorted(verdict.seconds * 1_000 for _, verdict in verdicts)
    print(
        f"epoch {epoch}: {seconds:.1f} s; a case {statistics.median(each):.0f} ms (median), "
        f"{each[int(0.99 * (len(each) - 1))]:.0f} ms (99 of 100), {each[-1]:.0f} ms at most; {_told(verdicts)}"
    )
    return seconds


def _told(verdicts: list[tuple[Job, Verdict]]) -> str:
    failed = [(job, verdict) for job, verdict in verdicts if not verdict.passed]
    for job, verdict in failed[:5]:
        print(f"  {job.case.id}: {verdict.error}: {verdict.reason}")
    return (
        f"{len(verdicts) - len(failed)} passed, not: {dict(Counter(verdict.error for _, verdict in failed)) or 'none'}"
    )


def _judged_afresh(jobs: list[Job], url: str, folder: Path, workers: int) -> float:
    """Seconds a case, with a sandbox of its own for each and as many at a time."""

    def judged(job: Job) -> None:
        with open_sandbox(url) as sandbox:
            Judge(sandbox, url, folder).judge(job.task, job.case, job.code)

    started = time.perf_counter()
    with ThreadPoolExecutor(workers) as threads:
        list(threads.map(judged, jobs))
    return (time.perf_counter() - started) / len(jobs)


if __name__ == "__main__":
    main()
