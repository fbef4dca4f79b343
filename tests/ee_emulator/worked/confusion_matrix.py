"""Worked values of confusion matrices, most of them on the matrix of Earth Engine's own samples."""

from types import ModuleType
from typing import Any

from tests.ee_emulator.worked import Worked

SAMPLE = [
    [32, 0, 0, 0, 1, 0],
    [0, 5, 0, 0, 1, 0],
    [0, 0, 1, 3, 0, 0],
    [0, 1, 4, 26, 8, 0],
    [0, 0, 0, 7, 15, 0],
    [0, 0, 0, 1, 0, 5],
]
ORDER = [11, 22, 42, 52, 71, 81]
PRODUCERS = [32 / 33, 5 / 6, 1 / 4, 26 / 39, 15 / 22, 5 / 6]
CONSUMERS = [1, 5 / 6, 1 / 5, 26 / 37, 15 / 25, 1]
F2 = [0.975609756097561, 5 / 6, 0.23809523809523808, 0.6735751295336787, 0.6637168141592921, 0.8620689655172413]


def sample(ee: ModuleType, **more: Any) -> Any:
    """The matrix of developers.google.com/earth-engine/apidocs/ee-confusionmatrix."""
    return ee.ConfusionMatrix(ee.Array(SAMPLE), **more)


def pairs(ee: ModuleType, *values: tuple[int, int]) -> Any:
    """Features with an actual and a predicted class."""
    return ee.FeatureCollection([ee.Feature(None, {"actual": a, "predicted": p}) for a, p in values])


WORKED = [
    Worked(
        "ConfusionMatrix",
        lambda ee: ee.ConfusionMatrix(ee.Array([[1, 2], [3, 4]])),
        [[1, 2], [3, 4]],
        "earth engine: aazuspan/eerepr, tests/data/test_regression_objects_confusion_matrix_.yml",
    ),
    Worked(
        "ConfusionMatrix.array",
        lambda ee: sample(ee).array(),
        SAMPLE,
        "documentation: developers.google.com/earth-engine/apidocs/ee-confusionmatrix-array",
    ),
    Worked(
        "ConfusionMatrix.order",
        lambda ee: sample(ee).order(),
        [0, 1, 2, 3, 4, 5],
        "documentation: apidocs/ee-confusionmatrix-order (a 0-based sequence where no order is given)",
    ),
    Worked(
        "ConfusionMatrix.order",
        lambda ee: sample(ee, order=ORDER).order(),
        ORDER,
        "documentation: developers.google.com/earth-engine/apidocs/ee-confusionmatrix-order",
    ),
    Worked("ConfusionMatrix.accuracy", lambda ee: sample(ee).accuracy(), 84 / 110, "reference: by hand, 84 of 110"),
    Worked(
        "ConfusionMatrix.kappa",
        lambda ee: sample(ee).kappa(),
        0.6809815950920246,
        "reference: scikit-learn, cohen_kappa_score",
        1e-12,
    ),
    Worked(
        "ConfusionMatrix.producersAccuracy",
        lambda ee: sample(ee).producersAccuracy(),
        [[value] for value in PRODUCERS],
        "reference: scikit-learn, recall_score; a column, as scripts take it apart",
    ),
    Worked(
        "ConfusionMatrix.consumersAccuracy",
        lambda ee: sample(ee).consumersAccuracy(),
        [CONSUMERS],
        "reference: scikit-learn, precision_score; a row, as scripts take it apart",
    ),
    Worked(
        "ConfusionMatrix.fscore",
        lambda ee: sample(ee).fscore(),
        [2 * p * c / (p + c) for p, c in zip(PRODUCERS, CONSUMERS, strict=True)],
        "reference: scikit-learn, f1_score",
    ),
    Worked("ConfusionMatrix.fscore", lambda ee: sample(ee).fscore(2), F2, "reference: scikit-learn, fbeta_score"),
    Worked(
        "ConfusionMatrix.consumersAccuracy",
        lambda ee: pairs(ee, (0, 0), (2, 2), (2, 0)).errorMatrix("actual", "predicted").consumersAccuracy(),
        [[0.5, 0, 1]],
        "reference: by hand; class 1 does not occur",
    ),
    Worked(
        "Collection.errorMatrix",
        lambda ee: pairs(ee, (0, 0), (0, 1), (3, 1)).errorMatrix("actual", "predicted"),
        [[1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 1, 0, 0]],
        "documentation: apidocs/ee-featurecollection-errormatrix (rows actual, 0 to the greatest value)",
    ),
    Worked(
        "Collection.errorMatrix",
        lambda ee: pairs(ee, (10, 10), (20, 10), (20, 30)).errorMatrix("actual", "predicted", [20, 10]),
        [[0, 1], [0, 1]],
        "documentation: apidocs/ee-featurecollection-errormatrix (only values of the order, in its order)",
    ),
]
