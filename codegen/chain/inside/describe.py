"""What data sets hold: for each id a line of JSON with its type, bands or properties, and period."""

from __future__ import annotations

import json
from typing import Any

import ee

MOST_NAMES = 40
DATE = 10
"""Characters of a date."""


def main(given: list[str]) -> None:
    """Prints what is known of each data set; of one that is not there, that."""
    for id in given:
        try:
            told = describe(id)
        except ee.EEException:
            told = {"id": id, "type": "NOT_THERE"}
        print(json.dumps(told))


def describe(id: str) -> dict[str, Any]:
    """Of one data set."""
    asset = ee.data.getAsset(id)
    told: dict[str, Any] = {"id": id, "type": asset["type"]}
    if asset["type"] == "IMAGE":
        told["bands"] = [band["id"] for band in asset.get("bands", ())][:MOST_NAMES]
    elif asset["type"] == "IMAGE_COLLECTION":
        told["bands"] = names(ee.ImageCollection(id).first().bandNames())
    elif asset["type"] == "TABLE":
        told["properties"] = names(ee.Feature(ee.FeatureCollection(id).first()).propertyNames())
    period = [str(asset[name])[:DATE] for name in ("startTime", "endTime") if asset.get(name)]
    return told | {"period": period} if len(period) > 1 else told


def names(computed: ee.List) -> list[str]:
    """The values of a list of names, as many as may be told."""
    found: Any = computed.getInfo()
    return [str(one) for one in found][:MOST_NAMES]
