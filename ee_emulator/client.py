"""Pointing the unmodified `earthengine-api` client at a local Earth Engine."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
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


def write_command_line_config(folder: Path, url: str, project: str = DEFAULT_PROJECT) -> Path:
    """Writes what points the command `earthengine` at a local server: `earthengine --ee_config FILE ls`.

    The command refuses to go without an account, so it gets one that is made up, with a key made for it, and whose
    tokens come from the server itself.

    Args:
        folder: Where the two files go.
        url: The server's address.
        project: The project that the command works in.

    Returns:
        The configuration file.
    """
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    account = {
        "type": "service_account",
        "project_id": project,
        "private_key_id": "local",
        "private_key": key.decode(),
        "client_email": f"local@{project}.iam.gserviceaccount.com",
        "client_id": "0",
        "token_uri": f"{url}/token",
    }
    folder.mkdir(parents=True, exist_ok=True)
    key_file, config_file = folder / "service-account.json", folder / "earthengine.json"
    key_file.write_text(json.dumps(account), encoding="utf-8")
    config = {
        "url": url,
        "project": project,
        "account": account["client_email"],
        "private_key": str(key_file.resolve()),
    }
    config_file.write_text(json.dumps(config), encoding="utf-8")
    return config_file
