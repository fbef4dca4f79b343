"""The command itself, as a user types it, on a public table."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
from sklearn.datasets import load_digits

COMMAND = Path(sys.executable).with_name("aef-econ")
SPEC = """
streams:
  upper left: {columns: nw_*}
  upper right: {columns: ne_*}
  lower left: {columns: sw_*}
  lower right: {columns: se_*}
labels: {digit: class}
keys: row
budget: {epochs: 3, width: 16, hidden: 64}
"""


def aef_econ(*arguments: str | Path, status: int = 0) -> str:
    """What the command prints, errors too."""
    ended = subprocess.run([COMMAND, *arguments], capture_output=True, text=True, check=False)
    assert ended.returncode == status, ended.stderr
    return ended.stdout + ended.stderr


def write_digits(path: Path) -> None:
    """Handwritten digits: every quarter of a picture is a stream."""
    digits = load_digits()
    corners = {"nw": (0, 0), "ne": (0, 4), "sw": (4, 0), "se": (4, 4)}
    columns = {
        f"{name}_{i:02d}": digits.images[:, top + i // 4, left + i % 4]
        for name, (top, left) in corners.items()
        for i in range(16)
    }
    pl.DataFrame({"row": np.arange(len(digits.target)), "digit": digits.target, **columns}).write_parquet(path)


def test_fit_embed_and_probe(tmp_path: Path) -> None:
    write_digits(tmp_path / "digits.parquet")
    (tmp_path / "spec.yaml").write_text(SPEC, encoding="utf-8")
    fit = ("fit", "--table", tmp_path / "digits.parquet", "--spec", tmp_path / "spec.yaml", "--out", tmp_path / "out")
    said = aef_econ(*fit)
    assert "Read 1,797 of 1,797 rows, 64 stream columns." in said
    assert "Training 6 encoders, 3 epochs each" in said
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    scores = {row["representation"]: row["value"] for row in report["scores"] if row["measure"] == "accuracy"}
    assert scores["embedding"] > 0.6 > 3 * scores["majority_class"]

    embeddings = tmp_path / "e.parquet"
    aef_econ("embed", "--model", tmp_path / "out", "--table", tmp_path / "digits.parquet", "--out", embeddings)
    (tmp_path / "probe.yaml").write_text("labels: {digit: class}\nkeys: row\n", encoding="utf-8")
    labels = ("--labels", tmp_path / "digits.parquet")
    aef_econ("probe", "--embeddings", embeddings, "--spec", tmp_path / "probe.yaml", *labels, "--out", tmp_path / "p")
    probed = json.loads((tmp_path / "p" / "report.json").read_text())["scores"]
    whole = next(row["value"] for row in probed if row["measure"] == "accuracy")
    assert abs(whole - scores["embedding_all_rows"]) < 0.02

    (tmp_path / "spec.yaml").write_text(SPEC.replace("nw_", "mw_"), encoding="utf-8")
    refused = aef_econ(*fit, status=1)
    assert "No column of" in refused
    assert "'mw_*' of the stream upper left" in refused
    assert "Traceback" not in refused
