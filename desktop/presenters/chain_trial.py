"""Shows at once what a change of the samplers makes of the odds in view: a trial, which changes nothing on the page.

It ends when another token comes into view, or the settings are again those that the token was computed with.
"""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from desktop.generation.recipe import Recipe
from desktop.generation.session import Session
from desktop.odds.focus import Focus
from desktop.page.choosing import Place
from models.sampling.readings import Reading


class ChainTrial(QObject):
    """`message` carries a sentence for the user. part: index of the token in view, of those that spell one
    character."""

    message = Signal(str)

    def __init__(
        self,
        focus: Focus,
        session: Session,
        recipe: Callable[[], Recipe],
        part: Callable[[], int],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._focus, self._session, self._recipe, self._part = focus, session, recipe, part
        self._place: Place | None = None  # of the trial
        self._tried: Recipe | None = None  # the last one that was asked for there
        focus.view_changed.connect(lambda _view: self._moved())
        session.beside.chains.answered.connect(self._answered)
        session.beside.chains.failed.connect(self._failed)

    def recipe_changed(self) -> None:
        """Try the recipe on the token in view."""
        recipe, made_with = self._recipe(), self._focus.sampling(self._part())
        if made_with is None or (self._tried is None and recipe.sampling == made_with):
            return
        place = self._focus.place(self._part())
        if place.token is not None and place.token < 0:
            return  # its id is not known, so no other chain can tell its odds
        if recipe.sampling == made_with and place.token is not None:
            self._end()
        elif self._tried is None or recipe.sampling != self._tried.sampling:
            self._place, self._tried = place, recipe
            self._session.beside.chains.ask(place, recipe)

    def _moved(self) -> None:
        if self._place is not None and self._focus.place(self._place.part) != self._place:
            self._end()

    def _end(self) -> None:
        self._place = self._tried = None
        self._session.beside.chains.give_up()
        self._focus.end_trial()

    def _answered(self, place: Place, reading: Reading, recipe: Recipe) -> None:
        model = self._session.state.model
        if place == self._place and model is not None:
            self._focus.show_trial(place, reading, recipe.sampling, model.fingerprint)

    def _failed(self, sentence: str) -> None:
        self._end()
        self.message.emit(sentence)
