"""The pages on the local Earth Engine: what they tell to type works as written."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import yaml

from ee_emulator.catalog.folder import FolderCatalog
from ee_emulator.cli import main
from ee_emulator.process import Emulator
from lake.settings import REPOSITORY

PAGE = (REPOSITORY / "docs" / "local-earth-engine.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_the_scripts_of_the_page_run_one_after_the_other(
    emulator: Emulator, capsys: pytest.CaptureFixture[str]
) -> None:
    names: dict[str, Any] = {}
    for block in blocks("python"):
        exec(block.replace("http://127.0.0.1:8765", emulator.url), names)
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == "3.5"
    ndvi = re.fullmatch(r"\{'nd': (0\.\d+)\}", printed[1])
    assert ndvi
    assert 0 < float(ndvi[1]) < 0.8
    assert printed[2] == "(64, 64) ('A00', 'A01')"
    assert any(line.startswith("catering") for line in printed[3:])


def test_the_catalogue_of_the_page_is_one(tmp_path: Path) -> None:
    text, stand_ins = blocks("yaml")
    (tmp_path / "catalog.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "shops.csv").write_text("lon,lat,name\n114.3,30.6,noodles\n")
    profile = {"driver": "GTiff", "width": 2, "height": 1, "count": 1, "dtype": "int16", "crs": "EPSG:32650"}
    with rasterio.open(tmp_path / "elevation.tif", "w", **profile, transform=rasterio.Affine(10, 0, 0, 0, -10, 0)) as f:
        f.write(np.array([[[3, 4]]], "int16"))
    catalog = FolderCatalog(tmp_path)
    for asset in yaml.safe_load(text)["assets"]:
        assert catalog.get(asset["id"]) is not None
    image: Any = catalog.get("projects/local-ee/assets/elevation")
    assert [band.name for band in image.bands] == ["elevation"]
    (tmp_path / "catalog.yaml").write_text(stand_ins, encoding="utf-8")
    catalog = FolderCatalog(tmp_path)
    assert len(list(catalog.get("MODIS/061/MCD12Q1").images())) == 23
    assert len(list(catalog.get("WRI/GPPD/power_plants").rows())) == 200


def test_commands_of_the_page_are_ones_that_the_program_knows(capsys: pytest.CaptureFixture[str]) -> None:
    commands = [line.split()[1:] for block in blocks("bash") for line in block.splitlines()]
    assert [command[0] for command in commands] == ["serve", "serve", "coverage", "coverage", "coverage"]
    for command in commands:
        if command[0] == "coverage":
            assert main(command) == 0
    assert "991" in capsys.readouterr().out
    with pytest.raises(SystemExit) as ended:
        main(["serve", "--help"])
    assert ended.value.code == 0
    options = capsys.readouterr().out
    for option in re.findall(r"--[a-z-]+", " ".join(" ".join(c) for c in commands if c[0] == "serve")):
        assert option in options


# Test your Earth Engine code without Earth Engine -----------------------------------------------------------------

TESTING = (REPOSITORY / "docs" / "test-your-earth-engine-code.md").read_text(encoding="utf-8")
FILE = re.compile(r"# ([a-z_]+\.(?:py|csv|yaml))\n(.*)", re.DOTALL)


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A command in a folder, with this environment's programs first on the path."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = os.environ | {"PATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        command, shell=True, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def test_the_steps_of_the_testing_page_work_in_an_empty_folder(tmp_path: Path) -> None:
    said: list[str] = []
    steps = 0
    for language, text in re.findall(r"```(\w+)\n(.*?)```", TESTING, re.DOTALL):
        named = FILE.fullmatch(text)
        if named:
            (tmp_path / named[1]).write_text(named[2], encoding="utf-8")
        elif language == "bash" and not text.startswith("ee-emulator serve"):
            ended = run(text, tmp_path)
            assert ended.returncode == 0, ended.stdout + ended.stderr
            said = ended.stdout.splitlines()
        elif language == "text":
            steps += 1
            for line in text.splitlines():
                assert any(line in found for found in said), said
    assert steps == 3


def test_commands_of_the_testing_page_are_ones_that_the_program_knows(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [line for text in re.findall(r"```bash\n(.*?)```", TESTING, re.DOTALL) for line in text.splitlines()]
    ours = [line.split()[1:] for line in lines if line.startswith("ee-emulator")]
    assert {command[0] for command in ours} == {"run", "serve", "client-config"}
    for command in ours:
        with pytest.raises(SystemExit) as ended:
            main([command[0], "--help"])
        assert ended.value.code == 0
        options = capsys.readouterr().out
        assert all(option in options for option in command if option.startswith("--"))
