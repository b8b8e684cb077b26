"""The text of one stream: from readings to spans that may be shown."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from models.engine.events import Span
from models.sampling.readings import Reading
from models.worker.characters import Characters
from models.worker.healing import Healing
from models.worker.stop_strings import Stops


@dataclass(slots=True)
class Text:
    """Turns readings into spans that may be shown: whole characters, nothing that may be taken back or become a stop
    string. met: a stop string was completed.
    """

    characters: Characters
    stops: Stops
    met: bool = False
    _held: deque[Reading] = field(default_factory=deque[Reading])  # of tokens that may be taken back

    @classmethod
    def behind(cls, tail: Sequence[bytes], healing: Healing | None, stops: Sequence[str]) -> Text:
        """The text behind a prefix. tail: as in Characters.after. healing: of the first token."""
        return cls(Characters.healing(healing) if healing else Characters.after(tail), Stops(stops))

    def feed(self, reading: Reading, held: int = 0) -> tuple[Span, ...]:
        """The spans that may be shown after this token. held: so many of the last tokens, this one among them, may be
        taken back.
        """
        self._held.append(reading)
        return self._let_go(held)

    def take_back(self, tokens: int) -> None:
        """Drop the last tokens, which are still held."""
        for _ in range(tokens):
            self._held.pop()

    def flush(self) -> tuple[Span, ...]:
        """All spans held back, once no more readings follow."""
        spans = self._let_go(0)
        if self.met:
            return spans
        spans += self._past_stops(self.characters.flush())
        return spans if self.met else spans + self.stops.flush()

    def _let_go(self, held: int) -> tuple[Span, ...]:
        spans: tuple[Span, ...] = ()
        while len(self._held) > held and not self.met:
            spans += self._past_stops(self.characters.feed(self._held.popleft()))
        return spans

    def _past_stops(self, span: Span | None) -> tuple[Span, ...]:
        if span is None:
            return ()
        spans, self.met = self.stops.feed(span)
        return spans
