"""Worked values of colours, spectra, unmixing and curves."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from tests.ee_emulator.worked import Worked
from tests.ee_emulator.worked.image_neighbourhood import at, coordinates

MEMBERS = [[88, 42, 48], [50, 21, 20], [51, 20, 14]]


def distance(metric: str, expected: float, formula: str) -> Worked:
    """A distance between the spectra (1, 3) and (2, 2)."""
    return Worked(
        "Image.spectralDistance",
        lambda ee: at(ee, ee.Image([1, 3]).spectralDistance(ee.Image([2, 2]), metric)),
        {"distance": expected},
        f"reference: by hand, {formula}",
    )


def spectra(ee: ModuleType) -> Any:
    """Column and row of each pixel as a spectrum of two bands."""
    return coordinates(ee)


WORKED = [
    Worked(
        "Image.rgbToHsv",
        lambda ee: at(ee, ee.Image([0.2, 0.4, 0.8]).rgbToHsv()),
        {"hue": 11 / 18, "saturation": 0.75, "value": 0.8},
        "reference: Python's colorsys.rgb_to_hsv(0.2, 0.4, 0.8)",
    ),
    Worked(
        "Image.hsvToRgb",
        lambda ee: at(ee, ee.Image([11 / 18, 0.75, 0.8]).hsvToRgb()),
        {"red": 0.2, "green": 0.4, "blue": 0.8},
        "reference: Python's colorsys.hsv_to_rgb(11/18, 0.75, 0.8)",
    ),
    distance("sed", 2.0, "1² + 1²"),
    distance("sam", 0.4636476090008061, "the arccosine of 8 / sqrt(10 · 8)"),
    distance("sid", 0.27465307216702745, "(1/4 - 1/2) ln(1/2) + (3/4 - 1/2) ln(3/2)"),
    distance("emd", 1.0, "1 has to go one band further"),
    Worked(
        "Image.spectralDilation",
        lambda ee: at(ee, spectra(ee).spectralDilation("sed")),
        {"x": 3.5, "y": 3.5},
        "documentation: the most distant pixel under a square of radius 1; of the four corners the first",
    ),
    Worked(
        "Image.spectralErosion",
        lambda ee: at(ee, spectra(ee).spectralErosion("sed", None, True)),
        {"x": 4.5, "y": 4.5},
        "documentation: the closest pixel to the mean of those under the kernel, which is the centre here",
    ),
    Worked(
        "Image.spectralGradient",
        lambda ee: at(ee, spectra(ee).spectralGradient("sed")),
        {"distance": 2.0},
        "documentation: the difference between erosion (the centre) and dilation (a corner)",
    ),
    Worked(
        "Image.unmix",
        lambda ee: at(ee, ee.Image([69, 31.5, 34]).unmix(MEMBERS)),
        {"band_0": 0.5, "band_1": 0.5, "band_2": 0.0},
        "reference: by hand, a pixel half of the first and half of the second endmember",
    ),
    Worked(
        "Image.unmix",
        lambda ee: at(ee, ee.Image([4, 0]).unmix([[1, 0], [0, 1]], True, False)),
        {"band_0": 2.5, "band_1": -1.5},
        "reference: by hand, the point of a + b = 1 that is closest to (4, 0)",
    ),
    Worked(
        "Image.unmix",
        lambda ee: at(ee, ee.Image([4, -2]).unmix([[1, 0], [0, 1]], False, True)),
        {"band_0": 4.0, "band_1": 0.0},
        "reference: by hand, the closest point that is not negative",
    ),
    Worked(
        "Image.interpolate",
        lambda ee: at(ee, ee.Image(4).interpolate([0, 1, 3], [0, 10, 20])),
        {"constant": 25.0},
        "documentation: extrapolated from the two nearest points by default",
    ),
]
