"""Data Docs: Great Expectations really runs, catches what it should, and leaves pages that need no network."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import polars as pl
import pytest

from lake.settings import REPOSITORY
from quality.data_docs import DataDocsResult, write_data_docs
from quality.expectations import LABEL_COLUMNS, SCORE_COLUMNS, SUMMARY_COLUMNS
from quality.labels import summarise_labels
from quality.seeds import label_catalogue
from quality.streams import summarise_stream
from tests.quality.test_labels import PARTITIONS, partition_labels
from tests.quality.worlds import ALL_STREAMS, stream_table


def summaries() -> pl.DataFrame:
    """Of every stream in every partition, as they come together in the lake."""
    return pl.concat(
        [
            summarise_stream(stream, stream_table(stream, seed)).select(
                pl.lit(city).alias("city"), pl.lit(year, pl.Int32).alias("year"), pl.all()
            )
            for seed, (city, year) in enumerate(PARTITIONS)
            for stream in ALL_STREAMS
        ]
    )


def labels() -> pl.DataFrame:
    tables = [partition_labels(city, year, seed) for seed, (city, year) in enumerate(PARTITIONS)]
    return summarise_labels(pl.concat(tables), label_catalogue())


def scores() -> pl.DataFrame:
    rows = [
        (split, "West", label, representation, 0.5, 100, 10.0, 50.0, 100.0)
        for split in ("E1", "E2", "E3")
        for label in label_catalogue()["label"]
        for representation in ("car_256", "aef")
    ]
    return pl.DataFrame(rows, schema=list(SCORE_COLUMNS), orient="row")


def write(folder: Path, s: pl.DataFrame, l: pl.DataFrame | None, r: pl.DataFrame | None) -> DataDocsResult:  # noqa: E741
    return write_data_docs(folder, s, l, r, simulated=True)


@pytest.fixture(scope="module")
def docs(tmp_path_factory: pytest.TempPathFactory) -> DataDocsResult:
    return write(tmp_path_factory.mktemp("docs") / "data_docs", summaries(), labels(), scores())


def test_the_tables_are_those_that_the_suites_expect() -> None:
    assert tuple(summaries().columns) == SUMMARY_COLUMNS
    assert tuple(labels().columns) == LABEL_COLUMNS


def test_sound_summaries_meet_every_expectation(docs: DataDocsResult) -> None:
    assert [
        (suite.name, suite.failures, suite.warnings) for suite in docs.suites if suite.failures + suite.warnings
    ] == []
    assert docs.passed
    assert len(docs.suites) == len(ALL_STREAMS) + 2
    assert all(suite.expectations >= 10 for suite in docs.suites)


def test_every_suite_and_page_says_simulated(docs: DataDocsResult) -> None:
    assert all(suite.name.endswith("(simulated)") for suite in docs.suites)
    for page in docs.index.parent.rglob("*.html"):
        assert "imulated" in page.read_text(encoding="utf-8"), page


def test_real_data_are_not_called_simulated(tmp_path: Path) -> None:
    stream = summaries().filter(pl.col("stream") == "population")
    result = write_data_docs(tmp_path / "docs", stream, None, None, simulated=False)
    assert [suite.name for suite in result.suites] == ["stream population"]
    assert "imulated" not in result.index.read_text(encoding="utf-8")


def test_pages_load_nothing_from_the_web(docs: DataDocsResult) -> None:
    pages = list(docs.index.parent.rglob("*.html"))
    assert len(pages) == 1 + 2 * len(docs.suites)
    for page in pages:
        loaded = re.findall(r"<(?:script|link|img|iframe)\b[^>]*", page.read_text(encoding="utf-8"))
        assert loaded == [], page
        assert "url(" not in page.read_text(encoding="utf-8")


def test_every_link_of_the_index_leads_to_a_page(docs: DataDocsResult) -> None:
    links = re.findall(r'href="([^"]+)"', docs.index.read_text(encoding="utf-8"))
    assert len(links) == 2 * len(docs.suites)
    for link in links:
        assert (docs.index.parent / unquote(link)).is_file(), link


@pytest.mark.browser
def test_a_browser_shows_the_index_and_follows_it_without_a_network(docs: DataDocsResult) -> None:
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no Chromium: deploy/system_packages.sh installs it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(docs.index.resolve().as_uri())
        assert page.get_by_text("Simulated data").is_visible()
        assert page.get_by_text("✓ passed").count() == len(docs.suites)
        page.get_by_role("link", name="stream indices (simulated)", exact=True).click()
        assert page.get_by_text("Status: Succeeded").is_visible()
        assert page.get_by_text("mndwi").first.is_visible()
        browser.close()
    assert all(url.startswith("file://") for url in asked)


def test_nothing_is_left_in_the_repository_or_the_home(docs: DataDocsResult) -> None:
    assert not (REPOSITORY / "gx").exists()
    assert not (REPOSITORY / "great_expectations").exists()
    assert not (Path.home() / ".great_expectations").exists()
    assert [path.name for path in docs.index.parent.parent.iterdir()] == ["data_docs"]


def in_first(column: str, value: float | str | None) -> Callable[[pl.DataFrame], pl.DataFrame]:
    """Puts a value into a column's first row."""
    return lambda table: table.with_columns(
        pl.when(pl.int_range(pl.len()) == 0).then(pl.lit(value, table.schema[column])).otherwise(column).alias(column)
    )


def test_poison_in_every_suite_is_caught_and_told_on_the_index(tmp_path: Path) -> None:
    """One poison a stream, so that one run shows that each is caught and nothing else is blamed."""
    poisons: dict[str, tuple[Callable[[pl.DataFrame], pl.DataFrame], str]] = {
        "aef": (lambda t: t.slice(1), "table row count"),
        "population": (in_first("maximum", 2e8), "column=maximum"),
        "nightlights": (in_first("band", "radiance_total"), "distinct values"),
        "indices": (in_first("minimum", -40.0), "column=minimum"),
        "poi": (in_first("unit", "ha-1"), "column=unit"),
        "morphology": (in_first("pixels", 3), "column pair values to be equal"),
        "text": (in_first("city", "atlantis"), "column=city"),
    }
    table = summaries()
    poisoned = pl.concat([poison(table.filter(pl.col("stream") == name)) for name, (poison, _) in poisons.items()])
    bad_labels = in_first("maximum", 1e6)(labels())
    bad_scores = in_first("r2", 1.5)(scores())
    result = write(tmp_path / "docs", poisoned, bad_labels, bad_scores)
    found = {suite.name.removesuffix(" (simulated)"): " ".join(suite.failures) for suite in result.suites}
    assert not result.passed
    for name, (_, told) in poisons.items():
        assert told in found[f"stream {name}"], name
    assert "gdp_density" in found["CHN-Econ labels"]
    assert "column=r2" in found["probe scores"]
    index = result.index.read_text(encoding="utf-8")
    assert index.count("✗ failed") == len(result.suites)


def test_missing_and_constant_bands_warn_without_failing(tmp_path: Path) -> None:
    table = summaries().filter(pl.col("stream") == "indices")
    poisoned = in_first("distinct", 1)(in_first("std", 0.0)(in_first("missing_share", 0.4)(table)))
    (suite,) = write(tmp_path / "docs", poisoned, None, None).suites
    assert suite.passed
    assert len(suite.warnings) == 3
    assert all("wuhan|2018|ndvi" in warning for warning in suite.warnings)


def test_a_band_that_is_missing_everywhere_is_a_warning_not_an_error(tmp_path: Path) -> None:
    stream = next(stream for stream in ALL_STREAMS if stream.name == "indices")
    lacking = stream_table(stream).with_columns(pl.lit(None, pl.Float32).alias("nbr"))
    table = summarise_stream(stream, lacking).select(
        pl.lit("wuhan").alias("city"), pl.lit(2018, pl.Int32).alias("year"), pl.all()
    )
    (suite,) = write(tmp_path / "docs", table, None, None).suites
    assert suite.failures == ()
    assert suite.warnings


def test_what_could_not_be_judged_fails_and_says_why(tmp_path: Path) -> None:
    table = summaries().filter(pl.col("stream") == "population").drop("std")
    (suite,) = write(tmp_path / "docs", table, None, None).suites
    assert not suite.passed
    assert any("could not be judged" in failure and '"std"' in failure for failure in suite.failures)


def test_old_pages_are_replaced_as_a_whole(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    (folder / "old").mkdir(parents=True)
    (folder / "old" / "page.html").write_text("old")
    write(folder, summaries().filter(pl.col("stream") == "population"), None, None)
    assert not (folder / "old").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["docs"]


def test_a_failed_run_leaves_the_old_pages(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "index.html").write_text("old")
    with pytest.raises(pl.exceptions.ColumnNotFoundError):
        write(folder, summaries().drop("city"), None, None)
    assert (folder / "index.html").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["docs"]
