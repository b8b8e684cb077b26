"""Stop strings: text is held back as long as its end could be the beginning of one, so that none ever flashes up.

Each string is followed by its own automaton (Knuth, Morris, Pratt, 1977): a character costs the same whether a string
is 3 or 10,000 characters long. Knows nothing of tokens beyond the spans that it passes on.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import replace

from models.engine.events import Span


class Stops:
    """The first string to be complete ends the text, of two that complete with one character the longer; empty ones are
    ignored.
    """

    def __init__(self, strings: Iterable[str]) -> None:
        self._followers = [_Follower(string) for string in strings if string]
        self._held: deque[Span] = deque()
        self._behind = 0  # characters in held spans

    def feed(self, span: Span) -> tuple[tuple[Span, ...], bool]:
        """The spans that may be shown now, and whether a stop string was met: then all text before it is among them,
        the rest is gone.
        """
        self._held.append(span)
        self._behind += len(span.text)
        for place, character in enumerate(span.text):
            met = max((f.length for f in self._followers if f.step(character)), default=0)
            if met:
                unread = len(span.text) - place - 1
                return self._cut_at(self._behind - unread - met), True
        return self._release(max((f.matched for f in self._followers), default=0)), False

    def flush(self) -> tuple[Span, ...]:
        """All that is held back: it was no beginning of a stop string after all."""
        for follower in self._followers:
            follower.matched = 0
        return self._release(0)

    def _release(self, kept: int) -> tuple[Span, ...]:
        """The held spans that do not reach into the last `kept` characters. Forgets what was matched when nothing is
        kept.
        """
        released: list[Span] = []
        while self._held and self._behind - len(self._held[0].text) >= kept:
            span = self._held.popleft()
            self._behind -= len(span.text)
            released.append(span)
        return tuple(released)

    def _cut_at(self, length: int) -> tuple[Span, ...]:
        """The first `length` characters of what is held; the span that they end inside of is cut."""
        released: list[Span] = []
        for span in self._held:
            if length >= len(span.text):
                released.append(span)
            elif length > 0:
                released.append(replace(span, text=span.text[:length], cut=True))
            length -= len(span.text)
        self._held.clear()
        self._behind = 0
        return tuple(released)


class _Follower:
    """How much of one string the text ends with."""

    def __init__(self, string: str) -> None:
        self.length = len(string)
        self.matched = 0
        self._string = string
        self._shorter = _borders(string)

    def step(self, character: str) -> bool:
        """Read one more character; true where it completes the string."""
        matched = self.matched
        while matched and (matched == self.length or self._string[matched] != character):
            matched = self._shorter[matched - 1]
        if self._string[matched] == character:
            matched += 1
        self.matched = matched
        return matched == self.length


def _borders(string: str) -> list[int]:
    """For each prefix the length of its longest proper prefix that is also its suffix."""
    borders = [0] * len(string)
    length = 0
    for place in range(1, len(string)):
        while length and string[place] != string[length]:
            length = borders[length - 1]
        if string[place] == string[length]:
            length += 1
        borders[place] = length
    return borders
