"""Names of models, and what is missing."""

import subprocess
import sys

import pytest

from codegen.models.errors import ModelError
from codegen.models.opening import open_model
from lake.errors import BadInputError

VARIABLES = ("FAKE_BASE_URL", "FAKE_API_KEY", "OPENAI_API_KEY", "OPENAI_BASE_URL", "INSPECT_EVAL_MODEL_BASE_URL")


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("name", ["", "gpt-4o", "a b/c", "openai-api/fake", "openai-api/fake/", "openai-api/7/m"])
def test_a_name_that_names_nothing_is_answered_with_what_names_there_are(name):
    with pytest.raises(BadInputError, match=r"`local`.*openai-api/<service>/<model>"):
        open_model(name)


def test_an_unknown_provider_is_named():
    with pytest.raises(BadInputError, match="no provider 'nobody'"):
        open_model("nobody/model")


def test_a_missing_address_is_named_by_its_variable():
    with pytest.raises(ModelError, match="set FAKE_BASE_URL"):
        open_model("openai-api/fake/model")


def test_a_service_with_a_dash_has_a_variable_with_an_underscore():
    with pytest.raises(ModelError, match=r"set MY_LAB_BASE_URL .* and MY_LAB_API_KEY"):
        open_model("openai-api/my-lab/model")


@pytest.mark.parametrize("url", ["localhost:8000", "ftp://host/v1", "http://", "http://[::1"])
def test_what_is_no_address_is_refused(monkeypatch, url):
    monkeypatch.setenv("FAKE_BASE_URL", url)
    with pytest.raises(BadInputError, match="FAKE_BASE_URL is no address"):
        open_model("openai-api/fake/model")


def test_a_server_elsewhere_needs_a_key(monkeypatch):
    monkeypatch.setenv("FAKE_BASE_URL", "https://models.example.org/v1")
    with pytest.raises(ModelError, match=r"set FAKE_API_KEY to the key of models\.example\.org"):
        open_model("openai-api/fake/model")


@pytest.mark.parametrize("url", ["http://localhost:1/v1", "http://127.0.0.1:1/v1", "http://[::1]:1/v1"])
def test_a_server_of_this_machine_opens_without_a_key(monkeypatch, url):
    monkeypatch.setenv("FAKE_BASE_URL", url)
    assert open_model("openai-api/fake/model").name == "openai-api/fake/model"


def test_a_missing_key_of_a_provider_is_named():
    with pytest.raises(ModelError, match=r"openai/gpt-4o cannot be opened: .*OPENAI_API_KEY"):
        open_model("openai/gpt-4o")


def test_a_missing_package_of_a_provider_is_named_with_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "anthropic", None)  # as where it is not installed
    with pytest.raises(ModelError, match="pip install anthropic"):
        open_model("anthropic/claude")


def test_a_cache_that_cannot_be_made_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("FAKE_BASE_URL", "http://127.0.0.1:1/v1")
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInputError, match="No answers can be kept"):
        open_model("openai-api/fake/model", cache=tmp_path / "file" / "cache")


def test_nothing_of_inspect_or_transformers_is_loaded_before_a_model_is_opened():
    code = "import sys, codegen.models.opening; print({'inspect_ai', 'transformers', 'torch'} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"
