"""Threads in which expressions are evaluated.

Functions within functions, collections mapped again and again and values within values are walked by recursion
through Python and C frames alike, so these threads have a large stack (address space, not memory: pages that are
never touched cost nothing).

A thread cannot be killed. One that has outlived its request is left to itself: another takes its place at once,
and an exception ends it at its next step in the code of this package. A call into a library cannot be cut short: it
goes on, without an audience, until it returns.
"""

import asyncio
import ctypes
import queue
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, ParamSpec, TypeVar

from ee_emulator.limits import GRACE, GROWTH_BYTES, out_of_memory, resident_bytes, timed_out

P = ParamSpec("P")
T = TypeVar("T")

STACK_BYTES = 512 * 2**20
RECURSION_LIMIT = 300_000
TICK_SECONDS = 0.2


class Abandoned(BaseException):
    """Ends work for which nobody waits any more; not an `Exception`, which work may catch."""


class Workers(Executor):
    """A fixed number of threads that bear deep recursion, and of which stuck ones are replaced.

    The threads do not keep the process from ending.
    """

    def __init__(self, threads: int) -> None:
        sys.setrecursionlimit(RECURSION_LIMIT)
        self._tasks: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._running: dict[Future[Any], threading.Thread] = {}
        self._abandoned: set[threading.Thread] = set()
        self._lock = threading.Lock()
        for _ in range(threads):
            self._start()

    async def run(self, function: Callable[[], T], seconds: float) -> T:
        """Calls a function in a thread and waits for it, as long as it keeps to its limits.

        Expressions look at the clock and count elements as they are evaluated; this is for what does not come to look.

        Raises:
            EarthEngineError: It has taken longer, waiting for its turn included, or the process has grown too much.
        """
        started, before = time.monotonic(), resident_bytes()
        future = self.submit(function)
        waiting = asyncio.wrap_future(future)
        while not (await asyncio.wait({waiting}, timeout=TICK_SECONDS))[0]:
            late = time.monotonic() - started > seconds + GRACE
            if late or resident_bytes() - before > GROWTH_BYTES:
                self.abandon(future)
                raise timed_out() if late else out_of_memory()
        return waiting.result()

    def submit(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        """Queues a call; its result or exception comes through the future."""
        future: Future[T] = Future()

        def task() -> None:
            if not future.set_running_or_notify_cancel():
                return
            with self._lock:
                self._running[future] = threading.current_thread()
            try:
                result = function(*args, **kwargs)
            except BaseException as error:  # whatever it is belongs to the caller
                self._finish(future, partial(future.set_exception, error))
            else:
                self._finish(future, partial(future.set_result, result))

        self._tasks.put(task)
        return future

    def _finish(self, future: "Future[Any]", settle: Callable[[], None]) -> None:
        with self._lock:
            waited_for = self._running.pop(future, None) is not None
        if waited_for:
            settle()

    def abandon(self, future: "Future[Any]") -> None:
        """Gives up a call: the thread that runs it ends when it can, and another serves the queue."""
        with self._lock:
            thread = self._running.pop(future, None)
            if thread is None:
                future.cancel()  # it had not begun
                return
            self._abandoned.add(thread)
        self._start()
        threading.Thread(target=self._end, args=(thread,), name="earth-engine-end", daemon=True).start()

    def _end(self, thread: threading.Thread) -> None:
        """Raises `Abandoned` in a thread until it ends: one that arrives in a finaliser is swallowed there."""
        assert thread.ident is not None
        while thread.is_alive():
            if may_end(sys._current_frames().get(thread.ident)):
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(Abandoned))
            thread.join(TICK_SECONDS)

    def _start(self) -> None:
        with _STACK_LOCK:
            previous = threading.stack_size(STACK_BYTES)
            try:
                threading.Thread(target=self._serve, name="earth-engine", daemon=True).start()
            finally:
                threading.stack_size(previous)

    def _serve(self) -> None:
        me = threading.current_thread()
        try:
            while me not in self._abandoned:
                self._tasks.get()()
        except Abandoned:
            pass
        finally:
            with self._lock:
                self._abandoned.discard(me)


def may_end(frame: FrameType | None) -> bool:
    """Whether a thread is in code of ours, and not importing anything.

    An import that is cut short leaves half a module for everybody; libraries do not expect it elsewhere either.
    """
    if frame is None or not frame.f_code.co_filename.startswith(_OURS):
        return False
    while frame is not None:
        if frame.f_globals.get("__name__") == "importlib._bootstrap":
            return False
        frame = frame.f_back
    return True


_OURS = str(Path(__file__).parent)
_STACK_LOCK = threading.Lock()
"""The size of new threads' stacks is the process's."""


def worker_pool(threads: int) -> Workers:
    """A pool of threads that bear deep recursion."""
    return Workers(threads)
