"""Errors that a person can act on, told by Dagster without a traceback, and tried again only where that helps."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from assets.extraction.errors import UnansweredError
from lake.errors import AefEconError

_TRIES_MORE = 2
_WAIT_SECONDS = 60.0  # a request has been repeated for minutes by then: this is for a network that is down for longer


@contextmanager
def told_clearly() -> Iterator[None]:
    """Turns the platform's own errors into a failure that is not retried: bad input stays bad.

    Only where Earth Engine did not answer the step is begun again. A retry policy would do that with everything, an
    interrupt among them: Ctrl-C or *Terminate* would be followed by another try.
    """
    try:
        yield
    except UnansweredError as error:
        raise dg.RetryRequested(_TRIES_MORE, _WAIT_SECONDS) from dg.Failure(description=str(error))
    except AefEconError as error:
        raise dg.Failure(description=str(error), allow_retries=False) from error
