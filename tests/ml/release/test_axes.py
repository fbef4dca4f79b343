"""Axes and pictures: the same colours everywhere, north up, and 'Simulated data' where it is."""

import dataclasses
import io

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray
from PIL import Image

from lake.errors import BadInputError, PartitionMissingError
from lake.grid import city_grid
from lake.partition_io import Lake
from ml.release.axes import Axes, fit_axes, read_axes
from ml.release.embeddings import read_embeddings
from ml.release.layout import EMBEDDINGS, PICTURE_AXES
from ml.release.picture import overview, panel, picture, thumbnail
from tests.ml.release.conftest import MISSING, PARTITIONS, small_grid


def write_embeddings(lake: Lake, city: str, year: int, embeddings: NDArray[np.float32], digest: str = "abc") -> None:
    width = embeddings.shape[1]
    table = pl.DataFrame(
        {
            "pixel": np.arange(len(embeddings), dtype=np.uint32),
            "embedding": pl.Series(embeddings, dtype=pl.Array(pl.Float32, width)),
        }
    )
    lake.write(EMBEDDINGS, city, year, table, {"model_digest": digest, "simulated": "true"})


def spread(seed: int) -> NDArray[np.float32]:
    """Embeddings that vary most in the first dimension, then in the second, then in the third."""
    deviations = np.array([1.0, 0.5, 0.25, 0.01, 0.01])
    return (np.random.default_rng(seed).normal(size=(500, 5)) * deviations).astype(np.float32)


def test_axes_are_the_principal_ones_with_the_largest_loading_positive(lake: Lake) -> None:
    write_embeddings(lake, "wuhan", 2020, spread(0))
    axes = fit_axes(lake, [("wuhan", 2020)])
    assert np.allclose(axes.loadings, np.eye(5)[:3], atol=0.1)
    assert np.allclose(np.linalg.norm(axes.loadings, axis=1), 1, atol=1e-5)


def test_axes_are_read_back_as_they_were_fitted(lake: Lake) -> None:
    write_embeddings(lake, "wuhan", 2020, spread(0))
    fitted, read = fit_axes(lake, [("wuhan", 2020)]), read_axes(lake)
    for field in dataclasses.fields(Axes):
        assert np.array_equal(getattr(fitted, field.name), getattr(read, field.name)), field.name
    assert lake.table_metadata(PICTURE_AXES)["simulated"] == "true"


def test_the_order_of_the_partitions_does_not_matter(lake: Lake) -> None:
    write_embeddings(lake, "wuhan", 2020, spread(0))
    write_embeddings(lake, "wuhan", 2021, spread(1))
    fit_axes(lake, [("wuhan", 2020), ("wuhan", 2021)])
    first = lake.table_metadata(PICTURE_AXES)["content_hash"]
    fit_axes(lake, [("wuhan", 2021), ("wuhan", 2020)])
    assert lake.table_metadata(PICTURE_AXES)["content_hash"] == first


def test_an_embedding_has_the_same_colour_in_every_partition(embedded: Lake) -> None:
    axes = read_axes(embedded)
    _, wuhan = read_embeddings(embedded, "wuhan", 2021)
    _, lanzhou = read_embeddings(embedded, "lanzhou", 2020)
    mixed = lanzhou.copy()
    mixed[50] = wuhan[60]
    colour = axes.colours(wuhan)[60]
    for city, year, embeddings in (("wuhan", 2021, np.roll(wuhan, -10, axis=0)), ("lanzhou", 2020, mixed)):
        grid = small_grid(city)
        shown = panel(axes, grid, year, embeddings, simulated=True)
        assert grid.gather(shown.image)[50].tolist() == colour.tolist()


def test_colours_span_the_channel_between_the_percentiles(lake: Lake) -> None:
    embeddings = spread(0)
    write_embeddings(lake, "wuhan", 2020, embeddings)
    colours = fit_axes(lake, [("wuhan", 2020)]).colours(embeddings)[:, :3]
    assert ((colours == 0).mean(axis=0) < 0.03).all()
    assert ((colours == 255).mean(axis=0) < 0.03).all()
    assert (colours.min(axis=0) == 0).all()
    assert (colours.max(axis=0) == 255).all()


def test_a_missing_pixel_is_transparent(embedded: Lake) -> None:
    axes = read_axes(embedded)
    _, embeddings = read_embeddings(embedded, "wuhan", 2020)
    alpha = axes.colours(embeddings)[:, 3]
    assert np.flatnonzero(alpha == 0).tolist() == [MISSING]


def test_embeddings_of_two_models_are_refused(lake: Lake) -> None:
    write_embeddings(lake, "wuhan", 2020, spread(0))
    write_embeddings(lake, "wuhan", 2021, spread(1), digest="another")
    with pytest.raises(BadInputError, match="2 models"):
        fit_axes(lake, [("wuhan", 2020), ("wuhan", 2021)])


def test_embeddings_that_are_all_the_same_are_refused(lake: Lake) -> None:
    write_embeddings(lake, "wuhan", 2020, np.tile(spread(0)[:1], (20, 1)))
    with pytest.raises(BadInputError, match="same everywhere"):
        fit_axes(lake, [("wuhan", 2020)])


def test_no_partitions_and_no_axes_are_told_apart(lake: Lake) -> None:
    with pytest.raises(BadInputError, match="run inference first"):
        fit_axes(lake, [])
    with pytest.raises(PartitionMissingError, match="picture_axes"):
        read_axes(lake)


@pytest.fixture
def fifty_thousand() -> tuple[Axes, NDArray[np.float32]]:
    """Embeddings without any order: what compresses worst."""
    embeddings = np.random.default_rng(9).normal(size=(50_000, 8)).astype(np.float32)
    return Axes(np.zeros(8), np.eye(8)[:3], np.full(3, -2.0), np.full(3, 2.0), "abc"), embeddings


def test_a_thumbnail_is_small_even_of_a_whole_core(fifty_thousand: tuple[Axes, NDArray[np.float32]]) -> None:
    axes, embeddings = fifty_thousand
    content = thumbnail(panel(axes, city_grid("wuhan"), 2020, embeddings, simulated=True))
    assert len(content) < 30_000
    assert max(Image.open(io.BytesIO(content)).size) <= 192 + 16


def test_north_is_up_and_east_is_right(lake: Lake) -> None:
    grid = small_grid("wuhan")
    x, y = (centre - centre.mean() for centre in grid.centres())
    embeddings = np.stack([x, y, np.zeros_like(x)], axis=1).astype(np.float32)
    axes = Axes(np.zeros(3), np.eye(3), np.full(3, -1_500.0), np.full(3, 1_500.0), "abc")
    image = panel(axes, grid, 2020, embeddings, simulated=True).image.astype(int)
    middle = image.shape[0] // 2
    assert image[middle, -1, 0] > image[middle, 0, 0] + 100  # more red in the east
    assert image[0, middle, 1] > image[-1, middle, 1] + 100  # more green in the north


def test_pictures_say_what_is_simulated_and_only_that(embedded: Lake) -> None:
    axes = read_axes(embedded)
    _, embeddings = read_embeddings(embedded, "wuhan", 2020)
    made_up, real = (panel(axes, small_grid("wuhan"), 2020, embeddings, simulated) for simulated in (True, False))
    assert made_up.title == "Wuhan 2020 · Simulated data"
    assert real.title == "Wuhan 2020"
    for draw in (picture, thumbnail):
        assert draw(made_up) != draw(real)
    assert overview([made_up]) != overview([real])


def test_equal_embeddings_give_equal_bytes(embedded: Lake) -> None:
    axes = read_axes(embedded)
    panels = []
    for city, year in PARTITIONS:
        _, embeddings = read_embeddings(embedded, city, year)
        panels.append(panel(axes, small_grid(city), year, embeddings, simulated=True))
    assert picture(panels[0]) == picture(panels[0])
    assert thumbnail(panels[0]) == thumbnail(panels[0])
    assert overview(panels) == overview(panels)
