"""Threads in which expressions are evaluated.

A script that chains 3,000 calls is a graph 3,000 deep, and evaluation recurses through Python and C frames alike, so
these threads have a large stack (address space, not memory: pages that are never touched cost nothing).
"""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor

STACK_BYTES = 512 * 1024 * 1024
RECURSION_LIMIT = 400_000


def worker_pool(threads: int) -> ThreadPoolExecutor:
    """A pool of threads that bear deep recursion."""
    sys.setrecursionlimit(RECURSION_LIMIT)
    previous = threading.stack_size(STACK_BYTES)
    pool = ThreadPoolExecutor(threads, thread_name_prefix="earth-engine")
    # Threads start on demand: have them all now, while the large stack is in force.
    barrier = threading.Barrier(threads + 1)
    for _ in range(threads):
        pool.submit(barrier.wait)
    barrier.wait()
    threading.stack_size(previous)
    return pool
