"""The page in a real browser."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from codegen.evaluation.leaderboard import write
from codegen.evaluation.scores.frame import SCHEMA, checked
from codegen.evaluation.scores.intervals import Drawing
from codegen.evaluation.scores.passing import items
from codegen.evaluation.scores.summary import summary
from tests.codegen.browsing import IN_BROWSER, started, watched
from tests.codegen.evaluation.scores.simulated import Bench, Simulated, simulated

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = IN_BROWSER
Open = Callable[..., "Page"]
QUICK = Drawing(draws=100)
SYSTEMS = [Simulated("weak", rate=0.3), Simulated("strong", rate=0.8, network=0.1), Simulated("strong", "rag", 0.9)]
ABOUT = {"benchmark": "ours", "simulated": True, "versions": {"ee": "1.7"}}


@pytest.fixture(scope="module")
def records() -> pl.DataFrame:
    return checked(simulated(SYSTEMS, Bench(tasks=33)))


@pytest.fixture(scope="module")
def file(records: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "page.html"
    answers = {case: f"called with\nx = 1\n\nexpected of {case}" for case in records["case"].unique()}
    write(records, path, ABOUT, answers, drawing=QUICK)
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    with started() as browser:
        yield browser


@pytest.fixture
def opened(browser: "Browser", file: Path) -> Iterator[Open]:
    """Opens a page; in the end nothing may have been asked for, and nothing complained."""
    with watched(browser, 1280, 800) as window:

        def open_page(hash_: str = "", path: Path = file) -> "Page":
            window.goto(path.as_uri() + hash_)
            window.wait_for_selector("body[data-ready]")
            return window

        yield open_page


def rows(window: "Page", panel: str) -> list[list[str]]:
    lines = window.locator(f"#panel-{panel} tbody tr").all_inner_texts()
    return [[cell.strip() for cell in line.split("\t")] for line in lines]


def columns(window: "Page", panel: str, number: int) -> list[str]:
    return [row[number] for row in rows(window, panel)]


def chosen(window: "Page") -> Any:
    return json.loads(window.evaluate("JSON.stringify(Object.fromEntries(Object.entries(state)))"))


def test_the_leaderboard_shows_the_scores_best_first(opened: Open, records: pl.DataFrame):
    window = opened()
    found = summary(records, (), QUICK).sort("unbiased_1", descending=True)
    lines = rows(window, "board")
    assert [line[0].split("\n") for line in lines] == [[m, s] for m, s in found.select("model", "solver").iter_rows()]
    assert [line[1].split("\n")[0] for line in lines] == [f"{100 * rate:.1f}" for rate in found["unbiased_1"]]
    assert [line[-2] for line in lines] == [f"{100 * covered:.1f}" for covered in found["coverage"]]
    window.get_by_role("button", name="any of the first k").click()
    assert sorted(c.split("\n")[0] for c in columns(window, "board", 1)) == sorted(
        f"{100 * rate:.1f}" for rate in found["first_1"]
    )
    window.get_by_role("button", name="left out").click()
    assert {c.split("\n")[0] for c in columns(window, "board", 3)} == {
        f"{100 * rate:.1f}" for rate in found["judged_first_5"]
    }
    assert window.locator("header .simulated").inner_text().startswith("SIMULATED planet")


def test_the_leaderboard_is_sorted_and_filtered(opened: Open, records: pl.DataFrame):
    window = opened()
    window.get_by_role("button", name="CV").click()
    cv = [float(value) for value in columns(window, "board", 4)]
    assert cv == sorted(cv), "what is best where it is low comes low first"
    window.get_by_role("button", name="CV").click()
    assert [float(value) for value in columns(window, "board", 4)] == cv[::-1]
    window.get_by_label("section").select_option("boundary")
    window.get_by_label("model").select_option("strong")
    kept = records.filter(section="boundary", model="strong")
    expected = {f"{100 * r:.1f}" for r in summary(kept, (), QUICK)["unbiased_1"]}
    assert {c.split("\n")[0] for c in columns(window, "board", 1)} == expected
    assert "section=boundary&model=strong" in window.url
    window.get_by_label("difficulty").select_option("easy")
    window.get_by_role("button", name="show all").click()
    assert len(rows(window, "board")) == 3
    assert window.url.endswith("#board")


def test_failures_lead_to_their_cases(opened: Open, records: pl.DataFrame):
    window = opened("#failures?of=verdicts")
    failed = records.filter(model="weak", passed=False)
    bar = window.locator(".bar-row", has_text="weak")
    assert f"{failed.height:,} of {records.filter(model='weak').height:,}" in bar.inner_text()
    bar.locator(".verdict-syntax").click()
    expected = failed.filter(error="syntax").select("section", "case").unique().height
    assert len(rows(window, "cases")) == expected > 0
    assert chosen(window)["verdict"] == "syntax"
    window.go_back()
    assert window.locator("#panel-failures").is_visible()
    assert rows(window, "failures")[0][1] == "165"


def test_a_case_is_read_epoch_by_epoch(opened: Open, records: pl.DataFrame):
    window = opened("#cases?model=weak&solver=bare&verdict=unstable")
    found = items(records.filter(model="weak")).filter((pl.col("right") > 0) & (pl.col("right") < 5))
    assert len(rows(window, "cases")) == found.height
    first = found.sort("case").row(0, named=True)
    window.get_by_role("link", name=first["case"]).click()
    panel = window.locator("#side")
    panel.locator("h2").wait_for()
    of_case = records.filter(model="weak", case=first["case"]).sort("epoch")
    failing = of_case.filter(~pl.col("passed")).row(0, named=True)
    assert panel.locator("[aria-pressed=true]").inner_text().split() == [
        {"syntax": "S", "parameter": "P", "output_type": "T", "wrong_answer": "A", "runtime": "R"}[failing["error"]],
        "epoch", str(failing["epoch"]), ":", *panel.locator(".verdict .class").inner_text().split()[1:],
    ]  # fmt: skip
    assert panel.locator(".why").inner_text() == failing["reason"]
    assert panel.locator("pre.code code").evaluate("e => e.textContent").strip() == failing["code"].strip()
    assert panel.locator(".plain-text").nth(1).inner_text().endswith(f"expected of {first['case']}")
    passing = of_case.filter("passed").row(0, named=True)
    panel.get_by_role("button", name=f"epoch {passing['epoch']}").click()
    window.wait_for_function("document.querySelector('#side .verdict').innerText.trim() === 'passed'")
    assert panel.locator(".plain-text").first.inner_text() == passing["output"]
    panel.get_by_text("Prompt", exact=True).click()
    assert panel.locator("details pre").inner_text().strip() == passing["prompt"].strip()
    assert panel.locator(".others li").count() == 2
    assert chosen(window)["epoch"] == str(passing["epoch"])


def test_an_address_leads_to_the_same_case_again(opened: Open, records: pl.DataFrame):
    case = records["case"][7]
    window = opened(f"#cases?system=strong%2C+rag&case={case}&epoch=2&verdict=any")
    window.locator("#side h2").wait_for()
    assert window.locator("#side h2").inner_text() == case
    assert window.locator("#side .epoch[aria-pressed=true]").inner_text().split()[1:3] == ["epoch", "2"]
    assert window.locator("tr.chosen").count() == 1
    window.evaluate("location.hash = '#cases?system=nobody&case=nothing'")
    window.get_by_text("There is no such case here").wait_for()
    window.evaluate("location.hash = '#nowhere?section=none&%E0%A4%A'")
    assert window.locator("#panel-board").is_hidden() is False


def test_the_page_is_used_by_keys(opened: Open):
    window = opened()
    window.locator("#tab-board").focus()
    for _ in range(5):
        window.keyboard.press("ArrowRight")
    assert window.locator("#panel-cases").is_visible()
    window.locator("#panel-cases tbody a").first.focus()
    window.keyboard.press("Enter")
    window.locator("#side h2").wait_for()
    first = window.evaluate("[state.case, state.system].join()")
    window.keyboard.press("j")
    assert window.evaluate("[state.case, state.system].join()") != first
    window.keyboard.press("k")
    assert window.evaluate("[state.case, state.system].join()") == first
    window.keyboard.press("Escape")
    assert window.locator("#side").is_hidden()
    assert window.evaluate("document.activeElement.closest('tr') !== null"), "the focus goes back to the list"


def test_words_are_looked_for_in_cases_and_reasons(opened: Open, records: pl.DataFrame):
    window = opened("#cases?verdict=any")
    window.get_by_label("Search cases").fill("number DIVIDE")
    assert {c.replace("\n", "").split("_")[0] for c in columns(window, "cases", 0)} == {"numberDivideTask"}
    window.get_by_label("Search cases").fill("never closed weak")
    broken = records.filter(model="weak", error="syntax").select("section", "case").unique().height
    assert len(rows(window, "cases")) == broken
    assert window.evaluate("document.activeElement.getAttribute('aria-label')") == "Search cases"
    window.get_by_label("Search cases").fill("nothing has this")
    assert rows(window, "cases") == []


def test_the_map_shows_types_difficulties_and_sections(opened: Open, records: pl.DataFrame):
    window = opened("#groups")
    assert columns(window, "groups", 0) == ["all", *sorted(records["type"].unique())]
    by_type = summary(records.filter(model="weak"), ("type",), QUICK).sort("type")
    assert columns(window, "groups", 4)[1:] == [f"{100 * r:.0f}" for r in by_type["unbiased_1"]]
    for by, first in (("difficulty", "all"), ("section", "all"), ("result", sorted(records["out_type"].unique())[0])):
        window.locator("#panel-groups").get_by_role("button", name=by, exact=True).click()
        assert columns(window, "groups", 0)[0] == first
    window.locator("#panel-groups").get_by_role("button", name="section", exact=True).click()
    window.locator("#panel-groups tbody tr", has_text="theme").locator("a").first.click()
    assert chosen(window)["section"] == "theme"
    assert set(columns(window, "cases", 2)) == {"theme"}


def test_differences_turn_around_with_the_system_that_is_compared_with(opened: Open):
    window = opened("#differences")
    first = window.locator(".forest-row:not(.head)").all_inner_texts()
    assert len(first) == 2
    assert all("−" in text for text in first), "the best is compared with"
    window.get_by_label("against").select_option("weak, bare")
    assert all("+" in text for text in window.locator(".forest-row:not(.head)").all_inner_texts())
    assert window.get_by_label("section").count() == 0, "filters that do nothing are not offered"


def test_resources_are_drawn_and_listed(opened: Open):
    window = opened("#resources")
    assert window.locator(".plot .spot").count() == 3
    assert len(rows(window, "resources")) == 3
    window.get_by_label("type").select_option("ee.Image")
    assert window.locator(".plot .spot").count() == 3


HOSTILE = "</script><script>window.hacked=1</script><img src=x onerror='window.hacked=2'>\"`&lt;<!--\u2028\x00${1}"


def test_what_models_wrote_is_only_text(opened: Open, tmp_path: Path):
    records = simulated([Simulated("good", rate=0.5), Simulated("evil", rate=0.5)], Bench(tasks=6))
    texts = [pl.lit(HOSTILE).alias(name) for name in ("reason", "prompt", "code", "output")]
    named = ("model", "solver", "function", "case", "type", "section", "difficulty", "out_type")
    names = [pl.format("{}{}", name, pl.lit(HOSTILE)).alias(name) for name in named]
    about: Mapping[str, Any] = dict.fromkeys(("title", "benchmark", "date", HOSTILE), HOSTILE)
    hostile = records.with_columns(*texts, *names)
    write(hostile, tmp_path / "hostile.html", about, dict.fromkeys(hostile["case"], HOSTILE), drawing=QUICK)
    window = opened("#cases?verdict=any", tmp_path / "hostile.html")
    for tab in ("failures", "resources", "groups", "differences", "about", "board", "cases"):
        window.locator(f"#tab-{tab}").click()
    window.locator("#panel-cases tbody a").first.click()
    window.locator("#side h2").wait_for()
    shown = "\n".join(window.locator("#side pre").evaluate_all("all => all.map(one => one.textContent)"))
    assert shown.count(HOSTILE) == 4, "code, output, what is expected, prompt"
    assert HOSTILE in window.locator("#side .why").evaluate("one => one.textContent")
    assert window.evaluate("window.hacked") is None
    assert window.locator("img").count() == 0
    assert window.evaluate("document.documentElement.scrollWidth") <= 1280


def test_texts_that_were_left_out_are_told_so(opened: Open, records: pl.DataFrame, tmp_path: Path):
    whole = (tmp_path / "whole.html", tmp_path / "small.html")
    write(records, whole[0], ABOUT, drawing=QUICK)
    chunks = whole[0].read_text(encoding="utf-8").split('id="chunks"')[1].split("</div>")[0]
    write(records, whole[1], ABOUT, most_bytes=whole[0].stat().st_size + 40_000 - len(chunks), drawing=QUICK)
    window = opened("#cases?verdict=passed", whole[1])
    window.locator("#panel-cases tbody a").first.click()
    window.locator("#side h2").wait_for()
    assert window.locator("#side .left-out").count() >= 2
    window.locator("#tab-about").click()
    assert "are not on this page, to keep it under" in window.locator("#panel-about").inner_text()


def test_nothing_to_show_is_shown(opened: Open, tmp_path: Path):
    write(pl.DataFrame(schema=SCHEMA), tmp_path / "empty.html", {})
    window = opened("", tmp_path / "empty.html")
    for tab in ("failures", "resources", "groups", "differences", "cases", "about", "board"):
        window.locator(f"#tab-{tab}").click()
    assert "No system has cases like these" in window.locator("#panel-board").inner_text()


def test_of_a_large_run_only_the_first_rows_are_made(opened: Open, tmp_path: Path):
    records = simulated([Simulated("a"), Simulated("b")], Bench(tasks=200, epochs=2))
    write(records, tmp_path / "large.html", ABOUT, drawing=QUICK)
    window = opened("#cases?verdict=any", tmp_path / "large.html")
    assert len(rows(window, "cases")) == 100
    window.locator("#panel-cases .more").click()
    assert len(rows(window, "cases")) == 200
    window.get_by_label("Search cases").fill("testcase1")
    assert len(rows(window, "cases")) == 100, "another search starts at the first rows again"
    assert window.locator("#panel-cases .more").inner_text() == "Show 100 more of 300"


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_window(opened: Open, width: int, records: pl.DataFrame):
    window = opened(f"#cases?system=weak%2C+bare&case={records['case'][0]}&verdict=any")
    window.set_viewport_size({"width": width, "height": 844})
    for tab in ("cases", "board", "failures", "resources", "groups", "differences", "about"):
        window.evaluate(f"go({{tab: '{tab}'}})")
        assert window.evaluate("document.documentElement.scrollWidth") <= width, tab
