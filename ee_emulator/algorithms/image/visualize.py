"""Image: pixels for the eye (`visualize`)."""

from typing import Any

from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.picture import RGB, Stretch, natural_range, shown_bands, visualised
from ee_emulator.raster.values import Band, Image
from ee_emulator.registry import algorithm


@algorithm("Image.visualize")
def visualize(
    image: Image,
    bands: Any,
    gain: Any,
    bias: Any,
    min: Any,
    max: Any,
    gamma: Any,
    opacity: float | None,
    palette: Any,
    force_rgb_output: bool,
) -> Image:
    """Bytes to look at: `vis-gray` for one band, `vis-red`, `vis-green` and `vis-blue` for three or a palette.

    Raises:
        EarthEngineError: Neither one nor three bands, a palette for three, lists of a wrong length, a gain or bias
            beside a range, or an opacity outside 0..1.
    """
    chosen = _bands(image, bands)
    colours = _texts(palette, "palette")
    if colours and len(chosen) > 1:
        raise EarthEngineError("Cannot provide a palette when visualizing more than one band.")
    if opacity is not None and not 0.0 < opacity <= 1.0:
        raise EarthEngineError(
            f"Scale must be greater than zero and less than or equal to one, but was {float(opacity)}."
        )
    ranges = _ranges(chosen, gain, bias, min, max)
    gammas = _numbers(gamma, "gamma", len(chosen)) or [1.0] * len(chosen)
    stretches = [Stretch(low, high, g) for (low, high), g in zip(ranges, gammas, strict=True)]
    made = visualised(image, chosen, stretches, colours, 1.0 if opacity is None else opacity)
    if force_rgb_output and len(made.bands) == 1:
        return made.with_bands(dict.fromkeys(RGB, next(iter(made.bands.values()))))
    return made


def _bands(image: Image, given: Any) -> list[Band]:
    names = _texts(given, "bands")
    if not names:
        return shown_bands(image)
    if len(names) not in (1, 3):
        raise EarthEngineError(f"Must visualize either one band or three, but {len(names)} were named.")
    for name in names:
        if name not in image.bands:
            raise EarthEngineError(f"No band named '{name}'. Available band names: [{', '.join(image.names)}].")
    return [image.bands[name] for name in names]


def _texts(given: Any, field: str) -> list[str]:
    """A list of strings, or one string with commas."""
    if given is None:
        return []
    items = given.split(",") if isinstance(given, str) else given
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise EarthEngineError(f"Expected a string or list of strings for field '{field}'.")
    return [item.strip() for item in items if item.strip()]


def _numbers(given: Any, field: str, count: int) -> list[float] | None:
    """A number for each band; None where nothing is given."""
    if given is None:
        return None
    items = given.split(",") if isinstance(given, str) else given if isinstance(given, list) else [given]
    try:
        numbers = [float(item) for item in items]
    except (TypeError, ValueError):
        raise EarthEngineError(f"Expected a number or list of numbers for field '{field}'.") from None
    if len(numbers) not in (1, count):
        raise EarthEngineError(f"Field '{field}' has {len(numbers)} values for {count} bands; expected 1 or {count}.")
    return numbers * count if len(numbers) == 1 else numbers


def _ranges(bands: list[Band], gain: Any, bias: Any, low: Any, high: Any) -> list[tuple[float, float]]:
    """For each band the values that become 0 and 255; `value * gain + bias` is that byte itself."""
    count = len(bands)
    if gain is None and bias is None:
        lows, highs = _numbers(low, "min", count), _numbers(high, "max", count)
        natural = [natural_range(band.type) for band in bands]
        if lows is None:
            lows = [n[0] for n in natural] if highs is None else [0.0] * count
        return list(zip(lows, highs or [n[1] for n in natural], strict=True))
    if low is not None or high is not None:
        raise EarthEngineError("Cannot specify both a range (min, max) and a gain or bias.")
    gains = _numbers(gain, "gain", count) or [1.0] * count
    biases = _numbers(bias, "bias", count) or [0.0] * count
    if 0.0 in gains:
        raise EarthEngineError("A gain of zero leaves nothing to visualize.")
    return [(-b / g, (255.0 - b) / g) for g, b in zip(gains, biases, strict=True)]
