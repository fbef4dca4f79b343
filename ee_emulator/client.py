"""Pointing the unmodified `earthengine-api` client at a local Earth Engine."""

DEFAULT_PROJECT = "local-ee"
"""Any id of 6 to 30 characters does; shorter ones the client refuses."""


def initialise(url: str, project: str = DEFAULT_PROJECT) -> None:
    """Initialises `ee` against a local server: no account, no network.

    Retries are left to the caller (`ee.data.setMaxRetries(0)`): the client's own stack on top of others and hide the
    status.
    """
    import ee
    from google.auth.credentials import AnonymousCredentials

    # `Initialize` would fetch a list of deprecated assets from storage and can hang without a network.
    if not ee.deprecation.deprecated_assets:
        ee.deprecation.deprecated_assets = {"": None}  # type: ignore[dict-item]  # any entry marks it as fetched
    ee.Initialize(
        credentials=AnonymousCredentials(),  # type: ignore[no-untyped-call]
        project=project,
        url=url,
    )
    ee.data.setMaxRetries(0)
