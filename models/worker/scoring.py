"""Readings of text already on the page: from the logits of its tokens to spans of whole characters; or without odds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from models.engine.events import Span
from models.sampling import statistics
from models.sampling.readings import Reading, without_odds
from models.worker.characters import Characters
from models.worker.language_model import LanguageModel
from models.worker.tokens import PageTokens, TextOffsets, Window


class Scoring:
    """Scores one page, from the second token of its window on: no logits precede the first.

    window: one without a kept header. offset: code points of the prefix sent before the next spans. A token that stands
    for no text of the page (a leading space that the vocabulary adds) gets no reading. top: alternatives a reading.
    """

    def __init__(self, model: LanguageModel, page: PageTokens, window: Window, top: int) -> None:
        self._model = model
        self._page = page
        self._ids = window.ids
        self._top = top
        self._characters = Characters()
        self._buffers = statistics.Buffers(model.vocabulary)
        self._unread = len(page.ids) - (len(window.ids) - 1)  # tokens sent that get no reading
        self._shown = TextOffsets(model, page)
        self.offset = self._shown.code_points(self._unread)

    def chunk(self, first: int, rows: np.ndarray[tuple[int, int], np.dtype[np.float32]]) -> tuple[Span, ...]:
        """Spans from the logits after the window's tokens `first`, `first` + 1…: rows is float32[tokens, vocabulary].
        Raises ModelError on NaN.
        """
        spans = (self._characters.feed(reading) for reading in self._readings(first, rows))
        return tuple(span for span in spans if span)

    def flush(self) -> tuple[Span, ...]:
        """The span of an unfinished character at the end, if there is one."""
        span = self._characters.flush()
        return (span,) if span else ()

    def _readings(self, first: int, rows: np.ndarray[tuple[int, int], np.dtype[np.float32]]) -> Iterator[Reading]:
        for index, token in enumerate(self._ids[first + 1 : first + 1 + len(rows)], first):
            if self._shown.inside_character:  # the window begins inside a character: this token gets no reading
                self.offset = self._shown.code_points(self._unread + index + 1)
                continue
            shown = self._page.other.get(self._unread + index)
            if shown == b"":
                continue
            reading = statistics.read(rows[index - first], token, self._top, self._model, self._buffers)
            yield reading if shown is None else replace(reading, bytes=shown)


def split(model: LanguageModel, page: PageTokens, since: int) -> tuple[int, tuple[Span, ...]]:
    """The tokens that begin at code point `since` of the text sent, or behind it, as spans of readings without odds;
    and how many code points stand before them.
    """
    shown, characters = TextOffsets(model, page), Characters()
    spans: list[Span | None] = []
    offset = None
    for index, token in enumerate(page.ids):
        before = shown.code_points(index)
        if offset is None and before >= since and not shown.inside_character:
            offset = before
        if offset is not None and (data := page.shown(index, model)):
            spans.append(characters.feed(without_odds(token, data)))
    spans.append(characters.flush())
    return offset or 0, tuple(span for span in spans if span)
