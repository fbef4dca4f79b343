"""Earth Engine, local or real, as the settings say."""

import atexit
from contextlib import ExitStack
from functools import lru_cache

import dagster as dg

from assets.extraction.connection import Session, connect
from lake.settings import settings


class EarthEngine(dg.ConfigurableResource[None]):
    """One connection a process, opened when the first asset asks for it and kept to the process's end.

    The client `ee` holds its connection in module globals, so that a process cannot have two; and a local Earth Engine
    that is started anew for every run would throw away what it has computed.
    """

    def session(self) -> Session:
        """The connection.

        Raises:
            AefEconError: There are no usable credentials, or the local Earth Engine does not start.
        """
        return _session()


@lru_cache(maxsize=1)
def _session() -> Session:
    stack = ExitStack()
    session = stack.enter_context(connect(settings()))
    atexit.register(stack.close)
    return session
