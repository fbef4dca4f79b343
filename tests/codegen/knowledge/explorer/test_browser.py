"""The page in a real browser."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest

from codegen.knowledge.explorer import HeadNumbers, page
from codegen.knowledge.explorer.head import Tables
from tests.codegen.browsing import IN_BROWSER, started, watched
from tests.codegen.knowledge.explorer.support import (
    COLLECTION,
    DATE,
    FILTER,
    HEAD,
    SELECT,
    UNUSED,
    data_sets,
    functions,
    large,
    operators,
    patterns,
    relationships,
    small,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = IN_BROWSER
Open = Callable[..., "Page"]


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    with started() as browser:
        yield browser


@pytest.fixture
def opened(browser: "Browser", tmp_path: Path) -> Iterator[Open]:
    """Opens a page of tables; in the end nothing may have been asked for, and nothing complained."""
    with watched(browser, 1400, 900) as window:

        def open_page(tables: Tables, head: HeadNumbers = HEAD, hash_: str = "") -> "Page":
            file = tmp_path / "page.html"
            file.write_text(page(tables, head), encoding="utf-8")
            window.goto(file.as_uri() + hash_)
            return window

        yield open_page


def rows(window: "Page", panel: str) -> list[str]:
    return window.locator(f"#panel-{panel} tbody tr").all_inner_texts()


def section(window: "Page", title: str) -> list[str]:
    found = window.locator("#side section", has=window.get_by_role("heading", name=title))
    return [" ".join(text.split()) for text in found.locator("li").all_inner_texts()]


def edges(window: "Page") -> int:
    return window.locator("#graph path.edge").count()


def test_the_graph_shows_used_operators_and_their_relations(opened: Open):
    window = opened(small())
    assert window.locator("#graph .node").count() == 4
    assert edges(window) == 4
    assert window.locator(".card").first.inner_text().split() == ["546", "scripts", "kept,", "of", "2", "corpora"]
    labels = window.locator("#graph .labels text:not([hidden])").all_text_contents()
    assert sorted(labels) == ["ImageCollection", "date", "filter", "select"]


def test_a_click_shows_the_card_with_the_counts(opened: Open):
    window = opened(small())
    window.locator(f'#graph .node[data-operator="{FILTER}"]').click()
    card = window.locator("#side article")
    assert card.get_attribute("data-operator") == FILTER
    assert [window.locator(f"#side dd[data-count={what}]").inner_text() for what in ("uses", "scripts", "waiting")] == [
        "40", "39", "3",
    ]  # fmt: skip
    assert section(window, "Before it") == ["ImageCollection 40 / 31"]
    assert section(window, "After it") == ["ImageCollection.select 7 / 5"]
    assert section(window, "Inside it") == ["Filter.date 35 / 30"]
    assert section(window, "Chains with it") == [
        "{ImageCollection || Filter.date} → ImageCollection.filter → ImageCollection.select 5"
    ]
    assert section(window, "Patterns with it") == [
        "ImageCollection.filter + ImageCollection.select 20, 20 %",
        "ImageCollection.filter → ImageCollection.select 18, 18 %",
    ]
    assert "filter(first?) → Image" in card.inner_text()
    assert "Does\nsomething & more." in card.inner_text()
    assert window.url.endswith("#graph/ee.ImageCollection.filter")


def test_names_in_a_card_lead_on_and_back(opened: Open):
    window = opened(small() | functions(), hash_=f"#graph/{FILTER}")
    assert section(window, "Functions that it serves") == ["Mask pixels 1"]
    window.locator("#side").get_by_role("link", name="Filter.date").first.click()
    assert section(window, "It stands inside") == ["ImageCollection.filter 35 / 30"]
    assert section(window, "Beside it") == ["ImageCollection 22 / 21"]
    window.go_back()
    assert window.locator("#side article").get_attribute("data-operator") == FILTER
    window.get_by_label("Close the card").click()
    assert window.get_by_role("heading", name="Choose an operator").is_visible()


def test_data_sets_stand_in_the_card(opened: Open):
    window = opened(small(), hash_=f"#graph/{COLLECTION}")
    assert section(window, "Data sets that it loads or works on") == ["A/SET 20", "A/SECOND 3"]


def test_the_search_finds_operators_that_the_graph_does_not_show(opened: Open):
    window = opened(small())
    window.get_by_label("Find an operator").fill("reducer")
    assert window.locator("#found li").all_inner_texts() == [f"{UNUSED}\n0 uses"]
    window.keyboard.press("Enter")
    assert window.locator("#side article").get_attribute("data-operator") == UNUSED
    assert "Not among the 4 operators of the graph." in window.locator("#side").inner_text()
    window.get_by_label("Find an operator").fill("nosuchthing")
    assert window.locator("#found").inner_text() == "No operator has this name."


def test_filters_change_what_the_graph_shows(opened: Open):
    window = opened(small())
    window.get_by_label("nested").uncheck()
    assert edges(window) == 3
    window.get_by_label("Least number of places").fill("33")
    assert edges(window) == 1
    assert "1 of 4 relations" in window.locator("#panel-graph .status").inner_text()
    window.get_by_role("button", name="Filter 1").click()
    assert window.locator("#graph .node:not([hidden])").count() == 3
    window.get_by_role("button", name="Filter 1").dblclick()
    assert window.locator("#graph .node:not([hidden])").count() == 1


def test_the_graph_is_zoomed_and_dragged(opened: Open):
    window = opened(small())
    circle = window.locator(f'#graph .node[data-operator="{SELECT}"]')
    other = window.locator(f'#graph .node[data-operator="{DATE}"]')

    def gap() -> float:
        window.wait_for_timeout(60)
        (a, b) = (one.bounding_box() or {} for one in (circle, other))
        return float(abs(a["x"] - b["x"]) + abs(a["y"] - b["y"]))

    before = gap()
    window.get_by_label("Larger").click()
    assert gap() > 1.2 * before
    window.get_by_label("Show all").click()
    assert gap() == pytest.approx(before, abs=1)
    box = circle.bounding_box() or {}
    window.mouse.move(box["x"] + 3, box["y"] + 3)
    window.mouse.down()
    window.mouse.move(box["x"] + 53, box["y"] + 3, steps=3)
    window.mouse.up()
    window.wait_for_timeout(60)
    assert (circle.bounding_box() or {})["x"] == pytest.approx(box["x"] + 50, abs=4)
    assert window.get_by_role("heading", name="Choose an operator").is_visible(), "dragging is no click"


def test_the_graph_is_gone_through_by_keys(opened: Open):
    window = opened(small())
    window.locator("#graph .node[tabindex='0']").focus()
    seen = set()
    for key in ("ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowUp"):
        window.keyboard.press(key)
        seen.add(window.evaluate("document.activeElement.dataset.operator"))
    assert len(seen) > 1
    last = window.evaluate("document.activeElement.dataset.operator")
    window.keyboard.press("Enter")
    assert window.locator("#side article").get_attribute("data-operator") == last
    window.keyboard.press("Escape")
    assert window.get_by_role("heading", name="Choose an operator").is_visible()


def test_patterns_are_filtered_and_sorted(opened: Open):
    window = opened(small(), hash_="#patterns")
    sets = ["ImageCollection + ImageCollection.select", "ImageCollection.filter + ImageCollection.select"]
    sequence = "ImageCollection.filter → ImageCollection.select"
    assert [row.split("\t")[0] for row in rows(window, "patterns")] == [*sets, sequence]
    panel = window.locator("#panel-patterns")
    panel.get_by_role("button", name="lift").click()
    assert [row.split("\t")[4] for row in rows(window, "patterns")] == ["2.00", "1.80", "1.25"]
    panel.get_by_role("button", name="lift").click()
    assert [row.split("\t")[4] for row in rows(window, "patterns")] == ["1.25", "1.80", "2.00"]
    panel.get_by_label("maximal only").check()
    assert len(rows(window, "patterns")) == 2
    panel.get_by_label("closed only").check()
    assert [row.split("\t")[0] for row in rows(window, "patterns")] == sets[1:]
    panel.get_by_label("closed only").uncheck()
    panel.get_by_label("Order").select_option("sequence")
    assert [row.split("\t")[0] for row in rows(window, "patterns")] == [sequence]
    panel.get_by_label("Filter patterns").fill("nothing like it")
    assert rows(window, "patterns") == []
    assert panel.locator(".status").inner_text() == "0 of 6 patterns"


def test_all_tabs_show_their_rows(opened: Open):
    window = opened(small() | functions())
    expected = {"operators": 5, "patterns": 3, "rules": 2, "chains": 2, "datasets": 2, "functions": 2}
    for tab, count in expected.items():
        window.locator(f"#tab-{tab}").click()
        assert len(rows(window, tab)) == count, tab
    window.locator("#tab-about").click()
    about = window.locator("#panel-about").inner_text()
    assert "near duplicate" in about
    assert "1 data sets of the catalogue that no script loads are not listed." in about


def test_hostile_names_are_only_text(opened: Open):
    bad = 'ee.X.</script><img src="http://nowhere.invalid/x" onerror="window.hacked=1">\'"'
    worse = "constructor"
    tables = {
        "operators": operators([(bad, 9, 8), (worse, 5, 4)]),
        "relationships": relationships([(bad, worse, "sequential", 3, 2), (worse, bad, "nested", 1, 1)]),
        "chains": pl.DataFrame(
            {
                "chain": [f"{bad} -> {worse}"],
                "operators": [[bad, worse]],
                "count": [1],
                "scripts": [1],
                "example": [bad],
            }
        ),
        "patterns": patterns([([bad, worse], 1, 0.5, True, True)]),
        "datasets": data_sets([(bad, bad, 1)]),
        "dataset_operators": pl.DataFrame({"dataset": [bad], "operator": [bad], "scripts": [1]}),
    }
    window = opened(tables, HeadNumbers(kept={bad: 1}, put_aside={bad: 1}, corpus_hash=bad, versions={bad: bad}))
    window.locator("#graph .node").first.hover()
    window.locator("#graph .node").first.click()
    assert window.locator("#side h2").inner_text() == bad
    for tab in ("operators", "patterns", "chains", "datasets", "about"):
        window.locator(f"#tab-{tab}").click()
    assert rows(window, "datasets")[0].startswith(bad)
    assert window.evaluate("window.hacked") is None
    assert window.locator("img").count() == 0


def test_an_empty_knowledge_base_has_a_page(opened: Open):
    window = opened({}, HeadNumbers())
    for tab in ("operators", "patterns", "rules", "chains", "datasets", "about", "graph"):
        window.locator(f"#tab-{tab}").click()
    assert window.locator("#tab-functions").count() == 0
    window.get_by_label("Find an operator").fill("x")
    assert window.locator("#found").is_visible()


def test_a_large_knowledge_base_is_quick_and_does_not_draw_all(opened: Open):
    window = opened(large())
    assert window.locator("#graph .node").count() == 150
    assert 0 < edges(window) < 400
    window.get_by_label("Least number of places").fill("0")
    assert edges(window) == 1_500
    assert "the 1,500 most frequent drawn" in window.locator("#panel-graph .status").inner_text()
    window.locator("#tab-chains").click()
    assert len(rows(window, "chains")) == 100
    window.get_by_role("button", name="Show 100 more").click()
    assert len(rows(window, "chains")) == 200
    assert "; 6,000 in the knowledge base" in window.locator("#panel-chains .status").inner_text()


@pytest.mark.parametrize("width", [400, 800, 1400])
def test_nothing_is_wider_than_the_window(opened: Open, width: int):
    window = opened(small())
    window.set_viewport_size({"width": width, "height": 900})
    window.locator("#tab-chains").click()
    assert window.evaluate("document.documentElement.scrollWidth") <= width
