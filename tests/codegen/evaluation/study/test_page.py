"""The page, its tables and the command."""

from __future__ import annotations

import argparse
import csv
import re
import shutil
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from codegen.evaluation.scores.intervals import Drawing
from codegen.evaluation.study.analysis import Analysis, analyse
from codegen.evaluation.study.cli import add_parser
from codegen.evaluation.study.conditions import read_conditions
from codegen.evaluation.study.page import markdown, page, write
from codegen.evaluation.study.reading import Study
from codegen.evaluation.study.tables import points
from lake.errors import BadInputError
from tests.codegen.evaluation.scores.simulated import Bench
from tests.codegen.evaluation.study.planted import FIXED, planted

RATES = {row.name: 0.5 for row in read_conditions().rows} | {"bare": 0.2, "cop_without_retrieval": 0.2}
CHROMIUM = shutil.which("chromium")


@pytest.fixture(scope="module")
def study() -> Study:
    return planted(RATES, Bench(tasks=90, epochs=3))


@pytest.fixture(scope="module")
def analysis(study: Study) -> Analysis:
    return analyse(study, Drawing(draws=400))


def test_the_page_says_what_the_tables_say(study: Study, analysis: Analysis) -> None:
    text = page(study, analysis)
    row = analysis.uplifts.filter(condition="rag", against="bare").row(0, named=True)
    interval = f"{points(row['difference'])} ({points(row['low'])} to {points(row['high'])})"
    assert text.count(interval) == 2  # in the picture and in the table
    assert "SIMULATED" in text
    assert FIXED["model"] in text  # type: ignore[operator]
    assert all(row.hypothesis.replace("'", "&#39;") in text for row in read_conditions().rows)
    assert 'class="dot up"' in text
    assert 'class="dot down"' in text
    assert "<script" not in text
    assert markdown(study, analysis).count(interval) == 1


def test_what_strangers_wrote_is_no_markup(study: Study, analysis: Analysis) -> None:
    fixed = {**study.state.fixed, "model": "<b>m</b> | `x`", "benchmark": "<script>alert(1)</script>"}
    theirs = replace(study, state=replace(study.state, fixed=fixed))
    hostile = replace(analysis, model=fixed["model"])
    text = page(theirs, hostile)
    assert "<b>m</b>" not in text
    assert "<script" not in text
    assert "\\| 'x'" in markdown(theirs, hostile)


def test_page_and_tables_lie_in_the_folder(study: Study, analysis: Analysis, tmp_path: Path) -> None:
    assert write(study, analysis, tmp_path) == tmp_path / "report.html"
    assert (tmp_path / "report.md").read_text() == markdown(study, analysis)
    for name, table in analysis.tables().items():
        assert pl.read_parquet(tmp_path / "tables" / f"{name}.parquet").equals(table)
        with (tmp_path / "tables" / f"{name}.csv").open() as file:
            assert len(list(csv.reader(file))) == table.height + 1


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no chromium here: deploy/system_packages.sh installs it")
def test_a_browser_shows_it_without_complaint_and_asks_for_nothing(
    study: Study, analysis: Analysis, tmp_path: Path
) -> None:
    from playwright.sync_api import sync_playwright

    complaints: list[str] = []
    asked: list[str] = []
    file = write(study, analysis, tmp_path)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        window = browser.new_page(viewport={"width": 1280, "height": 900})
        window.on("console", lambda message: complaints.append(message.text))
        window.on("request", lambda request: asked.append(request.url))
        window.goto(file.as_uri())
        assert window.locator("svg").count() == 4
        dots = {one.text_content(): one.bounding_box() for one in window.locator("svg g:has(> circle)").all()}
        zero = window.locator("line.zero").bounding_box()
        up = next(box for text, box in dots.items() if (text or "").startswith("rag − bare"))
        down = next(box for text, box in dots.items() if (text or "").startswith("cop_without_retrieval − cop"))
        assert zero
        assert up
        assert down
        assert down["x"] + down["width"] < zero["x"] < up["x"]
        window.set_viewport_size({"width": 390, "height": 800})
        assert window.evaluate("document.documentElement.scrollWidth <= innerWidth")
        browser.close()
    assert complaints == []
    assert asked == [file.as_uri()]


def _run(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers(required=True))
    options = parser.parse_args(["study", *arguments])
    return int(options.run(options))


def test_the_command_says_what_it_lacks(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="wants a --model"):
        _run("--report-only")
    with pytest.raises(BadInputError, match="no study in"):
        _run("--report-only", "--out", str(tmp_path))
    with pytest.raises(BadInputError, match=re.escape("missing.yaml cannot be read")):
        _run("--model", "local", "--benchmark", str(tmp_path), "--conditions", str(tmp_path / "missing.yaml"))
