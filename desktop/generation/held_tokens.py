"""What one stream has sent and the page has not got yet: spans of tokens, in order."""

from collections import deque
from dataclasses import replace

from models.engine.events import Sampled
from models.sampling.readings import Reading


class HeldTokens:
    """Gives tokens one by one; a span is whole with its last one."""

    def __init__(self) -> None:
        self._spans: deque[Sampled] = deque()  # each event with a single span
        self._part = 0  # index of the reading that comes next, in the first of them

    def __bool__(self) -> bool:
        return bool(self._spans)

    def add(self, event: Sampled) -> None:
        used, spans = event.used, list[Sampled]()
        for span in reversed(event.spans):
            spans.append(replace(event, spans=(span,), used=used))
            used -= len(span.readings)
        self._spans.extend(reversed(spans))

    @property
    def reading(self) -> Reading:
        """Of the token that comes next; there is one."""
        return self._spans[0].spans[0].readings[self._part]

    @property
    def span(self) -> tuple[Reading, ...]:
        """Of all tokens of its span."""
        return self._spans[0].spans[0].readings

    @property
    def healed(self) -> str:
        """The typed text that the token which comes next spells, too."""
        return self._spans[0].spans[0].healed if self._spans and not self._part else ""

    def step(self) -> list[Sampled]:
        """Leave a token behind. Returns the span that is whole with it, if one is."""
        if not self._spans:
            return []
        self._part += 1
        return self.take() if self._part >= len(self.span) else []

    def take(self) -> list[Sampled]:
        """Take the first span, if there is one."""
        self._part = 0
        return [self._spans.popleft()] if self._spans else []

    def take_all(self) -> list[Sampled]:
        spans, self._part = [*self._spans], 0
        self._spans.clear()
        return spans
