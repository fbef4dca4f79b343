"""Worked values of texture: a chessboard and a spike (see `image_neighbourhood`), whose pairs can be counted."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from tests.ee_emulator.worked import Worked
from tests.ee_emulator.worked.image_neighbourhood import at, checked, spike


def sideways(ee: ModuleType) -> Any:
    """Texture of the chessboard to the left only: every pair in the window has a 0 and a 1."""
    west = ee.Kernel.fixed(weights=[[1, 1, 0]])
    return at(ee, checked(ee).glcmTexture(1, west, True))


WORKED = [
    Worked(
        "Image.glcmTexture",
        sideways,
        {
            "c_asm": 0.5,
            "c_contrast": 1.0,
            "c_corr": -1.0,
            "c_var": 0.25,
            "c_idm": 0.5,
            "c_savg": 1.0,
            "c_svar": 0.0,
            "c_sent": 0.0,
            "c_ent": 0.6931471805599453,
            "c_dvar": 0.0,
            "c_dent": 0.0,
            "c_imcorr1": -1.0,
            "c_imcorr2": 0.8660254037844386,
            "c_maxcorr": 0.0,
            "c_diss": 1.0,
            "c_inertia": 1.0,
            "c_shade": 0.0,
            "c_prom": 0.0,
        },
        "reference: by hand, Haralick (1973) on the matrix [[0, 1/2], [1/2, 0]]",
    ),
    Worked(
        "Image.entropy",
        lambda ee: at(ee, spike(ee).int().entropy(ee.Kernel.square(1))),
        {"s": 0.5032583347756457},
        "documentation: -sum(p log2 p) with p = 1/9 and 8/9",
    ),
]
