"""Worked values of Blob and Describe."""

import time
from types import ModuleType
from typing import Any

from tests.ee_emulator.worked import Worked

_URL = "gs://worked-values/one.csv"


def _exported(ee: ModuleType) -> Any:
    """A table exported to the bucket, and the file as a blob."""
    table = ee.FeatureCollection([ee.Feature(None, {"a": 1})])
    bucket, _, prefix = _URL.removeprefix("gs://").removesuffix(".csv").partition("/")
    task = ee.batch.Export.table.toCloudStorage(table, "one", bucket, prefix, "CSV", ["a"])
    task.start()
    while task.active():
        time.sleep(0.02)
    return ee.Blob(_URL)


WORKED = [
    Worked("Blob", lambda ee: ee.Blob(_URL), {"type": "Blob"}, "own: nobody prints one; its class and its address"),
    Worked("Blob.url", lambda ee: ee.Blob(_URL).url(), _URL, "reference: by hand"),
    Worked("Blob.string", lambda ee: _exported(ee).string().trim(), "a\n1", "reference: the file's column and row"),
    Worked(
        "Describe",
        lambda ee: ee.Algorithms.Describe(ee.Date(0)),
        {"type": "Date", "value": 0},
        "documentation: developers.google.com/earth-engine/apidocs/ee-algorithms-describe: JSON as getInfo gives it",
    ),
]
