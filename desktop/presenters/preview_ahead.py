"""Shows how the text would most likely go on behind the alternative that is previewed, a moment after the last move.

Asked only while the model is at rest; given up where the preview moves. It draws nothing, so that what is written when
the alternative is put there may be another text.
"""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, QTimer

from desktop.editor.page_marks import PageMarks
from desktop.generation.model_slot import ModelSlot
from desktop.generation.query import AheadQuery
from desktop.generation.recipe import Recipe
from desktop.generation.session import Session
from desktop.odds.choices import Choice
from desktop.odds.preview import Preview
from desktop.page.page import Page

SETTLED = 200  # milliseconds after the last move
LENGTH = 8  # tokens


class PreviewAhead(QObject):
    def __init__(
        self,
        preview: Preview,
        session: Session,
        marks: PageMarks,
        page: Page,
        recipe: Callable[[], Recipe],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._marks, self._page, self._recipe = session, marks, page, recipe
        self._choice: Choice | None = None
        self._settled = QTimer(self, interval=SETTLED, singleShot=True)
        self._settled.timeout.connect(self._ask)
        preview.previewed.connect(self._previewed)
        session.beside.ahead.foreseen.connect(lambda _query, text: marks.set_ahead(_in_one_line(text)))

    def _previewed(self, choice: Choice | None) -> None:
        if self._session.beside.ahead.job:
            self._session.beside.stop(self._session.beside.ahead)
        self._choice = choice
        if choice is None:
            self._settled.stop()
        else:
            self._settled.start()

    def _ask(self) -> None:
        choice, model = self._choice, self._session.state.model
        if choice is None or model is None or choice.chosen.source.fingerprint != model.fingerprint:
            return
        start, part = choice.place.start, choice.place.part
        begun = self._page.tokens(start, start + 1)["id"][:part].tolist() if part else []
        tokens = [*begun, choice.chosen.reading.token]
        if min(tokens) >= 0:  # a token without an id cannot be sent
            self._session.beside.ask(self._session.beside.ahead, partial(self._query, choice, tokens))

    def _query(self, choice: Choice, tokens: Sequence[int], slot: ModelSlot) -> AheadQuery:
        return AheadQuery(self._page, slot, self._recipe(), choice.place, choice.chosen, tokens, LENGTH)


def _in_one_line(text: str) -> str:
    return text.replace("\n", "↵").replace("\t", "⇥")
