"""Annual night-time lights of VIIRS."""

from assets.extraction.job import Extraction, Job, stream_table
from assets.extraction.requests import fetch_raster
from assets.extraction.sources import in_year, look_up, mosaic, nearest_year, over, provenance
from lake.streams import NIGHTLIGHTS

V21 = "NOAA/VIIRS/DNB/ANNUAL_V21"
V22 = "NOAA/VIIRS/DNB/ANNUAL_V22"
LAST_OF_V21 = 2021
BANDS = ("average", "median", "maximum")
"""Radiance, nW/cm²/sr, in the order of the stream's columns. The unmasked ones: dark ground is dark, not missing."""


def extract_nightlights(job: Job) -> Extraction:
    """Mean, median and greatest radiance of the year, interpolated bilinearly from 15 arc seconds.

    A pixel of VIIRS is some 460 m wide and what it sees is wider still, so its light does not end at its edge (ours).
    """
    collection = V21 if job.year <= LAST_OF_V21 else V22
    images = over(job, collection)
    found = look_up(job, collection, images)
    year = nearest_year(found.years, job.year)
    image = mosaic(in_year(images, year)).select(list(BANDS)).resample("bilinear")
    values = job.grid.gather(fetch_raster(job, image, BANDS))
    metadata = provenance(job, [(found, str(year))], unit="nW/cm²/sr", resampling="bilinear from 15 arc seconds")
    return Extraction(stream_table(NIGHTLIGHTS, job.grid, values), metadata)
