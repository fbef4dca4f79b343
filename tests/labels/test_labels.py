"""dbt build on messy observations: what a person would compute by hand stands in the marts."""

import hashlib
import json
import math
import os
from pathlib import Path

import polars as pl
import pytest

from lake.cities import CITIES
from lake.partition_io import Lake, content_hash
from tests.labels.conftest import SIDE, Build, RunDbt, district, pixel, point, write_year

YEARS = (2018, 2020, 2021, 2022)
FIRST, SECOND, FAR = pixel(1, 1), pixel(3, 4), pixel(12, 12)  # the first two lie in the same 500 m block


def write_observations(lake: Lake) -> None:
    """Wuhan in four years, Lanzhou with no observation at all in one."""
    twice = point(FIRST, "house_price", 20_000, "CNY/m2", 2018)
    write_year(
        lake,
        "wuhan",
        2018,
        [
            twice,
            twice,
            point(FIRST, "house_price", 2, "1e4 CNY/m2", 2018),  # the same again, told in another unit
            point(SECOND, "house_price", 4, "1e4 CNY/m²", 2018),
            point(FAR, "house_price", 3, "CNY/m2", 2018),  # a slip that its unit does not tell: impossible
            point(FAR, "rent", None, "CNY/m2/month", 2018),
            point(FAR, "commute_time", 0.5, "h", 2018),
            point(None, "commute_time", 40, "min", 2018),
            point(FAR, "commute_time", 50, "min", 2018, observed_on="2017-12-31"),
            point(FIRST, "pm25", 40, "ug/m3", 2018),
        ],
        [
            district("north", "wage", 9, "万元/年", 2018),
            district("north", "wage", 90_000, "CNY/year", 2018),
            district("south", "wage", 70_000, "CNY/year", 2018),
            district("south", "wage", 80_000, "CNY/year", 2018, source="simulated census"),
            district("elsewhere", "wage", 80_000, "CNY/year", 2018),
            district("south", "ageing_share", 0.2, "1", 2018),
        ],
    )
    write_year(lake, "wuhan", 2020, [], [])
    write_year(
        lake,
        "wuhan",
        2021,
        [point(FIRST, "pm25", 70, "ug/m3", 2021)],
        [district("south", "wage", 90_000, "CNY/year", 2021)],
    )
    write_year(lake, "wuhan", 2022, [point(FAR, "pm25", 0.05, "mg/m3", 2022)], [])
    write_year(lake, "lanzhou", 2020, [], [])


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    lake = Lake(str(tmp_path_factory.mktemp("lake")))
    write_observations(lake)
    return lake


@pytest.fixture(scope="module")
def build(lake: Lake, run_dbt: RunDbt) -> Build:
    return run_dbt(lake, "build")


def labels_at(build: Build, year: int, at: int) -> dict[str, float | None]:
    found = build.query(f"select * from chn_econ_labels where city = 'wuhan' and year = {year} and pixel = {at}")
    return found.row(0, named=True)


def audit(build: Build, label: str, year: int = 2018) -> dict[str, float | int]:
    where = f"city = 'wuhan' and year = {year} and label = '{label}'"
    return build.query(f"select * from chn_econ_label_audit where {where}").row(0, named=True)


def test_messy_observations_pass_every_test_and_only_warn_of_gaps(build: Build) -> None:
    assert build.failed == set()
    assert build.statuses["every_label_is_observed"] == "warn"


def test_a_block_has_the_mean_of_its_points_without_duplicates_and_in_one_unit(build: Build) -> None:
    expected = math.log1p((20_000 + 40_000) / 2)
    for at in (FIRST, SECOND, pixel(0, 0), pixel(4, 4)):
        assert labels_at(build, 2018, at)["house_price"] == pytest.approx(expected, rel=1e-12)
    assert labels_at(build, 2018, pixel(5, 4))["house_price"] is None, "another block"


def test_districts_reach_their_pixels_and_disagreeing_sources_are_averaged(build: Build) -> None:
    assert labels_at(build, 2018, pixel(9, 19))["wage"] == pytest.approx(math.log1p(90_000))
    assert labels_at(build, 2018, pixel(10, 0))["wage"] == pytest.approx(math.log1p(75_000))


def test_a_share_told_as_a_fraction_becomes_percent_and_stays_untransformed(build: Build) -> None:
    assert labels_at(build, 2018, pixel(10, 0))["ageing_share"] == pytest.approx(20)
    assert labels_at(build, 2018, pixel(0, 0))["ageing_share"] is None


def test_a_missing_year_is_interpolated_by_distance_in_years_in_the_untransformed_unit(build: Build) -> None:
    assert labels_at(build, 2020, FIRST)["pm25"] == pytest.approx(60)
    assert labels_at(build, 2020, pixel(15, 3))["wage"] == pytest.approx(math.log1p(85_000))


def test_first_and_last_years_are_not_extrapolated(build: Build) -> None:
    assert labels_at(build, 2022, FIRST)["pm25"] is None
    assert labels_at(build, 2018, FAR)["pm25"] is None
    assert labels_at(build, 2022, FAR)["pm25"] == pytest.approx(50)


def test_every_pixel_and_year_has_a_row_even_where_nothing_was_observed(build: Build) -> None:
    rows = build.query("select city, year, count(*) as n from chn_econ_labels group by all order by all")
    assert rows["n"].to_list() == [SIDE**2] * 5
    empty = build.query("select * exclude (city, year, pixel) from chn_econ_labels where city = 'lanzhou'")
    assert empty.null_count().row(0) == (SIDE**2,) * 16


def test_labels_have_the_types_of_their_contract(build: Build) -> None:
    schema = build.query("select * from chn_econ_labels limit 1").schema
    assert (schema["city"], schema["year"], schema["pixel"]) == (pl.String, pl.Int32, pl.UInt32)
    assert [dtype for name, dtype in schema.items() if name not in {"city", "year", "pixel"}] == [pl.Float64] * 16


def test_the_audit_counts_what_was_dropped_and_why(build: Build) -> None:
    prices = audit(build, "house_price")
    assert (prices["observations"], prices["kept"], prices["duplicates_dropped"]) == (5, 2, 2)
    assert (prices["units_converted"], prices["rejected_impossible"]) == (1, 1)
    assert (prices["labelled_pixels"], prices["coverage"]) == (25, pytest.approx(25 / SIDE**2))
    commute = audit(build, "commute_time")
    assert (commute["kept"], commute["units_converted"]) == (1, 1)
    assert (commute["rejected_outside"], commute["rejected_other_year"]) == (1, 1)
    assert audit(build, "rent")["rejected_missing"] == 1
    wages = audit(build, "wage")
    assert (wages["kept"], wages["duplicates_dropped"], wages["rejected_outside"]) == (3, 1, 1)
    assert audit(build, "pm25", 2020)["interpolated_pixels"] == 25


def test_the_audit_has_a_line_for_every_label_city_and_year(build: Build) -> None:
    assert build.query("select * from chn_econ_label_audit").height == 16 * 5


def test_folds_of_e1_are_whole_blocks_of_one_kilometre_dealt_by_md5(build: Build) -> None:
    split = build.query("select * from split_e1 where city = 'wuhan'")
    blocks = [(row, column) for row in range(SIDE // 10) for column in range(SIDE // 10)]
    dealt = sorted(blocks, key=lambda block: hashlib.md5(f"wuhan|{block[0]}|{block[1]}".encode()).hexdigest())
    expected = {
        pixel(row, column): dealt.index((row // 10, column // 10)) % 5 for row in range(SIDE) for column in range(SIDE)
    }
    assert dict(split.select("pixel", "fold").iter_rows()) == expected
    assert split.schema["fold"] == pl.Int32


def test_folds_of_e2_and_e3_are_regions_and_tiers_of_all_cities(build: Build) -> None:
    region, tier = build.query("select * from split_e2"), build.query("select * from split_e3")
    assert dict(region.iter_rows()) == {city.id: city.region for city in CITIES.values()}
    assert dict(tier.iter_rows()) == {city.id: city.tier for city in CITIES.values()}


def test_every_column_of_every_table_is_described(build: Build) -> None:
    manifest = json.loads((Path(os.environ["DBT_TARGET_PATH"]) / "manifest.json").read_text())
    for node in manifest["nodes"].values():
        if node["resource_type"] not in {"model", "seed"}:
            continue
        described = {name for name, column in node["columns"].items() if column["description"]}
        columns = set(build.query(f"select * from {node['name']} limit 0").columns)
        assert described == columns, node["name"]
        assert node["description"], node["name"]


def test_the_same_observations_give_the_same_bytes(lake: Lake, build: Build, run_dbt: RunDbt) -> None:
    again = run_dbt(lake, "build", "--exclude-resource-type", "test", "unit_test")
    for table in ("chn_econ_labels", "chn_econ_label_audit", "split_e1"):
        assert content_hash(again.query(f"from {table}")) == content_hash(build.query(f"from {table}"))


def test_a_lake_in_a_bucket_gives_the_same_labels(s3_lake: Lake, build: Build, run_dbt: RunDbt) -> None:
    write_observations(s3_lake)
    remote = run_dbt(s3_lake, "build", "--exclude-resource-type", "test", "unit_test")
    assert content_hash(remote.query("from chn_econ_labels")) == content_hash(build.query("from chn_econ_labels"))


def test_docs_list_every_table_with_its_columns(lake: Lake, build: Build, run_dbt: RunDbt) -> None:
    run_dbt(lake, "docs", "generate", warehouse=build.warehouse)
    target = Path(os.environ["DBT_TARGET_PATH"])
    catalog = json.loads((target / "catalog.json").read_text())
    assert len(catalog["nodes"]["model.chn_econ.chn_econ_labels"]["columns"]) == 19
    assert (target / "index.html").exists()
