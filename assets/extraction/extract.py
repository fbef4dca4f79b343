"""The seven streams, each by its own module."""

from collections.abc import Callable, Mapping

from assets.extraction import aef, indices, morphology, nightlights, poi, population, text
from assets.extraction.connection import Session, activate
from assets.extraction.job import Extraction, Job
from lake.grid import CityGrid
from lake.streams import Stream

__all__ = ["Extraction", "extract"]

_EXTRACTORS: Mapping[str, Callable[[Job], Extraction]] = {
    "aef": aef.extract_aef,
    "population": population.extract_population,
    "nightlights": nightlights.extract_nightlights,
    "indices": indices.extract_indices,
    "poi": poi.extract_poi,
    "morphology": morphology.extract_morphology,
    "text": text.extract_text,
}


def extract(session: Session, stream: Stream, grid: CityGrid, year: int) -> Extraction:
    """Extracts a stream of one city and year.

    Args:
        session: From `connect`.
        stream: One of `lake.streams.STREAMS`.
        grid: The pixels.
        year: Calendar year; where a data set has no such year, the metadata's `source_year` says which was taken.

    Raises:
        ExtractionError: Earth Engine refused, has nothing there, or does not answer; names stream, city and year.
    """
    activate(session)
    return _EXTRACTORS[stream.name](Job(session, stream.name, grid, year))
