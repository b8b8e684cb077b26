"""Puts a grammar before a stream's first token, or behind the text that it has to go on from.

The tokens of the vocabulary are turned into characters once, and the last grammars are kept.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from models.errors import ModelError
from models.sampling.grammar.grammar import Cursor, Grammar
from models.sampling.grammar.spelt_tokens import SpeltTokens
from models.sampling.knobs import Sampling
from models.worker.language_model import LanguageModel
from models.worker.spelling import Spelling
from models.worker.tokens import PageTokens
from resources.language import tr

MOST_KEPT = 3  # grammars: each has a tree of the vocabulary, of some megabytes
_TOO_FAR = tr(
    "The generation began so far above that its beginning is not sent to the model, and the grammar cannot go on: "
    "write on at the end of the page."
)


class Grammars:
    """The grammars over one model's vocabulary. clock: seconds."""

    def __init__(self, model: LanguageModel, spelling: Spelling, clock: Callable[[], float]) -> None:
        self._model, self._spelling, self._clock = model, spelling, clock
        self._kept: dict[str, Grammar] = {}

    def cursor(self, sampling: Sampling, fed: bytes) -> Cursor | None:
        """The place behind these bytes, which came since the grammar began; None without a grammar. Raises
        ModelError.
        """
        if not sampling.grammar:
            return None
        grammar = self._kept.pop(sampling.grammar, None) or Grammar(sampling.grammar, self._tokens)
        self._kept[sampling.grammar] = grammar
        while len(self._kept) > MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        return Cursor.behind(grammar, fed, self._model.token_bytes, self._clock)

    def at_end(self, sampling: Sampling, page: PageTokens, fed: int) -> Cursor | None:
        """The place behind the last `fed` bytes of a page; None without a grammar. Raises ModelError."""
        return self.cursor(sampling, self.end_of(page, fed)) if sampling.grammar else None

    def end_of(self, page: PageTokens, fed: int) -> bytes:
        """The last `fed` bytes of a page. Raises ModelError if fewer were sent."""
        parts, count, place = list[bytes](), 0, len(page.ids)
        while count < fed:
            place -= 1
            if place < (page.gap_at if page.gap else 0):
                raise ModelError(_TOO_FAR)
            parts.append(page.shown(place, self._model))
            count += len(parts[-1])
        return b"".join(reversed(parts))[count - fed :]

    @cached_property
    def _tokens(self) -> SpeltTokens:
        spelling = self._spelling
        spelling.spell_all()
        ends = [token for token in range(self._model.vocabulary) if self._model.ends_text(token)]
        return SpeltTokens.of(bytes(spelling.data), spelling.ends, ends, self._model.control)
