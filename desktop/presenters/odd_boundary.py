"""Points out that the writer's text ends where a token would not end, with a button that mends it.

Said when the typing rests at the end of the page; behind a letter it rests longer, since a word is being typed. A space
behind a word is trailing_space.py's.
"""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from desktop.generation.end_boundary import EndBoundary
from desktop.generation.recipe import Recipe
from desktop.odds.visible import visible
from desktop.page.edit import Change
from desktop.page.page import Page
from desktop.page.token_table import any_generated
from desktop.presenters.trailing_space import trailing_spaces
from desktop.shell.notice import Notice
from resources.language import tr

RESTS, WORD_RESTS = 1_500, 4_000  # milliseconds without an edit, behind a sign and behind a letter or digit
TOPIC = "odd boundary"


class OddBoundary(QObject):
    """recipe: gives the present one. heal: turns healing on."""

    def __init__(
        self,
        page: Page,
        notice: Notice,
        boundary: EndBoundary,
        recipe: Callable[[], Recipe],
        heal: Callable[[], object],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._page, self._notice, self._boundary = page, notice, boundary
        self._recipe, self._heal = recipe, heal
        self._rests = QTimer(self, singleShot=True)
        self._rests.timeout.connect(lambda: boundary.ask(recipe()))
        boundary.inside.connect(self._say_inside)
        boundary.across.connect(self._say_across)
        page.listeners.append(self._page_changed)

    def _page_changed(self, change: Change) -> None:
        if not (change.units or change.removed):
            return
        self._rests.stop()
        self._boundary.give_up()
        self._notice.over(TOPIC)
        last = self._last_typed(change)
        if last:
            self._rests.start(WORD_RESTS if last.isalnum() else RESTS)

    def close(self) -> None:
        """Ask nothing any more."""
        self._rests.stop()

    def _last_typed(self, change: Change) -> str:
        """The last character of the page, where the writer has just typed it and no space behind a word; else empty."""
        end = self._page.length
        if change.cause != "typing" or not change.units or change.start + change.units != end:
            return ""
        if trailing_spaces(self._page) or any_generated(self._page.tokens(end - 1, end)):
            return ""
        return self._page.text(end - 1, end)

    def _say_inside(self, text: str) -> None:
        inside_a_word = tr(
            "Your text ends inside a word that the model would write in one token (“{text}…”). Healing would mend "
            "that, but it is off."
        )
        in_a_blank = tr(
            "The model would write the white space at the end of your text in one token with more (“{text}…”). "
            "Healing would mend that, but it is off."
        )
        sentence = in_a_blank if text.isspace() else inside_a_word
        self._notice.say(sentence.format(text=_shown(text)), tr("Turn healing on"), self._turn_on, topic=TOPIC)

    def _turn_on(self) -> None:
        self._notice.over(TOPIC)
        self._heal()

    def _say_across(self, start: int) -> None:
        """start: where the token begins."""
        sentence = tr(
            "“{text}” at the end is one token to the model, but it wrote only the beginning: so it reads it as several."
        )
        text = _shown(self._page.text(start, self._page.length))
        self._notice.say(sentence.format(text=text), tr("Read it as one"), lambda: self._join(start), topic=TOPIC)

    def _join(self, start: int) -> None:
        """Make the end of the page the writer's text, which the tokeniser splits as a whole."""
        length = self._page.length - start
        self._page.write(start, length, self._page.text(start, start + length))


def _shown(text: str) -> str:
    return visible(text.encode("utf-8", "replace"))
