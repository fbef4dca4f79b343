"""The report as Markdown."""

import polars as pl
import pytest
from markdown_it import MarkdownIt

from codegen.evaluation.scores.comparing import as_family, compared
from codegen.evaluation.scores.frame import SCHEMA, checked
from codegen.evaluation.scores.intervals import Drawing
from codegen.evaluation.scores.passing import items
from codegen.evaluation.scores.report import comparisons_markdown, markdown
from codegen.evaluation.scores.summary import summary
from tests.codegen.evaluation.scores.simulated import Bench, Simulated, simulated

QUICK = Drawing(draws=100)


@pytest.fixture(scope="module")
def records() -> pl.DataFrame:
    systems = [Simulated("good", rate=0.8), Simulated("bad", "rag", 0.3, network=0.1), Simulated("reference", rate=1)]
    return simulated(systems, Bench(tasks=40))


def line(text: str, title: str, start: str) -> list[str]:
    """Cells of the first row of a table that begins so."""
    section = text.split(f"### {title}", 1)[1].split("###")[0]
    row = next(row for row in section.splitlines() if row.startswith(f"| {start}"))
    return [cell.strip() for cell in row.strip("|").split("|")]


def test_the_report_says_what_the_summary_does(records: pl.DataFrame):
    text = markdown(records, {"benchmark": "ours", "simulated": True, "versions": {"x": "1"}}, QUICK)
    good = summary(checked(records), (), QUICK).filter(pl.col("model") == "good").row(0, named=True)
    cells = line(text, "pass@k, any of the first k epochs", "`good/bare`")
    first = f"{100 * good['first_1']:.1f} ({100 * good['first_1_low']:.1f}–{100 * good['first_1_high']:.1f})"
    assert cells[1] == first
    assert cells[4:] == [f"{good['cv']:.3f}", f"{100 * good['sa']:.1f}", "1", "1", "1", "1"]
    assert line(text, "pass@k, unbiased", "`reference/bare`")[1].startswith("100.0")
    assert line(text, "pass@k, any of the first k", "`reference/bare`")[6:] == ["–"] * 4
    assert line(text, "What failed", "`bad/rag`")[1] == str(records.filter(model="bad", passed=False).height)
    assert line(text, "Failures of the network", "`bad/rag`")[1] == str(records.filter(error="network").height)
    assert "`good/bare`" not in text.split("### Failures of the network")[1].split("###")[0]
    assert "SIMULATED" in text
    assert line(text, "Evaluation", "benchmark")[1] == "`ours`"
    for title in ("section", "type", "difficulty"):
        assert f"### pass@1 by {title}" in text


def test_hostile_names_are_no_marks_and_no_cells(records: pl.DataFrame):
    bad = "`a`|<script>alert(1)</script>\n| b **c**"
    text = markdown(records.with_columns(model=pl.lit(bad), solver=pl.col("model")), {bad: bad}, QUICK)
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    assert "<script>" not in html
    assert "<strong>" not in html
    widths = {len(row.replace(r"\|", "").split("|")) for row in text.split("### pass@k, unbiased")[1].splitlines()[2:5]}
    assert len(widths) == 1


def test_no_records_are_a_report_too():
    assert markdown(pl.DataFrame(schema=SCHEMA)) == "There are no records.\n"


def test_differences_are_told_with_what_could_have_been_seen(records: pl.DataFrame):
    found = as_family(compared(items(checked(records)), [(("bad", "rag"), ("good", "bare"))], drawing=QUICK))
    cells = line(comparisons_markdown(found), "Differences in pass@1, unbiased", "`bad/rag`")
    assert cells[1] == "`good/bare`"
    assert cells[6].startswith(f"+{100 * found[0].difference:.1f} (+")  # type: ignore[operator]
    assert float(cells[9]) == pytest.approx(100 * found[0].detectable, abs=0.06)  # type: ignore[operator]
    assert comparisons_markdown([]) == ""
