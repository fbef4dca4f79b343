"""Which images of a collection cover a city, from which years, and whether they are simulated."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import ee

from assets.extraction.errors import ExtractionError
from assets.extraction.job import Job
from assets.extraction.requests import fetch_value


@dataclass(frozen=True)
class Found:
    """Images of a collection over a city.

    Attributes:
        collection: Asset id.
        indices: `system:index` of each image.
        years: Calendar year in which each begins, UTC.
        simulated: True where an image carries the property `simulated`, as all of the planet's do.
    """

    collection: str
    indices: tuple[str, ...]
    years: tuple[int, ...]
    simulated: bool


def over(job: Job, collection: str) -> ee.ImageCollection:
    """A collection's images that meet the grid's window."""
    images: ee.ImageCollection = ee.ImageCollection(collection).filterBounds(job.region)
    return images


def in_year(images: ee.ImageCollection, year: int) -> ee.ImageCollection:
    """Images that begin in a calendar year (UTC)."""
    chosen: ee.ImageCollection = images.filterDate(f"{year}-01-01", f"{year + 1}-01-01")
    return chosen


def look_up(job: Job, collection: str, images: ee.ImageCollection) -> Found:
    """What is there, in one request.

    Args:
        job: For errors.
        collection: The id, for the record.
        images: The collection, filtered.

    Raises:
        ExtractionError: Nothing is there.
    """
    found = find(job, collection, images)
    if not found.indices:
        raise ExtractionError(
            f"{job.title}: {collection} has no image there. Choose a year that the data set covers, or another source."
        )
    return found


def find(job: Job, collection: str, images: ee.ImageCollection) -> Found:
    """The same, where it is right that nothing may be there."""
    facts = fetch_value(
        job,
        ee.Dictionary(
            {
                "index": images.aggregate_array("system:index"),
                "start": images.aggregate_array("system:time_start"),
                "simulated": images.aggregate_array("simulated"),
            }
        ),
    )
    years = tuple(datetime.fromtimestamp(ms / 1000, UTC).year for ms in facts["start"])
    return Found(collection, tuple(facts["index"]), years, bool(facts["simulated"]))


def mosaic(images: ee.ImageCollection) -> ee.Image:
    """A mosaic on the lattice of its first image: a mosaic forgets it, and `reduceResolution` has to know."""
    return images.mosaic().setDefaultProjection(images.first().select(0).projection())


def to_grid(image: ee.Image) -> ee.Image:
    """Means over each pixel asked for of all finer pixels in it, weighted by their share.

    `maxPixels` is set, for the default of 64 is fewer than the 100 that lie in 10 m → 100 m.
    """
    return image.reduceResolution(ee.Reducer.mean(), bestEffort=False, maxPixels=256)


def nearest_year(years: Sequence[int], year: int) -> int:
    """The year there is that is nearest to the one wanted; the earlier of two."""
    return min(set(years), key=lambda there: (abs(there - year), there))


def around(epochs: Sequence[int], year: int) -> tuple[int, int, float]:
    """The epochs before and after a year, and the weight of the later one; the first or last where it lies beyond."""
    before = max((epoch for epoch in epochs if epoch <= year), default=min(epochs))
    after = min((epoch for epoch in epochs if epoch >= year), default=max(epochs))
    return before, after, (year - before) / (after - before) if after > before else 0.0


def epoch_image(job: Job, collection: str) -> tuple[ee.Image, Found, str]:
    """A collection of epochs, linearly interpolated to the year; with what is there and the `source_year`."""
    images = over(job, collection)
    found = look_up(job, collection, images)
    before, after, weight = around(found.years, job.year)
    first = mosaic(in_year(images, before))
    if after == before:
        return first, found, str(before)
    last = mosaic(in_year(images, after))
    between = first.multiply(1.0 - weight).add(last.multiply(weight))
    return between, found, f"{before}–{after}, {weight:g} of the way"


def provenance(job: Job, sources: Sequence[tuple[Found, str]], **more: str) -> dict[str, str]:
    """The metadata of an extraction.

    Args:
        job: Whose.
        sources: What was used, and which year of it.
        more: What else a reader needs.
    """
    metadata = {
        "source": "; ".join(found.collection for found, _ in sources),
        "source_year": "; ".join(year for _, year in sources),
        "provider": job.session.provider,
        "simulated": str(any(found.simulated for found, _ in sources)).lower(),
    }
    made_up = [found.collection for found, _ in sources if found.simulated]
    if made_up:
        metadata["simulated_sources"] = "; ".join(made_up)
    return metadata | more
