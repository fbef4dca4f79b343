"""Width without knowledge, and what it does: the study of capacity."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lake.errors import BadInputError
from lake.partition_io import Lake
from ml.capacity_study import CapacityStudy, Plan, capacity_study
from ml.capacity_study.cells import Cell, measure, wide_streams
from ml.capacity_study.figures import overview_figure, streams_figure
from ml.capacity_study.findings import by_stream, growth, label_gains, label_means, narrow_means, onsets, sentences
from ml.capacity_study.study import default_plan
from ml.capacity_study.widening import fit_turn, widen
from ml.dataset import StreamTable
from ml.experiments.arrays import write_study
from ml.probes import load_benchmark
from ml.schema import SEVEN, Schema, StreamSpec
from ml.size_studies import CAPACITY_DATASET, run_capacity_study
from ml.splits import leave_one_out, tabular_benchmark
from ml.study import Study, study_sample
from tests.ml.conftest import PARTITIONS, TINY

WIDE = ("aef", "text")
PLAN = Plan(WIDE, core=8, widths=(16, 64), seeds=(1,), config=replace(TINY, heads=(), epochs=2))


@given(st.integers(2, 9), st.integers(1, 9), st.integers(0, 40), st.integers(0, 2**16))
@settings(max_examples=40, deadline=None)
def test_a_turn_keeps_distances_in_proportion(columns: int, core: int, wider: int, seed: int) -> None:
    core = min(core, columns)
    values = np.random.default_rng(seed).normal(size=(30, core)) @ np.random.default_rng(1).normal(size=(core, columns))
    turn = fit_turn(values.astype(np.float32), core, core + wider, (seed,))
    turned = (values - turn.middle) @ turn.matrix
    before = np.linalg.norm(values[:, None] - values[None], axis=2)
    after = np.linalg.norm(turned[:, None] - turned[None], axis=2)
    np.testing.assert_allclose(after, before * np.sqrt((core + wider) / core), rtol=1e-3, atol=1e-4)


def test_every_width_tells_the_same(data: StreamTable) -> None:
    rows = np.arange(len(data))
    narrow, wide = (widen(data, WIDE, 8, width, rows) for width in (8, 200))
    for name in WIDE:
        few, many = narrow.values[name].astype(np.float64), wide.values[name].astype(np.float64)
        assert many.shape[1] == 200
        assert np.linalg.matrix_rank(many, tol=1e-3 * np.linalg.norm(many)) <= 8
        for told, by in ((few, many), (many, few)):
            found = by @ np.linalg.lstsq(by, told, rcond=1e-6)[0]
            np.testing.assert_allclose(found, told, atol=1e-3)


def test_narrow_streams_and_missing_rows_stay_as_they_are(data: StreamTable) -> None:
    raw = data.raw.copy()
    raw[3, data.schema.slices["text"]] = np.nan
    raw[5, data.schema.slices["text"].start] = np.nan
    widened = widen(replace(data, raw=raw), WIDE, 8, 32, np.arange(len(data)))
    for name in set(SEVEN.names) - set(WIDE):
        np.testing.assert_array_equal(widened.values[name], data.values[name])
        assert widened.schema[name] == data.schema[name]
    assert np.isnan(widened.values["text"][3]).all()
    assert np.isfinite(widened.values["text"][5]).all()


def test_rows_held_out_change_nothing_for_those_trained_on(data: StreamTable) -> None:
    raw, training = data.raw.copy(), np.arange(0, len(data) // 2)
    raw[len(data) // 2 :] *= 3
    there, here = (widen(table, WIDE, 8, 32, training).raw[training] for table in (data, replace(data, raw=raw)))
    np.testing.assert_array_equal(there, here)


def test_what_cannot_be_widened_is_refused(data: StreamTable) -> None:
    rows = np.arange(len(data))
    with pytest.raises(BadInputError, match="at least 64"):
        widen(data, WIDE, 64, 32, rows)
    with pytest.raises(BadInputError, match="no stream 'radar'"):
        widen(data, ("radar",), 8, 32, rows)


def test_wide_streams_are_those_near_the_widest() -> None:
    assert wide_streams(SEVEN) == WIDE
    alike = Schema(tuple(StreamSpec(n, n, (n,), "quantity", ("identity",)) for n in ("a", "b")))
    with pytest.raises(BadInputError, match="narrow ones"):
        wide_streams(alike)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("capacity")


@pytest.fixture(scope="module")
def sample(filled_lake: Lake) -> Study:
    return study_sample(filled_lake, PARTITIONS)


@pytest.fixture(scope="module")
def study(sample: Study, folder: Path) -> CapacityStudy:
    return capacity_study(sample.data, sample.benchmark, folder, True, PLAN)


def test_the_study_has_every_cell(study: CapacityStudy) -> None:
    cells = study.streams.select("reconstruction", "width", "seed", "fold").unique()
    folds = study.streams["fold"].n_unique()
    assert cells.height == 2 * 2 * 1 * folds
    assert folds > 1
    assert study.streams.height == cells.height * len(SEVEN.names)
    assert np.isfinite(study.streams["r2"].to_numpy()).all()
    shares = study.streams.group_by("reconstruction", "width", "seed", "fold").agg(pl.col("gradient_share").sum())
    np.testing.assert_allclose(shares["gradient_share"], 1.0, rtol=1e-6)


def test_width_takes_the_gradient_under_shared_reconstruction_only(study: CapacityStudy) -> None:
    power = growth(study)
    assert power["shared"] > 0.5
    assert abs(power["car"]) < 0.4
    narrow = {(row["reconstruction"], row["width"]): row["gradient_share"] for row in narrow_means(study).to_dicts()}
    assert narrow["shared", 64] < 0.7 * narrow["shared", 16]


def test_what_is_done_is_not_done_again_and_what_is_lost_comes_back_the_same(
    study: CapacityStudy, sample: Study, folder: Path
) -> None:
    files = {path: path.stat().st_mtime_ns for path in (folder / "cells").iterdir()}
    lost = min(files)
    lost.unlink()
    again = capacity_study(sample.data, sample.benchmark, folder, True, PLAN)
    changed = [path for path, before in files.items() if path.stat().st_mtime_ns != before]
    assert changed == [lost]
    assert again.streams.equals(study.streams)
    assert again.labels.equals(study.labels)


def test_the_study_on_a_lake_leaves_tables_and_pictures_there(
    study: CapacityStudy, filled_lake: Lake, folder: Path
) -> None:
    outcome = run_capacity_study(filled_lake, PARTITIONS, folder, PLAN)
    assert outcome.simulated
    assert filled_lake.read_table(f"{CAPACITY_DATASET}/streams").equals(study.streams)
    assert filled_lake.table_metadata(f"{CAPACITY_DATASET}/labels")["simulated"] == "true"
    for name, picture in outcome.figures.items():
        assert filled_lake.read_bytes(f"{CAPACITY_DATASET}/{name}.png") == picture


def test_a_cell_of_a_table_without_cities(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    hidden = rng.normal(size=(240, 3))
    columns = {"scan": 24, "blood": 2}
    raw = np.hstack([hidden @ rng.normal(size=(3, width)) for width in columns.values()]).astype(np.float32)
    schema = Schema(
        tuple(
            StreamSpec(name, name, tuple(f"{name}{i}" for i in range(width)), "quantity", ("identity",) * width)
            for name, width in columns.items()
        )
    )
    hospital = np.repeat(["a", "b", "c", "d"], 60)
    table = StreamTable(pl.DataFrame({"hospital": hospital}), schema, raw)
    benchmark = tabular_benchmark({"age": hidden[:, 0]}, [leave_one_out("by hospital", hospital)])
    plan = default_plan(table, benchmark)
    assert (plan.wide, plan.core, plan.split) == (("scan",), 24, "by hospital")
    plan = replace(plan, config=replace(TINY, heads=(), epochs=20, batch=32))
    found = measure(write_study(tmp_path, table, benchmark, False), plan, Cell("car", 64, 1, "b"))
    assert {row["stream"]: row["columns"] for row in found.streams} == {"scan": 64, "blood": 2}
    (label,) = found.labels
    assert (label["group"], label["label"], label["n"]) == ("b", "age", 60)
    assert 1 - label["sse"] / label["sst"] > 0.5


def test_a_split_that_is_not_there_is_named(data: StreamTable, filled_lake: Lake, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"Split E9.*E1, E2, E3"):
        capacity_study(data, load_benchmark(filled_lake, data), tmp_path, True, replace(PLAN, split="E9"))


def _by_hand(simulated: bool = False) -> CapacityStudy:
    """Shared: narrow shares fall as 1/width and R² halves with each doubling; CAR: nothing changes."""
    schema = Schema(
        tuple(
            StreamSpec(name, name.title(), tuple(f"{name}{i}" for i in range(width)), "quantity", ("identity",) * width)
            for name, width in (("wide", 64), ("thin", 2))
        )
    )
    streams, labels = [], []
    for kind in ("shared", "car"):
        for width in (64, 128, 256):
            for seed in (1, 2):
                cell = {"reconstruction": kind, "width": width, "seed": seed, "fold": "f"}
                share = 64 / (width + 64) if kind == "shared" else 0.5
                r2 = 0.9 * 64 / width if kind == "shared" else 0.8
                for name, r, s in (("wide", 0.9, 1 - share), ("thin", r2, share)):
                    row = {"stream": name, "columns": width if name == "wide" else 2, "wide": name == "wide"}
                    streams.append({**cell, **row, "r2": r, "gradient_share": s})
                labels += [
                    {**cell, "group": g, "label": "l", "n": 30, "alpha": 1.0, "sse": sse, "sst": 10.0, "deviation": 0.0}
                    for g, sse in zip("abc", (30.0, 4.0, 5.0) if kind == "shared" else (3.0, 3.0, 3.0), strict=True)
                ]
    plan = Plan(("wide",), widths=(64, 128, 256), seeds=(1, 2))
    return CapacityStudy(pl.DataFrame(streams), pl.DataFrame(labels), plan, schema, simulated)


def test_suppression_starts_where_less_than_half_of_the_reference_is_left() -> None:
    found = {row["reconstruction"]: row for row in onsets(_by_hand()).to_dicts()}
    assert found["shared"]["reference"] == pytest.approx(0.8)
    assert found["shared"]["onset"] == 256  # 0.45 of 0.8 is left at 128, 0.225 at 256
    assert found["shared"]["kept"] == pytest.approx(0.225 / 0.8)
    assert found["shared"]["crowded"] == 128  # of 0.2 unexplained it makes 0.55 at 128, and 0.1 at 64
    assert found["shared"]["error"] == pytest.approx(0.775 / 0.2)
    assert found["car"]["onset"] is None
    assert found["car"]["crowded"] is None


def test_a_gradient_in_proportion_to_width_grows_by_the_first_power() -> None:
    assert growth(_by_hand()) == {"car": pytest.approx(0.0), "shared": pytest.approx(1.0)}


def test_labels_are_summed_over_groups_and_gains_are_paired() -> None:
    study = _by_hand()
    means = {(row["reconstruction"], row["width"]): row for row in label_means(study).to_dicts()}
    assert means["shared", 64]["r2"] == pytest.approx(1 - 39 / 30)
    assert means["shared", 64]["collapsed"] == 1
    assert means["car", 64]["r2"] == pytest.approx(0.7)
    gain = label_gains(study).row(0, named=True)
    assert gain["difference"] == pytest.approx(0.7 + 0.3)
    assert gain["low"] < gain["difference"] < gain["high"]


def test_sentences_and_figures_say_what_was_found_and_where_it_comes_from() -> None:
    simulated, real = _by_hand(True), _by_hand(False)
    assert "Thin from 256" in sentences(real)
    assert "less than half of R² is left for 1 (Thin from 256)" in sentences(real)
    assert "doubles for none of 1 narrow streams that CAR tells" in sentences(real)
    assert "Simulated" in sentences(simulated)
    assert "Simulated" not in sentences(real)
    for draw in (overview_figure, streams_figure):
        assert "Simulated data" in str(draw(simulated)._suptitle.get_text())
        assert "Simulated data" not in str(draw(real)._suptitle.get_text())
    assert by_stream(real).height == 12
