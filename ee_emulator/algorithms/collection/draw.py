"""Collection: features drawn for the eye (`draw`, `style`)."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ee_emulator.algorithms.element import geometry_of
from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.colours import colour
from ee_emulator.raster.drawing import Style, drawn, faded
from ee_emulator.raster.nodes import Generated
from ee_emulator.raster.picture import BYTE, RGB
from ee_emulator.raster.values import Band, Image
from ee_emulator.registry import Context, algorithm, coerce
from ee_emulator.values import Collection, Geometry

KEYS = {
    "color": "String",
    "pointSize": "Float",
    "pointShape": "String",
    "width": "Float",
    "fillColor": "String",
    "lineType": "String",
}
"""What a feature's own style may say, and of which type."""


@algorithm("Collection.draw")
def draw(collection: Collection, color: str, point_radius: int, stroke_width: int) -> Image:
    """Features in one colour; areas are filled with it, translucent."""
    line = colour(color)
    style = Style(line, faded(line), stroke_width, point_radius, "circle", "solid")
    return _picture(collection, lambda _: style)


@algorithm("Collection.style")
def style(
    collection: Collection,
    color: str,
    point_size: int,
    point_shape: str,
    width: float,
    fill_color: str | None,
    style_property: str | None,
    neighborhood: int,
    line_type: str,
    *,
    context: Context,
) -> Image:
    """Features in the style given, in which a feature's dictionary `styleProperty` may change what it names.

    `neighborhood` does nothing: markers of any size go on in the next tile.
    """
    given = {
        "color": color,
        "pointSize": point_size,
        "pointShape": point_shape,
        "width": width,
        "fillColor": fill_color,
        "lineType": line_type,
    }
    usual = _style(given)
    if style_property is None:
        return _picture(collection, lambda _: usual)

    def own(feature: Any) -> Style:
        changes = feature.properties.get(style_property)
        return usual if changes is None else _style(given | _changes(changes, style_property, context))

    return _picture(collection, own)


def _changes(given: Any, name: str, context: Context) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise EarthEngineError(f"The style property '{name}' of a feature must be a dictionary.")
    unknown = given.keys() - KEYS.keys()
    if unknown:
        raise EarthEngineError(f"Unknown style '{min(unknown)}' in '{name}'; known: {', '.join(KEYS)}.")
    return {key: coerce(value, KEYS[key], context) for key, value in given.items() if value is not None}


def _style(given: Mapping[str, Any]) -> Style:
    line = colour(given["color"])
    fill = faded(line) if given["fillColor"] is None else colour(given["fillColor"])
    return Style(line, fill, float(given["width"]), float(given["pointSize"]), given["pointShape"], given["lineType"])


def _picture(collection: Collection, style_of: Callable[[Any], Style]) -> Image:
    def features() -> Iterator[tuple[Geometry, Style]]:
        for feature in collection.elements():
            geometry = geometry_of(feature)
            if geometry is not None and not geometry.shape.is_empty:
                yield geometry, style_of(feature)

    node = Generated(lambda grid: drawn(grid, list(features())))
    return Image({name: Band(node, BYTE, index=k) for k, name in enumerate(RGB)})
