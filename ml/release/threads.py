"""One thread for numpy's linear algebra on small matrices."""

from contextlib import AbstractContextManager

from threadpoolctl import threadpool_limits


def one_blas_thread() -> AbstractContextManager[object]:
    """Keeps numpy's BLAS to one thread within the block.

    OpenBLAS spins while its threads wait for each other: the eigenvalues of a 256 × 256 matrix took 4 ms on one thread
    and up to 740 ms on two of a busy machine. Sums no longer depend on the number of cores either.
    """
    limits: AbstractContextManager[object] = threadpool_limits(limits=1, user_api="blas")
    return limits
