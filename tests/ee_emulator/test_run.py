"""`ee-emulator run` and the pytest plug-in, as a user of an empty folder has them."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest


def run(folder: Path, script: str, *arguments: str, options: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    (folder / "script.py").write_text(textwrap.dedent(script))
    command = [str(Path(sys.executable).parent / "ee-emulator"), "run", *options, "script.py", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


def test_a_script_runs_unchanged(tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("def double(n):\n    return n.multiply(2)\n")
    ended = run(
        tmp_path,
        """
        import sys
        import ee
        from helper import double

        if __name__ == "__main__":
            ee.Authenticate(auth_mode="notebook")
            ee.Initialize(project="my-own-project", opt_url="https://earthengine-highvolume.googleapis.com")
            print(double(ee.Number(21)).getInfo(), sys.argv[1:], ee.data.getProjectConfig()["name"])
        """,
        "--flag",
        "value",
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == "42 ['--flag', 'value'] projects/my-own-project/config\n"


def test_exports_of_a_script_stay_in_the_data_folder(tmp_path: Path) -> None:
    ended = run(
        tmp_path,
        """
        import time, ee
        ee.Initialize()
        table = ee.FeatureCollection([ee.Feature(None, {"a": 1})])
        task = ee.batch.Export.table.toDrive(table, "out", selectors=["a"])
        task.start()
        while task.active():
            time.sleep(0.05)
        """,
        options=("--data", "kept"),
    )
    assert ended.returncode == 0, ended.stderr
    assert (tmp_path / "kept" / "drive" / "out.csv").read_text() == "a\n1\n"


@pytest.mark.parametrize(
    ("script", "status", "says"),
    [
        ("import sys; sys.exit(7)", 7, ""),
        ("import sys; sys.exit('no data')", 1, "no data\n"),
        ("raise SystemExit", 0, ""),
    ],
)
def test_the_exit_status_is_the_scripts(tmp_path: Path, script: str, status: int, says: str) -> None:
    ended = run(tmp_path, script)
    assert (ended.returncode, ended.stderr) == (status, says)


def test_the_traceback_begins_in_the_script(tmp_path: Path) -> None:
    ended = run(tmp_path, "import ee\nee.Initialize()\nee.Image('NOWHERE/x').getInfo()\n")
    assert ended.returncode == 1
    lines = ended.stderr.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    last = [k for k, line in enumerate(lines) if line == lines[0]][-1]  # Earth Engine's error has one of HTTP before it
    assert lines[last + 1].strip() == 'File "script.py", line 3, in <module>'
    assert "ee_emulator" not in ended.stderr
    assert lines[-1].startswith("ee.ee_exception.EEException: Image.load: Image asset")


def test_a_script_that_is_not_there_is_named(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ee_emulator.cli", "run", "nothing.py"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stderr) == (2, "ee-emulator: there is no file nothing.py\n")


def test_the_plug_in_serves_tests_and_the_code_that_they_call(tmp_path: Path) -> None:
    (tmp_path / "catalog.yaml").write_text("assets:\n  - {id: mine/shops, table: shops.csv, coordinates: [lon, lat]}\n")
    (tmp_path / "shops.csv").write_text("lon,lat,name\n114.3,30.6,noodles\n")
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["ee_emulator.pytest"]\n')
    code = "import ee\n\ndef size(table):\n    ee.Initialize()\n    return ee.FeatureCollection(table).size().getInfo()"
    (tmp_path / "code.py").write_text(code)
    (tmp_path / "test_code.py").write_text(
        textwrap.dedent(
            """
            import importlib.util
            spec = importlib.util.spec_from_file_location("mine", "code.py")
            mine = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(mine)

            def test_numbers(earth_engine):
                assert earth_engine.Number(1).add(2).getInfo() == 3

            def test_the_code_under_test(earth_engine):
                assert mine.size("mine/shops") == 1

            def test_exports_are_found(earth_engine, earth_engine_emulator):
                assert earth_engine_emulator.data.is_dir()

            def test_it_can_fail(earth_engine):
                assert earth_engine.Number(1).getInfo() == 2
            """
        )
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--ee-catalog", "."]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert "1 failed, 3 passed" in ended.stdout, ended.stdout + ended.stderr
