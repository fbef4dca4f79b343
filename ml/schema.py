"""What a table of streams consists of: the contract between data, models and whoever brings a table of their own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, get_args

from lake.errors import BadInputError
from lake.streams import STREAMS, Stream

Kind = Literal["quantity", "direction"]
Transform = Literal["identity", "log1p", "aef_code"]


@dataclass(frozen=True)
class StreamSpec:
    """One stream of a table: columns that belong together.

    Attributes:
        name: Unique in its schema.
        title: For figures.
        columns: Names of its columns, in order.
        kind: `quantity` (squared loss) or `direction` (cosine loss: the length of the vector says nothing).
        transforms: What is done with each column before it is normalised: `identity`, `log1p` (skewed and not below 0:
            what is, is cut at 0), or `aef_code` (AlphaEarth's int8, dequantised; −128 is missing).
    """

    name: str
    title: str
    columns: tuple[str, ...]
    kind: Kind
    transforms: tuple[Transform, ...]

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.columns)


@dataclass(frozen=True)
class Schema:
    """The streams of a table, in the order in which a network takes their columns.

    Attributes:
        streams: At least one; names of streams and of columns are unique.

    Raises:
        BadInputError: They are not, or a stream has no column, an unknown kind or an unknown transform.
    """

    streams: tuple[StreamSpec, ...]

    def __post_init__(self) -> None:
        """Refuses what no network could take."""
        if not self.streams:
            raise BadInputError("A table needs at least one stream.")
        _refuse_twice("stream", self.names)
        _refuse_twice("column", self.columns)
        for stream in self.streams:
            if not stream.columns or len(stream.transforms) != stream.width:
                raise BadInputError(f"The stream {stream.name} needs at least one column, and a transform for each.")
            if stream.kind not in get_args(Kind) or not set(stream.transforms) <= set(get_args(Transform)):
                raise BadInputError(
                    f"The stream {stream.name} is of kind {stream.kind!r} with the transforms "
                    f"{sorted(set(stream.transforms))}; kinds: {get_args(Kind)}, transforms: {get_args(Transform)}."
                )

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Names of all columns, stream by stream."""
        return tuple(column for stream in self.streams for column in stream.columns)

    @cached_property
    def transforms(self) -> tuple[Transform, ...]:
        """Transform of each column."""
        return tuple(transform for stream in self.streams for transform in stream.transforms)

    @property
    def width(self) -> int:
        """Number of columns of all streams."""
        return len(self.columns)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the streams."""
        return tuple(stream.name for stream in self.streams)

    @property
    def widths(self) -> tuple[int, ...]:
        """Width of each stream."""
        return tuple(stream.width for stream in self.streams)

    @cached_property
    def slices(self) -> Mapping[str, slice]:
        """Where the columns of each stream lie."""
        places, start = {}, 0
        for stream in self.streams:
            places[stream.name] = slice(start, start + stream.width)
            start += stream.width
        return places

    def __getitem__(self, name: str) -> StreamSpec:
        """The stream of this name.

        Raises:
            BadInputError: There is none.
        """
        for stream in self.streams:
            if stream.name == name:
                return stream
        raise BadInputError(f"There is no stream {name!r}; the table has {', '.join(self.names)}.")

    def to_dict(self) -> list[dict[str, Any]]:
        """Plain values, for files."""
        return [
            {
                "name": stream.name,
                "title": stream.title,
                "columns": list(stream.columns),
                "kind": stream.kind,
                "transforms": list(stream.transforms),
            }
            for stream in self.streams
        ]

    @staticmethod
    def from_dict(content: Iterable[Mapping[str, Any]]) -> "Schema":
        """What `to_dict` gave."""
        return Schema(
            tuple(
                StreamSpec(
                    entry["name"], entry["title"], tuple(entry["columns"]), entry["kind"], tuple(entry["transforms"])
                )
                for entry in content
            )
        )


LOG1P = frozenset(
    {
        *STREAMS["population"].columns,
        *STREAMS["nightlights"].columns,
        *STREAMS["poi"].columns,
        "built_height",
        "road_density",
    }
)
"""Columns of the seven streams that are skewed and not below 0 (but for the noise of night lights, cut at 0)."""


def spec_of(stream: Stream) -> StreamSpec:
    """One of the platform's seven streams as a model sees it."""
    transforms = tuple(_transform(stream, column) for column in stream.columns)
    kind: Kind = "direction" if stream.kind == "direction" else "quantity"
    return StreamSpec(stream.name, stream.title, stream.columns, kind, transforms)


def _transform(stream: Stream, column: str) -> Transform:
    if stream.dtype == "Int8":
        return "aef_code"
    return "log1p" if column in LOG1P else "identity"


def _refuse_twice(what: str, names: tuple[str, ...]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if twice:
        raise BadInputError(f"Each {what} may stand once in a table; more than once: {', '.join(twice[:8])}.")


SEVEN = Schema(tuple(spec_of(stream) for stream in STREAMS.values()))
"""The seven streams of the platform."""
