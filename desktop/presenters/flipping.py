"""Flips the coin of the place that the panel shows: again, with the token previewed, or many times, with a tally.

The tally belongs to the place, and is shown again where the writer comes back to it. Another page begins without any.
"""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject

from desktop.generation.query import Query
from desktop.generation.recipe import Recipe
from desktop.generation.session import Session
from desktop.generation.state import NO_MODEL, Phase, SessionState
from desktop.odds.flips import Tally
from desktop.odds.focus import Focus
from desktop.odds.panel import OddsPanel
from desktop.odds.preview import Preview
from desktop.odds.rows import OddsView
from desktop.page.choosing import Coin
from desktop.page.edit import Change
from desktop.page.page import Page
from desktop.page.sources import Source
from models.engine.events import Flipped
from resources.language import tr

MOST = 256  # places whose flips are remembered
OTHER_MODEL = tr("These odds are of another model: open it to flip its coin.")

_At = tuple[int, int, Source]  # a coin: a hash of the page before its token, its place among several, and its source


@dataclass(slots=True)
class _Flips:
    """Of one coin. drawn: its numbers that were used."""

    drawn: int = 0
    tally: Tally | None = None


class Flipping(QObject):
    def __init__(
        self,
        panel: OddsPanel,
        preview: Preview,
        focus: Focus,
        session: Session,
        page: Page,
        recipe: Callable[[], Recipe],
    ) -> None:
        super().__init__(panel)  # the session may outlive the panel
        self._panel, self._preview, self._focus = panel, preview, focus
        self._session, self._page, self._recipe = session, page, recipe
        self._flips: dict[_At, _Flips] = {}
        self._shown: _At | None = None
        self._asked: tuple[_At, int] | None = None  # a coin, and how often it is being flipped
        panel.coin.flip_requested.connect(self.flip)
        panel.coin.take_requested.connect(preview.take)
        panel.coin.forget_requested.connect(self._forget)
        focus.view_changed.connect(self._moved)
        panel.part_shown.connect(self._part_shown)
        session.state_changed.connect(self._show_state)
        session.beside.flips.flipped.connect(self._answered)
        session.beside.flips.failed.connect(panel.coin.say)
        page.listeners.append(self._page_changed)
        self._show_state(session.state)

    def flip(self, count: int = 1) -> None:
        """Flip the coin that is shown; while it is being flipped, nothing more is asked."""
        coin = self._focus.coin(self._panel.part)
        if coin is None:
            self._preview.nothing_to_choose.emit()
            return
        at = self._at(coin)
        if self._session.beside.flips.job and self._asked and self._asked[0] == at:
            return
        drawn = self._flips[at].drawn if at in self._flips else 0
        if self._session.beside.flip(self._recipe(), coin, drawn, count):
            self._asked = at, count
        else:
            self._panel.coin.say(OTHER_MODEL if self._session.state.model else NO_MODEL)

    def _at(self, coin: Coin) -> _At:
        return self._page.prefix_hash(coin.place.start), coin.place.part, coin.source

    def _answered(self, _query: Query, event: Flipped) -> None:
        if self._asked is None:
            return
        at, count = self._asked
        flips = self._flips.setdefault(at, _Flips())
        flips.drawn += count
        if count > 1:
            flips.tally = (flips.tally or Tally()).with_more(event)
        while len(self._flips) > MOST:
            del self._flips[next(iter(self._flips))]
        self._moved()
        coin = self._focus.coin(self._panel.part)
        if coin is None or at != self._shown:
            return
        if count == 1:
            self._preview.select_flip(coin.reading.drawn_again(event.last))
        else:
            self._preview.end()

    def _moved(self, _view: OddsView | None = None) -> None:
        """Another token may be shown: show its tally."""
        if not (self._flips or self._panel.coin.in_use):
            return
        coin = self._focus.coin(self._panel.part)
        shown = self._at(coin) if coin else None
        if shown != self._shown:
            self._shown = shown
            self._panel.coin.say("")
        self._panel.show_tally(self._flips[self._shown].tally if self._shown in self._flips else None)

    def _page_changed(self, change: Change) -> None:
        if change.cause == "file":
            self._flips.clear()

    def _part_shown(self) -> None:
        self._preview.end()
        self._moved()

    def _forget(self) -> None:
        if self._shown in self._flips:
            self._flips[self._shown].tally = None
        self._moved()

    def _show_state(self, state: SessionState) -> None:
        self._panel.coin.set_able(state.paused or state.phase in (Phase.READY, Phase.EMPTY))
