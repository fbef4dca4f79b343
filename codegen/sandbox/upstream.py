"""Earth Engine as the relay reaches it: over connections that it keeps, with credentials that programs never see."""

from __future__ import annotations

import http.client
import select
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from codegen.sandbox.errors import SandboxError
from lake.settings import settings

GOOGLE = "googleapis.com"
_SCOPES = ("https://www.googleapis.com/auth/earthengine", "https://www.googleapis.com/auth/cloud-platform")
_SECONDS = 330.0
"""More than a request may take on Earth Engine (5 minutes)."""
_KEPT = 16


class Credentials(Protocol):
    """What `google.auth` gives."""

    @property
    def valid(self) -> bool:
        """Whether there is a token, and it holds."""
        ...

    def refresh(self, request: Any) -> None:
        """Gets a token."""
        ...

    def apply(self, headers: dict[str, str]) -> None:
        """Adds the token to a request."""
        ...


class Upstream:
    """One server."""

    def __init__(self, url: str, credentials: Credentials | None = None, project: str | None = None) -> None:
        """At an address.

        Args:
            url: `http://…` or `https://…`.
            credentials: Whose; None: anonymous.
            project: Who is charged.

        Raises:
            SandboxError: The address is none.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise SandboxError(f"{url} is no address of Earth Engine: it has to begin with http:// or https://.")
        self.url = url.rstrip("/")
        self._secure = parts.scheme == "https"
        self._place = parts.hostname, parts.port
        self._prefix = parts.path.rstrip("/")
        self._credentials = credentials
        self._project = project
        self._idle: list[http.client.HTTPConnection] = []
        self._lock, self._token = threading.Lock(), threading.Lock()

    def ask(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: Iterable[bytes] | None = None,
        length: int = 0,
        asking: Callable[[http.client.HTTPConnection], None] = lambda _: None,
    ) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        """Sends a request.

        Args:
            method: Of the request.
            target: Path and query.
            headers: That are passed on.
            body: In parts; None where there is none.
            length: Of the body.
            asking: Is told the connection before anything is sent: whoever shuts it down ends the waiting.

        Returns:
            The connection, to be given back or closed, and the answer, to be read.

        Raises:
            OSError: The server cannot be reached.
            http.client.HTTPException: It answers something else than HTTP.
        """
        sent = {**headers, **self._authorization()}
        if body is not None:
            sent["Content-Length"] = str(length)
        connection = self._connection()
        try:
            if connection.sock is None:
                connection.connect()
            asking(connection)
            connection.request(method, self._prefix + target, body, sent)
            return connection, connection.getresponse()
        except BaseException:
            connection.close()
            raise

    def check(self) -> None:
        """Asks what every client asks first.

        Raises:
            SandboxError: Nobody answers.
        """
        try:
            connection, answer = self.ask("GET", "/$discovery/rest?version=v1", {})
        except (OSError, http.client.HTTPException) as error:
            raise SandboxError(f"Earth Engine at {self.url} could not be reached: {error}") from None
        answer.read()
        connection.close()

    def give_back(self, connection: http.client.HTTPConnection) -> None:
        """Keeps a connection whose answer was read to its end."""
        with self._lock:
            if len(self._idle) < _KEPT:
                self._idle.append(connection)
                return
        connection.close()

    def close(self) -> None:
        """Closes what is kept."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        while True:
            with self._lock:
                if not self._idle:
                    break
                connection = self._idle.pop()
            if connection.sock is not None and not select.select([connection.sock], [], [], 0)[0]:
                return connection
            connection.close()  # the server has closed it, or says what it was not asked
        kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        return kind(self._place[0], self._place[1], timeout=_SECONDS)

    def _authorization(self) -> dict[str, str]:
        if self._credentials is None:
            return {}
        from google.auth.exceptions import GoogleAuthError
        from google.auth.transport.requests import Request

        headers: dict[str, str] = {}
        with self._token:
            if not self._credentials.valid:
                try:
                    self._credentials.refresh(Request())
                except GoogleAuthError as error:
                    raise ConnectionError(f"there is no token: {error}") from error
            self._credentials.apply(headers)
        if self._project:
            headers["x-goog-user-project"] = self._project
        return headers


def open_upstream(url: str, project: str) -> Upstream:
    """Earth Engine at an address; Google's own with the user's credentials, any other without.

    Raises:
        SandboxError: It is Google's, and there are no credentials.
    """
    host = urlsplit(url).hostname or ""
    if host != GOOGLE and not host.endswith(f".{GOOGLE}"):
        return Upstream(url)
    if not url.startswith("https://"):
        raise SandboxError(f"{url}: credentials are sent over https:// only.")
    return Upstream(url, _google_credentials(), project)


def _google_credentials() -> Credentials:
    import google.auth
    from google.auth.exceptions import GoogleAuthError

    key = settings().ee_service_account_key
    try:
        if key and not Path(key).is_file():
            raise SandboxError(f"GOOGLE_APPLICATION_CREDENTIALS names {key}, which is no file.")
        credentials: Credentials
        credentials, _ = (
            google.auth.load_credentials_from_file(key, scopes=list(_SCOPES))  # type: ignore[no-untyped-call]
            if key
            else google.auth.default(scopes=list(_SCOPES))
        )
    except (GoogleAuthError, ValueError, OSError) as error:
        raise SandboxError(
            f"There are no credentials for Google Earth Engine ({error}). Set GOOGLE_APPLICATION_CREDENTIALS to a "
            "service account's key file, or run `gcloud auth application-default login`."
        ) from error
    return credentials
