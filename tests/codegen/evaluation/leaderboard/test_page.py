"""What is written into the page."""

import base64
import json
import re
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from codegen.evaluation.leaderboard import write
from codegen.evaluation.leaderboard.rendering import page
from codegen.evaluation.scores.frame import SCHEMA, checked
from codegen.evaluation.scores.intervals import Drawing
from codegen.evaluation.scores.summary import summary
from lake.errors import BadInputError
from tests.codegen.evaluation.scores.simulated import Bench, Simulated, simulated

QUICK = Drawing(draws=100)


def core(html: str) -> dict[str, Any]:
    found = re.search(r'id="core">([^<]*)<', html)
    assert found is not None
    content: dict[str, Any] = json.loads(zlib.decompress(base64.b64decode(found[1])))
    return content


@pytest.fixture(scope="module")
def records() -> pl.DataFrame:
    systems = [Simulated("weak", rate=0.3), Simulated("strong", rate=0.8), Simulated("reference", rate=1)]
    return simulated(systems, Bench(tasks=20))


def test_the_page_has_the_scores_of_the_summary(records: pl.DataFrame):
    found = core(page(records, {}, drawing=QUICK))
    assert found["systems"] == [["strong", "bare"], ["weak", "bare"], ["reference", "bare"]]
    cells = found["cells"]
    names = ("section", "type", "difficulty")
    whole = [row for row in range(len(cells["system"])) if {cells[name][row] for name in names} == {"all"}]
    assert len(whole) == 3
    scores = {row["model"]: row for row in summary(checked(records), (), QUICK).iter_rows(named=True)}
    for row in whole:
        expected = scores[found["systems"][cells["system"][row]][0]]
        for name in ("first_1", "unbiased_3_low", "sa", "lines", "total_rank"):
            assert cells[name][row] == pytest.approx(expected[name], abs=1e-3)
    assert "judged_first_1" not in cells, "they are the same where the network never failed"


def test_every_verdict_is_there_and_its_case_and_program_are(records: pl.DataFrame):
    found = core(page(records, {}, drawing=QUICK))
    told, cases, programs = found["records"], found["cases"], found["programs"]
    rows = [
        (
            *found["systems"][programs["system"][program]],
            found["tasks"][cases[case][0]][0],
            cases[case][1],
            programs["epoch"][program],
            found["verdicts"][verdict],
            told["reasons"][reason],
        )
        for program, case, verdict, reason in zip(
            told["program"], told["case"], told["verdict"], told["reason"], strict=True
        )
    ]
    columns = ["model", "solver", "function", "case", "epoch", pl.col("error").fill_null("passed"), "reason"]
    assert sorted(rows) == sorted(records.select(columns).iter_rows())


def test_differences_of_all_pairs_are_there_but_not_with_the_reference(records: pl.DataFrame):
    found = core(page(records, {}, drawing=QUICK))["differences"]
    assert [row[:3] for row in found] == [["unbiased_1", 1, 0], ["first_5", 1, 0]]
    assert found[0][5] > 0


def test_a_page_that_may_have_few_bytes_leaves_texts_out_and_says_which(records: pl.DataFrame):
    chance = np.random.default_rng(0)
    long = records.with_columns(pl.Series("code", [chance.bytes(900).hex() for _ in range(records.height)]))
    whole = page(long, {}, drawing=QUICK)
    most = len(whole.encode()) // 2
    small = page(long, {}, most_bytes=most, drawing=QUICK)
    assert len(small.encode()) <= most
    assert "texts (code that passed, other epochs) are not on this page" in small
    assert "prompts and expected answers) are not" not in small
    assert len(core(small)["records"]["verdict"]) == records.height
    with pytest.raises(BadInputError, match="allow more, or show fewer runs"):
        page(records, {}, most_bytes=50_000, drawing=QUICK)


def test_the_page_is_written_whole_and_says_where_it_comes_from(records: pl.DataFrame, tmp_path: Path):
    about = {"title": "Ours", "benchmark": "b", "benchmark_hash": "0123456789abcdef", "date": "2025-11-26"}
    file = tmp_path / "new" / "page.html"
    write(records, file, about | {"simulated": True, "versions": {"ee": "1.7"}, "temperature": 0.2}, drawing=QUICK)
    html = file.read_text(encoding="utf-8")
    assert "<h1>Ours</h1>" in html
    assert "Benchmark b (0123456789ab). 2025-11-26." in html
    assert "<b>SIMULATED</b> planet" in html
    assert "<tr><td>versions: ee</td><td>1.7</td></tr>" in html
    assert "<tr><td>temperature</td><td>0.2</td></tr>" in html
    assert list(file.parent.iterdir()) == [file]
    write(records, file, {}, drawing=QUICK)
    assert "SIMULATED</b>" not in file.read_text(encoding="utf-8")


def test_the_page_loads_nothing_and_runs_its_own_script_only(records: pl.DataFrame):
    html = page(records, {}, drawing=QUICK)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)
    assert policy is not None
    assert policy[1].startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy[1]
    assert not re.search(r'(src|href)="(?!data:,|#)', html)
    assert "innerHTML" not in html
    assert "insertAdjacentHTML" not in html


def test_no_records_have_a_page():
    assert core(page(pl.DataFrame(schema=SCHEMA), {}))["systems"] == []
