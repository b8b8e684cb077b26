"""Asks how likely the writer's strings are, one after the other: as the next text where the caret is at the end of the
page, else in the place of the token that the panel shows.

They are asked again when the place, or the text before it, changes: a moment after the last move, which also gives up
what was being asked. They do not follow the writing: they wait until the model rests, or step mode waits. While the
writer types the first one, the model reads the page up to there.
"""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, QTimer

from desktop.generation.model_slot import ModelSlot
from desktop.generation.query import StringQuery
from desktop.generation.recipe import Recipe
from desktop.generation.session import Session
from desktop.generation.state import NO_MODEL, Phase
from desktop.odds.ask import AskBox
from desktop.odds.focus import Focus
from desktop.odds.string_words import StringView, other_spacing, view_of
from desktop.odds.visible import visible
from desktop.page.page import Page
from models.engine.events import Distributed, StringOdds
from resources.language import tr

SETTLED = 120  # milliseconds after the last move

_At = tuple[int, int, str]  # a place: its position in units, a hash of the page before it, and the model


class Asking(QObject):
    def __init__(
        self,
        box: AskBox,
        focus: Focus,
        session: Session,
        page: Page,
        recipe: Callable[[], Recipe],
    ) -> None:
        super().__init__(box)  # the session may outlive the box
        self._box, self._focus, self._session, self._page, self._recipe = box, focus, session, page, recipe
        self._shown: _At | None = None  # where the answers that are shown, or on their way, belong
        self._waiting: list[str] = []
        self._asked = ""
        self._settled = QTimer(self, interval=SETTLED, singleShot=True)
        self._settled.timeout.connect(self._ask_all)
        box.asked.connect(self._ask)
        box.given_up.connect(self._give_up)
        box.opened.connect(self._read_on)
        focus.view_changed.connect(self._moved)
        session.state_changed.connect(self._moved)
        session.beside.strings.distributed.connect(self._answered)
        session.beside.strings.failed.connect(self._failed)
        session.beside.strings.ended.connect(self._over)

    def _at(self) -> _At:
        position = min(self._focus.text_place().start, self._page.length)
        model = self._session.state.model
        return position, self._page.prefix_hash(position), model.fingerprint if model else ""

    def _show_place(self) -> None:
        place, shown = self._focus.text_place(), self._focus.shown()
        if place.token is not None and shown is not None:
            token = visible(self._page.text(shown.start, shown.start + shown.length).encode())
            words = tr("In the place of “{token}”:").format(token=token)
        elif shown is not None or place.start == self._page.length:
            words = tr("As the next text:")
        else:
            words = tr("At the cursor:")
        self._box.show_place(words, self._on_strip)

    @property
    def _on_strip(self) -> bool:
        """Whether the panel shows the odds of the place that is asked about."""
        return self._focus.text_place().start == self._focus.place().start

    def _read_on(self) -> None:
        """Let the model read the page up to the place, if it is at rest: a string will be asked about there."""
        self._show_place()
        if not self._session.beside.strings.job:
            self._session.beside.ask(self._session.beside.strings, partial(self._query, "", self._at()[0]))

    def _ask(self, text: str) -> None:
        """Ask for a string that was entered now; it goes before those that wait."""
        if self._session.state.model is None:
            self._box.show_failure(text, NO_MODEL)
        elif self._shown != self._at():
            self._ask_all()
        else:
            self._waiting = [text, *(one for one in self._waiting if one != text)]
            self._next()

    def _give_up(self, text: str) -> None:
        self._waiting = [one for one in self._waiting if one != text]
        if text == self._asked:
            self._asked = ""
            self._session.beside.stop(self._session.beside.strings)
            self._next()

    def _moved(self, _what: object = None) -> None:
        """The place may have changed, or the model may be at rest now."""
        if self._box.in_use:
            self._show_place()
        if not self._box.rows:
            return
        if self._shown != self._at():
            self._leave()
        elif self._session.state.phase is Phase.READY and self._asked and not self._session.beside.strings.job:
            self._waiting.insert(0, self._asked)  # something else took the model meanwhile
            self._asked = ""
            self._next()
        else:
            self._next()

    def _leave(self) -> None:
        """The odds that are shown, or on their way, are those of another place."""
        if self._shown is not None:
            self._box.set_stale()
            self._session.beside.stop(self._session.beside.strings)
            self._shown, self._asked = None, ""
        if self._focus.follows:
            self._settled.stop()
        else:
            self._settled.start()

    def _ask_all(self) -> None:
        self._shown, self._asked = self._at(), ""
        self._session.beside.stop(self._session.beside.strings)
        self._waiting = list(reversed(self._box.rows))  # the newest first
        self._next()

    def _next(self) -> None:
        """Ask for the next string, if the model is at rest. Not where the page has changed: the move will be told."""
        if not self._asked and self._waiting and self._shown == (at := self._at()):
            text = self._waiting[0]
            self._asked = text
            if self._session.beside.ask(self._session.beside.strings, partial(self._query, text, at[0])):
                del self._waiting[0]
            else:
                self._asked = ""

    def _query(self, text: str, at: int, slot: ModelSlot) -> StringQuery:
        """The question about a string, with and without a space before it; an empty one only reads the page."""
        both = tuple(filter(None, (text, other_spacing(text)))) if text else ()
        return StringQuery(self._page, slot, self._recipe(), both, at)

    def _answered(self, _query: StringQuery, event: Distributed) -> None:
        if event.strings:
            self._box.show_odds(self._asked, *map(self._view, event.strings))

    def _view(self, odds: StringOdds) -> StringView:
        recorded, model = self._focus.recorded(), self._session.state.model
        if recorded is None or model is None or len(odds.ids) > 1 or not self._on_strip:
            return view_of(odds)
        return view_of(odds, recorded.read_again(odds.ids[0], odds.raw[0], model.fingerprint))

    def _failed(self, sentence: str) -> None:
        self._box.show_failure(self._asked, sentence)
        self._over()

    def _over(self, _words: str = "") -> None:
        self._asked = ""
        self._next()
