"""Finds banned strings in the text of a stream while its tokens are drawn, and says at which token each begins.

Capitals and small letters count as the same. Pure: drawing.py takes the tokens back.
"""

from __future__ import annotations

import codecs
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

BEFORE = -1  # the place of the text before the stream


@dataclass(frozen=True, slots=True)
class BannedStrings:
    """The strings, prepared once for all streams of a job; empty ones are ignored."""

    strings: frozenset[str]
    beginnings: frozenset[str]  # shorter than the string
    lengths: tuple[int, ...] = field(default=())  # of the strings, the longest first

    @classmethod
    def of(cls, strings: Iterable[str]) -> BannedStrings:
        folded = frozenset(_folded(string) for string in strings if string)
        beginnings = frozenset(string[:length] for string in folded for length in range(1, len(string)))
        return cls(folded, beginnings, tuple(sorted({len(string) for string in folded}, reverse=True)))

    @property
    def longest(self) -> int:
        return self.lengths[0] if self.lengths else 0


class StreamText:
    """The text of one stream, token by token. A place is the number of a token in the stream."""

    def __init__(self, banned: BannedStrings, before: Sequence[bytes]) -> None:
        """before: the last tokens of the prefix, whose text may begin a banned string."""
        self._banned = banned
        self._text = ""  # folded, with that of the prefix
        self._places = array("i")  # for each character, where its first byte is
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._unfinished = BEFORE  # the place where an unfinished character begins
        self._ends: list[tuple[int, tuple[bytes, int], int]] = []  # the state before each token
        for token in before:
            self._decode(token, BEFORE)

    def feed(self, token: bytes) -> int | None:
        """Add the next token. Returns the place of the first token of the banned string that it completes (BEFORE: the
        string began in the prefix), or None.
        """
        known = len(self._text)
        self._ends.append((known, self._decoder.getstate(), self._unfinished))
        self._decode(token, len(self._ends) - 1)
        for end in range(known + 1, len(self._text) + 1):
            for length in self._banned.lengths:
                if length <= end and self._text[end - length : end] in self._banned.strings:
                    return self._places[end - length]
        return None

    @property
    def begins(self) -> int | None:
        """The place of the first token that a later one may make a part of a banned string; None where there is
        none.
        """
        places = [self._unfinished] if self._decoder.getstate()[0] else []
        for length in range(min(self._banned.longest - 1, len(self._text)), 0, -1):
            if self._text[-length:] in self._banned.beginnings:
                places.append(self._places[-length])
                break
        return min(places, default=None)

    def take_back(self, place: int) -> None:
        """Forget the tokens from that place on."""
        known, state, self._unfinished = self._ends[place]
        self._text = self._text[:known]
        del self._places[known:], self._ends[place:]
        self._decoder.setstate(state)

    def _decode(self, token: bytes, place: int) -> None:
        begun = bool(self._decoder.getstate()[0])
        found = self._decoder.decode(token)
        if found:
            self._text += _folded(found)
            self._places.extend([self._unfinished if begun else place, *[place] * (len(found) - 1)])
        if not begun or found:
            self._unfinished = place


def _folded(text: str) -> str:
    """The text in small letters, each character by itself, so that their number stays the same."""
    return "".join(small if len(small := character.lower()) == 1 else character for character in text)
