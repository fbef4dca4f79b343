"""What the command answers to bad input: a sentence that says what to do, status 1, and no traceback."""

import signal
import socket
import time
from pathlib import Path

import pytest

from assets import cli
from tests.assets.conftest import UseSettings
from tests.assets.support import Workplace, wait_until


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What the command says on standard error when it refuses."""
    assert cli.main(list(arguments)) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("aef-econ: ")
    assert "Traceback" not in printed.err
    return printed.err


def test_an_unknown_city_is_answered_with_its_neighbours(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Did you mean wuhan" in told(capsys, "backfill", "--cities", "wuhn", "--years", "2020")


def test_an_unknown_year_is_answered_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert "2017 to 2024" in told(capsys, "backfill", "--cities", "wuhan", "--years", "1999")


def test_a_setting_that_cannot_be_is_named(capsys: pytest.CaptureFixture[str], use_settings: UseSettings) -> None:
    use_settings(AEF_ECON_PROFILE="huge")
    message = told(capsys, "ui")
    assert "AEF_ECON_PROFILE" in message
    assert "'tiny', 'demo', 'study' or 'paper'" in message


@pytest.mark.parametrize("option", ["--port", "--mlflow-port"])
def test_a_busy_port_is_named_with_the_option_that_changes_it(capsys: pytest.CaptureFixture[str], option: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        message = told(capsys, "ui", option, str(port))
    assert f"Port {port} on 127.0.0.1 is busy" in message
    assert f"choose another with {option}" in message


def test_two_pages_do_not_fit_on_one_port(capsys: pytest.CaptureFixture[str]) -> None:
    assert "are both 4321" in told(capsys, "ui", "--port", "4321", "--mlflow-port", "4321")


def test_a_command_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([])
    assert ended.value.code == 2
    assert "demo" in capsys.readouterr().err


@pytest.mark.slow
def test_real_earth_engine_without_credentials_is_told_once_with_the_ways_out(tmp_path: Path) -> None:
    place = Workplace(tmp_path / "data")
    refused = place.run(
        "backfill",
        "--cities",
        "wuhan",
        "--years",
        "2020",
        EE_PROJECT="my-project",
        HOME=str(tmp_path),
        NO_GCE_CHECK="true",
    )
    assert refused.returncode == 1
    assert "EE_PROJECT is set, but there are no Google credentials." in refused.stderr
    assert "earthengine authenticate" in refused.stderr
    assert refused.stderr.count("no Google credentials") == 1
    assert "Traceback" not in refused.stdout + refused.stderr
    assert not (place.data / "lake").exists()


@pytest.mark.slow
def test_an_interrupted_command_says_that_it_goes_on_later_and_leaves_nothing_open(tmp_path: Path) -> None:
    place = Workplace(tmp_path / "data")
    command = place.start("demo")
    try:
        wait_until(lambda: bool(list(place.data.glob("lake/streams/*/*/*/part.parquet"))))
        command.send_signal(signal.SIGINT)
        assert command.wait(60) == 130
    finally:
        command.kill()
    printed = (place.data / "output.txt").read_text()
    assert "aef-econ: interrupted; the same command goes on where this one was." in printed
    assert "Traceback" not in printed
    time.sleep(0.5)
    assert not place.open_runs()
    assert place.held_slots() == 0
