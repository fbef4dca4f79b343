"""Keys are nowhere."""

import logging
import traceback

import pytest

from codegen.models.errors import ModelError
from codegen.models.metering import Meter
from codegen.models.opening import open_model
from codegen.models.redaction import redacted
from tests.codegen.models.fake_endpoint import Fault, fake_endpoint
from tests.codegen.models.support import HURRIED, ask

KEY = "Zq-1234567890-plain"
NAME = "openai-api/fake/model"


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500])
def test_a_key_that_the_server_repeats_is_nowhere(monkeypatch, caplog, status):
    with fake_endpoint([Fault(status, f"wrong key {KEY}, header Bearer {KEY}")]) as endpoint:
        endpoint.set(monkeypatch, key=KEY)
        model = Meter(open_model(NAME, patience=HURRIED))
        with caplog.at_level(logging.DEBUG, "codegen"), pytest.raises(ModelError) as raised:
            ask(model)
    assert endpoint.asked[0].headers["authorization"] == f"Bearer {KEY}", "the server gets it"
    assert "wrong key [key]" in str(raised.value)
    shown = "".join(traceback.format_exception(raised.value)) + repr(model) + caplog.text
    assert KEY not in shown


def test_no_library_below_logs_the_key(monkeypatch, caplog):
    with fake_endpoint([Fault(500), "hello"]) as endpoint:
        endpoint.set(monkeypatch, key=KEY)
        with caplog.at_level(logging.DEBUG):
            ask(open_model(NAME, patience=HURRIED))
    assert caplog.text
    assert KEY not in caplog.text


def test_neither_key_nor_password_is_in_the_cache(monkeypatch, tmp_path):
    with fake_endpoint(["hello"]) as endpoint:
        endpoint.set(monkeypatch, key=KEY)
        monkeypatch.setenv("FAKE_BASE_URL", endpoint.url.replace("http://", "http://user:hunter22@"))
        ask(open_model(NAME, cache=tmp_path))
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(kept) == 1
    assert not any(secret in text for secret in (KEY, "hunter22") for text in (kept[0].read_text(), str(kept[0])))


def test_a_key_of_an_address_that_is_none_is_not_shown(monkeypatch):
    monkeypatch.setenv("FAKE_BASE_URL", "ftp://user:hunter22@host")
    with pytest.raises(Exception, match="is no address") as raised:
        open_model(NAME)
    assert "hunter22" not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Incorrect API key provided: sk-proj-abcdefgh1234.", "Incorrect API key provided: [key]."),
        ("Authorization: Bearer abcdef.ghijkl", "Authorization: [key]"),
        ("https://user:pass@host/v1 refused", "https://host/v1 refused"),
        ("ask-me-anything about task-oriented-models", "ask-me-anything about task-oriented-models"),
        ("no secret here", "no secret here"),
    ],
)
def test_what_looks_like_a_key_is_taken_out(text, shown):
    assert redacted(text) == shown


def test_keys_of_the_environment_are_taken_out_but_placeholders_are_not(monkeypatch):
    monkeypatch.setenv("SOME_LAB_API_KEY", "correct-horse")
    monkeypatch.setenv("OTHER_API_KEY", "none")
    assert redacted("correct-horse: none of it") == "[key]: none of it"
