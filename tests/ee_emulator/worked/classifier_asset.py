"""Worked values of classifiers kept as assets."""

import time

from tests.ee_emulator.worked import Worked

_ID = "projects/local-ee/assets/worked_classifier"
_TREE = "1) root 4 9999 9999 1\n2) x<=5 2 0.0 1 *\n3) x>5 2 0.0 7 *"


def _loaded(ee):  # type: ignore[no-untyped-def]
    """A feature classified by a tree that was exported."""
    task = ee.batch.Export.classifier.toAsset(ee.Classifier.decisionTree(_TREE), "worked", _ID, overwrite=True)
    task.start()
    while task.active():
        time.sleep(0.05)
    rows = ee.FeatureCollection([ee.Feature(None, {"x": 2}), ee.Feature(None, {"x": 8})])
    return rows.classify(ee.Classifier.load(_ID)).aggregate_array("classification")


WORKED = [
    Worked("Classifier.load", _loaded, [1, 7], "reference: by hand: x of 2 lies on the left leaf, 8 on the right one")
]
