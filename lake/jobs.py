"""Where jobs run: a pool of processes of this machine, or Ray; the results are the same.

Each job has one thread: two jobs side by side take the two cores better than one job on both, and a job's sums do not
hang on how many there are. Jobs find their data by path, so that nothing large is sent to them.
"""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing import connection, get_context, parent_process
from typing import Any, Literal, TypeVar

from lake.errors import BadInputError

ExecutorKind = Literal["local", "ray"]
Job = TypeVar("Job")
Result = TypeVar("Result")
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS"), "1")


def _nothing() -> None:
    pass


def run_jobs(
    work: Callable[[Job], Result],
    jobs: Sequence[Job],
    kind: ExecutorKind = "local",
    workers: int | None = None,
    prepare: Callable[[], None] = _nothing,
) -> Iterator[tuple[Job, Result | BaseException]]:
    """Runs jobs and gives each with its result, or with the error that it ended in, as they are done.

    Where the caller stops asking, jobs that were not begun are not.

    Args:
        work: A function of a module; it takes a job and may leave files behind.
        jobs: Small and picklable.
        kind: `local`, or `ray` (a cluster where `RAY_ADDRESS` names one, which then needs to see the same files).
        workers: Jobs at a time; one a core by default.
        prepare: Called in each process before its first job: a function of a module.

    Raises:
        BadInputError: `ray` is asked for and not installed.
    """
    workers = max(1, min(workers or os.cpu_count() or 1, len(jobs)))
    run = _run_ray if kind == "ray" else _run_local
    return run(work, jobs, workers, prepare)


def worker_pool(workers: int, prepare: Callable[[], None] = _nothing) -> ProcessPoolExecutor:
    """Processes for functions of modules; they end with this one, also where it is killed."""
    return ProcessPoolExecutor(workers, get_context("spawn"), initializer=_prepare_worker, initargs=(prepare,))


def _run_local(
    work: Callable[[Job], Result], jobs: Sequence[Job], workers: int, prepare: Callable[[], None]
) -> Iterator[tuple[Job, Result | BaseException]]:
    pool = worker_pool(workers, prepare)
    try:
        with _environment(_ONE_THREAD):  # the workers are started here
            futures = {pool.submit(work, job): job for job in jobs}
        for future in as_completed(futures):
            yield futures[future], future.exception() or future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _run_ray(
    work: Callable[[Job], Result], jobs: Sequence[Job], workers: int, prepare: Callable[[], None]
) -> Iterator[tuple[Job, Result | BaseException]]:
    try:
        import ray
    except ModuleNotFoundError:
        raise BadInputError(
            "Ray is not installed: pip install 'aef-econ[ray]', or choose the executor `local`."
        ) from None
    ray.init(**_ray_options(workers))
    try:
        remote: Any = ray.remote(num_cpus=1, max_retries=0)(_prepared)
        waiting = {remote.remote(prepare, work, job): job for job in jobs}
        while waiting:
            (done, *_), _ = ray.wait(list(waiting), num_returns=1)
            try:
                result: Any = ray.get(done)
            except ray.exceptions.RayTaskError as error:
                result = error.cause or error
            yield waiting.pop(done), result
    finally:
        ray.shutdown()


def _ray_options(workers: int) -> dict[str, Any]:
    quiet = {"include_dashboard": False, "log_to_driver": False, "configure_logging": False}
    if os.environ.get("RAY_ADDRESS"):
        return quiet
    return quiet | {"address": "local", "num_cpus": workers}


def _prepared(prepare: Callable[[], None], work: Callable[[Job], Result], job: Job) -> Result:
    """A Ray task: its process may have been prepared for another job, or not."""
    prepare()
    return work(job)


def _prepare_worker(prepare: Callable[[], None]) -> None:
    prepare()
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A killed command leaves no worker behind: a pool's workers would wait for their next job for ever."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    """Variables that child processes find when they are started."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
