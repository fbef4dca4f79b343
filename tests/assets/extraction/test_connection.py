"""Connecting, losing the connection, and not being let in."""

import json
import os
import signal
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import ee
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from assets.extraction import connection
from assets.extraction.connection import Patience, Session, activate, connect
from assets.extraction.errors import CredentialsError, ExtractionError
from assets.extraction.extract import extract
from ee_emulator.process import start_emulator
from lake.grid import city_grid
from lake.streams import NIGHTLIGHTS
from tests.assets.extraction.conftest import local_settings
from tests.assets.extraction.faults import faulty

GRID = city_grid("wuhan", 30)


def children() -> set[int]:
    """Process ids of this process's own emulators."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            command = (stat.parent / "cmdline").read_bytes()
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:  # it ended in the meantime
            continue
        if parent == os.getpid() and b"ee_emulator.cli" in command:
            found.add(int(stat.parent.name))
    return found


def test_a_killed_local_earth_engine_is_started_again_and_work_goes_on() -> None:
    before = children()
    with connect(local_settings()) as session:
        session = replace(session, patience=Patience(attempts=30, first_wait=0.3, longest_wait=0.3))
        calm = extract(session, NIGHTLIGHTS, GRID, 2020)
        (victim,) = children() - before
        os.kill(victim, signal.SIGKILL)
        again = extract(session, NIGHTLIGHTS, GRID, 2020)
        assert again.table.equals(calm.table)
        assert victim not in children()
    assert children() == before


def test_the_address_of_a_running_server_is_used_and_the_server_left_alone() -> None:
    with start_emulator() as server:
        with connect(local_settings(ee_emulator_url=server.url + "/")) as session:
            assert session.url == server.url
            extract(session, NIGHTLIGHTS, GRID, 2020)
        assert server.process.poll() is None


def test_sessions_take_turns_in_one_process(earth_engine: Session) -> None:
    """The client is process-global; each extraction points it to its own session."""
    first = extract(earth_engine, NIGHTLIGHTS, GRID, 2020)
    with connect(local_settings()) as inner:
        assert inner.url != earth_engine.url
        assert extract(inner, NIGHTLIGHTS, GRID, 2020).table.equals(first.table)
        assert extract(earth_engine, NIGHTLIGHTS, GRID, 2020).table.equals(first.table)
        assert extract(inner, NIGHTLIGHTS, GRID, 2020).table.equals(first.table)
    assert extract(earth_engine, NIGHTLIGHTS, GRID, 2020).table.equals(first.table)


def test_a_server_that_is_gone_is_an_error_that_says_where() -> None:
    with start_emulator() as server, connect(local_settings(ee_emulator_url=server.url)) as session:
        session = replace(session, patience=Patience(attempts=3, first_wait=0.01, longest_wait=0.05))
        activate(session)
        server.process.kill()
        server.process.wait()
        with pytest.raises(ExtractionError, match=rf"nightlights of wuhan\|2020.*{server.url}.*3 tries"):
            extract(session, NIGHTLIGHTS, GRID, 2020)


def test_an_address_where_nobody_answers_is_an_error_at_once() -> None:
    started = time.perf_counter()
    with (
        pytest.raises(ExtractionError, match="No connection to Earth Engine"),
        connect(local_settings(ee_emulator_url="http://127.0.0.1:9")),
    ):
        pass
    assert time.perf_counter() - started < 20


def test_a_wrong_catalogue_is_told_with_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "catalog.yaml").write_text("assets:\n  - {id: a, image: none.tif}\n")
    settings = local_settings(ee_catalog=str(tmp_path))
    with pytest.raises(ExtractionError, match=r"line 2: there is no file"), connect(settings):
        pass


# Real Earth Engine ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "which is no file"),
        ("not json", "holds no usable Google credentials"),
        ('{"type": "service_account"}', "holds no usable Google credentials"),
    ],
)
def test_a_key_file_that_is_none_says_what_to_set(tmp_path: Path, content: str | None, says: str) -> None:
    key = tmp_path / "key.json"
    if content is not None:
        key.write_text(content)
    settings = local_settings(ee_project="some-project", ee_service_account_key=str(key))
    with pytest.raises(CredentialsError, match=says) as caught, connect(settings):
        pass
    assert str(key) in str(caught.value)
    assert "GOOGLE_APPLICATION_CREDENTIALS" in str(caught.value)


def test_no_credentials_at_all_says_what_to_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    with (
        pytest.raises(CredentialsError, match=r"EE_PROJECT is set.*GOOGLE_APPLICATION_CREDENTIALS.*unset EE_PROJECT"),
        connect(local_settings(ee_project="some-project")),
    ):
        pass


def service_account(folder: Path, token_uri: str) -> Path:
    """A key file as Google gives them, of an account that does not exist."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    content: dict[str, Any] = {
        "type": "service_account",
        "project_id": "some-project",
        "private_key_id": "1",
        "private_key": pem,
        "client_email": "robot@some-project.iam.gserviceaccount.com",
        "client_id": "1",
        "token_uri": token_uri,
    }
    file = folder / "key.json"
    file.write_text(json.dumps(content))
    return file


def test_a_service_account_signs_in_and_works_on_the_high_volume_endpoint(
    earth_engine: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of the way to real Earth Engine but for Google's address: key file, token, header, the same extraction."""
    assert earth_engine.url is not None
    calm = extract(earth_engine, NIGHTLIGHTS, GRID, 2020)
    monkeypatch.setattr(ee.deprecation, "deprecated_assets", {"": None})  # it would be fetched from Google's storage
    with faulty(earth_engine.url) as google:
        monkeypatch.setattr(connection, "HIGH_VOLUME_URL", google.url)
        key = service_account(tmp_path, google.url + "/token")
        with connect(local_settings(ee_project="some-project", ee_service_account_key=str(key))) as session:
            assert session.provider == "Google Earth Engine"
            assert not session.simulated
            found = extract(session, NIGHTLIGHTS, GRID, 2020)
        assert set(google.authorised[-2:]) == {"Bearer from-the-key-file"}
    assert found.table.equals(calm.table)
    # What answered is the simulated planet, whatever the session is called: the images say so themselves.
    assert found.metadata["simulated"] == "true"
