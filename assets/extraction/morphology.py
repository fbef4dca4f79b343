"""Urban form: built-up surface and height of the Global Human Settlement Layer, roads and buildings of one's own."""

import ee

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
from lake.streams import MORPHOLOGY

BUILT_SURFACE = "JRC/GHSL/P2023A/GHS_BUILT_S"
BUILT_HEIGHT = "JRC/GHSL/P2023A/GHS_BUILT_H"
URBAN_FORM = "urban_form"
"""A user asset: yearly images with `road_density` (km/km²) and `building_density` (share of ground under roofs)."""
CELL_M2 = 10_000.0
"""A cell of GHSL is one hectare, and the built-up surface in it is told in m²."""


def extract_morphology(job: Job) -> Extraction:
    """Built-up surface interpolated between epochs, height (2018 only), and roads and buildings of the nearest year."""
    surface, built, built_year = epoch_image(job, BUILT_SURFACE)
    shares = surface.select(["built_surface", "built_surface_nres"]).divide(CELL_M2)
    height, raised, height_year = _nearest(job, BUILT_HEIGHT)
    form, own, form_year = _nearest(job, job.user_asset(URBAN_FORM))
    image = ee.Image.cat(
        to_grid(shares),
        to_grid(height.select("built_height")),
        to_grid(form.select(["road_density", "building_density"])),
    ).rename(list(MORPHOLOGY.columns))
    values = job.grid.gather(fetch_raster(job, image, MORPHOLOGY.columns))
    sources = [(built, built_year), (raised, height_year), (own, form_year)]
    return Extraction(stream_table(MORPHOLOGY, job.grid, values), provenance(job, sources))


def _nearest(job: Job, collection: str) -> tuple[ee.Image, Found, str]:
    images = over(job, collection)
    found = look_up(job, collection, images)
    year = nearest_year(found.years, job.year)
    return mosaic(in_year(images, year)), found, str(year)
