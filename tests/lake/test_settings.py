"""Settings: one typed place, read from the environment, secrets never shown."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from lake.settings import REPOSITORY, Settings


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("EE_PROJECT", "MLFLOW_TRACKING_URI", "AEF_ECON_LAKE", "AEF_ECON_DATA_DIR", "AEF_ECON_PROFILE"):
        monkeypatch.delenv(name, raising=False)


def test_defaults_are_local_and_simulated(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, _env_file=None)
    assert settings.lake_root == str(tmp_path / "lake")
    assert settings.tracking_uri == f"sqlite:///{tmp_path / 'mlflow.db'}"
    assert settings.is_simulated


def test_the_environment_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EE_PROJECT", "my-project")
    monkeypatch.setenv("AEF_ECON_LAKE", "s3://bucket/lake")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:5000")
    settings = Settings(_env_file=None)
    assert settings.uses_real_earth_engine
    assert not settings.is_simulated
    assert settings.lake_root == "s3://bucket/lake"
    assert settings.tracking_uri == "http://127.0.0.1:5000"


def test_the_example_file_changes_nothing() -> None:
    example = Settings(_env_file=REPOSITORY / ".env.example")
    assert example == Settings(_env_file=None)


def test_an_unknown_profile_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AEF_ECON_PROFILE", "huge")
    with pytest.raises(ValidationError, match="'tiny', 'demo', 'study' or 'paper'"):
        Settings(_env_file=None)


def test_every_setting_is_in_the_example_file() -> None:
    example = (REPOSITORY / ".env.example").read_text()
    for name, field in Settings.model_fields.items():
        variable = field.validation_alias or f"AEF_ECON_{name.upper()}"
        assert f"{variable}=" in example, f"{variable} is not in .env.example"
        assert field.description, f"{name} has no description"
