"""Decodes the bytes of tokens to whole characters: the shortest runs of tokens that the page can show.

A character may come from several tokens, and one token may end a character and begin the next: then both characters
belong to one run.
"""

import codecs
from collections.abc import Sequence

from models.engine.events import Span
from models.sampling.readings import Reading
from models.worker.healing import Healing


class Characters:
    """Takes readings in order and returns a span whenever the bytes so far are whole characters."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._text = ""
        self._held: list[Reading] = []
        self._absorbed = 0
        self._healing: Healing | None = None  # of the first token, which is still to come

    @classmethod
    def after(cls, tokens: Sequence[bytes]) -> "Characters":
        """Start after a prefix that ends in these tokens (at least the run that may be unfinished).

        If the last run is unfinished, the page shows it as U+FFFD: the first span absorbs its tokens.
        """
        characters = cls()
        for token in tokens:
            characters._text += characters._decoded(token)
            characters._absorbed += 1
            characters._span()
        return characters

    @classmethod
    def healing(cls, healing: Healing) -> "Characters":
        """Start after a prefix whose end the first token spells, too: the span shows what comes behind that."""
        characters = cls()
        characters._healing = healing
        return characters

    def feed(self, reading: Reading) -> Span | None:
        """The span that this token completes, or None."""
        known = len(self._healing.spelt) if self._healing and not self._held else 0
        self._held.append(reading)
        self._text += self._decoded(reading.bytes[known:])
        return self._span()

    def flush(self) -> Span | None:
        """The span of what is left, unfinished bytes as U+FFFD, or None. Starts afresh afterwards."""
        self._text += self._decoder.decode(b"", final=True)
        return self._span()

    def _decoded(self, data: bytes) -> str:
        text = self._decoder.decode(data)
        pending = self._decoder.getstate()[0]
        if pending[:1] == b"\xed" and pending[1:2] >= b"\xa0":
            text += self._decoder.decode(b"", final=True)  # a surrogate's bytes are never a character; Python waits
        return text

    def _span(self) -> Span | None:
        if self._unfinished() or not self._text:
            return None
        held, absorbed, text = tuple(self._held), self._absorbed, self._text
        self._held, self._absorbed, self._text = [], 0, ""
        healed, self._healing = self._healing.text if self._healing else "", None
        return Span(text, held, absorbed, healed=healed) if held else None

    def _unfinished(self) -> bool:
        return bool(self._decoder.getstate()[0])
