"""Requests to Earth Engine, the local or the real one: bounded in size and time, tried again, and their errors told.

An error that is the program's own is never tried again; one that is the network's or the server's is, with pauses
that double, and then is a network error and nothing else.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import orjson

from codegen.evaluation.judging.errors import EvaluationError
from codegen.evaluation.record import ErrorClass
from ee_emulator.client import DEFAULT_PROJECT
from lake.settings import settings

if TYPE_CHECKING:
    import requests

MAX_REQUEST_BYTES = 10 * 2**20
"""Earth Engine's own limit of a request's body."""
MAX_ANSWER_BYTES = 80 * 2**20
"""Earth Engine gives pixels of 48 MiB at most."""
ATTEMPTS = 4
FIRST_PAUSE_SECONDS = 0.5
CONNECT_SECONDS = 20.0
SECONDS = 300.0
"""METHODS, 7."""
REAL_HOST = ".googleapis.com"

_BUSY = (429, 500, 502, 503, 504)
_OUR_RIGHTS = (401, 403, 407)
"""Who may not compute at all: that is not what a program did."""
_LIMITS = (
    "computation timed out",
    "user memory limit exceeded",
    "nesting is too deep",
    "too deeply nested",
    "aborted after accumulating over",
    "payload size exceeds",
    "computed value is too large",
    "too many concurrent aggregations",
)
"""What Earth Engine says where a computation took too much (developers.google.com/earth-engine/guides/debugging)."""
_CHUNK = 2**18


class Service:
    """An Earth Engine at an address. Threads may share it."""

    def __init__(self, url: str, project: str = DEFAULT_PROJECT, pause: float = FIRST_PAUSE_SECONDS) -> None:
        """At an address.

        Args:
            url: `http://127.0.0.1:PORT` or `https://earthengine.googleapis.com`.
            project: In whose name is computed.
            pause: Seconds before the second try.
        """
        self._base = f"{url.rstrip('/')}/v1/projects/{project}"
        self._is_real = (urlsplit(url).hostname or "").endswith(REAL_HOST)
        self._project, self._pause = project, pause
        self._local = threading.local()

    def value(self, expression: Mapping[str, Any], deadline: float) -> Any:
        """Computes a value.

        Args:
            expression: A graph.
            deadline: On the clock of `time.monotonic`.

        Returns:
            What JSON makes of it.

        Raises:
            EvaluationError: It has none, or it cannot be had.
        """
        content = self._post("value:compute", {"expression": expression}, deadline)
        try:
            return orjson.loads(content)["result"]
        except (orjson.JSONDecodeError, KeyError, TypeError):
            raise EvaluationError("network", "Earth Engine's answer is not what it should be.") from None

    def pixels(self, expression: Mapping[str, Any], deadline: float) -> bytes:
        """Computes pixels on the grid that the image itself has.

        Args:
            expression: A graph of an image that is clipped and scaled.
            deadline: On the clock of `time.monotonic`.

        Returns:
            An `.npy` file: a structured array, a field a band.

        Raises:
            EvaluationError: There are none, or they cannot be had.
        """
        return self._post("image:computePixels", {"expression": expression, "fileFormat": "NPY"}, deadline)

    def _post(self, method: str, body: Mapping[str, Any], deadline: float) -> bytes:
        import requests

        content = _encoded(body)
        for attempt in range(ATTEMPTS):
            try:
                return self._once(method, content, deadline)
            except requests.ReadTimeout:
                raise EvaluationError("runtime", "The time for evaluating the result is over.") from None
            except (requests.RequestException, _UnavailableError) as error:
                pause = self._pause * 2**attempt
                if attempt + 1 == ATTEMPTS or time.monotonic() + pause > deadline:
                    said = str(error) if isinstance(error, _UnavailableError) else f"no answer ({type(error).__name__})"
                    raise EvaluationError("network", f"Earth Engine is not available: {said}.") from None
                time.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    def _once(self, method: str, content: bytes, deadline: float) -> bytes:
        left = deadline - time.monotonic()
        if left <= 0:
            raise EvaluationError("runtime", "The time for evaluating the result is over.")
        headers, timeout = {"Content-Type": "application/json"}, (min(left, CONNECT_SECONDS), left)
        with self._session().post(
            f"{self._base}/{method}", data=content, headers=headers, timeout=timeout, stream=True
        ) as response:
            answer = _bounded(response.iter_content(_CHUNK), deadline)
            if response.status_code == 200:
                return answer
        message = _message(answer)
        if response.status_code in (*_BUSY, *_OUR_RIGHTS):
            raise _UnavailableError(f"status {response.status_code}, {message}")
        raise EvaluationError(error_of(message), f"Earth Engine: {message}")

    def _session(self) -> requests.Session:
        """One a thread: `requests` does not promise that threads may share one."""
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = _authorized(self._project) if self._is_real else _anonymous()
        return session


class _UnavailableError(Exception):
    """An answer that says nothing about the program."""


def error_of(message: str) -> ErrorClass:
    """Class of an error that Earth Engine tells: a limit that was met, or else what was asked of it was wrong."""
    lowered = message.lower()
    return "runtime" if any(limit in lowered for limit in _LIMITS) else "parameter"


def _encoded(body: Mapping[str, Any]) -> bytes:
    try:
        content = json.dumps(body, separators=(",", ":")).encode()  # whole numbers may have more than 64 bits
    except RecursionError:
        raise EvaluationError("runtime", "The expression is nested too deeply to be sent.") from None
    if len(content) > MAX_REQUEST_BYTES:
        limit = f"{MAX_REQUEST_BYTES / 2**20:.0f} MiB"
        raise EvaluationError("runtime", f"The expression is larger than the {limit} that Earth Engine takes.")
    return content


def _bounded(chunks: Iterable[bytes], deadline: float) -> bytes:
    parts, size = [], 0
    for chunk in chunks:
        parts.append(chunk)
        size += len(chunk)
        if size > MAX_ANSWER_BYTES:
            raise EvaluationError("runtime", f"The result is larger than {MAX_ANSWER_BYTES / 2**20:.0f} MiB.")
        if time.monotonic() > deadline:
            raise EvaluationError("runtime", "The time for evaluating the result is over.")
    return b"".join(parts)


def _message(answer: bytes) -> str:
    try:
        return str(orjson.loads(answer)["error"]["message"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return answer[:200].decode(errors="replace") or "no message"


def _anonymous() -> requests.Session:
    import requests

    session = requests.Session()
    session.trust_env = False  # a proxy or a .netrc of the environment has nothing to do with a server of one's own
    return session


def _authorized(project: str) -> requests.Session:
    """In the name of a service account's key file, or else of `earthengine authenticate` or Google's defaults."""
    import ee
    import google.auth
    from google.auth.transport.requests import AuthorizedSession

    key = settings().ee_service_account_key
    credentials = (
        google.auth.load_credentials_from_file(key, scopes=list(ee.oauth.SCOPES))[0]  # type: ignore[no-untyped-call]
        if key
        else ee.data.get_persistent_credentials()
    )
    session: requests.Session = AuthorizedSession(credentials)  # type: ignore[no-untyped-call]
    session.headers["x-goog-user-project"] = project
    return session
