"""Asks a second model for its odds at the place that the odds panel shows, and shows them beside the first model's.

Where both have the same tokens (by the bytes of all of them), the first is asked for its whole distribution too: the
divergence of both is shown, and the tokens that are likely to the second only. Else the bits are shown that each gave
to the same characters. Everything is asked a moment after the last move, while the first model is at rest; the next
move gives up what was asked.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from desktop.generation.asides import word_start
from desktop.generation.model_slot import ModelSlot
from desktop.generation.query import PartBits, Query, TokenTexts, WholeQuery
from desktop.generation.recipe import Recipe
from desktop.generation.second_model import SecondModel
from desktop.generation.session import Session
from desktop.odds import beside
from desktop.odds.beside import BesideView
from desktop.odds.focus import Focus, Shown
from desktop.odds.panel import OddsPanel
from desktop.odds.second_likeliest import likeliest, rows_of
from desktop.page.aligned_bits import Aligned, Tokens, align
from desktop.page.page import Page
from models.engine.events import Distributed, ModelFacts, VocabularyRead
from models.engine.vocabularies import TokenBytes
from models.sampling.divergence import LogProbabilities, by_id, kl_bits
from models.sampling.knobs import NEUTRAL
from models.sampling.readings import Reading

AS_IT_IS = replace(NEUTRAL, no_healing=True)  # the odds behind just this text, whatever it ends with
SETTLED = 120  # milliseconds after the last move
FIRST, SECOND = 0, 1
BITS = "bits of the second"
AROUND = 64  # units around the token in which borders of both models are looked for

_At = tuple[int, int, tuple[int, ...], int, str, str]  # a place, the text there, and both models


class OddsBeside(QObject):
    """`rows_added` carries, for each row below those of the first model, its number and what the first says of it."""

    rows_added = Signal(object)

    def __init__(
        self,
        panel: OddsPanel,
        focus: Focus,
        page: Page,
        session: Session,
        second: SecondModel,
        recipe: Callable[[], Recipe],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._panel, self._focus, self._page, self._recipe = panel, focus, page, recipe
        self._session, self._second = session, second
        self._compared: ModelFacts | None = None
        self._spelt: dict[str, TokenBytes] = {}  # by fingerprint, of the two models
        self._at: _At | None = None  # where the answers belong
        self._asked = ["", ""]  # what each model was asked last
        self._over: set[str] = set()  # what was asked there and has ended; what was given up can be asked again
        self._first_odds: LogProbabilities | None = None
        self._second_odds: LogProbabilities | None = None
        self._divergence: float | None = None
        self._more: tuple[Reading, ...] = ()  # of tokens that are likely to the second model only
        self._died = False  # the second model's child did, while this place was shown
        self._part: PartBits | None = None
        self._failure = ""
        self._settled = QTimer(self, interval=SETTLED, singleShot=True)
        self._settled.timeout.connect(self._go_on)
        panel.view_shown.connect(self._moved)
        session.state_changed.connect(lambda _state: self._moved())
        session.beside.compared.spelt.connect(partial(self._read, first=True))
        session.beside.compared.distributed.connect(lambda _query, event: self._take(event, first=True))
        session.beside.compared.ended.connect(lambda _words: self._ended(FIRST))
        session.beside.compared.failed.connect(lambda sentence: self._ended(FIRST, sentence))
        second.spelt.connect(partial(self._read, first=False))
        second.distributed.connect(lambda _query, event: self._take(event, first=False))
        second.ended.connect(lambda _words: self._ended(SECOND))
        second.failed.connect(lambda sentence: self._ended(SECOND, sentence))
        second.died.connect(self._second_died)

    def compare(self, model: ModelFacts | None) -> None:
        """Show the odds of this model, which is open now, beside the first one's; None: of none."""
        self._compared = model
        self._at = None
        if model is None:
            self._settled.stop()
            self._give_up()
            self._spelt.clear()
            self._add_rows(0, ())
            self._panel.show_beside(None)
        else:
            self._moved()

    # -------------------------------------------------------------------------------------------- where it is

    @property
    def _shown(self) -> Shown | None:
        return self._focus.shown(self._panel.part) if self._panel.view is not None else None

    @property
    def _first(self) -> ModelFacts | None:
        return self._session.state.model

    def _place(self, shown: Shown) -> _At:
        end = min(shown.start + shown.length, self._page.length)
        models = (one.fingerprint if one else "" for one in (self._first, self._compared))
        first, second = models
        return shown.start, end, shown.before, self._page.prefix_hash(end), first, second

    def _moved(self) -> None:
        """The place may have changed, or the first model may be at rest now."""
        if self._compared is None:
            return
        shown = self._shown
        at = self._place(shown) if shown else None
        if at is None or at != self._at:
            self._give_up()
            self._at = at
            self._show()
            self._settled.start()
        elif not self._settled.isActive():
            self._go_on()

    def _give_up(self) -> None:
        """Drop what is known of the place before. The bytes of tokens are still read: they are needed anywhere."""
        self._over.clear()
        self._first_odds = self._second_odds = self._divergence = self._part = None
        self._failure, self._more, self._died = "", (), False
        if self._compared is not None:
            if self._first is not None and self._first.fingerprint in self._spelt:
                self._session.beside.stop(self._session.beside.compared)
            if self._compared.fingerprint in self._spelt:
                self._second.stop_asking()
        else:
            self._session.beside.stop(self._session.beside.compared)
            self._second.stop_asking()

    # -------------------------------------------------------------------------------------------- what is asked

    def _go_on(self) -> None:
        """Ask each model for the next thing that is missing, and show what is known."""
        if self._compared is None or self._at is None or self._settled.isActive():
            return
        shown = self._shown
        if shown is None or self._place(shown) != self._at:
            return  # the move will be told
        self._ask_second(shown, self._compared)
        self._ask_first(shown)
        self._show()

    def _ask_second(self, shown: Shown, model: ModelFacts) -> None:
        if self._second.asking or self._died:
            return
        page, recipe, first = self._page, self._recipe(), self._first
        if model.fingerprint not in self._spelt:
            self._ask(SECOND, "bytes of the second", partial(TokenTexts, page))
        elif first is None or first.fingerprint not in self._spelt:
            return  # how the prefix is sent depends on both vocabularies
        elif self._second_odds is None and self._is_comparable(shown):
            before = shown.before if self._same else ()
            query = partial(self._whole, shown.start, first if self._same else None, before)
            self._ask(SECOND, "odds of the second", query)
        elif not self._same and shown.length and self._stretch(shown) is None:
            start = word_start(page, shown.start)
            end = shown.start + shown.length
            self._ask(SECOND, BITS, lambda slot: self._hear(PartBits(page, slot, recipe, start, end)))

    def _ask_first(self, shown: Shown) -> None:
        first = self._first
        if first is None or self._session.beside.compared.job:
            return
        if first.fingerprint not in self._spelt:
            self._ask(FIRST, "bytes of the first", partial(TokenTexts, self._page))
        elif self._same and self._is_of_first(shown) and self._first_odds is None:
            self._ask(FIRST, "odds of the first", partial(self._whole, shown.start, None, shown.before))

    def _ask(self, which: int, what: str, query: Callable[[ModelSlot], Query]) -> None:
        """Ask a model for that, unless the question has ended at this place. which: FIRST or SECOND."""
        if what not in self._over:
            ask = (
                self._second.ask
                if which == SECOND
                else partial(self._session.beside.ask, self._session.beside.compared)
            )
            self._asked[which] = what
            ask(query)

    def _ended(self, which: int, failure: str = "") -> None:
        self._over.add(self._asked[which])
        self._failure = failure or self._failure
        self._go_on()

    def _second_died(self, sentence: str) -> None:
        """Say what happened; the next move asks again, which starts another child."""
        if self._compared is not None:
            self._died, self._failure = True, beside.second_died(sentence)
            self._show()

    def _whole(self, at: int, tokens_of: ModelFacts | None, before: tuple[int, ...], slot: ModelSlot) -> WholeQuery:
        recipe = replace(self._recipe(), sampling=AS_IT_IS)
        return WholeQuery(self._page, slot, recipe, at, before=before, tokens_of=tokens_of)

    def _hear(self, query: PartBits) -> PartBits:
        self._part = query
        return query

    # -------------------------------------------------------------------------------------------- answers

    def _read(self, event: VocabularyRead, first: bool) -> None:
        model = self._first if first else self._compared
        if model is not None:
            wanted = {one.fingerprint for one in (self._first, self._compared) if one}
            self._spelt = {name: known for name, known in self._spelt.items() if name in wanted}
            self._spelt[model.fingerprint] = TokenBytes(event)

    def _take(self, event: Distributed, first: bool) -> None:
        odds = by_id(event.ids, event.raw)
        if first:
            self._first_odds = odds
        else:
            self._second_odds = odds
        if self._first_odds is not None and self._second_odds is not None:
            self._divergence = kl_bits(self._first_odds, self._second_odds)
            shown = self._shown
            if self._compared is not None and shown is not None and self._place(shown) == self._at:
                spelt = self._spelt[self._compared.fingerprint]
                self._more = likeliest(shown.reading, self._first_odds, self._second_odds, spelt.of)

    # -------------------------------------------------------------------------------------------- what is shown

    @property
    def _know_tokens(self) -> bool:
        """Whether the bytes of both models' tokens are known."""
        return all(one is not None and one.fingerprint in self._spelt for one in (self._first, self._compared))

    @property
    def _same(self) -> bool:
        """Whether both models are known to have the same tokens."""
        pair = [
            self._spelt[one.fingerprint].digest for one in (self._first, self._compared) if one and self._know_tokens
        ]
        return len(pair) == 2 and pair[0] == pair[1]

    def _is_of_first(self, shown: Shown) -> bool:
        return self._first is not None and shown.source.fingerprint == self._first.fingerprint

    def _is_comparable(self, shown: Shown) -> bool:
        """Whether the second model can be asked at the very place of the token: not inside a character, unless its
        tokens are the same."""
        return not shown.before or (self._same and min(shown.before) >= 0)

    def _show(self) -> None:
        shown, view = self._shown, self._panel.view
        if shown is None or view is None:
            self._add_rows(0, ())
            self._panel.show_beside(BesideView())
            return
        rows, odds, tokens = len(view.rows), self._second_odds, beside.tokens_of(shown.reading)
        if odds is not None:
            column = beside.second_odds([self._share(odds, *token) for token in tokens], rows)
        elif self._failure or (self._know_tokens and not self._is_comparable(shown)):
            column = beside.second_odds([math.nan] * len(tokens), rows)
        else:
            column = beside.waiting(rows)
        more = self._more if odds is not None else ()
        if odds is not None and more:
            column += beside.more_odds([math.exp(odds[one.token]) for one in more])
        self._panel.show_beside(BesideView(column, *self._line(shown), rows_of(more)))
        self._add_rows(rows, more)

    def _add_rows(self, first: int, readings: Sequence[Reading]) -> None:
        self.rows_added.emit(dict(enumerate(readings, first)))

    def _share(self, odds: LogProbabilities, token: int, text: bytes) -> float | None:
        """The second model's probability of a token of the first: by its id where both have the same, else of all
        tokens with the same bytes."""
        assert self._compared is not None
        if self._same and 0 <= token < len(odds):
            return math.exp(odds[token])
        ids = self._spelt[self._compared.fingerprint].spelling(text)
        return float(np.exp(odds[ids]).sum()) if len(ids) else None

    def _line(self, shown: Shown) -> tuple[str, str]:
        """The sentence below the strip, and its help."""
        if self._failure or not self._know_tokens:
            return self._failure, ""
        if not self._is_of_first(shown):
            return beside.another_model()
        outdated = self._is_outdated(shown)
        if self._same:
            return ("", "") if self._divergence is None else beside.same_tokens(self._divergence, outdated)
        if shown.length and (found := self._stretch(shown)) is not None:
            start, end, first, second = found
            return beside.same_characters(self._page.text(start, end), first, second)
        if shown.before:
            return beside.inside_a_character()
        if outdated:
            return beside.outdated()
        return beside.different_tokens(not shown.length) if not shown.length or BITS in self._over else ("", "")

    def _is_outdated(self, shown: Shown) -> bool:
        """Whether the text before the token has changed since the first model's odds, which are shown, were read."""
        rows = self._page.tokens(shown.start, shown.start + shown.length)
        return bool(self._page.stale(rows).any())

    def _stretch(self, shown: Shown) -> tuple[int, int, float, float] | None:
        """(start, end, bits of the first, of the second) of the least text that holds the token and at whose ends both
        models have a border; None where that is not known. The second model's layer is used before it is asked."""
        if self._compared is None or self._first is None:
            return None
        low, high = max(0, shown.start - AROUND), min(self._page.length, shown.start + shown.length + AROUND)
        first = self._tokens_of_first(low, high)
        layer = Tokens.of_rows(self._page.layers.rows(self._compared.fingerprint, low, high))
        heard = Tokens.of(self._part.tokens) if self._part else layer
        found: list[Aligned] = [align(first, layer), align(first, heard)]
        return next((stretch for one in found if (stretch := one.at(shown.start)) is not None), None)

    def _tokens_of_first(self, low: int, high: int) -> Tokens:
        """The first model's tokens on the page, with readings that hold."""
        page, fingerprint = self._page, self._first.fingerprint if self._first else ""
        rows = page.tokens(low, high)
        own = [page.sources[source].fingerprint == fingerprint for source in rows["source"].tolist()]
        return Tokens.of_rows(rows[np.array(own, np.bool_) & ~page.stale(rows)])
