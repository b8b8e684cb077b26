"""JSON that somebody else wrote, or may have: parsed within bounds, so that whatever stands there ends in a value or
in a ValueError.

Refused: what is too large, nested too deep, or too many values. A number that no field of ours holds (NaN, Infinity,
more than 128 bits) is none: None. Of a key that comes twice the last one counts. Knows nothing of what is meant.
"""

import json
import math
import re

LARGEST = 16 << 20  # bytes, or characters
DEEPEST = 64  # objects and lists inside one another
MOST = 1 << 20  # values, keys counted too
_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)', re.DOTALL)
_BRACKET = re.compile(r"[\[\]{}]")
_BEYOND = 1 << 128  # a seed may have more than 64 bits
_SEPARATORS = ",:[{"


def parse(text: str | bytes) -> object:
    """The value. Raises ValueError (json.JSONDecodeError where it is not JSON at all)."""
    if len(text) > LARGEST:
        raise ValueError("too large")
    if isinstance(text, bytes):
        text = text.decode("utf-8")
    _check(text)
    return json.loads(text, parse_float=_float, parse_int=_int, parse_constant=_constant)


def _check(text: str) -> None:
    """Whether it is neither too deep nor too much: the parser would only say so when the memory is full."""
    if text.count("[") + text.count("{") <= DEEPEST and sum(map(text.count, _SEPARATORS)) <= MOST:
        return
    bare = _STRING.sub("", text)
    if sum(map(bare.count, _SEPARATORS)) > MOST:
        raise ValueError("too many values")
    depth = 0
    for bracket in _BRACKET.findall(bare):
        depth += 1 if bracket in "[{" else -1
        if depth > DEEPEST:
            raise ValueError("nested too deep")


def _float(digits: str) -> float | None:
    value = float(digits)
    return value if math.isfinite(value) else None


def _int(digits: str) -> int | None:
    value = int(digits) if len(digits) <= 40 else _BEYOND
    return value if -_BEYOND < value < _BEYOND else None


def _constant(_name: str) -> None:
    return None
