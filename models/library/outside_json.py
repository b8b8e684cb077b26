"""Parses untrusted JSON within bounds: any text gives a value or a ValueError.

Texts that are too large, too deeply nested, or have too many values are refused. Numbers that no field can hold (NaN,
Infinity, more than 128 bits) become None. Of a repeated key the last value counts.
"""

import json
import math
import re

LARGEST = 16 << 20  # bytes, or code points
DEEPEST = 64  # nested objects and lists
MOST = 1 << 20  # values, with keys
_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)', re.DOTALL)
_BRACKET = re.compile(r"[\[\]{}]")
_BEYOND = 1 << 128  # a seed may have more than 64 bits
_SEPARATORS = ",:[{"


def parse(text: str | bytes) -> object:
    """The parsed value. Raises ValueError (json.JSONDecodeError if it is not JSON)."""
    if len(text) > LARGEST:
        raise ValueError("too large")
    if isinstance(text, bytes):
        text = text.decode("utf-8")
    _check(text)
    return json.loads(text, parse_float=_float, parse_int=_int, parse_constant=_constant)


def _check(text: str) -> None:
    """Raises ValueError if the text is nested too deep or has too many values, before the parser fills the memory."""
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
