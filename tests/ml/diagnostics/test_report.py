"""From a lake to the page: embeddings of the study's encoder, every diagnostic kept, what change hangs on, one file."""

import re
from pathlib import Path

import numpy as np
import polars as pl
import pyproj
import pytest
from numpy.typing import NDArray

from lake.errors import BadInputError, PartitionMissingError
from lake.grid import city_grid
from lake.partition_io import Lake
from lake.streams import STREAMS
from ml.dataset import StreamTable
from ml.diagnostics import studies
from ml.diagnostics.change_origins import study_change_origins
from ml.diagnostics.embeddings import Embedded, city_years, encoder_job, read_embedded, write_embeddings
from ml.diagnostics.outcome import Found, is_kept, keep, kept
from ml.diagnostics.report import CHAPTERS, PAGE, is_diagnosed, made_of, write_page
from ml.diagnostics.sources import stream_sources
from ml.experiments.arrays import write_study
from ml.experiments.runner import Plan
from ml.experiments.table import Budget
from ml.release.layout import EMBEDDINGS
from ml.schema import Schema, StreamSpec
from ml.study import study_sample
from tests.ml.conftest import PARTITIONS, write_labels, write_streams

SMALL = Budget(epochs=1, batch=128, hidden=32)


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    folder = tmp_path_factory.mktemp("diagnosed")
    lake = Lake(str(folder / "lake"))
    write_labels(lake, write_streams(lake, PARTITIONS, 60))
    sample = study_sample(lake, PARTITIONS)
    study = write_study(folder / "experiments" / "studies", sample.data, sample.benchmark, sample.simulated)
    return Plan(study, lake, folder / "experiments" / "results", SMALL)


@pytest.fixture(scope="module")
def table(plan: Plan) -> Embedded:
    write_embeddings(plan, ())
    return read_embedded(plan.lake, plan.folder.parent)


def test_the_encoder_is_trained_once_and_is_the_one_that_the_experiments_would_find(
    plan: Plan, table: Embedded
) -> None:
    job = encoder_job(plan, ())
    assert job.is_done()
    assert (job.experiment.name, table.model) == ("car_heads", job.model)
    trained = job.model.stat().st_mtime_ns
    assert not write_embeddings(plan, ()).changed
    assert job.model.stat().st_mtime_ns == trained
    assert table.embeddings.shape == (len(table.keys), 256)
    np.testing.assert_allclose(np.linalg.norm(table.embeddings, axis=1), 1, atol=1e-5)


def test_a_city_is_taken_from_the_release_where_there_is_one_with_labels_where_they_are_known(
    plan: Plan, table: Embedded, tmp_path: Path
) -> None:
    sampled = city_years(plan.lake, table, "wuhan")
    assert (sampled.released, sorted(sampled.embeddings)) == (False, [2020, 2021])
    own = (table.keys["city"] == "wuhan") & (table.keys["year"] == 2021)
    np.testing.assert_array_equal(sampled.embeddings[2021], table.embeddings[own.to_numpy()])
    np.testing.assert_array_equal(sampled.labels["pm25"], table.labels["pm25"][own.to_numpy()])

    released = Lake(str(tmp_path))
    wide = np.eye(256, dtype=np.float32)[:90]
    for year, pixels in ((2020, range(10, 90)), (2021, range(90))):
        rows = {"pixel": pl.Series(pixels, dtype=pl.UInt32), "embedding": wide[list(pixels)]}
        released.write(EMBEDDINGS, "wuhan", year, pl.DataFrame(rows))
    found = city_years(released, table, "wuhan")
    assert found.released
    assert found.grid.pixel.tolist() == list(range(90))
    assert np.isnan(found.embeddings[2020][:10]).all()
    np.testing.assert_array_equal(found.embeddings[2020][10:], wide[10:])
    np.testing.assert_array_equal(found.labels["pm25"][:60], sampled.labels["pm25"])
    assert np.isnan(found.labels["pm25"][60:]).all()


def test_every_diagnostic_is_kept_and_one_page_shows_them_all(
    plan: Plan, table: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studies, "ROWS", 200)
    monkeypatch.setattr(studies, "CHALLENGE_ROWS", 150)
    lake, digest = plan.lake, made_of(plan.lake)
    with pytest.raises(PartitionMissingError):
        write_page(lake)
    found = {
        "dimensionality": studies.dimensionality(table),
        "challenges": studies.challenges(table),
        "city_hierarchy": studies.hierarchy(table),
        "urban_structure": studies.urban_structure(lake, table, ["haikou"]),
        "change_origins": studies.change_origins(lake, table),
        "look_alikes": studies.look_alikes(table, *_corner("wuhan")),
    }
    assert set(found) == {chapter.study for chapter in CHAPTERS}
    for study, one in found.items():
        assert not is_kept(lake, study, digest)
        keep(lake, study, one, digest, simulated=True)
    assert not is_diagnosed(plan, ())
    write_page(lake)
    assert is_diagnosed(plan, ())

    assert "hierarchy of fewer than 5" in kept(lake, "city_hierarchy").told
    assert list(kept(lake, "urban_structure").figures) == ["haikou_maps", "haikou_rings"]
    assert lake.read_table("diagnostics/urban_structure/rings")["city"].unique().to_list() == ["haikou"]
    page = lake.read_bytes(PAGE).decode()
    assert "Simulated planet: everything here" in page
    assert not re.findall(r"""(?:src|href)=["'](?!data:|#)""", page)  # nothing beside it is needed
    assert page.count("data:image/png;base64,") == sum(len(kept(lake, study).figures) for study in found)
    assert "<table>" in page
    assert "| representation |" not in page  # no Markdown is left


def test_text_of_a_diagnostic_cannot_bring_html_into_the_page(plan: Plan, table: Embedded, tmp_path: Path) -> None:
    lake = Lake(str(tmp_path))
    for chapter in CHAPTERS:
        keep(lake, chapter.study, Found("<script>alert(1)</script>"), "x", simulated=False)
    write_page(lake)
    page = lake.read_bytes(PAGE).decode()
    assert "<script>" not in page
    assert "Simulated" not in page


def test_cities_and_places_that_the_study_lacks_are_named(plan: Plan, table: Embedded) -> None:
    assert studies.first_of_each_tier(table) == ["shenyang", "wuhan", "haikou"]
    with pytest.raises(BadInputError, match="no rows of beijing"):
        studies.urban_structure(plan.lake, table, ["wuhan", "beijing"])
    with pytest.raises(BadInputError, match="both a longitude and a latitude"):
        studies.look_alikes(table, lon=114.3)


def test_sources_are_the_same_another_or_lagging(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path))
    told = {
        "nightlights": (("V21", "2017"), ("V22", "2024")),
        "population": (("WorldPop; GHS", "2017; 2015–2020, 0.4 of the way"), ("WorldPop; GHS", "2020; 2020–2025")),
        "poi": (("assets/poi_2017", "2017"), ("assets/poi_2024", "2024")),
    }
    for name, stream in STREAMS.items():
        for year, (source, of) in zip((2017, 2024), told.get(name, (("A", "2017"), ("A", "2024"))), strict=True):
            metadata = {"source": source, "source_year": of}
            lake.write(stream.dataset, "wuhan", year, pl.DataFrame({"pixel": [0]}), metadata)
    found = {row["stream"]: row for row in stream_sources(lake, ["wuhan"], 2017, 2024).to_dicts()}
    assert {name: row["origin"] for name, row in found.items() if row["origin"] != "same"} == {
        "nightlights": "other source",
        "population": "lagging",
    }
    assert found["population"]["last"] == "WorldPop (2020); GHS (2020–2025)"


def test_change_hangs_on_the_stream_that_moved_and_on_no_other() -> None:
    """Two streams of a city's adjacent pixels; the second is another sensor, which sees a quarter of them anew."""
    pixel = city_grid("wuhan").pixel[:400]
    before = np.random.default_rng(0).normal(scale=0.2, size=(400, 8)).astype(np.float32)
    before[:, 0] += 5
    after = before.copy()
    after[:100, 4] += np.where(np.arange(100) % 2, 3, -3)  # there and back, so that the mean stays where it is
    keys = pl.DataFrame(
        {"city": ["wuhan"] * 800, "year": [2017] * 400 + [2024] * 400, "pixel": np.concatenate([pixel, pixel])}
    )
    specs = [
        StreamSpec(name, name, tuple(f"{name}_{i}" for i in range(4)), "quantity", ("identity",) * 4)
        for name in ("still", "sensor")
    ]
    data = StreamTable(keys, Schema(tuple(specs)), np.concatenate([before, after]))
    sources = pl.DataFrame(
        {"stream": ["still", "sensor"], "origin": ["same", "other source"], "first": ["A", "V1"], "last": ["A", "V2"]}
    )
    found = study_change_origins(data, _unit, sources, origin="Made up.")
    rows = {row["stream"]: row for row in found.streams.to_dicts()}
    assert found.share == rows["still"]["held"] == rows["sensor"]["only"] == 0.25
    assert rows["still"]["only"] == rows["sensor"]["held"] == found.other_share == 0
    assert found.other_drift == pytest.approx(0, abs=1e-6)
    told = " ".join(found.sentences())
    assert "sensor: another source in 2024 than in 2017 (sensor: V1 → V2)" in told
    assert "Most hangs on sensor" in told
    assert "Do not read 25.0%" in told
    one_year = StreamTable(keys[:400], data.schema, before)
    with pytest.raises(BadInputError, match="two years"):
        study_change_origins(one_year, _unit, sources, origin="Made up.")


def _unit(raw: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(raw / np.linalg.norm(raw, axis=1, keepdims=True), np.float32)


def _corner(city: str) -> tuple[float, float]:
    """Longitude and latitude of the corner of a city's grid, where the made-up lake has its pixels."""
    grid = city_grid(city)
    lon, lat = pyproj.Transformer.from_crs(grid.crs, "EPSG:4326", always_xy=True).transform(*grid.transform @ (0, 0))
    return float(lon), float(lat)
