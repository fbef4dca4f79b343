"""Pointing the unmodified `earthengine-api` client at a local Earth Engine."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

DEFAULT_PROJECT = "local-ee"
"""Any id of 6 to 30 characters does; shorter ones the client refuses."""


def initialise(url: str, project: str = DEFAULT_PROJECT) -> None:
    """Initialises `ee` against a local server: no account, no network.

    Retries are left to the caller (`ee.data.setMaxRetries(0)`): the client's own stack on top of others and hide the
    status.
    """
    import ee

    _initialise(ee.Initialize, url, project)
    ee.data.setMaxRetries(0)


def _initialise(initialize: Any, url: str, project: str) -> None:
    import ee
    from google.auth.credentials import AnonymousCredentials

    # `Initialize` would fetch a list of deprecated assets from storage and can hang without a network.
    if not ee.deprecation.deprecated_assets:
        ee.deprecation.deprecated_assets = {"": None}  # type: ignore[dict-item]  # any entry marks it as fetched
    initialize(credentials=AnonymousCredentials(), project=project, url=url)  # type: ignore[no-untyped-call]


@contextmanager
def redirected(url: str) -> Iterator[None]:
    """Lets code that calls `ee.Authenticate` and `ee.Initialize` reach a local server, whatever it asks for.

    Only the project that it names is kept. Everything else of the client stays as it is, its retries too.
    """
    import ee

    authenticate, initialize = ee.Authenticate, ee.Initialize

    def initialize_here(*arguments: Any, **named: Any) -> None:
        # The fifth parameter in order, as in the client's signature; older scripts spell it with `opt_`.
        project = named.get("project") or named.get("opt_project") or (arguments[4] if len(arguments) > 4 else None)
        _initialise(initialize, url, project or DEFAULT_PROJECT)

    def authenticate_here(*_: Any, **__: Any) -> bool:
        return True

    ee.Authenticate, ee.Initialize = authenticate_here, initialize_here
    try:
        yield
    finally:
        ee.Authenticate, ee.Initialize = authenticate, initialize
