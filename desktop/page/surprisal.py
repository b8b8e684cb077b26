"""Maps surprisal to shades of colour: for paper and for an exported page."""

import math

import numpy as np

SHADES = 12  # their number; shade 0 is no colour
EXPECTED = 1.0  # bits, up to which a token gets no colour
_BITS_A_SHADE = 1.0


def shades(bits: np.ndarray) -> np.ndarray:
    """The shade of each surprisal in bits, below SHADES; 0 for what was expected and for NaN. int64, same shape."""
    steps = (np.nan_to_num(bits, nan=0.0, posinf=1e6) - EXPECTED) / _BITS_A_SHADE + 1
    return np.clip(steps, 0, SHADES - 1).astype(np.int64)


def shade(bits: float) -> int:
    """The shade of one surprisal in bits."""
    return 0 if math.isnan(bits) else int(min(max((bits - EXPECTED) / _BITS_A_SHADE + 1, 0), SHADES - 1))


def strength(shade: int) -> float:
    """The opacity of a shade: 0 for none, 0.12 for the first, 0.92 for the last."""
    return 0.04 + 0.08 * shade if shade else 0.0
