"""Maps surprisal to shades of colour, for an exported page."""

import math

SHADES = 12  # their number; shade 0 is no colour
EXPECTED = 1.0  # bits, up to which a token gets no colour
_BITS_A_SHADE = 1.0


def shade(bits: float) -> int:
    """The shade of one surprisal in bits, below SHADES; 0 for what was expected and for NaN."""
    return 0 if math.isnan(bits) else int(min(max((bits - EXPECTED) / _BITS_A_SHADE + 1, 0), SHADES - 1))


def strength(shade: int) -> float:
    """The opacity of a shade: 0 for none, 0.12 for the first, 0.92 for the last."""
    return 0.04 + 0.08 * shade if shade else 0.0
