"""What the page holds, without a browser."""

import json
import re

import polars as pl
import pytest

from codegen.knowledge.explorer import HeadNumbers, page, put_aside, report_markdown
from codegen.knowledge.explorer.content import MOST, content
from codegen.knowledge.explorer.head import cards
from tests.codegen.knowledge.explorer.support import (
    COLLECTION,
    FILTER,
    HEAD,
    SELECT,
    UNUSED,
    data_sets,
    functions,
    large,
    patterns,
    small,
)

HOSTILE = "</script><script>window.hacked = 1</script>\\|`*<!--"


def test_head_numbers():
    told = {card.what: (card.number, card.remark) for card in cards(small(), HEAD)}
    assert told == {
        "scripts": ("546", "kept, of 2 corpora"),
        "put aside": ("470", "467 near duplicate"),
        "operators": ("4", "used, 80 % of 5"),
        "calls": ("230", "1 unknown names"),
        "relations": ("4", "at 104 places"),
        "chains": ("3", "40 in all"),
        "patterns": ("6", "and 2 rules"),
        "data sets": ("2", "2 of 3 catalogued"),
    }


def test_reasons_are_counted():
    dropped = pl.DataFrame({"origin": ["a", "b", "c"], "reason": ["broken", "empty", "empty"], "detail": [""] * 3})
    assert list(put_aside(dropped).items()) == [("empty", 2), ("broken", 1)]


def test_lift_of_a_pattern_is_to_its_operators_alone():
    found = content(small())
    lifts = {tuple(found.data["names"][n] for n in row[0]): row[4] for row in found.data["patterns"] if not row[1]}
    assert lifts[COLLECTION, SELECT] == pytest.approx(0.5 / (0.8 * 0.5))
    assert lifts[FILTER, SELECT] == pytest.approx(0.2 / (0.2 * 0.5))


def test_lift_is_unknown_where_an_operator_has_no_support_of_its_own():
    found = content({"patterns": patterns([([FILTER, SELECT], 2, 0.1, True, True)])})
    assert found.data["patterns"][0][4] is None


def test_an_image_counts_for_the_data_set_that_it_lies_in():
    found = content(small())
    names = found.data["names"]
    pairs = [(found.data["datasets"][d][0], names[o], n) for d, o, n in found.data["dataset_operators"]]
    assert pairs == [("A/SET", COLLECTION, 20), ("A/SECOND", COLLECTION, 3), ("A/SET", SELECT, 2)]


def test_what_is_cut_is_told():
    found = content(large())
    assert {name for name in MOST if len(found.data[name]) == MOST[name]} == {
        "relationships", "chains", "patterns", "rules",
    }  # fmt: skip
    told = " ".join(found.cuts)
    assert "Of 6,000 chains the 5,000 most frequent are on this page." in told
    assert "chains are cut off after 400 characters" in told
    kept = [row[3] for row in found.data["relationships"]]
    assert kept == sorted(kept, reverse=True)


def test_data_sets_that_nobody_loads_are_not_listed_and_not_counted_as_cut():
    found = content({"datasets": data_sets([("A", "a", 2)] + [(f"B/{n}", "b", 0) for n in range(3_000)])})
    assert [row[0] for row in found.data["datasets"]] == ["A"]
    assert found.cuts == ("3,000 data sets of the catalogue that no script loads are not listed.",)


def test_a_large_knowledge_base_stays_below_six_megabytes():
    made = page(large(), HEAD)
    assert len(made.encode()) < 6_000_000
    assert "Of 6,000 patterns the 5,000 most frequent are on this page." in made


def test_the_page_is_the_same_for_the_same_tables():
    assert page(small(), HEAD) == page(small(), HEAD)


def test_names_of_scripts_cannot_end_the_data():
    tables = small()
    tables["chains"] = tables["chains"].with_columns(chain=pl.lit(HOSTILE))
    made = page(tables, HeadNumbers(kept={HOSTILE: 1}, put_aside={HOSTILE: 2}, built=HOSTILE))
    assert "<script>window.hacked" not in made
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', made, re.DOTALL)
    assert found
    assert json.loads(found[1])["chains"][0][0] == HOSTILE


def test_the_report_tells_the_numbers_and_the_most_frequent():
    told = report_markdown(small() | functions(), HEAD)
    assert "| scripts | 546 | kept, of 2 corpora |" in told
    assert "| `near duplicate` | 467 |" in told
    assert f"| `{COLLECTION}` | 90 | 80 |" in told
    assert f"| `{FILTER}` | `ee.Filter.date` | 35 | 30 |" in told
    assert f"| `{FILTER} → {SELECT}` | 18.0 % | 18 |" in told
    assert f"| `{FILTER}` | `{SELECT}` | 20.0 % | 90 % | 1.80 |".replace("90 %", "90.0 %") in told
    assert "| `A/SET` | `A set` | 20 |" in told
    assert "| `Chart and print` | `output` | 20 |" in told
    assert UNUSED not in told


def test_names_of_scripts_stay_in_their_cells_of_the_report():
    tables = small()
    tables["chains"] = tables["chains"].with_columns(chain=pl.lit("a\n| b ` c " + HOSTILE))
    told = report_markdown(tables, HeadNumbers(kept={HOSTILE: 1}))
    rows = [line for line in told.splitlines() if "hacked" in line]
    assert rows
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in rows} <= {3, 4}
    assert all(len(re.findall(r"(?<!\\)`", line)) % 2 == 0 for line in rows)


def test_of_nothing_there_is_a_page_and_a_report():
    assert "<canvas" not in page({}, HeadNumbers())
    assert report_markdown({}, HeadNumbers()).startswith("### Head numbers")


def test_tables_without_rows_are_as_none():
    empty = {name: table.clear() for name, table in (small() | functions()).items()}
    assert content(empty).data["chains"] == []
    assert page(empty, HEAD)
    assert report_markdown(empty, HEAD)
