"""Colours as scripts write them: hexadecimal with or without `#`, or names of CSS."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ee_emulator.errors import EarthEngineError

Colour = tuple[int, int, int, int]
"""Red, green, blue and opacity, each 0..255."""


def colour(text: str) -> Colour:
    """A colour's channels.

    Raises:
        EarthEngineError: Neither hexadecimal (3, 4, 6 or 8 digits) nor a name of CSS.
    """
    from PIL import ImageColor

    written = text.strip().lower()
    if re.fullmatch(r"#?([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})", written):
        written = "#" + written.removeprefix("#")
    try:
        channels = ImageColor.getrgb(written)
    except ValueError:
        raise EarthEngineError(f"Invalid color '{text}': expected RRGGBB, RRGGBBAA or a CSS color name.") from None
    red, green, blue = channels[:3]
    return red, green, blue, channels[3] if len(channels) == 4 else 255


def shaded(share: NDArray[np.float64], palette: Sequence[str]) -> NDArray[np.float64]:
    """Colours at places of a palette whose colours stand at equal distances.

    Args:
        share: Place in 0..1, of any shape.
        palette: At least one colour.

    Returns:
        Red, green and blue in 0..255, of shape (3, *share.shape), interpolated between neighbours.
    """
    stops = np.array([colour(text)[:3] for text in palette], np.float64)
    positions = np.linspace(0.0, 1.0, len(stops)) if len(stops) > 1 else np.zeros(1)
    return np.stack([np.interp(share, positions, stops[:, channel]) for channel in range(3)])
