"""Hashes that compose, of units and of generated tokens: a reading is bound to the hash of all that stood before it.

hash(prefix) = sum of UNIT_VALUES[unit] * BASE^position over its units, plus the same of each generated token at the
position of its run, modulo 2^64. The hash of two neighbours is `left + BASE^len(left) * right`: an edit changes one
chunk's number and nothing per token. A guard against accidents only: collisions can be constructed. Files hold the
hashes: never change the constants.
"""

from typing import Any, TypeAlias

import numpy as np

Words: TypeAlias = np.ndarray[Any, np.dtype[np.uint64]]

MASK = (1 << 64) - 1
BASE = 0x9E3779B97F4A7C15  # odd, so that every power is invertible


def _mix(numbers: Words) -> Words:
    """Splitmix64's finaliser: maps neighbouring numbers to unrelated ones."""
    mixed = numbers * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


UNIT_VALUES: Words = _mix(np.arange(1, 65537, dtype=np.uint64))
_SMALL = 32_768


def _running_powers(count: int) -> Words:
    steps = np.full(count, BASE, np.uint64)
    steps[0] = 1
    return np.multiply.accumulate(steps)


_POWERS = _running_powers(_SMALL)


def powers(count: int) -> Words:
    """BASE^0 … BASE^(count-1)."""
    return _POWERS[:count] if count <= _SMALL else _running_powers(count)


def power(exponent: int) -> int:
    """BASE^exponent."""
    return pow(BASE, exponent, 1 << 64)


def powers_of(exponents: np.ndarray[Any, np.dtype[np.int64]]) -> Words:
    """BASE^e for each exponent, by squaring."""
    left = exponents.astype(np.uint64)
    result = np.ones(len(left), np.uint64)
    square = np.uint64(BASE)
    with np.errstate(over="ignore"):
        while left.any():
            result = np.where(left & np.uint64(1), result * square, result)
            square = square * square
            left >>= np.uint64(1)
    return result


def token_values(ids: np.ndarray[Any, np.dtype[np.int32]], parts: "np.ndarray[Any, np.dtype[np.uint16]]") -> Words:
    """The value of each generated token in a hash, from its id and its place in the run."""
    return _mix((ids.astype(np.uint64) << np.uint64(16)) + parts.astype(np.uint64) + np.uint64(1 << 56))


def sums_of_units(units: bytes | bytearray) -> Words:
    """For each of the length + 1 positions in the units: the sum over the units before it."""
    values = UNIT_VALUES[np.frombuffer(units, "<u2")]
    return _running(values * powers(len(values)))


def of_stretches(
    units: bytes, starts: np.ndarray[Any, np.dtype[np.int64]], lengths: np.ndarray[Any, np.dtype[np.int64]]
) -> Words:
    """The hash of each stretch of the units, without tokens, as if nothing stood before it. Lengths are above 0."""
    firsts = np.cumsum(lengths) - lengths
    inside = np.arange(int(lengths.sum())) - np.repeat(firsts, lengths)
    values = UNIT_VALUES[np.frombuffer(units, "<u2")][np.repeat(starts, lengths) + inside]
    return np.add.reduceat(values * powers(int(lengths.max()))[inside], firsts)


def sums_of_tokens(values: Words, starts: np.ndarray[Any, np.dtype[np.int32]], length: int) -> Words:
    """For each of the tokens, and one more: the sum over the tokens before it. Starts lie in 0 … length."""
    return _running(values * powers(length + 1)[starts])


def of_tokens(rows: np.ndarray[Any, np.dtype[np.void]]) -> int:
    """What a few rows of generated tokens add to the hash of a page on which they have these starts."""
    values = token_values(rows["id"], rows["part"]).tolist()
    return sum(power(start) * value for start, value in zip(rows["start"].tolist(), values, strict=True))


def _running(terms: Words) -> Words:
    sums = np.zeros(len(terms) + 1, np.uint64)
    np.cumsum(terms, out=sums[1:])
    return sums
