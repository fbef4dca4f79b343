"""Tables of scores, against numbers worked by hand."""

import polars as pl
import pytest

from lake.errors import BadInputError
from ml.score_tables import category_means, compare_choices, label_categories

SUMMARY = pl.DataFrame(
    {
        "split": ["E2"] * 4,
        "representation": ["x"] * 4,
        "label": ["gdp_density", "wage", "pm25", "migrant_share"],
        "r2": [0.5, -0.1, 0.3, -3.0],
    }
)


def test_means_and_collapsed_labels_by_category() -> None:
    rows = {row["category"]: row for row in category_means(SUMMARY, label_categories()).iter_rows(named=True)}
    assert list(rows) == ["all", "economy", "environment", "society"]
    assert rows["all"]["mean_r2"] == pytest.approx(-0.575)
    assert {name: (row["labels"], row["collapsed"]) for name, row in rows.items()} == {
        "all": (4, 2), "economy": (2, 1), "environment": (1, 0), "society": (1, 1),
    }  # fmt: skip
    assert rows["economy"]["mean_r2"] == pytest.approx(0.2)


def test_labels_of_ones_own_need_no_categories() -> None:
    assert category_means(SUMMARY)["category"].to_list() == ["all"]
    with pytest.raises(BadInputError, match="No category for wage: add"):
        category_means(SUMMARY, {"gdp_density": "a", "pm25": "a", "migrant_share": "b"})


def test_the_platforms_sixteen_labels_have_three_categories() -> None:
    categories = label_categories()
    assert len(categories) == 16
    assert set(categories.values()) == {"economy", "society", "environment"}


def test_both_choices_of_the_penalty_stand_side_by_side() -> None:
    over_rows = SUMMARY.with_columns(r2=pl.Series([0.4, -6.5, 0.3, -3.0]))
    summary = pl.concat([SUMMARY.with_columns(choice=pl.lit("groups")), over_rows.with_columns(choice=pl.lit("rows"))])
    (row,) = compare_choices(summary).iter_rows(named=True)
    assert row == {
        "split": "E2", "representation": "x", "mean_r2_groups": pytest.approx(-0.575),
        "mean_r2_rows": pytest.approx(-2.2), "collapsed_groups": 2, "collapsed_rows": 2,
        "label": "wage", "r2_groups": -0.1, "r2_rows": -6.5,
    }  # fmt: skip
    with pytest.raises(BadInputError, match="Both choices"):
        compare_choices(SUMMARY)
