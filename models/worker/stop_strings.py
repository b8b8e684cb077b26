"""Stop strings: holds text back while its end may be the beginning of a stop string, so that none is ever shown.

Each string has its own automaton (Knuth, Morris, Pratt, 1977): a character costs the same for a string of 3 or of
10,000 characters.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import replace

from models.engine.events import Span


class Stops:
    """Finds the first stop string to be complete; of two completed by one character the longer. Empty strings are
    ignored.
    """

    def __init__(self, strings: Iterable[str]) -> None:
        self._automata = [_Automaton(string) for string in strings if string]
        self._held: deque[Span] = deque()
        self._held_length = 0  # code points in held spans

    def feed(self, span: Span) -> tuple[tuple[Span, ...], bool]:
        """The spans that may be shown now, and whether a stop string was completed: then they hold all text before it,
        and the rest is dropped.
        """
        self._held.append(span)
        self._held_length += len(span.text)
        for index, character in enumerate(span.text):
            met = max((f.length for f in self._automata if f.step(character)), default=0)
            if met:
                unread = len(span.text) - index - 1
                return self._cut_at(self._held_length - unread - met), True
        return self._release(max((f.matched for f in self._automata), default=0)), False

    def flush(self) -> tuple[Span, ...]:
        """All spans held back. Resets the matching."""
        for automaton in self._automata:
            automaton.matched = 0
        return self._release(0)

    def _release(self, length: int) -> tuple[Span, ...]:
        """The held spans that end before the last `length` code points."""
        released: list[Span] = []
        while self._held and self._held_length - len(self._held[0].text) >= length:
            span = self._held.popleft()
            self._held_length -= len(span.text)
            released.append(span)
        return tuple(released)

    def _cut_at(self, length: int) -> tuple[Span, ...]:
        """The first `length` code points held; a span that they end inside of is cut."""
        released: list[Span] = []
        for span in self._held:
            if length >= len(span.text):
                released.append(span)
            elif length > 0:
                released.append(replace(span, text=span.text[:length], cut=True, healed=""))
            length -= len(span.text)
        self._held.clear()
        self._held_length = 0
        return tuple(released)


class _Automaton:
    """Matches one string. matched: code points of the string that the text ends with."""

    def __init__(self, string: str) -> None:
        self.length = len(string)
        self.matched = 0
        self._string = string
        self._shorter = _borders(string)

    def step(self, character: str) -> bool:
        """Read one more character. Returns whether it completes the string."""
        matched = self.matched
        while matched and (matched == self.length or self._string[matched] != character):
            matched = self._shorter[matched - 1]
        if self._string[matched] == character:
            matched += 1
        self.matched = matched
        return matched == self.length


def _borders(string: str) -> list[int]:
    """For each prefix of the string, the length of its longest proper prefix that is also its suffix."""
    borders = [0] * len(string)
    length = 0
    for index in range(1, len(string)):
        while length and string[index] != string[length]:
            length = borders[length - 1]
        if string[index] == string[length]:
            length += 1
        borders[index] = length
    return borders
