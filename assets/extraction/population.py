"""People per km², from WorldPop and from the Global Human Settlement Layer.

Both count people a pixel, on lattices that are not the city's. A count must not be averaged as it is: a pixel of
WorldPop is 3 arc seconds wide and holds fewer people in the north than in the south for its smaller area alone. Counts
are divided by their pixels' areas first, and densities averaged by area: people are neither made nor lost.
"""

import ee
import numpy as np

from assets.extraction.job import Extraction, Job, stream_table
from assets.extraction.requests import fetch_raster
from assets.extraction.sources import (
    Found,
    epoch_image,
    in_year,
    look_up,
    mosaic,
    nearest_year,
    over,
    provenance,
    to_grid,
)
from lake.streams import POPULATION

WORLDPOP = "WorldPop/GP/100m/pop"
GHS_POP = "JRC/GHSL/P2023A/GHS_POP"
PER_KM2 = 1e6
GHSL_CELL_KM2 = 0.01
"""A cell of GHSL is one hectare: its projection (Mollweide) keeps areas."""


def extract_population(job: Job) -> Extraction:
    """WorldPop of the nearest year (it ends in 2020) and GHSL interpolated between its epochs of five years."""
    worldpop, counted, worldpop_year = _worldpop(job)
    ghsl, settled, ghsl_year = epoch_image(job, GHS_POP)
    density = ghsl.select("population_count").divide(GHSL_CELL_KM2)
    image = to_grid(worldpop).rename(POPULATION.columns[0]).addBands(to_grid(density).rename(POPULATION.columns[1]))
    values = job.grid.gather(fetch_raster(job, image, POPULATION.columns))
    table = stream_table(POPULATION, job.grid, np.maximum(values, 0.0))
    metadata = provenance(job, [(counted, str(worldpop_year)), (settled, ghsl_year)], unit="people per km²")
    return Extraction(table, metadata)


def _worldpop(job: Job) -> tuple[ee.Image, Found, int]:
    images = over(job, WORLDPOP).filter(ee.Filter.eq("country", "CHN"))
    found = look_up(job, WORLDPOP, images)
    year = nearest_year(found.years, job.year)
    counts = mosaic(in_year(images, year).map(_with_empty_water))
    return counts.divide(ee.Image.pixelArea()).multiply(PER_KM2), found, year


def _with_empty_water(image: ee.Image) -> ee.Image:
    """Nobody where WorldPop has no data: it masks water, and a pixel half in a lake has half the density."""
    return image.unmask(0)
