"""Lists the whole vocabulary with its odds at the place that the panel shows, while the list is open.

The list follows the place a moment after the last move, and the samplers at once. It does not follow the writing, which
each whole distribution would hold up: it waits until the model rests. The token that is pointed at in it stands on the
page as a ghost. Where the list has another probability of the token that is shown than was recorded, the panel says so.
"""

import math
from array import array
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from desktop.generation.recipe import Recipe
from desktop.generation.session import Session
from desktop.generation.state import NO_MODEL
from desktop.odds import choices
from desktop.odds.choices import Choice
from desktop.odds.focus import Focus
from desktop.odds.panel import OddsPanel
from desktop.odds.vocabulary_listing import Listing, Texts
from desktop.page.choosing import Chosen, Place
from desktop.page.page import Page
from desktop.page.sources import Source
from models.engine.events import Distributed, VocabularyRead
from models.sampling.readings import Alternatives, Reading

SETTLED = 120  # milliseconds after the last move

_At = tuple[Place, int, str]  # a place, a hash of the page before it, and the model


class WholeVocabulary(QObject):
    """`put_requested`, a wish, carries a Place, a Chosen and whether the model goes on; `message` a sentence. `pointed`
    carries the Choice that is pointed at, or None."""

    put_requested = Signal(object, object, bool)
    pointed = Signal(object)
    message = Signal(str)

    def __init__(
        self,
        panel: OddsPanel,
        focus: Focus,
        session: Session,
        page: Page,
        recipe: Callable[[], Recipe],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._panel, self._list, self._focus = panel, panel.all_tokens, focus
        self._session, self._page, self._recipe = session, page, recipe
        self._texts: Texts | None = None
        self._at: _At | None = None  # where the odds belong that are shown, or on their way
        self._shown: tuple[Place, Source] | None = None
        self._settled = QTimer(self, interval=SETTLED, singleShot=True)
        self._settled.timeout.connect(self._ask)
        panel.all_changed.connect(self._opened)
        panel.view_shown.connect(self._moved)
        session.model_changed.connect(lambda _model: self._moved())
        session.ended.connect(lambda _ended: self._moved())
        session.beside.whole.spelt.connect(self._spelt)
        session.beside.whole.answered.connect(self._answered)
        session.beside.whole.failed.connect(self.message)
        self._list.copied.connect(self.message)
        self._list.token_chosen.connect(self._choose)
        self._list.token_pointed.connect(self._point)

    def _point(self, row: int) -> None:
        self.pointed.emit(self._choice(row))

    def recipe_changed(self) -> None:
        """Show what the changed samplers make of the tokens."""
        if self._panel.shows_all:
            self._ask()

    def _where(self) -> _At:
        place, model = self._focus.place(self._panel.part), self._session.state.model
        return place, self._page.prefix_hash(min(place.start, self._page.length)), model.fingerprint if model else ""

    def _opened(self, shown: bool) -> None:
        if shown:
            self._list.set_current(False)  # what is listed may be of another place
            self._ask()
            if self._session.state.model is None:
                self.message.emit(NO_MODEL)
        else:
            self.pointed.emit(None)
            self._settled.stop()
            self._at = None
            self._session.beside.whole.give_up()
            self._focus.end_again()

    def _moved(self) -> None:
        if self._panel.shows_all and self._where() != self._at:
            self._list.set_current(False)
            self.pointed.emit(None)
            if self._focus.follows:
                self._settled.stop()
                self._at = None
            else:
                self._settled.start()

    def _ask(self) -> None:
        self._at = self._where()
        self._session.beside.whole.ask(self._at[0], self._recipe())

    def _spelt(self, found: VocabularyRead) -> None:
        self._texts = Texts(found.data, np.array(found.ends, np.int64))

    def _answered(self, place: Place, found: Distributed, source: Source) -> None:
        if self._texts is None or self._at is None or place != self._at[0]:
            return
        self._shown = place, source
        listing = Listing(
            self._texts,
            np.array(found.ids, np.int64),
            np.array(found.raw, np.float32),
            np.array(found.final, np.float32),
            np.frombuffer(found.cut, np.uint8),
            found.entropy,
        )
        for row in np.flatnonzero(listing.ids == place.token):  # none where no token stands there
            self._focus.show_again(place, float(listing.raw[row]), source.fingerprint)
        self._list.show_listing(listing)

    def _choice(self, row: int) -> Choice | None:
        """What that row of the listing stands for; None where the list is of another place than the one shown now."""
        listing, part = self._list.rows.listing, self._panel.part
        if listing is None or row < 0 or not self._panel.shows_all or self._shown is None:
            return None
        place, source = self._shown
        if place != self._focus.place(part):
            return None
        reading = place.state.told(reading_of(listing, row, self._recipe().top), source.sampling)
        if place.token is None:
            return choices.of_next(reading, place.start, source)
        found = self._focus.choice(reading, part)
        return found and replace(found, chosen=Chosen(reading, source))

    def _choose(self, row: int, write_on: bool) -> None:
        if choice := self._choice(row):
            self.put_requested.emit(choice.place, choice.chosen, write_on)


def reading_of(listing: Listing, row: int, top: int) -> Reading:
    """The reading of the token in that row of the listing; nothing was drawn. top: alternatives."""
    rows = [*range(min(top, len(listing.ids)))]
    if row not in rows:
        rows[-1:] = [row]
    ids = listing.ids[rows].tolist()
    texts = tuple(map(listing.texts.of, ids))
    final = array("f", listing.final[rows].tolist())
    raw = array("f", listing.raw[rows].tolist())
    token = int(listing.ids[row])
    return Reading(
        token=token,
        bytes=listing.texts.of(token),
        raw=float(listing.raw[row]),
        rank=int(listing.ranks[row]),
        entropy=listing.entropy,
        final=float(listing.final[row]),
        draw=math.nan,
        low=math.nan,
        high=math.nan,
        alternatives=Alternatives(array("i", ids), raw, final, bytes(listing.cut[rows].tolist()), texts),
    )
