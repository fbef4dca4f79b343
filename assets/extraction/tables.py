"""User assets that are tables."""

import ee

from assets.extraction.job import Job
from assets.extraction.requests import fetch_value


def look_up_table(job: Job, *assets: str) -> dict[str, str]:
    """Where tables come from, as metadata; whether one is simulated its own property says.

    Raises:
        ExtractionError: A table is not there; names it and the setting of its folder.
    """
    marks = ee.List([ee.FeatureCollection(asset).get("simulated") for asset in assets])
    simulated = fetch_value(job, marks)
    made_up = [asset for asset, mark in zip(assets, simulated, strict=True) if mark]
    metadata = {"source": "; ".join(assets), "provider": job.session.provider, "simulated": str(bool(made_up)).lower()}
    return metadata | ({"simulated_sources": "; ".join(made_up)} if made_up else {})
