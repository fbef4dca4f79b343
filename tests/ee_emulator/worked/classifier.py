"""Worked values of classifiers, on tables small enough to do by hand."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from tests.ee_emulator.worked import Worked

GROUPS = [
    (0, 1, 3),
    (0.5, 1, 3),
    (0.25, 1.5, 3),
    (4, 5, 0),
    (4.5, 5, 0),
    (4, 5.5, 0),
    (9, 0, 7),
    (9, 1, 7),
    (9.5, 0, 7),
]
"""Three groups far apart: (a, b, class)."""
CLASSES = [3, 3, 3, 0, 0, 0, 7, 7, 7]
LINE = [(0, 0), (1, 0), (5, 1), (6, 1)]
"""One input: (a, class)."""
COUNTS = [(3, 1, 0), (4, 1, 0), (1, 5, 7), (2, 6, 7)]

RPART = """n= 927984

node), split, n, loss, yval, (yprob)
      * denotes terminal node

1) root 927984 618656 0 (0.333333333 0.333333333 0.333333333)
  2) swir2< 0.08979684 615416 307150 0 (0.500906704 0.490882590 0.008210706)
    4) blue< 0.1603449 313364  11715 0 (0.962615361 0.036312403 0.001072235) *
    5) blue>=0.1603449 302052  11334 1 (0.021906824 0.962476660 0.015616516) *
  3) swir2>=0.08979684 312568   8293 9 (0.003397661 0.023134166 0.973468173) *
"""
"""A tree of R's rpart as scripts paste it in."""
STEPS = [
    "1) root 9999 9999 9999\n2) x<=0.25 9999 9999 1 *\n3) x>0.25 9999 9999 9999\n6) x<=0.5 9999 9999 2 *\n"
    "7) x>0.5 9999 9999 3 *",
    "1) root 9999 9999 9999\n2) x>=0.4 9999 9999 3 *\n3) x<0.4 9999 9999 1 *",
    "1) root 9999 9999 9999\n  2) x <= 0.300000 9999 9999 2 *\n  3) x > 0.300000 9999 9999 3 *",
]


def table(ee: ModuleType, rows: list[tuple[float, ...]], *names: str) -> Any:
    """Rows as features."""
    return ee.FeatureCollection([ee.Feature(None, dict(zip(names, row, strict=True))) for row in rows])


def groups(ee: ModuleType) -> Any:
    """The three groups."""
    return table(ee, GROUPS, "a", "b", "class")


def trained(ee: ModuleType, classifier: Any) -> Any:
    """A classifier that has learned the three groups."""
    return ee.Classifier(classifier).train(groups(ee), "class", ["a", "b"])


def resubstituted(ee: ModuleType, classifier: Any) -> Any:
    """What it says of the table that it has learned."""
    return groups(ee).classify(trained(ee, classifier)).aggregate_array("classification")


def on_line(ee: ModuleType, classifier: Any, values: list[float], mode: str = "CLASSIFICATION") -> Any:
    """What a classifier that has learned the line says of other values."""
    model = classifier.train(table(ee, LINE, "a", "class"), "class", ["a"]).setOutputMode(mode)
    return table(ee, [(v,) for v in values], "a").classify(model).aggregate_array("classification")


def separated(name: str, make: Callable[[ModuleType], Any]) -> Worked:
    """Any classifier of its kind tells groups apart that are far apart."""
    source = "reference: by hand, groups far apart are told apart whatever the random numbers"
    return Worked(f"Classifier.{name}", lambda ee: resubstituted(ee, make(ee)), CLASSES, source)


def hidden(name: str, **arguments: Any) -> Callable[[ModuleType], Any]:
    """A constructor that the client has no method for."""
    return lambda ee: ee.apply(f"Classifier.{name}", arguments)


def presence(ee: ModuleType, **settings: Any) -> Any:
    """Maxent without regularisation: x is 1 at three presences of four, and 0 and 1 once each in the background."""
    rows = [(1, 1), (1, 1), (1, 1), (0, 1), (0, 0), (1, 0)]
    options = {"autoFeature": False, "quadratic": False, "product": False, "hinge": False, "betaMultiplier": 0}
    options |= {"addSamplesToBackground": False, "writeClampGrid": False} | settings
    model = ee.Classifier.amnhMaxent(**options).train(table(ee, rows, "x", "presence"), "presence", ["x"])
    return table(ee, [(0,), (1,)], "x").classify(model).aggregate_array("probability")


WORKED = [
    separated("smileCart", lambda ee: ee.Classifier.smileCart()),
    separated("smileRandomForest", lambda ee: ee.Classifier.smileRandomForest(20)),
    separated("randomForest", hidden("randomForest", numberOfTrees=20)),
    separated("smileGradientTreeBoost", lambda ee: ee.Classifier.smileGradientTreeBoost(20, shrinkage=0.1)),
    separated("libsvm", lambda ee: ee.Classifier.libsvm()),
    separated("svm", hidden("svm")),
    separated("perceptron", hidden("perceptron")),
    separated("winnow", hidden("winnow", epochs=20)),
    Worked(
        "Classifier.smileCart",
        lambda ee: on_line(ee, ee.Classifier.smileCart(), [2.9, 3.1]),
        [0, 1],
        "reference: by hand, the split lies half-way between 1 and 5 (Breiman et al. 1984)",
    ),
    Worked(
        "Classifier.libsvm",
        lambda ee: on_line(ee, ee.Classifier.libsvm(cost=100), [2.9, 3.1]),
        [0, 1],
        "reference: by hand, the widest margin between 1 and 5 has its middle at 3",
    ),
    Worked(
        "Classifier.smileKNN",
        lambda ee: on_line(ee, ee.Classifier.smileKNN(1), [2.9, 3.1]),
        [0, 1],
        "reference: by hand, 1 is nearer to 2.9 and 5 to 3.1",
    ),
    Worked(
        "Classifier.smileKNN",
        lambda ee: on_line(ee, ee.Classifier.smileKNN(3), [3.1], "MULTIPROBABILITY"),
        [[1 / 3, 2 / 3]],
        "reference: by hand, the three nearest of 3.1 are 5, 1 and 6",
    ),
    Worked(
        "Classifier.minimumDistance",
        lambda ee: on_line(ee, ee.Classifier.minimumDistance(), [2.9, 3.1]),
        [0, 1],
        "reference: by hand, the means are 0.5 and 5.5",
    ),
    Worked(
        "Classifier.minimumDistance",
        lambda ee: on_line(ee, ee.Classifier.minimumDistance(), [2, 5], "REGRESSION"),
        [1.5, 0.5],
        "documentation: apidocs/ee-classifier-minimumdistance (REGRESSION is the distance to the nearest centre)",
    ),
    Worked(
        "Classifier.minimumDistance",
        lambda ee: on_line(ee, ee.Classifier.minimumDistance("manhattan"), [2], "RAW"),
        [[1.5, 3.5]],
        "documentation: apidocs/ee-classifier-minimumdistance (RAW is the distance to every centre)",
    ),
    Worked(
        "Classifier.minimumDistance",
        lambda ee: on_line(ee, ee.Classifier.minimumDistance("mahalanobis"), [2], "RAW"),
        [[1.5 / 0.5**0.5, 3.5 / 0.5**0.5]],
        "reference: by hand, the variance of each class is 0.5",
    ),
    Worked(
        "Classifier.minimumDistance",
        lambda ee: on_line(ee, ee.Classifier.minimumDistance("euclidean", 5), [2, 5]),
        [[0, 1], [1, 0]],
        "documentation: apidocs/ee-classifier-minimumdistance (kNearest is at most the number of classes)",
    ),
    Worked(
        "Classifier.smileNaiveBayes",
        lambda ee: (
            table(ee, [(2, 2)], "a", "b")
            .classify(
                ee.Classifier.smileNaiveBayes()
                .train(table(ee, COUNTS, "a", "b", "class"), "class", ["a", "b"])
                .setOutputMode("MULTIPROBABILITY")
            )
            .aggregate_array("classification")
        ),
        [[0.5131046446, 0.4868953554]],
        "reference: scikit-learn, MultinomialNB(alpha=1e-6)",
    ),
    Worked(
        "Classifier.amnhMaxent",
        lambda ee: presence(ee, outputFormat="raw"),
        [0.25, 0.75],
        "reference: by hand, without penalty the mean of x under the model is that of the presences",
        1e-4,
    ),
    Worked(
        "Classifier.amnhMaxent",
        lambda ee: presence(ee, outputFormat="logistic"),
        [0.25 / (0.25 + 0.569876539), 0.75 / (0.75 + 0.569876539)],
        "reference: by hand, raw / (raw + exp(-H)) with H = -(0.25 ln 0.25 + 0.75 ln 0.75) (Phillips and Dudík 2008)",
        1e-4,
    ),
    Worked(
        "Classifier.decisionTree",
        lambda ee: (
            table(ee, [(0.05, 0.1), (0.05, 0.2), (0.05, 0.1603449), (0.08979684, 0)], "swir2", "blue")
            .classify(ee.Classifier.decisionTree(RPART))
            .aggregate_array("classification")
        ),
        [0, 1, 1, 9],
        "reference: by hand, down the tree that R's rpart prints",
    ),
    Worked(
        "Classifier.decisionTreeEnsemble",
        lambda ee: (
            table(ee, [(0.25,), (0.26,), (0.45,), (0.6,)], "x")
            .classify(ee.Classifier.decisionTreeEnsemble(STEPS))
            .aggregate_array("classification")
        ),
        [1, 2, 3, 3],
        "reference: by hand, the votes are 1 1 2, 2 1 2, 2 3 3 and 3 3 3",
    ),
    Worked(
        "Classifier.spectralRegion",
        lambda ee: (
            table(ee, [(5, 5), (1, 1), (20, 5)], "u", "v")
            .classify(ee.Classifier.spectralRegion([[0, 0, 10, 0, 10, 10, 0, 10], [4, 4, 6, 4, 6, 6, 4, 6]]))
            .aggregate_array("classification")
        ),
        [0, 1, 0],
        "documentation: apidocs/ee-classifier-spectralregion (an odd number of edges to cross is inside)",
    ),
    Worked(
        "Classifier.train",
        lambda ee: trained(ee, ee.Classifier.smileCart()),
        {
            "type": "Classifier.train",
            "classifier": {"type": "Classifier.smileCart"},
            "classProperty": "class",
            "inputProperties": ["a", "b"],
        },
        "own: the client's own names of what it sends; nobody prints a trained classifier whole",
    ),
    Worked(
        "Classifier.setOutputMode",
        lambda ee: on_line(ee, ee.Classifier.smileCart(), [0, 6], "PROBABILITY"),
        [0, 1],
        "reference: by hand, of two classes the probability of the second, in pure leaves",
    ),
    Worked(
        "Classifier.mode",
        lambda ee: ee.Classifier.smileCart().mode(),
        "CLASSIFICATION",
        "documentation: apidocs/ee-classifier-setoutputmode (the default)",
    ),
    Worked(
        "Classifier.schema",
        lambda ee: trained(ee, ee.Classifier.smileCart()).schema(),
        ["a", "b"],
        "documentation: apidocs/ee-classifier-schema (the names of the inputs)",
    ),
    Worked(
        "Classifier.explain",
        lambda ee: on_line_model(ee).explain(),
        {"classes": [0, 1], "importance": {"a": 0.5}},
        "reference: by hand, one split takes a Gini impurity of 0.5 to 0",
    ),
    Worked(
        "Classifier.confusionMatrix",
        lambda ee: trained(ee, ee.Classifier.minimumDistance()).confusionMatrix(),
        [[3 if row == column and row in (0, 3, 7) else 0 for column in range(8)] for row in range(8)],
        "documentation: apidocs/ee-classifier-confusionmatrix (from class 0 to the greatest)",
    ),
    Worked(
        "FeatureCollection.classify",
        lambda ee: groups(ee).classify(trained(ee, ee.Classifier.minimumDistance()), "found").first().get("found"),
        3,
        "documentation: developers.google.com/earth-engine/apidocs/ee-featurecollection-classify",
    ),
    Worked(
        "Image.classify",
        lambda ee: (
            ee.Image.constant([4, 5, 6])
            .rename(["b", "other", "a"])
            .classify(trained(ee, ee.Classifier.minimumDistance()))
            .reduceRegion(ee.Reducer.first(), ee.Geometry.Point([0, 0]), 1)
        ),
        {"classification": 0},
        "reference: by hand, (6, 4) is nearest to the mean of class 0; bands are found by name",
    ),
]


def on_line_model(ee: ModuleType) -> Any:
    """A tree over the line."""
    return ee.Classifier.smileCart().train(table(ee, LINE, "a", "class"), "class", ["a"])
