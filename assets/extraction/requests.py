"""Requests to Earth Engine: tiles well under its 48 MB, some at a time, tried again where that can help."""

import functools
import io
import itertools
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import ee
import numpy as np
import tenacity
from affine import Affine
from google.auth.exceptions import TransportError
from numpy.typing import NDArray

from assets.extraction.errors import ExtractionError, UnansweredError
from assets.extraction.job import Job, padded
from lake.grid import GridWindow

logger = logging.getLogger(__name__)
T = TypeVar("T")

MAX_SIDE = 128
"""Pixels a side of a tile: 64 float32 bands are then 4 MB, and an answer takes seconds, not minutes."""
THREADS = 3
"""Requests at once; Dagster's pool limits how many extractions there are beside one another."""
PAGE = 5_000
"""Features wanted a page; Earth Engine may give fewer."""
MISSING = -9_999.0
"""Stands for a masked pixel in NPY, which carries no mask; a float32 exactly, and no value of any stream."""

_parsing = threading.Lock()
_TRANSIENT = frozenset({429, 500, 502, 503, 504})
_TOO_MUCH = ("memory limit exceeded", "timed out", "request size")
"""Words of Earth Engine's refusals that a smaller tile can avoid."""


@dataclass(frozen=True)
class Tile:
    """A rectangle of a window: first column and row, width, height."""

    column: int
    row: int
    width: int
    height: int

    def halves(self) -> tuple["Tile", "Tile"]:
        """Two tiles of about half the size, cut across the longer side."""
        if self.width >= self.height:
            cut = self.width // 2
            left = Tile(self.column, self.row, cut, self.height)
            return left, Tile(self.column + cut, self.row, self.width - cut, self.height)
        cut = self.height // 2
        top = Tile(self.column, self.row, self.width, cut)
        return top, Tile(self.column, self.row + cut, self.width, self.height - cut)


class _TooMuchError(Exception):
    """Earth Engine refuses this much at once; carries its words."""


def fetch_raster(
    job: Job, image: ee.Image, bands: Sequence[str], margin: int = 0, side: int = MAX_SIDE
) -> NDArray[np.float32]:
    """Pixels of an image over the grid's window; tiles in which the grid has no pixel are left out.

    Args, returns, raises: those of `fetch_raster_of`, with one image for all tiles.
    """
    return fetch_raster_of(job, lambda _: image, bands, margin, side)


def fetch_raster_of(
    job: Job,
    image_over: Callable[[GridWindow], ee.Image],
    bands: Sequence[str],
    margin: int = 0,
    side: int = MAX_SIDE,
) -> NDArray[np.float32]:
    """Pixels over the grid's window of an image that may be made for each tile; empty tiles are left out.

    A spread sample is fetched patch by patch: what lies between its patches is not computed.

    Args:
        job: Whose grid.
        image_over: From a tile's window to an image with these bands, equal to that of any other tile where both are.
        bands: Bands wanted, in order.
        margin: Pixels more on each side.
        side: Pixels a side of a tile at most.

    Returns:
        float32 of shape (height + 2·margin, width + 2·margin, bands); NaN where masked or left out.

    Raises:
        ExtractionError: Earth Engine refused or does not answer.
    """
    window = padded(job.grid.window, margin)
    raster = np.full((window.height, window.width, len(bands)), np.nan, np.float32)
    tiles = [tile for tile in _tiles_around_patches(job, margin, side) if _has_pixels(job, tile, margin)]
    done = 0

    def fill(tile: Tile) -> None:
        nonlocal done
        started = time.perf_counter()
        image = image_over(window_of(window, tile)).select(list(bands)).unmask(MISSING, sameFootprint=False).toFloat()
        _fill(job, image, window, tile, raster)
        done += 1
        logger.info("%s: tile %d of %d, %.1f s", job.title, done, len(tiles), time.perf_counter() - started)

    with ThreadPoolExecutor(THREADS, thread_name_prefix="earth-engine") as pool:
        list(pool.map(fill, tiles))
    return raster


def tiles_of(window: GridWindow, side: int) -> Iterator[Tile]:
    """Tiles of about equal size, row by row, that cover a window."""
    rows, columns = _cuts(window.height, side), _cuts(window.width, side)
    for (top, bottom), (left, right) in itertools.product(itertools.pairwise(rows), itertools.pairwise(columns)):
        yield Tile(left, top, right - left, bottom - top)


def _tiles_around_patches(job: Job, margin: int, side: int) -> Iterator[Tile]:
    """Tiles that cover the rectangles in which the grid's pixels lie and a margin; in its window with that margin."""
    window = padded(job.grid.window, margin)
    for patch in job.grid.patches:
        around = padded(patch, margin)
        for tile in tiles_of(around, side):
            column, row = tile.column + around.column - window.column, tile.row + around.row - window.row
            yield Tile(column, row, tile.width, tile.height)


def window_of(window: GridWindow, tile: Tile) -> GridWindow:
    """A tile of a window as a window of its own."""
    return GridWindow(
        crs=window.crs,
        transform=window.transform @ Affine.translation(tile.column, tile.row),
        width=tile.width,
        height=tile.height,
        row=window.row + tile.row,
        column=window.column + tile.column,
    )


def _cuts(length: int, side: int) -> list[int]:
    pieces = -(-length // side)
    return [length * k // pieces for k in range(pieces + 1)]


def _has_pixels(job: Job, tile: Tile, margin: int) -> bool:
    """Whether a pixel of the grid lies within `margin` of the tile."""
    column = job.grid.columns - job.grid.window.column + margin
    row = job.grid.rows - job.grid.window.row + margin
    near_columns = (column >= tile.column - margin) & (column < tile.column + tile.width + margin)
    near_rows = (row >= tile.row - margin) & (row < tile.row + tile.height + margin)
    return bool((near_columns & near_rows).any())


def _fill(job: Job, image: ee.Image, window: GridWindow, tile: Tile, raster: NDArray[np.float32]) -> None:
    """Writes a tile into the raster; one that is too much for Earth Engine in two parts."""
    try:
        answer = answered(job, lambda: _compute_pixels(image, window_of(window, tile)))
    except _TooMuchError as error:
        if max(tile.width, tile.height) == 1:
            raise ExtractionError(f"{job.title}: Earth Engine cannot compute even a single pixel: {error}") from error
        logger.info("%s: Earth Engine refuses %d × %d pixels at once (%s)", job.title, tile.width, tile.height, error)
        for half in tile.halves():
            _fill(job, image, window, half, raster)
        return
    target = raster[tile.row : tile.row + tile.height, tile.column : tile.column + tile.width]
    for k, name in enumerate(answer.dtype.names):
        target[..., k] = np.where(answer[name] == np.float32(MISSING), np.nan, answer[name])


def _compute_pixels(image: ee.Image, window: GridWindow) -> Any:
    t = window.transform
    grid = {
        "dimensions": {"width": window.width, "height": window.height},
        "affineTransform": {
            "scaleX": t.a,
            "shearX": t.b,
            "translateX": t.c,
            "shearY": t.d,
            "scaleY": t.e,
            "translateY": t.f,
        },
        "crsCode": window.crs,
    }
    return read_npy(ee.data.computePixels({"expression": image, "fileFormat": "NPY", "grid": grid}))


def read_npy(content: bytes) -> NDArray[Any]:
    """An NPY file's array; one at a time, for its header is Python, which 3.11 cannot parse in two threads at once.

    They share a counter of depth, and where the garbage collector lets the other thread in, one of them ends with a
    SystemError (see https://github.com/python/cpython/issues/106905).
    """
    with _parsing:
        return np.asarray(np.load(io.BytesIO(content)))


def fetch_value(job: Job, value: ee.ComputedObject) -> Any:
    """The value of an expression.

    Raises:
        ExtractionError: Earth Engine refused or does not answer.
    """
    return _unsplit(job, lambda: ee.data.computeValue(value))


def fetch_features(job: Job, collection: ee.FeatureCollection) -> list[dict[str, Any]]:
    """All features of a table as GeoJSON, page by page, in the table's order.

    Raises:
        ExtractionError: Earth Engine refused or does not answer.
    """
    features: list[dict[str, Any]] = []
    token: str | None = None
    while True:
        page: dict[str, Any] = {"expression": collection, "pageSize": PAGE} | ({"pageToken": token} if token else {})
        answer = _unsplit(job, functools.partial(ee.data.computeFeatures, page))
        features += answer.get("features", [])
        token = answer.get("nextPageToken")
        if not token:
            return features
        logger.info("%s: %d features so far", job.title, len(features))


def _unsplit(job: Job, call: Callable[[], T]) -> T:
    try:
        return answered(job, call)
    except _TooMuchError as error:
        raise ExtractionError(f"{job.title}: Earth Engine refuses: {error}") from error


def answered(job: Job, call: Callable[[], T]) -> T:
    """A call's answer. Overload (429), failures of the server (5xx), of the network and time-outs are tried again.

    Raises:
        ExtractionError: Earth Engine refused, with its words.
        UnansweredError: It did not answer in time.
    """
    patience = job.session.patience
    retrying = tenacity.Retrying(
        stop=tenacity.stop_after_attempt(patience.attempts),
        wait=tenacity.wait_random_exponential(patience.first_wait, patience.longest_wait),
        retry=tenacity.retry_if_exception(_is_transient),
        before_sleep=lambda state: _log_retry(job, state),
        reraise=True,
    )
    try:
        return retrying(call)
    except ee.EEException as error:
        raise _refusal(job, error) from error
    except (OSError, TransportError) as error:  # ConnectionError and TimeoutError are OSErrors
        raise UnansweredError(
            f"{job.title}: {job.session.provider} at {job.session.url or 'googleapis.com'} did not answer in "
            f"{patience.attempts} tries ({error}). Check the network, or that the local Earth Engine runs, and run the "
            "step again."
        ) from error


def _refusal(job: Job, error: ee.EEException) -> Exception:
    status, words = status_of(error), str(error)
    if status in _TRANSIENT:
        return UnansweredError(
            f"{job.title}: Earth Engine answered {status} at {job.session.patience.attempts} tries ({words}). Run the "
            "step again later; where it is a quota (429), run fewer steps at once or ask for a higher one."
        )
    if any(sign in words.lower() for sign in _TOO_MUCH):
        return _TooMuchError(words)
    hint = ""
    if job.session.assets_folder in words:
        hint = " User assets are looked for in the folder that AEF_ECON_EE_ASSETS names."
    elif status in (401, 403):
        hint = " Check that your account may use Earth Engine and the project that EE_PROJECT names."
    return ExtractionError(f"{job.title}: Earth Engine refuses ({status or 'no status'}): {words}{hint}")


def status_of(error: BaseException) -> int | None:
    """The HTTP status behind an error of the client, which shows the message only."""
    response = getattr(error.__context__, "resp", None)
    return None if response is None else int(response.status)


def _is_transient(error: BaseException) -> bool:
    if isinstance(error, ee.EEException):
        return status_of(error) in _TRANSIENT
    return isinstance(error, ConnectionError | TimeoutError | TransportError)


def _log_retry(job: Job, state: tenacity.RetryCallState) -> None:
    wait = state.next_action.sleep if state.next_action else 0.0
    error = state.outcome.exception() if state.outcome else None
    logger.warning("%s: try %d failed (%s); again in %.1f s", job.title, state.attempt_number, error, wait)
