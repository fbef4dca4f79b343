"""The page *Fit your own table*, run as it is written: its table, its specs, its commands."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from assets import cli
from lake.settings import REPOSITORY

PAGE = (REPOSITORY / "docs" / "fit-your-own-table.md").read_text(encoding="utf-8")
COMMAND = Path(sys.executable).with_name("aef-econ")


def files() -> dict[str, str]:
    """The files of the page: blocks whose first line is a comment with a name."""
    blocks = re.findall(r"```\w+\n# (\S+)\n(.*?)```", PAGE, re.DOTALL)
    return dict(blocks)


def command(name: str) -> list[str]:
    """The page's command of this name, in words, without the name of the program."""
    (line,) = re.findall(rf"^aef-econ ({name} --.*)$", PAGE, re.MULTILINE)
    return str(line).split()


def test_the_page_runs_as_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    written = files()
    assert set(written) == {"make_table.py", "cancer.yaml", "probe.yaml"}
    for name, text in written.items():
        Path(name).write_text(text.replace("epochs: 60", "epochs: 8"), encoding="utf-8")
    exec(compile(written["make_table.py"], "make_table.py", "exec"), {})
    ended = subprocess.run([COMMAND, *command("fit")], capture_output=True, text=True, check=True)
    assert "Read 569 of 569 rows, 30 stream columns.\nTraining 6 encoders, 8 epochs each" in ended.stdout
    assert "Done in" in ended.stdout
    report = json.loads(Path("cancer/report.json").read_text(encoding="utf-8"))
    fitted = {row["representation"]: row["value"] for row in report["scores"] if row["measure"] == "accuracy"}
    assert fitted["embedding"] > 0.9 > fitted["majority_class"]

    assert cli.main(command("embed")) == 0
    assert cli.main(command("probe")) == 0
    assert "Embedded 569 rows: again.parquet" in capsys.readouterr().out
    probed = json.loads(Path("probed/report.json").read_text(encoding="utf-8"))["scores"]
    scores = {(row["label"], row["measure"], row["representation"]): row["value"] for row in probed}
    assert scores["diagnosis", "accuracy", "features"] == pytest.approx(fitted["embedding_all_rows"], abs=0.02)
    assert scores["mean_area", "r2", "features"] > 0.6


def test_a_mistake_is_answered_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(files()["make_table.py"], "make_table.py", "exec"), {})
    Path("cancer.yaml").write_text(files()["cancer.yaml"].replace("mean_*", "meen_*"), encoding="utf-8")
    assert cli.main(command("fit")) == 1
    assert capsys.readouterr().err.startswith("aef-econ: No column of cancer.parquet fits 'meen_*' of the stream means")
