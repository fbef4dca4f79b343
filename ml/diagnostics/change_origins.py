"""What the change between two years hangs on: embedded again with one stream, or all but one, of the other year.

A pixel whose embedding moved need not have changed: a sensor was replaced, a series ends, a text speaks of other
places. Each stream in turn is held at its first year while the others move on, and moves on alone. What is gone when a
stream is held hangs on that stream, real change and change of its source alike; so what hangs on streams whose source
changed is the most that the change of source can account for. All of this is ours.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lake.errors import BadInputError
from lake.grid import CityGrid, city_grid
from ml.dataset import StreamTable
from ml.diagnostics.intra_urban import adjacent, change_between
from ml.diagnostics.markdown import markdown_table

_DRAWS = 1_000
_MUCH = 0.5  # of the change that hangs on one stream, or of the threshold that the drift comes to: read with care
Encode = Callable[[NDArray[np.float32]], NDArray[np.float32]]


@dataclass(frozen=True)
class ChangeOrigins:
    """What was measured.

    Attributes:
        first: Earlier year.
        last: Later year.
        streams: A row a stream: `stream`, `title`, `only` and `held` (share of pixels that count as changed if it alone
            moves on, and if all but it do) with `only_drift` and `held_drift`; `origin` (`same`, `other source` or
            `lagging`), and `first` and `last`, what it came from.
        share: Mean over the cities of the share of pixels that count as changed, `share_low` to `share_high` (95 %,
            bootstrap over cities). See `ml.diagnostics.intra_urban.Change`.
        share_low: Lower end.
        share_high: Upper end.
        drift: Mean over the cities of the cosine distance between the city's means of the two years.
        usual: Mean threshold: the difference that 95 % of adjacent pixels stay below.
        other_share: Share left where all streams that come from another source are held; None where none does.
        other_drift: Drift left then.
        cities: Cities.
        pixels: Pixels that have both years.
        origin: Where the data come from.
    """

    first: int
    last: int
    streams: pl.DataFrame
    share: float
    share_low: float
    share_high: float
    drift: float
    usual: float
    other_share: float | None
    other_drift: float | None
    cities: int
    pixels: int
    origin: str

    @property
    def most(self) -> dict[str, Any]:
        """The row of `streams` on which most of the share hangs."""
        return self.streams.sort("held", maintain_order=True).row(0, named=True)

    def sentences(self) -> list[str]:
        """What the numbers say."""
        return [self._on_change(), *self._on_sources(), *self._on_lag(), self._on_the_most(), *self._on_reading()]

    def to_markdown(self) -> str:
        """The sentences."""
        return "\n".join(f"- {sentence}" for sentence in self.sentences()) + f"\n\n{self.origin}"

    def table(self) -> str:
        """The streams as Markdown."""
        shown = self.streams.select("title", "only", "held", "only_drift", "held_drift", "origin", "first", "last")
        return markdown_table(shown, dict.fromkeys(("only_drift", "held_drift"), 4))

    def _on_change(self) -> str:
        return (
            f"From {self.first} to {self.last}, {self.share:.1%} of {self.pixels:,} pixels in {self.cities} cities "
            f"({self.share_low:.1%} to {self.share_high:.1%}) count as changed: they moved by more than 95 % of "
            f"adjacent pixels differ ({self.usual:.3f}). The cities' means moved by {self.drift:.3f}, "
            f"{self.drift / self.usual:.1f} times that threshold; this drift is taken away first."
        )

    def _on_sources(self) -> list[str]:
        changed = self.streams.filter(origin="other source")
        if self.other_share is None or self.other_drift is None:
            return [f"Every stream comes from the same source in {self.first} and {self.last}."]
        came = "; ".join(f"{row['title']}: {row['first']} → {row['last']}" for row in changed.to_dicts())
        return [
            f"{' and '.join(changed['title'])}: another source in {self.last} than in {self.first} ({came}). Held at "
            f"their values of {self.first}, they leave {self.other_share:.1%} of the pixels changed and a drift of "
            f"{self.other_drift:.3f}. So {self.share - self.other_share:.1%} of the pixels and "
            f"{1 - self.other_drift / self.drift:.0%} of the drift hang on them, real change included; a change of "
            "source accounts for hardly more."
        ]

    def _on_lag(self) -> list[str]:
        lagging = self.streams.filter(origin="lagging")
        if lagging.is_empty():
            return []
        came = "; ".join(f"{row['title']}: {row['last']}" for row in lagging.to_dicts())
        return [f"Partly older than {self.last} is {came}. A source that stands still hides change; it feigns none."]

    def _on_the_most(self) -> str:
        most = self.most
        return (
            f"Most hangs on {most['title']}: held, it leaves {most['held']:.1%} of the pixels changed and a drift of "
            f"{most['held_drift']:.3f}; moving on alone, it changes {most['only']:.1%}."
        )

    def _on_reading(self) -> list[str]:
        most = self.most
        reasons = []
        if most["held"] < _MUCH * self.share:
            reasons.append(f"{1 - most['held'] / self.share:.0%} of it hang on one stream, {most['title']}")
        if self.drift > _MUCH * self.usual:
            reasons.append(f"the drift that all pixels share is {self.drift / self.usual:.0%} of the threshold")
        if not reasons:
            return []
        return [f"Do not read {self.share:.1%} as the share of the cities that was rebuilt: {', and '.join(reasons)}."]


def study_change_origins(
    data: StreamTable, encode: Encode, sources: pl.DataFrame, *, origin: str, seed: int = 0
) -> ChangeOrigins:
    """Embeds the last year's rows again and again, each time with other streams of the first year.

    Time is that of 2 · streams + 3 embeddings of one year's rows.

    Args:
        data: Streams; `city`, `year` and `pixel` of each row.
        encode: Raw columns, float32 (n, columns), to unit-length embeddings, float32 (n, d).
        sources: A row a stream: `stream`, `origin`, `first`, `last`; see `ml.diagnostics.sources`.
        origin: Sentence on where the data come from.
        seed: Of the bootstrap.

    Raises:
        BadInputError: The table has one year, or no adjacent pixels that have both.
    """
    first, last = _ends(data.keys)
    both = _in_both(data.keys, first, last)
    raw = {year: np.asarray(data.raw[both[name].to_numpy()]) for year, name in ((first, "before"), (last, "after"))}
    before = encode(raw[first])
    places = list(_places(both))
    every = set(data.schema.names)

    def measured(moving: set[str]) -> tuple[NDArray[np.float64], float, float]:
        """Share of each city, mean drift and mean threshold, if only these streams move on."""
        mixed = raw[first].copy()
        for name in moving:
            mixed[:, data.schema.slices[name]] = raw[last][:, data.schema.slices[name]]
        after = encode(mixed)
        found = [
            change_between(grid, (first, last), before[rows].astype(np.float64), after[rows].astype(np.float64), pairs)
            for grid, rows, pairs in places
        ]
        told = np.array([(one.share, one.drift, one.usual) for one in found if one is not None])
        if not len(told):
            raise BadInputError(f"No two adjacent pixels have both {first} and {last}: change cannot be measured.")
        return told[:, 0], float(told[:, 1].mean()), float(told[:, 2].mean())

    shares, drift, usual = measured(every)
    other = set(sources.filter(origin="other source")["stream"])
    without = measured(every - other) if other else None
    rows = []
    for spec in data.schema.streams:
        only, held = measured({spec.name}), measured(every - {spec.name})
        rows.append({
            "stream": spec.name, "title": spec.title, "only": float(only[0].mean()), "held": float(held[0].mean()),
            "only_drift": only[1], "held_drift": held[1],
        })  # fmt: skip
    means = np.random.default_rng(seed).choice(shares, (_DRAWS, len(shares))).mean(axis=1)
    low, high = np.quantile(means, (0.025, 0.975))
    return ChangeOrigins(
        first=first,
        last=last,
        streams=pl.DataFrame(rows).join(sources, on="stream", how="left", maintain_order="left"),
        share=float(shares.mean()),
        share_low=float(low),
        share_high=float(high),
        drift=drift,
        usual=usual,
        other_share=None if without is None else float(without[0].mean()),
        other_drift=None if without is None else without[1],
        cities=len(shares),
        pixels=both.height,
        origin=origin,
    )


def _ends(keys: pl.DataFrame) -> tuple[int, int]:
    years = keys["year"].unique().sort().to_list()
    if len(years) < 2:
        raise BadInputError("Change needs two years; the table has one.")
    return years[0], years[-1]


def _in_both(keys: pl.DataFrame, first: int, last: int) -> pl.DataFrame:
    """City, pixel and row numbers `before` and `after` of what both years have, by city and pixel."""
    earlier, later = (
        keys.with_row_index(name).filter(year=year).drop("year") for name, year in (("before", first), ("after", last))
    )
    return earlier.join(later, on=["city", "pixel"]).sort("city", "pixel")


def _places(both: pl.DataFrame) -> Iterator[tuple[CityGrid, NDArray[np.int64], NDArray[np.int64]]]:
    """The grid of each city, its rows and the pairs of adjacent pixels."""
    for (city,), part in both.with_row_index("row").group_by("city", maintain_order=True):
        core = city_grid(str(city))
        grid = core.taking(part["pixel"].to_numpy())
        yield grid, part["row"].to_numpy().astype(np.int64), adjacent(grid)
