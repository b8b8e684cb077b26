"""Bytes of tokens to whole characters: the shortest runs of tokens that the page can show.

A character may come from several tokens, and one token may end a character and begin the next: then both belong to one
run. Knows nothing of stop strings (stop_strings.py) and of where the text goes.
"""

import codecs
from collections.abc import Sequence

from models.engine.events import Span
from models.sampling.readings import Reading


class Characters:
    """Feed it readings in order; it gives a span whenever the bytes so far are whole characters."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._text = ""
        self._held: list[Reading] = []
        self._absorbed = 0

    @classmethod
    def after(cls, tokens: Sequence[bytes]) -> "Characters":
        """Start behind a prefix that ends in those tokens (all since the last text piece, or as many as one likes).

        Its last run may be unfinished: the generation before showed it as U+FFFD. The first span absorbs its tokens.
        """
        characters = cls()
        for token in tokens:
            characters._text += characters._decoded(token)
            characters._absorbed += 1
            characters._settle()
        return characters

    def feed(self, reading: Reading) -> Span | None:
        """The span that this token completes, if it completes one."""
        self._held.append(reading)
        self._text += self._decoded(reading.bytes)
        return self._settle()

    def flush(self) -> Span | None:
        """What is left, unfinished bytes as U+FFFD. It starts afresh afterwards."""
        self._text += self._decoder.decode(b"", final=True)
        return self._settle()

    def _decoded(self, data: bytes) -> str:
        text = self._decoder.decode(data)
        kept = self._decoder.getstate()[0]
        if kept[:1] == b"\xed" and kept[1:2] >= b"\xa0":
            text += self._decoder.decode(b"", final=True)  # half a surrogate never becomes whole; Python waits for it
        return text

    def _settle(self) -> Span | None:
        if self._unfinished() or not self._text:
            return None
        held, absorbed, text = tuple(self._held), self._absorbed, self._text
        self._held, self._absorbed, self._text = [], 0, ""
        return Span(text, held, absorbed) if held else None

    def _unfinished(self) -> bool:
        return bool(self._decoder.getstate()[0])
