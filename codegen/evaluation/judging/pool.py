"""Many verdicts at a time."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice

from codegen.evaluation.cases.case import Case, Task
from codegen.evaluation.judging.judge import Judge, Verdict

AHEAD = 2
"""Jobs a worker that are begun or wait: the rest is not even asked for."""


@dataclass(frozen=True, slots=True)
class Job:
    """A program and the case that it is judged by.

    Attributes:
        task: Of a benchmark.
        case: Of the task.
        code: What a model wrote.
        key: Whatever the caller knows the job by.
    """

    task: Task
    case: Case
    code: str
    key: object = None


def judge_all(jobs: Iterable[Job], judge: Judge, workers: int = 1) -> Generator[tuple[Job, Verdict], None, None]:
    """Judges as many jobs at a time as there are workers, and yields each as it is done.

    A verdict is the same in whatever order jobs come. Whoever stops reading stops the work: what is running ends, what
    waits is never begun. To resume, give the jobs that have no verdict yet.

    Args:
        jobs: Read as they are needed.
        judge: Its sandbox bears so many calls at a time.
        workers: Threads; as many as the sandbox has workers.

    Raises:
        BadInputError: An expected answer cannot be read.
    """
    waiting = iter(jobs)
    running: dict[Future[Verdict], Job] = {}
    with ThreadPoolExecutor(workers, thread_name_prefix="judge") as threads:
        try:
            while True:
                for job in islice(waiting, AHEAD * workers - len(running)):
                    running[threads.submit(judge.judge, job.task, job.case, job.code)] = job
                if not running:
                    return
                for done in wait(running, return_when=FIRST_COMPLETED).done:
                    yield running.pop(done), done.result()
        finally:
            for future in running:
                future.cancel()
