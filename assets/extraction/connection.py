"""One way in to Earth Engine: a local one by default, the real one where `EE_PROJECT` is set.

The client `ee` holds its connection in module globals. A `Session` is therefore a description that can be brought to
life again: whoever asks calls `activate` first, and the client is pointed elsewhere only where it must be.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import ee
import tenacity
from google.auth.exceptions import GoogleAuthError

from assets.extraction.errors import CredentialsError, ExtractionError
from ee_emulator.client import initialise
from ee_emulator.process import Emulator, start_emulator
from lake.settings import Settings

logger = logging.getLogger(__name__)

HIGH_VOLUME_URL = "https://earthengine-highvolume.googleapis.com"
"""For many requests of automatic systems; its quota counts requests that run at once."""
SCOPES = ("https://www.googleapis.com/auth/earthengine", "https://www.googleapis.com/auth/cloud-platform")
_WATCH_SECONDS = 0.5
_OPENING_ATTEMPTS = 3


@dataclass(frozen=True)
class Patience:
    """How long to wait for Earth Engine.

    Attributes:
        attempts: Tries of one request, the first included.
        first_wait: Seconds; the longest wait before the second try. It doubles from try to try, and the time really
            waited is drawn between 0 and it, so that many workers do not come back at once.
        longest_wait: Seconds at most between two tries.
        deadline: Seconds that one request may take; Earth Engine itself gives up after 300.
    """

    attempts: int = 8
    first_wait: float = 1.0
    longest_wait: float = 60.0
    deadline: float = 330.0


@dataclass(frozen=True)
class Session:
    """A connection to Earth Engine and what the extraction has to know of it.

    Attributes:
        simulated: True where data may come from the simulated planet; each extraction's metadata says whether it does.
        provider: Who answers, for people.
        assets_folder: Folder of the user assets (urban form, POIs, places, label observations).
        indices_sensor: `landsat` or `sentinel2`.
        text_encoder: `universal-sentence-encoder` or the name of a sentence-transformers model.
        url: Address of the local Earth Engine; None for Google's.
        open: Points the client `ee` here.
        patience: How long to wait for answers.
    """

    simulated: bool
    provider: str
    assets_folder: str
    indices_sensor: str
    text_encoder: str
    url: str | None
    open: Callable[[], None] = field(repr=False, compare=False)
    patience: Patience = Patience()


_lock = threading.Lock()
_active: Session | None = None


def activate(session: Session) -> None:
    """Points the client at a session, where it is not there already.

    Sessions may be used in turn; two at the same time in one process cannot be, for the client has one connection.

    Raises:
        ExtractionError: It does not answer.
    """
    global _active
    with _lock:
        if _active is session:
            return
        _active = None
        ee.Reset()  # a server's list of algorithms would outlive the connection otherwise
        ee.data.setMaxRetries(0)  # requests.py tries again itself: two stacks of retries would multiply
        opening = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(_OPENING_ATTEMPTS),
            wait=tenacity.wait_random_exponential(session.patience.first_wait, session.patience.longest_wait),
            retry=tenacity.retry_if_exception_type(ConnectionError),  # a local server may just be starting again
            reraise=True,
        )
        try:
            opening(session.open)
        except (OSError, ee.EEException, GoogleAuthError) as error:
            raise ExtractionError(
                f"No connection to Earth Engine ({session.provider}, {session.url or HIGH_VOLUME_URL}): {error}. "
                "Check the network, and for real Earth Engine that EE_PROJECT is registered for it and your account "
                "may use it."
            ) from error
        ee.data.setDeadline(1000 * session.patience.deadline)
        _active = session


@contextmanager
def connect(settings: Settings) -> Iterator[Session]:
    """Connects to Earth Engine as the settings say, and closes a local one at the end.

    A local Earth Engine that dies on the way (no memory, `kill -9`) is started again at the same address; requests that
    it was busy with are tried again.

    Raises:
        CredentialsError: `EE_PROJECT` is set, and there are no credentials or unusable ones.
        ExtractionError: It does not start or does not answer.
    """
    with ExitStack() as stack:
        if settings.uses_real_earth_engine:
            session = _real(settings)
        else:
            url = settings.ee_emulator_url or stack.enter_context(_local_server(settings.ee_catalog or None))
            session = _local(settings, url.rstrip("/"))
        stack.callback(_forget, session)
        activate(session)
        yield session


def _local(settings: Settings, url: str) -> Session:
    planet = "your catalogue before the simulated planet" if settings.ee_catalog else "simulated planet"
    return Session(
        simulated=True,
        provider=f"{planet} (local Earth Engine)",
        assets_folder=settings.ee_assets.rstrip("/"),
        indices_sensor=settings.indices_sensor,
        text_encoder=settings.text_encoder,
        url=url,
        open=lambda: initialise(url),
    )


def _real(settings: Settings) -> Session:
    credentials = _credentials(settings.ee_service_account_key)
    return Session(
        simulated=False,
        provider="Google Earth Engine",
        assets_folder=settings.ee_assets.rstrip("/"),
        indices_sensor=settings.indices_sensor,
        text_encoder=settings.text_encoder,
        url=None,
        open=lambda: ee.Initialize(credentials, url=HIGH_VOLUME_URL, project=settings.ee_project),
    )


def _credentials(key_file: str) -> Any:
    """The key file's credentials, else those of `earthengine authenticate` or gcloud's application defaults."""
    import google.auth

    advice = (
        "Set GOOGLE_APPLICATION_CREDENTIALS to a service account's key file, or run `gcloud auth application-default "
        "login` or `earthengine authenticate`; unset EE_PROJECT to work with the local, simulated Earth Engine."
    )
    if not key_file:
        try:
            return ee.data.get_persistent_credentials()
        except (ee.EEException, GoogleAuthError, OSError) as error:
            raise CredentialsError(f"EE_PROJECT is set, but there are no Google credentials. {advice}") from error
    if not Path(key_file).is_file():
        raise CredentialsError(f"GOOGLE_APPLICATION_CREDENTIALS names {key_file}, which is no file. {advice}")
    try:
        credentials, _ = google.auth.load_credentials_from_file(  # type: ignore[no-untyped-call]
            key_file, scopes=list(SCOPES)
        )
    except (GoogleAuthError, ValueError, OSError) as error:
        raise CredentialsError(f"{key_file} holds no usable Google credentials ({error}). {advice}") from error
    return credentials


@contextmanager
def _local_server(catalog: str | None) -> Iterator[str]:
    """The address of a local Earth Engine that is started again, at the same port, when it dies."""
    done = threading.Event()
    with ExitStack() as servers:
        try:
            first = servers.enter_context(start_emulator(catalog=catalog))
        except RuntimeError as error:
            raise ExtractionError(str(error)) from error
        watcher = threading.Thread(target=_watch, args=(first, catalog, servers, done), daemon=True)
        watcher.start()
        try:
            yield first.url
        finally:
            done.set()
            watcher.join()


def _watch(emulator: Emulator, catalog: str | None, servers: ExitStack, done: threading.Event) -> None:
    port = urlsplit(emulator.url).port
    assert port is not None
    while not done.wait(_WATCH_SECONDS):
        status = emulator.process.poll()
        if status is None:
            continue
        logger.warning("The local Earth Engine ended (status %s, log %s): it is started again.", status, emulator.log)
        try:
            emulator = servers.enter_context(start_emulator(port, catalog))
        except RuntimeError as error:
            logger.error("%s", error)  # requests fail with an error of their own
            return


def _forget(session: Session) -> None:
    global _active
    with _lock:
        if _active is session:
            _active = None
