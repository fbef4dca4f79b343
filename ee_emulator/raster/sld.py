"""OGC's styled layer descriptors: what a raster symbolizer says, read from SLD 1.0 and SE 1.1.

ColorMaps follow GeoServer (docs.geoserver.org, "RasterSymbolizer"): of `intervals` an entry colours what lies below its
quantity and not below that of the one before, of `values` what equals it, and `ramp` interpolates between entries.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.colours import Colour, colour

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

KINDS = ("ramp", "intervals", "values")
STRETCHES = ("Normalize", "Histogram")


@dataclass(frozen=True)
class Channel:
    """A band as one colour of the picture.

    Attributes:
        name: A band's name, or its number from 1.
        stretch: `Normalize`, `Histogram` or nothing.
        gamma: Above 1 brightens.
    """

    name: str
    stretch: str = ""
    gamma: float = 1.0


@dataclass(frozen=True)
class ColourMap:
    """Colours by value.

    Attributes:
        kind: One of `KINDS`.
        quantities: Ascending, one an entry.
        colours: One an entry.
    """

    kind: str
    quantities: tuple[float, ...]
    colours: tuple[Colour, ...]

    def apply(self, values: NDArray[np.generic]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Red, green and blue of each value, (3, …), and whether it has a colour at all.

        An entry with an opacity of 0 hides what it colours; any other opacity is taken for full.
        """
        given, stops = values.astype(np.float64), np.array(self.quantities)
        table = np.array([entry[:3] for entry in self.colours], np.float64)
        seen = np.array([entry[3] > 0 for entry in self.colours])
        if self.kind == "ramp":
            rgb = np.stack([np.interp(given, stops, table[:, channel]) for channel in range(3)])
            return rgb, np.interp(given, stops, seen.astype(np.float64)) > 0
        number = np.searchsorted(stops, given, "right" if self.kind == "intervals" else "left")
        inside = number < len(stops)
        number = np.where(inside, number, 0)
        if self.kind == "values":
            inside &= stops[number] == given
        return np.moveaxis(table[number], -1, 0), inside & seen[number]


@dataclass(frozen=True)
class Symbolizer:
    """What a raster symbolizer says.

    Attributes:
        channels: None for the image's own, one for grey, three for red, green and blue.
        colours: The ColorMap; None where there is none.
        whole: Stretch and gamma of all channels that have none of their own; its name is empty.
        visible: Whether the opacity is above 0.
    """

    channels: tuple[Channel, ...]
    colours: ColourMap | None
    whole: Channel
    visible: bool


def parse(text: str) -> Symbolizer:
    """The raster symbolizer of a document or fragment.

    Raises:
        EarthEngineError: No XML, not exactly one raster symbolizer, or a part of it cannot be read.
    """
    found = [element for element in _root(text).iter() if _tag(element) == "RasterSymbolizer"]
    if len(found) != 1:
        raise EarthEngineError(f"Exactly one RasterSymbolizer is required, found {len(found)}.")
    symbolizer = found[0]
    maps = _children(symbolizer, "ColorMap")
    opacity = _text(symbolizer, "Opacity")
    return Symbolizer(
        _channels(symbolizer),
        _colour_map(maps[0]) if maps else None,
        _contrast(symbolizer, ""),
        opacity is None or _number(opacity, "Opacity") > 0,
    )


def _root(text: str) -> Element:
    from xml.etree import ElementTree

    if re.search(r"<!(DOCTYPE|ENTITY)", text, re.IGNORECASE):
        raise EarthEngineError("The SLD must not have a document type or entities.")
    # Fragments use prefixes that only a complete document would declare.
    plain = re.sub(r"(</?)[A-Za-z_][\w.-]*:", r"\1", re.sub(r"\s(xmlns(:\w+)?|\w+:\w+)=(\"[^\"]*\"|'[^']*')", "", text))
    try:
        return ElementTree.fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", plain).strip())  # noqa: S314 - see above
    except ElementTree.ParseError as error:
        raise EarthEngineError(f"The SLD is not well-formed XML: {error}.") from None


def _tag(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _children(element: Element, *names: str) -> list[Element]:
    return [child for child in element if _tag(child) in names]


def _text(element: Element, name: str) -> str | None:
    found = _children(element, name)
    return (found[0].text or "").strip() if found else None


def _number(text: str, what: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise EarthEngineError(f"{what} must be a number, got '{text}'.") from None


def _channels(symbolizer: Element) -> tuple[Channel, ...]:
    selections = _children(symbolizer, "ChannelSelection")
    if not selections:
        return ()
    names = ("RedChannel", "GreenChannel", "BlueChannel")
    parts = [part for name in names for part in _children(selections[0], name)]
    parts = parts or _children(selections[0], "GrayChannel")
    if len(parts) not in (1, 3):
        raise EarthEngineError("ChannelSelection needs a GrayChannel, or a RedChannel, GreenChannel and BlueChannel.")
    return tuple(_contrast(part, _text(part, "SourceChannelName") or "1") for part in parts)


def _contrast(element: Element, name: str) -> Channel:
    found = _children(element, "ContrastEnhancement")
    if not found:
        return Channel(name)
    stretch = next((_tag(child) for child in found[0] if _tag(child) in STRETCHES), "")
    gamma = _number(_text(found[0], "GammaValue") or "1", "GammaValue")
    if gamma <= 0:
        raise EarthEngineError(f"GammaValue must be positive, got {gamma}.")
    return Channel(name, stretch, gamma)


def _colour_map(element: Element) -> ColourMap:
    kind = element.get("type", "ramp").lower()
    if kind not in KINDS:
        raise EarthEngineError(f"Unknown type of ColorMap '{kind}'; known: {', '.join(KINDS)}.")
    entries = list(_entries(element))
    functions = _children(element, "Interpolate", "Categorize")
    if functions:
        kind, entries = _function(functions[0])
    if not entries:
        raise EarthEngineError("A ColorMap needs at least one entry.")
    ordered = sorted(entries, key=lambda entry: entry[0])
    return ColourMap(kind, tuple(q for q, _ in ordered), tuple(c for _, c in ordered))


def _entries(element: Element) -> Iterator[tuple[float, Colour]]:
    for entry in _children(element, "ColorMapEntry"):
        quantity, shade = entry.get("quantity"), entry.get("color")
        if quantity is None or shade is None:
            raise EarthEngineError("A ColorMapEntry needs a color and a quantity.")
        opacity = _number(entry.get("opacity", "1"), "opacity")
        yield _number(quantity, "quantity"), (*colour(shade)[:3], 255 if opacity > 0 else 0)


def _function(element: Element) -> tuple[str, list[tuple[float, Colour]]]:
    """SE 1.1: `Interpolate` has points of data and value, `Categorize` values with thresholds between them."""
    if _tag(element) == "Interpolate":
        points = _children(element, "InterpolationPoint")
        return "ramp", [(_number(_text(p, "Data") or "", "Data"), colour(_text(p, "Value") or "")) for p in points]
    shades = [colour((child.text or "").strip()) for child in _children(element, "Value")]
    limits = [_number((child.text or "").strip(), "Threshold") for child in _children(element, "Threshold")]
    if len(shades) != len(limits) + 1:
        raise EarthEngineError("Categorize needs one Value more than it has Thresholds.")
    return "intervals", list(zip([*limits, np.inf], shades, strict=True))
