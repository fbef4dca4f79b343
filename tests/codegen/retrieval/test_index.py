"""An index is built, grown, opened and searched."""

import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from codegen.retrieval import dense, storage
from codegen.retrieval.documents import KINDS
from codegen.retrieval.fusion import Weights
from codegen.retrieval.index import Index, build_index
from codegen.retrieval.lexical import Lexical
from lake.errors import BadInputError
from tests.codegen.retrieval.conftest import made_up, write


class Embedded:
    """Counts what is embedded."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, done: int, total: int) -> None:
        self.count = total


def operators(index: Index, text: str, mode: str = "fused", k: int = 3) -> list[str]:
    return [hit.document.title for hit in index.search(text, ["operator"], k, mode)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("english", "chinese", "operator"),
    [
        ("hillshade of the terrain", "地形的山体阴影", "ee.Terrain.hillshade"),
        ("random forest classifier", "随机森林分类器", "ee.Classifier.smileRandomForest"),
        ("mask an image", "更新影像的掩膜", "ee.Image.updateMask"),
        ("slope of the terrain", "坡度", "ee.Terrain.slope"),
        ("median of an image collection", "影像集合的中值", "ee.ImageCollection.median"),
        ("normalized difference of two bands", "两个波段的归一化差值", "ee.Image.normalizedDifference"),
        ("area of pixels", "像素面积", "ee.Image.pixelArea"),
    ],
)
def test_chinese_and_english_find_the_same_operator(index: Index, english: str, chinese: str, operator: str) -> None:
    assert operator in operators(index, english)
    assert operator in operators(index, chinese)


def test_words_find_names_and_say_nothing_of_other_languages(index: Index) -> None:
    assert operators(index, "reduceRegion", "lexical")[0] == "ee.Image.reduceRegion"
    assert operators(index, "reduce region", "lexical")[0] == "ee.Image.reduceRegion"
    assert operators(index, "坡度", "lexical") == []
    assert index.search("坡度", mode="lexical")[0].document.id == "script:s1", "its comment has the word"


def test_what_both_orders_have_first_is_first_in_the_fused_one(index: Index) -> None:
    text = "gaussian kernel"
    first = {mode: operators(index, text, mode, 1) for mode in ("lexical", "dense", "fused")}
    assert first["lexical"] == first["dense"] == first["fused"] == ["ee.Kernel.gaussian"]
    hit = index.search(text, ["operator"], 1)[0]
    assert (hit.lexical, hit.dense) == (1, 1)


def test_of_two_that_are_alike_the_one_that_is_used_more_comes_first(index: Index) -> None:
    """A query that names neither class tells no difference between the two."""
    lexical = Weights(dense=0.0, usage=0.5), Weights(dense=0.0, usage=0.0)
    used, plain = (
        [hit.document.title for hit in index.search("select", ["operator"], 3, weights=weights)] for weights in lexical
    )
    assert used[0] == "ee.Image.select"
    assert sorted(used) == sorted(plain)


def test_every_kind_can_be_found_alone(index: Index) -> None:
    assert index.kinds == KINDS
    for kind in KINDS:
        found = index.search("mean of an image in a region, median", [kind], 3)
        assert found
        assert {hit.document.kind for hit in found} == {kind}


def test_documents_say_what_rows_say(index: Index) -> None:
    operator = index.document("operator:ee.Image.reduceRegion")
    assert operator is not None
    assert "reduce region" in operator.text
    assert "geometry" in operator.text
    script, dataset = index.document("script:s0"), index.document("dataset:LANDSAT/LC08/C02/T1_L2")
    assert script is not None
    assert script.operators == ("ee.ImageCollection", "ee.ImageCollection.filterDate", "ee.ImageCollection.median")
    assert dataset is not None
    assert dataset.operators == ("ee.ImageCollection.filterDate", "ee.Image.updateMask")
    assert index.document("script:s2") is None, "without comments there is nothing to be found by"
    assert index.document("pattern:ee.Image.select") is None, "a pattern that is not closed says nothing of its own"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [({"text": " \n"}, "empty"), ({"text": "a", "kinds": ["opperator"]}, "opperator"),
     ({"text": "a", "kinds": []}, "none"), ({"text": "a", "mode": "both"}, "both"),
     ({"text": "a", "k": 0}, "at least 1")],
)  # fmt: skip
def test_what_cannot_be_searched_is_refused(index: Index, arguments: dict[str, object], says: str) -> None:
    with pytest.raises(BadInputError, match=says):
        index.search(**arguments)  # type: ignore[arg-type]


def test_what_is_no_index_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="is no index"):
        Index.open(tmp_path)
    (tmp_path / "current.json").write_text("no json")
    with pytest.raises(BadInputError, match="not that of an index"):
        Index.open(tmp_path)


def test_an_index_that_lost_its_version_is_built_anew(knowledge: Path, folder: Path, tmp_path: Path) -> None:
    place = shutil.copytree(folder, tmp_path / "index")
    shutil.rmtree(next(path for path in place.iterdir() if path.is_dir()))
    with pytest.raises(BadInputError, match="is no index"):
        Index.open(place)
    build_index(knowledge, place)
    assert Index.open(place).search("slope")


def test_what_is_no_knowledge_base_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"no operators\.parquet"):
        build_index(tmp_path, tmp_path / "index")
    tables = made_up()
    write(tables | {"chains": tables["chains"].drop("count")}, tmp_path)
    with pytest.raises(BadInputError, match=r"chains\.parquet lacks count"):
        build_index(tmp_path, tmp_path / "index")
    write({name: table.clear() for name, table in tables.items()}, tmp_path)
    with pytest.raises(BadInputError, match="is empty"):
        build_index(tmp_path, tmp_path / "index")


def test_nothing_is_done_where_nothing_changed(knowledge: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dense, "embed", None)
    before = sorted(path.stat().st_mtime_ns for path in folder.rglob("*"))
    build_index(knowledge, folder)
    assert sorted(path.stat().st_mtime_ns for path in folder.rglob("*")) == before


def test_an_index_that_grew_equals_one_that_was_built_at_once(knowledge: Path, folder: Path, tmp_path: Path) -> None:
    tables = made_up()
    less = write(tables | {"operators": tables["operators"].head(45)}, tmp_path / "less")
    changed, embedded = Embedded(), Embedded()
    build_index(less, tmp_path / "index", changed)
    build_index(knowledge, tmp_path / "index", embedded)
    assert changed.count > 45
    assert embedded.count == 5, "only the operators that are new"
    parts, expected = storage.read(tmp_path / "index"), storage.read(folder)
    assert parts[0].equals(expected[0])
    assert np.array_equal(parts[1], expected[1])
    assert _same(parts[2], expected[2])


def test_a_changed_text_is_embedded_anew_and_another_count_is_not(
    knowledge: Path, folder: Path, tmp_path: Path
) -> None:
    place = shutil.copytree(folder, tmp_path / "index")
    tables = made_up()
    is_slope = pl.col("name") == "ee.Terrain.slope"
    told = pl.when(is_slope).then(pl.lit("Steepness.")).otherwise("description").alias("description")
    counted = tables["operators"].with_columns(pl.col("scripts") * 3, told)
    embedded = Embedded()
    build_index(write(tables | {"operators": counted}, tmp_path / "knowledge"), place, embedded)
    assert embedded.count == 1
    assert operators(Index.open(place), "steepness", k=1) == ["ee.Terrain.slope"]


def test_a_build_that_fails_leaves_the_index_as_it_was(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = shutil.copytree(folder, tmp_path / "index")
    before = sorted(path.name for path in place.iterdir())
    tables = made_up()
    other = write(tables | {"chains": tables["chains"].head(2)}, tmp_path / "knowledge")
    monkeypatch.setattr(Lexical, "write", lambda self, path: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        build_index(other, place)
    assert sorted(path.name for path in place.iterdir()) == before
    assert Index.open(place).search("slope")


def test_a_reader_keeps_the_version_that_it_opened(knowledge: Path, folder: Path, tmp_path: Path) -> None:
    place = shutil.copytree(folder, tmp_path / "index")
    tables = made_up()
    reader = Index.open(place)
    for rows in (3, 2, 1):
        build_index(write(tables | {"chains": tables["chains"].head(rows)}, tmp_path / str(rows)), place)
    versions = [path for path in place.iterdir() if path.is_dir()]
    assert len(versions) == 2, "the current one and the one before"
    assert reader.search("slope", ["chain"])
    assert Index.open(place).size == reader.size - 5


def _same(left: Lexical, right: Lexical) -> bool:
    arrays = all(
        np.array_equal(getattr(left, name), getattr(right, name)) for name in ("starts", "documents", "shares")
    )
    return arrays and left.vocabulary == right.vocabulary
