"""Fields of requests and their kinds, by name: those by which the interface means the same wherever they occur.

Expressions and properties are free in form, and checked where they are read.
"""

from collections.abc import Callable, Mapping
from typing import Any

from ee_emulator.errors import EarthEngineError

FREE = ("expression", "properties", "region")


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _number(value: Any) -> bool:
    """A number; whole ones of 64 bits may come as text."""
    if isinstance(value, str):
        return value.lstrip("-").isdecimal()
    return isinstance(value, int | float) and not isinstance(value, bool)


def _message(value: Any) -> bool:
    return isinstance(value, Mapping)


def _wrapped(value: Any) -> bool:
    """A number, or one in a message of its own, as optional numbers come."""
    return _number(value.get("value", 0) if isinstance(value, Mapping) else value)


def _list_of(kind: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(kind(item) for item in value)


_KINDS: tuple[tuple[str, Callable[[Any], bool], str], ...] = (
    (
        "a text",
        _text,
        "bucket crsCode crsWkt description destinationName fileFormat filename filenamePrefix folder id name "
        "orientation primaryGeometryColumn pyramidingPolicy role tilesetId type xColumn yColumn",
    ),
    ("a list of texts", _list_of(_text), "bandIds members paletteColors selectors uris"),
    (
        "a number",
        _number,
        "defaultValue endZoom floatValue framesPerSecond height max min scale scaleX scaleY shearX shearY startZoom "
        "tilesetBandIndex translateX translateY width",
    ),
    ("a list of numbers", _list_of(_number), "values"),
    ("a number", _wrapped, "gamma maxPixels opacity priority"),
    (
        "an object",
        _message,
        "affineTransform asset assetExportOptions cloudStorageDestination dimensions driveDestination "
        "earthEngineDestination fileExportOptions geoTiffOptions grid imageManifest marginDimensions missingData "
        "noData policy properties pyramidingPolicyOverrides tableManifest tfRecordOptions tileDimensions "
        "tileExportOptions tileOptions videoOptions visualizationOptions",
    ),
    ("a list of objects", _list_of(_message), "bands bindings ranges sources tilesets"),
)
_CHECKS: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    name: (kind, check) for kind, check, names in _KINDS for name in names.split()
}


def checked_message(message: Mapping[str, Any], at: str = "") -> dict[str, Any]:
    """A request whose fields are of their kinds, without those that are null, which stand for none.

    Raises:
        EarthEngineError: Names a field of a wrong kind.
    """
    checked: dict[str, Any] = {}
    for name, value in message.items():
        kind, check = _CHECKS.get(name, ("", None))
        if value is None:
            continue
        if check is not None and not check(value):
            raise EarthEngineError(f"Invalid value at '{at}{name}': it must be {kind}.")
        checked[name] = value if name in FREE else _checked_value(value, f"{at}{name}")
    return checked


def _checked_value(value: Any, at: str) -> Any:
    if isinstance(value, Mapping):
        return checked_message(value, f"{at}.")
    if isinstance(value, list):
        return [_checked_value(item, f"{at}[{number}]") for number, item in enumerate(value)]
    return value
