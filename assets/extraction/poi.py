"""Points of interest around each pixel, by category."""

import ee
import numpy as np
from numpy.typing import NDArray

from assets.extraction.job import Extraction, Job, rectangle, stream_table
from assets.extraction.requests import fetch_raster_of
from assets.extraction.tables import look_up_table
from lake.grid import PIXEL_SIZE, CityGrid, GridWindow
from lake.streams import POI, POI_CATEGORIES

RADIUS = 500.0
"""Metres (ours): some minutes' walk. Most pixels of 100 m hold no place of a category; a neighbourhood does."""
_REACH = int(RADIUS // PIXEL_SIZE)
_TILE = 512
"""Pixels a side: a city in one request, the answer to which is 14 MB."""


def extract_poi(job: Job) -> Extraction:
    """Places per km² within 500 m, for each of the 14 categories, from the user asset `poi_YEAR`.

    Earth Engine counts the places in each pixel, so that millions of them need not be downloaded; the counts of all
    pixels whose centre lies within the radius are then summed, and divided by the area of those pixels.
    """
    asset = job.user_asset(f"poi_{job.year}")
    found = look_up_table(job, asset)

    def counts_over(window: GridWindow) -> ee.Image:
        places = ee.FeatureCollection(asset).filterBounds(rectangle(window)).map(lambda place: place.set("one", 1))
        counts = ee.Image.cat(*(_counts(places, category) for category in POI_CATEGORIES))
        empty_where_none: ee.Image = counts.unmask(0, sameFootprint=False)
        return empty_where_none

    counts = fetch_raster_of(job, counts_over, POI_CATEGORIES, margin=_REACH, side=_TILE)
    values = density(job.grid, counts)
    metadata = found | {"source_year": str(job.year), "unit": "places per km²", "radius": f"{RADIUS:g} m"}
    return Extraction(stream_table(POI, job.grid, values), metadata)


def _counts(places: ee.FeatureCollection, category: str) -> ee.Image:
    chosen = places.filter(ee.Filter.eq("category", category))
    return chosen.reduceToImage(["one"], ee.Reducer.sum()).rename(category)


def density(grid: CityGrid, counts: NDArray[np.float32]) -> NDArray[np.float32]:
    """Places per km² within the radius of each pixel.

    Args:
        grid: The pixels.
        counts: Places in each pixel of the window and around, (height + 2·reach, width + 2·reach, categories); NaN
            counts as none.

    Returns:
        float32 of shape (pixels, categories).
    """
    offsets = np.arange(-_REACH, _REACH + 1)
    disc = np.argwhere(np.hypot(*np.meshgrid(offsets, offsets)) * PIXEL_SIZE <= RADIUS)
    known = np.nan_to_num(counts).astype(np.int64)  # whole numbers: their sum does not depend on the order
    rows, columns = grid.rows - grid.window.row, grid.columns - grid.window.column
    total = sum(known[rows + row, columns + column] for row, column in disc.tolist())
    area = len(disc) * (PIXEL_SIZE / 1000.0) ** 2
    return (np.asarray(total) / area).astype(np.float32)
