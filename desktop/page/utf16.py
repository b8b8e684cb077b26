"""Converts between UTF-16 units and Python text.

Qt counts UTF-16 units, Python code points; an emoji is two units and one code point. A page may hold half of a
surrogate pair (from a paste or a file), which survives the conversion.
"""

import re

_LONE = re.compile("[\ud800-\udfff]")


def encode(text: str) -> bytes:
    """The units of a text, two bytes each, little end first. Lone surrogates survive."""
    return text.encode("utf-16-le", "surrogatepass")


def decode(units: bytes | bytearray) -> str:
    """The text of units. Lone surrogates survive."""
    return units.decode("utf-16-le", "surrogatepass")


def length(text: str) -> int:
    """How many units a text takes."""
    return len(text) if text.isascii() else len(encode(text)) >> 1


def unit_offset(text: str, code_points: int) -> int:
    """Where the code point with that index starts, in units."""
    return length(text[:code_points])


def whole(text: str) -> str:
    """The text with every lone surrogate replaced by U+FFFD: what may be encoded as UTF-8."""
    return _LONE.sub("\ufffd", text)


def is_pair(first: str, second: str) -> bool:
    """Whether two units are the halves of one character. Either may be empty."""
    return "\ud800" <= first <= "\udbff" and "\udc00" <= second <= "\udfff"
