"""The text of one stream: from readings to spans that may be shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models.engine.events import Span
from models.sampling.pending_reading import PendingReading
from models.worker.characters import Characters
from models.worker.healing import Healing
from models.worker.stop_strings import Stops


@dataclass(slots=True)
class Text:
    """Turns readings into spans that may be shown: whole characters, nothing that may become a stop string. met: a stop
    string was completed.
    """

    characters: Characters
    stops: Stops
    met: bool = False

    @classmethod
    def behind(cls, tail: Sequence[bytes], healing: Healing | None, stops: Sequence[str]) -> Text:
        """The text behind a prefix. tail: as in Characters.after. healing: of the first token."""
        return cls(Characters.healing(healing) if healing else Characters.after(tail), Stops(stops))

    def feed(self, drawn: PendingReading, top: int) -> tuple[Span, ...]:
        span = self.characters.feed(drawn.reading(top))
        return self._past_stops(span)

    def flush(self) -> tuple[Span, ...]:
        """All spans held back, once no more readings follow."""
        if self.met:
            return ()
        spans = self._past_stops(self.characters.flush())
        return spans if self.met else spans + self.stops.flush()

    def _past_stops(self, span: Span | None) -> tuple[Span, ...]:
        if span is None:
            return ()
        spans, self.met = self.stops.feed(span)
        return spans
