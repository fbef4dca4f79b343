"""Ranks, on figures that were published."""

import polars as pl
import pytest

from codegen.evaluation.scores.ranks import RANKS, ranked

PUBLISHED = {
    # model: pass@1, pass@5 of AutoGEEval (Hou et al. 2025)
    "DeepSeek-V3": (0.7155, 0.7691),
    "GPT-4o": (0.5902, 0.6536),
    "GeoCode-GPT-7B": (0.5858, 0.6853),
    "Qwen2.5-3B": (0.3358, 0.4143),
}


def table(rows: list[dict[str, object]]) -> pl.DataFrame:
    usual = {
        "solver": "bare", "first_1": 0.5, "first_3": None, "first_5": None, "sa": None, "prompt_tokens": 100.0,
        "completion_tokens": 100.0, "model_seconds": 2.0, "lines": 10.0,
    }  # fmt: skip
    schema = {"model": pl.String, "solver": pl.String} | dict.fromkeys(list(usual)[1:], pl.Float64)
    return pl.DataFrame([usual | row for row in rows], schema=schema)


def ranks(rows: list[dict[str, object]], name: str) -> dict[str, int | None]:
    return dict(ranked(table(rows)).select("model", name).iter_rows())


def test_published_models_are_ranked_by_pass_at_5_and_not_by_pass_at_1():
    rows = [{"model": m, "first_1": one, "first_3": five, "first_5": five} for m, (one, five) in PUBLISHED.items()]
    assert ranks(rows, "p_rank") == {"DeepSeek-V3": 1, "GeoCode-GPT-7B": 2, "GPT-4o": 3, "Qwen2.5-3B": 4}


def test_without_five_epochs_ranks_are_by_what_all_have():
    rows = [
        {"model": "a", "first_1": 0.4, "first_3": 0.9, "first_5": 0.95, "sa": 0.9},
        {"model": "b", "first_1": 0.5, "first_3": 0.6},
    ]
    assert ranks(rows, "p_rank") == {"a": 1, "b": 2}
    assert ranks(rows, "rank_k") == {"a": 3, "b": 3}
    assert ranks(rows, "s_rank") == {"a": None, "b": None}
    assert ranks([*rows, {"model": "c", "first_1": 0.7}], "p_rank") == {"a": 3, "b": 2, "c": 1}


def test_efficiency_is_points_for_a_unit_and_its_rank_the_mean_of_three():
    rows = [
        {"model": "cheap", "first_1": 0.4, "prompt_tokens": 50.0, "completion_tokens": 50.0, "lines": 5.0},
        {"model": "dear", "first_1": 0.6, "model_seconds": 2.0},
        {"model": "free", "first_1": 0.1, "model_seconds": 0.0},
    ]
    found = ranked(table(rows)).filter(pl.col("model") == "cheap").row(0, named=True)
    assert (found["token_efficiency"], found["time_efficiency"], found["line_efficiency"]) == pytest.approx(
        (400, 20, 8)
    )
    assert ranks(rows, "time_efficiency")["free"] is None
    assert ranks(rows, "e_rank") == {"cheap": 1, "dear": 2, "free": 3}


def test_equals_share_a_rank_and_the_next_counts_on():
    rows = [{"model": name, "first_1": rate} for name, rate in (("a", 0.5), ("b", 0.5), ("c", 0.4))]
    assert ranks(rows, "p_rank") == {"a": 1, "b": 1, "c": 3}
    assert ranks(rows, "total_rank") == {"a": 1, "b": 1, "c": 3}


def test_the_reference_is_not_ranked():
    rows = [{"model": "reference", "first_1": 1.0, "first_3": None}, {"model": "a", "first_1": 0.3, "first_3": 0.6}]
    found = ranked(table(rows)).sort("model")
    assert found["p_rank"].to_list() == [1, None]
    assert found["rank_k"].to_list() == [3, 3]
    assert found.select(RANKS).row(1) == (None,) * 4
