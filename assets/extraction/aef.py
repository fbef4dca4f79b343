"""AlphaEarth embeddings: 64 bands of unit length, from 10 m to 100 m."""

import ee
import numpy as np
import polars as pl

from assets.extraction.job import Extraction, Job
from assets.extraction.requests import fetch_raster
from assets.extraction.sources import in_year, look_up, over, provenance, to_grid
from lake.aef import quantise, unit_length
from lake.streams import AEF

COLLECTION = "GOOGLE/SATELLITE_EMBEDDING/V1/ANNUAL"
NATIVE = 10.0
"""Metres."""
ATTRIBUTION = "The AlphaEarth Foundations Satellite Embedding dataset is produced by Google and Google DeepMind."
"""Wanted by the data set's licence, CC-BY-4.0."""


def extract_aef(job: Job) -> Extraction:
    """Embeddings of the year: means over 10 × 10 pixels, brought back to unit length, in int8 (docs/methods.md).

    A pixel whose tiles are masked, zero or not a number becomes nodata (−128).
    """
    images = in_year(over(job, COLLECTION), job.year)
    found = look_up(job, COLLECTION, images)
    means = fetch_raster(job, to_grid(_on_native_lattice(job, images)), AEF.columns)
    # The mean of unit vectors has the direction of their sum.
    codes = quantise(unit_length(job.grid.gather(means).astype(np.float64)))
    table = pl.DataFrame({"pixel": job.grid.pixel}, schema={"pixel": pl.UInt32}).with_columns(
        pl.Series(name, np.ascontiguousarray(codes[:, k])) for k, name in enumerate(AEF.columns)
    )
    licence = {} if found.simulated else {"licence": "CC-BY-4.0", "attribution": ATTRIBUTION}
    return Extraction(
        table, provenance(job, [(found, str(job.year))], tiles=", ".join(found.indices), nodata="-128", **licence)
    )


def _on_native_lattice(job: Job, images: ee.ImageCollection) -> ee.Image:
    """Tiles side by side on the lattice of 10 m that the grid's pixels are made of.

    Tiles lie in the UTM zone of their own; those of the city's zone fall onto this lattice exactly, those of a
    neighbouring zone are taken to its nearest pixels.
    """
    t = job.grid.transform
    return images.mosaic().setDefaultProjection(job.grid.crs, [NATIVE, 0, t.c, 0, -NATIVE, t.f])
