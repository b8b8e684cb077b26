"""Readings of text that stands on the page: from the logits of its tokens to spans of whole characters.

Knows nothing of how the logits were made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from models.engine.events import Span
from models.sampling import statistics
from models.sampling.readings import Reading
from models.worker.characters import Characters
from models.worker.language_model import LanguageModel
from models.worker.tokens import PageTokens, TextOffsets, Window


class Scoring:
    """One page being scored, from its window's second token on: the first has nothing before it that could foretell
    it.

    window: one that keeps no beginning. offset: code points of what was sent before the spans that come next. A token
    that stands for nothing of the page (a blank that a vocabulary puts before a text) gets no reading.
    """

    def __init__(self, model: LanguageModel, page: PageTokens, window: Window, top: int) -> None:
        self._model = model
        self._page = page
        self._ids = window.ids
        self._top = top
        self._characters = Characters()
        self._unread = len(page.ids) - (len(window.ids) - 1)  # tokens that were sent and get no reading
        self._shown = TextOffsets(model, page)
        self.offset = self._shown.by(self._unread)

    def chunk(self, first: int, rows: np.ndarray[tuple[int, int], np.dtype[np.float32]]) -> tuple[Span, ...]:
        """Spans from the logits behind the window's tokens `first`, `first` + 1…: rows is float32[tokens,
        vocabulary].
        """
        spans = (self._characters.feed(reading) for reading in self._readings(first, rows))
        return tuple(span for span in spans if span)

    def flush(self) -> tuple[Span, ...]:
        """What was left of an unfinished character."""
        span = self._characters.flush()
        return (span,) if span else ()

    def _readings(self, first: int, rows: np.ndarray[tuple[int, int], np.dtype[np.float32]]) -> Iterator[Reading]:
        for place, token in enumerate(self._ids[first + 1 : first + 1 + len(rows)], first):
            if self._shown.inside_character:  # the window begins inside a character: it has no reading
                self.offset = self._shown.by(self._unread + place + 1)
                continue
            shown = self._page.other.get(self._unread + place)
            if shown == b"":
                continue
            reading = statistics.read(rows[place - first], token, self._top, self._model)
            yield reading if shown is None else replace(reading, bytes=shown)
