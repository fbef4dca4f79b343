"""Loops over pixels, as machine code."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def compiled(function: Kernel) -> Kernel:
    """A numeric function translated by numba when it is first called.

    The translation takes seconds; it is kept beside the module, or in the user's cache, for the next time. A division
    by zero is infinite or not a number, as in numpy.
    """
    try:
        kept: Kernel = numba.njit(function, cache=True, error_model="numpy")
        return kept
    except RuntimeError:  # nowhere to keep it: a read-only installation without a home
        translated: Kernel = numba.njit(function, error_model="numpy")
        return translated


def _forget_stale() -> None:
    """Removes what was translated before a module of this package changed.

    numba itself looks at the module of a kernel only, and not at those whose kernels it calls.
    """
    package = Path(__file__).parent
    newest = max(source.stat().st_mtime for source in package.glob("*.py"))
    for kept in (package / "__pycache__").glob("*.nb[ci]"):
        if kept.stat().st_mtime < newest:
            kept.unlink(missing_ok=True)


_forget_stale()
