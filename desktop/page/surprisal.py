"""How surprising a token was, as one of a few shades: on the page, on paper and in an exported page alike."""

import math

import numpy as np

SHADES = 12  # 0 is none
EXPECTED = 1.0  # bits, up to which a token is left alone
_BITS_A_SHADE = 1.0


def shades(bits: np.ndarray) -> np.ndarray:
    """For each surprisal in bits a shade below SHADES, 0 for what was expected and for NaN: int64, as many."""
    steps = (np.nan_to_num(bits, nan=0.0, posinf=1e6) - EXPECTED) / _BITS_A_SHADE + 1
    return np.clip(steps, 0, SHADES - 1).astype(np.int64)


def shade(bits: float) -> int:
    """The same of one."""
    return 0 if math.isnan(bits) else int(min(max((bits - EXPECTED) / _BITS_A_SHADE + 1, 0), SHADES - 1))


def strength(shade: int) -> float:
    """How much of the colour a shade gets, from 0 (none) to 1: 0.12 for the first, 0.92 for the last."""
    return 0.04 + 0.08 * shade if shade else 0.0
