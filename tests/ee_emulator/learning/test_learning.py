"""Learning through the client: training tables, images, tiles, masks, and what is refused."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest

from ee_emulator.catalog.chain import ChainCatalog
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster import render as rendering
from ee_emulator.raster.collection import image_of
from ee_emulator.raster.grid import Grid
from ee_emulator.raster.render import render
from ee_emulator.registry import Context, invoke
from ee_emulator.values import Feature, FeatureCollection
from tests.ee_emulator.raster.arrays import TEN_METRES, UTM, ArrayImage

CONTEXT = Context(ChainCatalog([]))
ROWS = [(1, 2, 10), (2, 1, 10), (8, 9, 30), (9, 8, 30), (1, 9, 20), (2, 8, 20)]


def table() -> FeatureCollection:
    features = [Feature(None, {"a": a, "b": b, "class": c}, str(k)) for k, (a, b, c) in enumerate(ROWS)]
    return FeatureCollection(lambda: features)


def trained(name: str, mode: str = "CLASSIFICATION", **arguments: Any) -> Any:
    classifier = invoke(f"Classifier.{name}", arguments, CONTEXT)
    training = {"classifier": classifier, "features": table(), "classProperty": "class", "inputProperties": ["a", "b"]}
    model = invoke("Classifier.train", training, CONTEXT)
    return invoke("Classifier.setOutputMode", {"classifier": model, "mode": mode}, CONTEXT)


def scene() -> Any:
    generator = np.random.default_rng(1)
    arrays = {name: generator.uniform(0, 10, (60, 90)).astype(np.float32) for name in ("b", "spare", "a")}
    masks = {"a": generator.random((60, 90)) > 0.2}
    return image_of(ArrayImage(arrays, masks)), arrays, masks["a"]


@pytest.mark.parametrize(
    ("name", "mode", "arguments"),
    [
        ("smileCart", "CLASSIFICATION", {}),
        ("smileRandomForest", "MULTIPROBABILITY", {"numberOfTrees": 5}),
        ("smileKNN", "PROBABILITY", {"k": 3}),
        ("minimumDistance", "RAW", {}),
        ("smileNaiveBayes", "PROBABILITY", {}),
    ],
)
def test_tiles_equal_the_whole_and_features_the_pixels(
    monkeypatch: pytest.MonkeyPatch, name: str, mode: str, arguments: dict[str, Any]
) -> None:
    image, arrays, mask = scene()
    classifier = trained(name, mode, **arguments)
    classified = invoke("Image.classify", {"image": image, "classifier": classifier}, CONTEXT)
    grid = Grid(UTM, TEN_METRES, 90, 60)
    whole = render(classified, grid, None, CONTEXT)["classification"]
    monkeypatch.setattr(rendering, "TILE_BYTES", 20_000)
    assert len(rendering.tiles(list(classified.bands.values()), grid)) > 4
    tiled = render(classified, grid, None, CONTEXT)["classification"]
    assert (whole.mask == mask).all()
    assert (tiled.mask == mask).all()
    places = list(zip(*np.nonzero(mask), strict=True))[::97]
    features = [Feature(None, {n: float(arrays[n][at]) for n in ("a", "b")}) for at in places]
    rows = invoke(
        "FeatureCollection.classify",
        {"features": FeatureCollection(lambda: features), "classifier": classifier},
        CONTEXT,
    ).elements()
    for at, row in zip(places, rows, strict=True):
        value = row.properties["classification"]
        expected = np.asarray(value.values if hasattr(value, "values") else value)
        np.testing.assert_allclose(whole.values[at], expected)
        np.testing.assert_allclose(tiled.values[at], expected)


def test_types_follow_the_output_mode(ee: ModuleType) -> None:
    image = ee.Image.constant([1, 2]).rename(["a", "b"])
    features = ee.FeatureCollection([ee.Feature(None, {"a": a, "b": b, "class": c}) for a, b, c in ROWS])
    model = ee.Classifier.smileRandomForest(5).train(features, "class", ["a", "b"])

    def band(mode: str) -> dict[str, Any]:
        found: dict[str, Any] = image.classify(model.setOutputMode(mode), "out").getInfo()["bands"][0]
        assert found["id"] == "out"
        kind: dict[str, Any] = found["data_type"]
        return kind

    whole = {"precision": "int", "min": -(2**31), "max": 2**31 - 1}
    assert band("CLASSIFICATION") == {"type": "PixelType", **whole}
    assert band("PROBABILITY") == {"type": "PixelType", "precision": "float"}
    assert band("REGRESSION") == {"type": "PixelType", "precision": "double"}
    assert band("MULTIPROBABILITY") == {"type": "PixelType", "precision": "float", "dimensions": 1}
    assert band("RAW") == {"type": "PixelType", **whole, "dimensions": 1}


def test_samples_of_an_image_know_their_inputs(ee: ModuleType) -> None:
    place = ee.Geometry.Rectangle([0, 0, 900, 900], "EPSG:3857", False)
    bands = ee.Image.pixelLonLat().multiply(1000).floor().toInt()
    label = bands.select("longitude").gt(3).rename("label")
    samples = bands.addBands(label).sample(place, 100, "EPSG:3857")
    model = ee.Classifier.smileCart().train(samples, "label")
    assert model.schema().getInfo() == ["longitude", "latitude"]
    assert bands.classify(model).subtract(label).reduceRegion("sum", place, 100, "EPSG:3857").getInfo() == {
        "classification": 0
    }
    clusterer = ee.Clusterer.wekaKMeans(2).train(samples.select(["longitude"]), ["longitude"])
    assert bands.cluster(clusterer).bandNames().getInfo() == ["cluster"]


def test_two_outputs_keep_their_names(ee: ModuleType) -> None:
    rows = [(k / 10, 1 if k > 6 else 0) for k in range(10)]
    features = ee.FeatureCollection([ee.Feature(None, {"x": x, "presence": p}) for x, p in rows])
    model = ee.Classifier.amnhMaxent().train(features, "presence", ["x"])
    assert ee.Image.constant(0.5).rename("x").classify(model, "ignored").bandNames().getInfo() == [
        "probability",
        "clamp",
    ]
    first = features.classify(model, "ignored").first().getInfo()["properties"]
    assert set(first) == {"x", "presence", "probability", "clamp"}


def test_what_cannot_be_learned_is_refused_in_earth_engines_words(ee: ModuleType) -> None:
    features = ee.FeatureCollection([ee.Feature(None, {"a": a, "b": b, "class": c}) for a, b, c in ROWS])
    cart = ee.Classifier.smileCart()

    def why(value: Any) -> str:
        with pytest.raises(ee.EEException) as caught:
            value.getInfo()
        return str(caught.value)

    holes = features.map(lambda f: ee.Feature(ee.Algorithms.If(ee.Number(f.get("a")).gt(8), f.set("b", None), f)))
    assert "Property 'b' of feature '3' is missing." in why(cart.train(holes, "class", ["a", "b"]))
    texts = features.map(lambda f: f.set("class", ee.String("x")))
    assert "must be a finite number" in why(cart.train(texts, "class", ["a"]))
    assert "no 'band_order'" in why(cart.train(features, "class"))
    assert "No data was found in classifier training input." in why(
        features.classify(cart.train(features.limit(0), "class", ["a"]))
    )
    assert "has not been trained" in why(features.classify(cart))
    assert "REGRESSION" in why(ee.Classifier.smileNaiveBayes().setOutputMode("REGRESSION"))
    assert "This classifier has been removed" in why(ee.apply("Classifier.cart", {}))
    missing = ee.Image.constant(1).rename("a").classify(cart.train(features, "class", ["a", "b"]))
    assert "'b' did not match any bands" in why(missing)


def test_pixels_that_are_no_numbers_are_masked() -> None:
    arrays = {name: np.array([[1, np.nan, np.inf, 8]], np.float32) for name in ("a", "b")}
    image = image_of(ArrayImage(arrays))
    for name in ("smileKNN", "libsvm", "smileCart"):
        classified = invoke("Image.classify", {"image": image, "classifier": trained(name)}, CONTEXT)
        found = render(classified, Grid(UTM, TEN_METRES, 4, 1), None, CONTEXT)["classification"]
        assert found.mask.tolist() == [[True, False, False, True]]
        assert found.values[0, 3] == 30


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("smileRandomForest", {"numberOfTrees": 10**9}),
        ("smileGradientTreeBoost", {"numberOfTrees": 10**9}),
        ("perceptron", {"epochs": 10**9}),
        ("winnow", {"epochs": 10**9}),
    ],
)
def test_learning_that_takes_too_long_is_refused_at_once(name: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(EarthEngineError, match="Computation timed out"):
        invoke("Classifier.explain", {"classifier": trained(name, **arguments)}, CONTEXT)


def test_what_a_library_cannot_learn_is_said_by_name() -> None:
    with pytest.raises(EarthEngineError, match=r"libsvm cannot learn from this table: .*nu"):
        invoke("Classifier.explain", {"classifier": trained("libsvm", svmType="NU_SVC", nu=1.5)}, CONTEXT)


def test_a_share_of_the_rows_is_drawn_by_the_seed(ee: ModuleType) -> None:
    many = ee.FeatureCollection(ee.List.sequence(1, 200).map(lambda n: ee.Feature(None, {"a": n, "class": n})))

    def matrix(seed: int) -> Any:
        model = ee.Classifier.minimumDistance().train(many, "class", ["a"], 0.25, seed)
        return model.explain().get("classes").getInfo()

    first = matrix(1)
    assert first == matrix(1)
    assert first != matrix(2)
    assert 25 < len(first) < 75
