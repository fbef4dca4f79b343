"""Look-alikes: the pixels of other cities that are most like a chosen place, and whether they are in what is known."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
import pyproj
from numpy.typing import NDArray

from lake.aef import unit_length
from lake.cities import CITIES
from lake.cities import city as find_city
from lake.errors import BadInputError
from lake.grid import city_grid
from ml.diagnostics.distances import Float
from ml.diagnostics.markdown import markdown_table

_BLOCK = 65_536  # rows of similarities at a time
_REACH = 5.0  # km: a place farther from every pixel of the table is not answered


@dataclass(frozen=True)
class Place:
    """A pixel of the table.

    Attributes:
        row: Its row.
        city: City id.
        year: Calendar year.
        pixel: Number in the city's grid.
        away: Kilometres from the place that was asked for.
    """

    row: int
    city: str
    year: int
    pixel: int
    away: float = 0.0


@dataclass(frozen=True)
class LookAlikes:
    """What was found.

    Attributes:
        place: The place.
        nearest: The k most similar pixels of other cities, a row each: `rank`, `city`, `name`, `year`, `pixel`, `lon`,
            `lat`, `similarity`.
        by_city: The most similar pixel of each other city, the same columns.
        values: A row a column of what is known: `column`; `own`, the place's value, and `own_percentile` among the
            pixels of other cities; `alike` and `alike_percentile`, means over the k best of `by_city` (one a city, for
            pixels next door to one another would be counted as many); `apart`, the mean difference of percentiles, and
            `by_chance`, that of random pixels.
        percentiles: Of the k best of `by_city` (rows) in each of `values` (columns); NaN where unknown.
        typical: Median similarity of all pixels of other cities to the place.
        origin: Where the data come from.
    """

    place: Place
    nearest: pl.DataFrame
    by_city: pl.DataFrame
    values: pl.DataFrame
    percentiles: Float
    typical: float
    origin: str

    def to_markdown(self) -> str:
        """The look-alikes and what they have in common with the place."""
        p = self.place
        parts = [
            f"Look-alikes of {find_city(p.city).name_en}, pixel {p.pixel}, {p.year} (pixels of other cities are "
            f"{self.typical:.3f} alike at the median). {self.origin}",
            markdown_table(self.nearest, {"lon": 3, "lat": 3}),
        ]
        if self.values.height:
            apart = self.values.drop_nulls("apart")
            alike = int((apart["apart"] < apart["by_chance"]).sum())
            whole = dict.fromkeys(("own_percentile", "alike_percentile", "apart", "by_chance"), 0)
            parts += [
                markdown_table(self.values, whole),
                f"In {alike} of {apart.height} columns the best pixels of the {len(self.percentiles)} most similar "
                "cities are nearer to the place than random pixels would be.",
            ]
        return "\n\n".join(parts)


def find_place(keys: pl.DataFrame, city: str, year: int, pixel: int) -> Place:
    """The row of a pixel.

    Raises:
        BadInputError: The table has no such row.
    """
    rows = np.flatnonzero(
        ((keys["city"] == city) & (keys["year"] == year) & (keys["pixel"] == pixel)).fill_null(value=False).to_numpy()
    )
    if not len(rows):
        raise BadInputError(f"The table has no pixel {pixel} of {city} in {year}: choose one that it has.")
    return Place(int(rows[0]), city, year, pixel)


def find_place_at(keys: pl.DataFrame, lon: float, lat: float, year: int | None = None) -> Place:
    """The pixel of the table nearest to a longitude and latitude (degrees, WGS-84); of the last year by default.

    Raises:
        BadInputError: No pixel of the table lies within 5 km, or the year is not in it.
    """
    cities = {str(name) for name in keys["city"].unique()}
    nearest = sorted(cities, key=lambda name: _degrees(name, lon, lat))[:3]
    year = int(keys["year"].max()) if year is None else year  # type: ignore[arg-type]
    best: Place | None = None
    for name in nearest:
        rows = np.flatnonzero(((keys["city"] == name) & (keys["year"] == year)).to_numpy())
        if len(rows):
            pixels = keys["pixel"].to_numpy()[rows]
            km = _kilometres(name, pixels, lon, lat)
            at = int(km.argmin())
            if best is None or km[at] < best.away:
                best = Place(int(rows[at]), name, year, int(pixels[at]), float(km[at]))
    if best is None or best.away > _REACH:
        far = "" if best is None else f": the nearest is {best.away:,.1f} km away, in {find_city(best.city).name_en}"
        raise BadInputError(f"The table has no pixel within {_REACH:g} km of {lon:.4f}°, {lat:.4f}° in {year}{far}.")
    return best


def study_look_alikes(
    keys: pl.DataFrame,
    embeddings: NDArray[np.floating],
    place: Place,
    values: pl.DataFrame | None = None,
    *,
    origin: str,
    count: int = 10,
) -> LookAlikes:
    """The most similar pixels of other cities in the place's year, and what is known of them beside the place.

    Args:
        keys: `city`, `year`, `pixel` of each row.
        embeddings: Unit length, NaN rows are left out; (n, d).
        place: See `find_place` and `find_place_at`.
        values: Numbers known of the rows, a column each (streams, labels), null or NaN where unknown; (n, columns).
        origin: Sentence on where the data come from.
        count: k.

    Raises:
        BadInputError: The place has no embedding, or no other city is in the table in that year.
    """
    similarity = similarities(embeddings, place.row)
    candidates = np.flatnonzero(
        ((keys["city"] != place.city) & (keys["year"] == place.year)).to_numpy() & np.isfinite(similarity)
    )
    if not np.isfinite(similarity[place.row]):
        raise BadInputError(f"Pixel {place.pixel} of {place.city} has no embedding in {place.year}: choose another.")
    if not len(candidates):
        raise BadInputError(f"The table has no other city than {place.city} in {place.year}: nothing to compare with.")
    order = candidates[np.lexsort((candidates, -similarity[candidates]))]
    _, first = np.unique(keys["city"].to_numpy()[order], return_index=True)
    best = order[np.sort(first)]
    told, percentiles = _told(values, candidates, place.row, best[:count])
    return LookAlikes(
        place=place,
        nearest=_listed(keys, similarity, order[:count]),
        by_city=_listed(keys, similarity, best),
        values=told,
        percentiles=percentiles,
        typical=float(np.median(similarity[candidates])),
        origin=origin,
    )


def similarities(embeddings: NDArray[np.floating], row: int) -> Float:
    """Cosine similarity of every row to one, NaN where a row has no embedding; a block at a time; (n,)."""
    own = np.asarray(unit_length(embeddings[row].astype(np.float64)), np.float64)
    found = np.empty(len(embeddings))
    for start in range(0, len(embeddings), _BLOCK):
        block = embeddings[start : start + _BLOCK]
        found[start : start + _BLOCK] = np.asarray(unit_length(block.astype(np.float64)), np.float64) @ own
    return found


def _told(
    values: pl.DataFrame | None, candidates: NDArray[np.int64], own: int, chosen: NDArray[np.int64]
) -> tuple[pl.DataFrame, Float]:
    rows, percentiles = [], []
    for name in [] if values is None else values.columns:
        column = values[name].cast(pl.Float64).to_numpy() if values is not None else np.empty(0)
        all_known = np.sort(column[candidates][np.isfinite(column[candidates])])
        if len(all_known) and np.isfinite(column[own]):
            alike = _percentile(all_known, column[chosen])
            place = float(_percentile(all_known, column[[own]])[0])
            apart = np.abs(alike - place)
            known = np.isfinite(apart)
            rows.append({
                "column": name, "own": float(column[own]), "own_percentile": place,
                "alike": float(column[chosen][known].mean()) if known.any() else None,
                "alike_percentile": float(alike[known].mean()) if known.any() else None,
                "apart": float(apart[known].mean()) if known.any() else None,
                # mean of |U − p| for uniform U
                "by_chance": (place**2 + (100 - place) ** 2) / 200,
            })  # fmt: skip
            percentiles.append(alike)
    return pl.DataFrame(rows), np.column_stack(percentiles) if percentiles else np.zeros((len(chosen), 0))


def _percentile(ordered: Float, values: Float) -> Float:
    """Per cent of the ordered values below each value, those equal to it counted half."""
    below = np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right")
    return np.where(np.isfinite(values), 50.0 * below / len(ordered), np.nan)


def _listed(keys: pl.DataFrame, similarity: Float, rows: NDArray[np.int64]) -> pl.DataFrame:
    city, pixel = keys["city"].to_numpy()[rows], keys["pixel"].to_numpy()[rows]
    lonlat = [_lonlat(str(name), int(number)) for name, number in zip(city, pixel, strict=True)]
    return pl.DataFrame(
        {
            "rank": np.arange(1, len(rows) + 1),
            "city": city,
            "name": [find_city(str(name)).name_en for name in city],
            "year": keys["year"].to_numpy()[rows],
            "pixel": pixel,
            "lon": [lon for lon, _ in lonlat],
            "lat": [lat for _, lat in lonlat],
            "similarity": similarity[rows],
        }
    )


def _centres(city: str, pixels: NDArray[np.uint32] | Sequence[int]) -> tuple[Float, Float]:
    """Eastings and northings of pixels, metres."""
    return city_grid(city).taking(np.asarray(pixels, np.uint32)).centres()


def _lonlat(city: str, pixel: int) -> tuple[float, float]:
    x, y = _centres(city, [pixel])
    lon, lat = pyproj.Transformer.from_crs(city_grid(city).crs, "EPSG:4326", always_xy=True).transform(x[0], y[0])
    return float(lon), float(lat)


def _kilometres(city: str, pixels: NDArray[np.uint32], lon: float, lat: float) -> Float:
    east, north = pyproj.Transformer.from_crs("EPSG:4326", city_grid(city).crs, always_xy=True).transform(lon, lat)
    x, y = _centres(city, pixels)
    return np.asarray(np.hypot(x - east, y - north) / 1_000, np.float64)


def _degrees(city: str, lon: float, lat: float) -> float:
    place = CITIES.get(city)
    if place is None:
        return float("inf")
    return float(np.hypot((place.lon - lon) * np.cos(np.radians(lat)), place.lat - lat))
