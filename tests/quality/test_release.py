"""Release checks on files that the release room writes, and on files that someone else might."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import polars as pl
import pytest
import rasterio
import rasterio.io
import rasterio.shutil
from affine import Affine
from numpy.typing import NDArray

from lake.aef import quantise, unit_length
from lake.grid import CityGrid, GridWindow, city_grid
from lake.streams import AEF_NODATA
from ml.release import cog
from ml.release.layout import bands
from ml.release.table import release_table
from quality.outcome import Outcome
from quality.release import RELEASE_CHECKS, check_release
from tests.quality.worlds import smooth_fields

WIDTH = 16
TAGS = {"simulated": "true"}
Codes = NDArray[np.int8]


@lru_cache(maxsize=1)
def grid() -> CityGrid:
    """Large enough for two overviews, of sizes that do not divide."""
    return city_grid("wuhan", 2_500)


def codes(seed: int = 3) -> Codes:
    """Embeddings that wave over the city and differ from pixel to pixel; the first ten pixels have none."""
    noise = np.random.default_rng(seed).normal(size=(len(grid().pixel), WIDTH))
    quantised = quantise(unit_length(smooth_fields(WIDTH, seed, grid()) - 0.5 + 0.4 * noise))
    quantised[:10] = AEF_NODATA
    return quantised


def table(of: Codes | None = None) -> pl.DataFrame:
    return release_table(codes() if of is None else of, grid())


def raster(of: Codes | None = None) -> Codes:
    return grid().scatter(codes() if of is None else of, AEF_NODATA)


def encoded(of: Codes | None = None, tags: Mapping[str, str] = TAGS, **window: Any) -> bytes:
    """A COG of the release room; parts of the window can be replaced."""
    whole = grid().window
    parts = {name: getattr(whole, name) for name in ("crs", "transform", "width", "height", "row", "column")}
    return cog.encode(raster() if of is None else of, GridWindow(**(parts | window)), bands(WIDTH), tags)


def gdal_cog(
    values: NDArray[Any], nodata: float | None = AEF_NODATA, on: GridWindow | None = None, **options: Any
) -> bytes:
    """What GDAL makes of it by itself."""
    height, width, count = values.shape
    window, names = on or grid().window, bands(WIDTH)
    with rasterio.io.MemoryFile() as plain, rasterio.io.MemoryFile() as out:
        with plain.open(
            driver="GTiff", dtype=values.dtype, width=width, height=height, count=count, nodata=nodata,
            crs=window.crs, transform=window.transform,
        ) as file:  # fmt: skip
            file.write(np.moveaxis(values, -1, 0))
            file.update_tags(**TAGS)
            for number in range(1, count + 1):
                file.set_band_description(number, names[number - 1])
        driver = options.pop("driver", "COG")
        rasterio.shutil.copy(plain.name, out.name, driver=driver, **options)
        return bytes(out.read())


def check(file: bytes, rows: pl.DataFrame | None = None) -> dict[str, Outcome]:
    outcomes = check_release(file, table() if rows is None else rows, grid(), WIDTH)
    assert [(o.name, o.blocking) for o in outcomes] == [(s.name, s.blocking) for s in RELEASE_CHECKS]
    return {outcome.name: outcome for outcome in outcomes}


def failed(outcomes: Mapping[str, Outcome]) -> set[str]:
    return {name for name, outcome in outcomes.items() if not outcome.passed}


def test_what_the_release_room_writes_passes() -> None:
    outcomes = check(encoded())
    assert failed(outcomes) == set()
    assert outcomes["overviews"].metrics["overviews"] == 1
    assert outcomes["unit_length"].metrics["embeddings"] == 2_490


def test_something_that_is_no_raster_is_told() -> None:
    outcomes = check(b"II*\x00 and then nothing")
    assert failed(outcomes) == {spec.name for spec in RELEASE_CHECKS}
    assert "cannot be read" in outcomes["cog_structure"].description


def test_a_file_that_was_cut_off_is_told() -> None:
    assert "cog_structure" in failed(check(encoded()[:-20_000]))


def test_a_plain_tiff_is_not_cloud_optimised() -> None:
    plain = gdal_cog(np.tile(raster(), (12, 12, 1)), driver="GTiff")
    assert "not cloud optimised" in check(plain)["cog_structure"].description


def test_mean_codes_in_overviews_are_caught() -> None:
    file = gdal_cog(raster(), overviews="auto", overview_resampling="average", blocksize=128, overview_count=1)
    outcome = check(file)["overviews"]
    assert not outcome.passed
    assert "not the normalised sum" in outcome.description


def test_a_nearest_pixel_in_overviews_is_caught() -> None:
    """Of unit length, but not the sum of what lies below."""
    file = gdal_cog(raster(), overviews="auto", overview_resampling="nearest", blocksize=128, overview_count=1)
    outcome = check(file)["overviews"]
    assert (outcome.passed, outcome.metrics["not_unit"]) == (False, 0)


def test_a_large_raster_without_overviews_is_caught() -> None:
    wide = city_grid("wuhan", 10_000)
    quantised = quantise(unit_length(smooth_fields(WIDTH, 1, wide) - 0.5))
    bare = gdal_cog(wide.scatter(quantised, AEF_NODATA), on=wide.window, overviews="none")
    outcomes = check_release(bare, release_table(quantised, wide), wide, WIDTH)
    assert failed({outcome.name: outcome for outcome in outcomes}) == {"overviews"}


def test_other_types_and_nodata_and_names_are_caught() -> None:
    floats = check(gdal_cog(raster().astype(np.float32)))
    assert "float32, not int8" in floats["cog_bands"].description
    assert "None, not -128" in check(gdal_cog(raster(), nodata=None))["cog_bands"].description
    unnamed = cog.encode(raster(), grid().window, ["A"] * WIDTH, TAGS)
    assert "E000" in check(unnamed)["cog_bands"].description
    fewer = cog.encode(raster()[:, :, :8], grid().window, bands(8), TAGS)
    assert failed(check(fewer)) >= {"cog_bands", "cog_equals_table"}


@pytest.mark.parametrize(
    ("window", "told"),
    [
        ({"transform": grid().window.transform @ Affine.translation(1, 0)}, "transform"),
        ({"transform": grid().window.transform @ Affine.scale(1.01)}, "transform"),
        ({"crs": "EPSG:32649"}, "EPSG:32649, not EPSG:32650"),
    ],
)
def test_a_cog_in_another_place_is_caught(window: dict[str, Any], told: str) -> None:
    assert told in check(encoded(**window))["cog_grid"].description


def test_a_cog_of_another_size_is_caught() -> None:
    smaller = encoded(raster()[1:], height=grid().window.height - 1)
    assert "pixels, not" in check(smaller)["cog_grid"].description


@pytest.mark.parametrize("axis", [0, 1])
def test_pixels_shifted_by_one_are_caught(axis: int) -> None:
    outcome = check(encoded(np.roll(raster(), 1, axis=axis)))["cog_equals_table"]
    assert not outcome.passed
    assert outcome.metrics["different_pixels"] > 2_000


def test_a_bottom_up_raster_is_caught() -> None:
    assert not check(encoded(np.flip(raster(), axis=0)))["cog_equals_table"].passed


def test_values_where_the_table_has_none_are_caught() -> None:
    assert not check(encoded(np.where(raster() == AEF_NODATA, np.int8(5), raster())))["cog_equals_table"].passed


def test_a_table_in_another_order_or_of_another_city_is_caught() -> None:
    shuffled = table().with_columns(pl.col("pixel").shuffle(seed=0))
    assert not check(encoded(), shuffled)["cog_equals_table"].passed
    elsewhere = table().with_columns((pl.col("pixel") + 60 * grid().ncols).cast(pl.UInt32))
    assert "outside the raster" in check(encoded(), elsewhere)["cog_equals_table"].description


def test_a_table_that_breaks_its_contract_is_caught() -> None:
    assert "columns" in check(encoded(), table().drop("lon"))["release_table"].description
    assert "Int8" in check(encoded(), table().with_columns(pl.col("E003").cast(pl.Int16)))["release_table"].description
    assert "repeat" in check(encoded(), pl.concat([table(), table().head(1)]))["release_table"].description


def both(of: Codes) -> dict[str, Outcome]:
    return check(encoded(raster(of)), table(of))


def test_vectors_that_were_cut_and_not_normalised_again_are_caught() -> None:
    wide = unit_length(np.random.default_rng(0).normal(size=(len(grid().pixel), 2 * WIDTH)))
    assert not both(quantise(wide[:, :WIDTH]))["unit_length"].passed


def test_blank_chips_are_caught() -> None:
    zeros = codes()
    zeros[100:200] = 0
    assert failed(both(zeros)) >= {"unit_length", "no_blank_chips"}
    alike = codes()
    alike[100:200] = alike[100]
    assert failed(both(alike)) == {"no_blank_chips"}
    missing = codes()
    missing[:1_000] = AEF_NODATA
    assert "have no embedding" in both(missing)["no_blank_chips"].description


@pytest.mark.parametrize("tags", [{}, {"simulated": "maybe"}])
def test_a_file_that_does_not_say_whether_it_is_simulated_is_caught(tags: dict[str, str]) -> None:
    assert failed(check(encoded(tags=tags))) == {"origin_stated"}
