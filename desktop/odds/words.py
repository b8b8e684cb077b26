"""Probabilities and bits as text. No result contains "nan" or "inf"."""

import math

from resources.language import tr
from resources.numbers import power_of_ten

NOT_KNOWN = tr("not known")  # in place of a number
COARSE = 0.009_95  # from this share on, a percentage has one place behind the point; below, two
_MOST_PLACES = 5  # of zeros behind the point of a percentage; a smaller one has an exponent


def probability(logarithm: float) -> float:
    """A log-probability in nats as a probability in [0, 1]; 0 for -inf, NaN for NaN."""
    return math.exp(logarithm if math.isnan(logarithm) else min(logarithm, 0.0))


def percent(share: float) -> str:
    """`12.3 %`, `0.42 %`, `< 0.01 %`, `> 99.9 %`; `0 %` and `100 %` only for exactly 0 and 1; `not known` for NaN."""
    if math.isnan(share):
        return NOT_KNOWN
    if share <= 0.0:
        return "0 %"
    if share < 0.000_1:
        return "< 0.01 %"
    if share >= 1.0:
        return "100 %"
    if share > 0.999:
        return "> 99.9 %"
    return f"{share * 100:.2f} %" if share < COARSE else f"{share * 100:.1f} %"


def fine_percent(share: float) -> str:
    """The same, with two digits where `percent` says `< 0.01 %`: `0.0021 %`, `2.1×10⁻⁷ %`."""
    if not 0.0 < share < 0.000_1:
        return percent(share)
    digits, exponent = f"{share * 100:.1e}".split("e-")
    places = int(exponent)
    if places <= _MOST_PLACES:
        return f"{share * 100:.{places + 1}f} %"
    return f"{digits}×{power_of_ten(-places)} %"


def one_in(share: float) -> str:
    """`1 in 40,000` for a share below 0.095, else empty."""
    if not 0.0 < share < 0.095:
        return ""
    times = 1.0 / share
    if times >= 1e12:
        return tr("less than 1 in a trillion")
    return tr("1 in {count:,}").format(count=_two_digits(times))


def bits(number: float) -> str:
    """`3.44 bits`; `∞` for infinity, `not known` for NaN."""
    if not math.isfinite(number):
        return NOT_KNOWN if math.isnan(number) else "∞"
    return tr("{number:.2f} bits").format(number=_no_minus_zero(number))


def surprisal(logarithm: float) -> str:
    """The surprisal, in bits, of a token of that log-probability in nats."""
    return bits(-logarithm / math.log(2))


def choices(entropy: float) -> str:
    """2^entropy: the number of equally likely tokens with that entropy, which is in bits."""
    if not math.isfinite(entropy) or entropy > 60:
        return NOT_KNOWN
    number = 2.0 ** max(entropy, 0.0)
    return f"{number:,.1f}" if number < 100 else f"{number:,.0f}"


def rank(number: int, vocabulary: int) -> str:
    """`7 of 262,144`; without the vocabulary's size where it is not known (0)."""
    if number < 1:
        return NOT_KNOWN
    return tr("{place:,} of {count:,}").format(place=number, count=vocabulary) if vocabulary > 0 else f"{number:,}"


def drawn(draw: float, low: float, high: float) -> str:
    """`0.4213`, with enough digits to distinguish the draw from the ends of its interval."""
    return f"{draw:.{_digits(low, high)}f}" if math.isfinite(draw) else NOT_KNOWN


def interval(low: float, high: float) -> str:
    """`0.39 to 0.51`; empty where the ends are not known."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return ""
    digits = _digits(low, high)
    return tr("{low} to {high}").format(low=f"{low:.{digits}f}", high=f"{high:.{digits}f}")


def _digits(low: float, high: float) -> int:
    width = high - low
    if not math.isfinite(width) or width <= 0:
        return 4
    return min(max(math.ceil(-math.log10(width)) + 1, 3), 9)


def _two_digits(number: float) -> int:
    """Rounded to two leading digits, exact below 100."""
    whole = round(number)
    if whole < 100:
        return whole
    step = 10 ** (len(str(whole)) - 2)
    return round(number / step) * step


def _no_minus_zero(number: float) -> float:
    return number if abs(number) >= 0.005 else 0.0
