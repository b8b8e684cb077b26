"""The text of one stream: from readings to spans that may be shown."""

from __future__ import annotations

from dataclasses import dataclass

from models.engine.events import Span
from models.sampling.readings import Reading
from models.worker.characters import Characters
from models.worker.stop_strings import Stops


@dataclass(slots=True)
class Text:
    """Turns readings into spans that may be shown: whole characters, nothing that may become a stop string. met: a stop
    string was completed.
    """

    characters: Characters
    stops: Stops
    met: bool = False

    def feed(self, reading: Reading) -> tuple[Span, ...]:
        """The spans that may be shown after this token."""
        return self._past_stops(self.characters.feed(reading))

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
