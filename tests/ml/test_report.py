"""Tables and pictures: they tell what was measured, and that it was simulated."""

import polars as pl
from matplotlib.figure import Figure
from matplotlib.text import Text

from lake.streams import STREAMS
from ml.report import (
    gradient_figure,
    reconstruction_figure,
    score_bars,
    score_heatmap,
    score_means,
    score_table,
)

SUMMARY = pl.DataFrame(
    [
        {"split": split, "representation": name, "label": label, "r2": r2 + 0.1 * i, "folds": 4, "n": 1_000}
        for split in ("E2", "E3")
        for name, r2 in (("car_256", 0.5), ("aef", -0.05), ("my_own", -3.0))
        for i, label in enumerate(("pm25", "wage"))
    ]
)
SHARES = {"car": dict.fromkeys(STREAMS, 0.14), "shared": dict.fromkeys(STREAMS, 0.1)}


def words(figure: Figure) -> str:
    figure.canvas.draw()
    return " ".join(text.get_text() for text in figure.findobj(Text))


def test_means_count_the_labels_that_collapsed() -> None:
    row = score_means(SUMMARY).row(by_predicate=(pl.col("representation") == "aef") & (pl.col("split") == "E2"))
    assert row == ("aef", "E2", 0.0, 1)


def test_the_table_names_representations_in_order_and_says_simulated() -> None:
    lines = score_table(SUMMARY, simulated=True).splitlines()
    assert lines[0] == "| representation | E2 | E3 |"
    assert lines[2] == "| CAR, 256-d | 0.550 (0) | 0.550 (0) |"
    assert lines[3] == "| AEF alone, 64-d | 0.000 (1) | 0.000 (1) |"
    assert lines[4] == "| my_own | -2.950 (2) | -2.950 (2) |"
    assert "Simulated data: no result about China." in lines[-1]
    assert "Simulated" not in score_table(SUMMARY, simulated=False)


def test_every_figure_says_whether_its_data_were_simulated() -> None:
    for simulated in (True, False):
        figures = (
            score_heatmap(SUMMARY, simulated),
            score_bars(SUMMARY, simulated),
            gradient_figure(SHARES, simulated),
            reconstruction_figure(SHARES, simulated),
        )
        for figure in figures:
            assert ("Simulated data" in words(figure)) == simulated


def test_the_heatmap_writes_every_number_even_those_beyond_its_colours() -> None:
    text = words(score_heatmap(SUMMARY, simulated=True))
    for number in ("0.50", "0.60", "-0.05", "0.05", "-3.00", "-2.90"):
        assert number in text.replace("−", "-")


def test_a_split_that_a_representation_lacks_leaves_a_gap() -> None:
    summary = SUMMARY.filter((pl.col("split") == "E2") | (pl.col("representation") != "my_own"))
    assert score_table(summary, simulated=True).splitlines()[4] == "| my_own | -2.950 (2) | – |"
    assert "-3.00" in words(score_heatmap(summary, simulated=True)).replace("−", "-")
