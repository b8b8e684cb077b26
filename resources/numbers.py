"""Numbers as people write them."""

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def power_of_ten(exponent: int) -> str:
    """`10⁷`, `10⁻⁷`."""
    return f"10{str(exponent).translate(_RAISED)}"
