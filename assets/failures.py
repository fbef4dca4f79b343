"""Errors that a person can act on, told by Dagster without a traceback and without trying again."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from lake.errors import AefEconError


@contextmanager
def told_clearly() -> Iterator[None]:
    """Turns the platform's own errors into a failure that is not retried: bad input stays bad."""
    try:
        yield
    except AefEconError as error:
        raise dg.Failure(description=str(error), allow_retries=False) from error
