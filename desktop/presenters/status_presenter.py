"""Shows the state of the session, the page and the model in the window's bars and notices, and ends notices.

app.py connects the signals that call its methods.
"""

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject

from desktop.editor.below_view import Below
from desktop.generation.session import Session
from desktop.generation.state import Phase, SessionState, details, where
from desktop.library.lazy_library import LazyLibrary
from desktop.library.starter_model import TermsDialog
from desktop.odds.focus import Focus
from desktop.page.edit import Change
from desktop.page.excerpt import Count
from desktop.page.forks import BranchPosition
from desktop.page.page import Page
from desktop.qt.deferred_writer import DeferredWriter
from desktop.qt.one_dialog import open_one
from desktop.settings.fields import with_recent
from desktop.settings.preferences import Preferences
from desktop.shell.command import Conditions
from desktop.shell.counts import Counted
from desktop.shell.window import ENDED_ABOVE, ENDED_BELOW, WRITING_ABOVE, WRITING_BELOW, Window
from models.engine.events import ModelFacts
from models.library import installed
from models.library.app_dirs import AppDirs
from resources.language import tr

# topics of notices: the answer to a command, saving, the engine's work, why it could not do what was asked of this text
ANSWER, SAVING, SESSION, REFUSED = "answer", "saving", "session", "refused"
CHAT, GEMMA, NO_MODEL, ARRIVAL, SETTINGS = "chat model", "Gemma", "no model", "arrival", "settings"
TEMPERATURE, TRASH, SAMPLERS = "temperature", "trash", "samplers"
ENGINE, OUTPUT = "engine", "output"  # topics of the progress bar
PILL = {
    Below.WRITING: WRITING_BELOW,
    Below.ENDED: ENDED_BELOW,
    Below.WRITING_ABOVE: WRITING_ABOVE,
    Below.ENDED_ABOVE: ENDED_ABOVE,
}
BRIEF = 0.4  # seconds of reading before the status bar shows it
TERMS = tr("Gemma is provided under and subject to the Gemma Terms of Use.")


class StatusPresenter(QObject):
    """Each method shows one fact. clock: seconds."""

    def __init__(
        self,
        window: Window,
        page: Page,
        session: Session,
        focus: Focus,
        library: LazyLibrary,
        preferences: Preferences,
        home: AppDirs,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._page = page
        self._session = session
        self._focus = focus
        self._library = library
        self._preferences = preferences
        self._home = home
        self._clock = clock
        self._history: tuple[Conditions, BranchPosition] | None = None  # as shown last
        self._counted: Counted | None = None  # of this page, as counted last
        self._phase = Phase.EMPTY
        self._second = False, False  # as set_second
        self._reads_since: float | None = None  # when the model began to read
        self._last_model = ""
        self._writer = DeferredWriter(self._write_last_model, "last model", parent=self)

    def close(self) -> None:
        """Returns when the last model is saved."""
        self._writer.close()

    def _write_last_model(self) -> Callable[[], None]:
        path = self._last_model
        return lambda: installed.remember(path, self._home)

    def state(self, state: SessionState) -> None:
        """Show what the engine does."""
        status = self._window.status
        brief = self._reads_briefly(state)
        if not brief:
            status.show_state(state.words)
        status.show_speed(state.speed if state.writing or state.outcome else 0.0)
        context = state.model.context if state.model else 0
        status.show_context(state.used, context, state.dropped, state.tokens, state.next_slide, state.estimated)
        self._show_counts()
        if state.phase is Phase.LOADING:
            if self._phase is not Phase.LOADING:
                self._window.notice.over(SESSION, REFUSED, ARRIVAL)
            name = Path(state.loading).name
            status.show_work(ENGINE, tr("Loading {name}…").format(name=name), state.fraction, self._session.stop)
        elif state.phase is Phase.READING and 0 < state.fraction < 1 and not brief:
            status.show_work(ENGINE, tr("Reading the page…"), state.fraction, self._session.stop)
        else:
            status.end_work(ENGINE)
        self._phase = state.phase
        self.history()

    def _reads_briefly(self, state: SessionState) -> bool:
        """Whether the model has only begun to read: shown at each slide of the context, that would flash."""
        if state.phase is not Phase.READING:
            self._reads_since = None
            return False
        now = self._clock()
        if self._reads_since is None:
            self._reads_since = now
        return now - self._reads_since < BRIEF

    def counts(self, counted: Counted) -> None:
        """Show the words, characters and tokens of the page."""
        if not self._page.length:
            return  # counted before the page was emptied
        self._counted = counted
        self._show_counts()

    def _show_counts(self) -> None:
        if self._counted is None:
            return
        state = self._session.state
        known = Count(state.tokens, not state.estimated).words if state.model and state.tokens else ""
        self._window.status.show_counts(self._counted.words, self._counted.characters, known)

    def exporting(self, words: str, fraction: float, stop: Callable[[], None]) -> None:
        """Show the progress of an export or a print; without words, it has ended."""
        if words:
            self._window.status.show_work(OUTPUT, words, fraction, stop)
        else:
            self._window.status.end_work(OUTPUT)

    def page_changed(self, change: Change) -> None:
        """Another text is shown: end what was said of the former one. Typing also ends the answer to a command."""
        if change.cause == "typing":
            self._window.notice.over(ANSWER)
        if change.cause not in ("generation", "read"):
            self._window.notice.over(REFUSED)
        if not self._page.length:
            self._counted = None
            self._window.status.show_counts(0, 0)
        elif change.cause == "file":
            self._counted = None
            self._window.status.show_no_counts()

    def page_left(self) -> None:
        """Another page comes: end the notices of this one. Those of the start stay where nothing was written yet."""
        if self._page.untouched:
            self._window.notice.over(ANSWER, SAVING, TEMPERATURE)
        else:
            self._window.notice.clear()

    def below(self, below: Below) -> None:
        """Show what the model does out of view."""
        pill = self._window.end_pill
        if below is not Below.NOTHING:
            pill.say(*PILL[below])
        pill.setVisible(below is not Below.NOTHING)

    def recipe_changed(self) -> None:
        """End what was said of the settings before; what could not be done with them may be possible now."""
        self._window.notice.over(TEMPERATURE, SAMPLERS, REFUSED)

    def began(self) -> None:
        """A generation was asked for: end the notices of the one before."""
        self._window.notice.over(ANSWER, SESSION, REFUSED)

    def say(self, topic: str) -> Callable[[str], None]:
        """A function that shows a sentence of that topic in the notice."""
        return lambda sentence: self._window.notice.say(sentence, topic=topic)

    def offer_undo(self, words: str, undo: Callable[[], object], topic: str = TRASH) -> None:
        """Say what was done, with a button that undoes it."""
        notice = self._window.notice
        notice.say(words, tr("Undo"), lambda: (notice.over(topic), undo()), topic=topic)

    def samplers_reset(self, undo: Callable[[], object]) -> None:
        """Offer to undo that all samplers were turned off."""
        self.offer_undo(tr("Samplers reset."), undo, SAMPLERS)

    def saved_again(self, sentence: str) -> None:
        """The page can be saved again after a failure."""
        self._window.notice.over(SAVING)
        self._window.status.say(sentence)

    def set_second(self, reads: bool, is_open: bool) -> None:
        """Set whether a second model reads the page, and whether one is open, or about to be."""
        self._second = reads, is_open
        self.history()

    def history(self) -> None:
        """Show what can be undone, and which continuation is shown."""
        state, page = self._session.state, self._page
        position = page.branch_position()
        loading = state.phase is Phase.LOADING
        undone = page.can_redo and not position.shown  # only Redo brings the continuation back, with all else
        conditions = Conditions(
            model=state.model is not None and not loading,
            writing=state.writing,
            loading=loading,
            can_undo=page.can_undo,
            can_redo=page.can_redo,
            can_go_back=position.beyond(-1) is not None and not undone,
            can_go_on=position.beyond(1) is not None and not undone,
            text=page.length > 0,
            second_reads=self._second[0],
            comparing=self._second[1],
            paused=state.paused,
        )
        if self._history != (conditions, position):  # called in every frame of a generation
            self._history = conditions, position
            self._window.actions_.update(conditions)
            self._window.show_continuation(position.shown, position.highest)

    def model(self, model: ModelFacts | None) -> None:
        """Show the model that is loaded now, and remember it."""
        chip = self._window.chip
        self._library.set_loaded(*((model.path, where(model)) if model else ("", "")))
        if model is None:
            chip.show_model(tr("No model"), tr("Open a model: File, Open model."), "")
            self._focus.set_vocabulary(0)
            return
        self._last_model = model.path
        self._writer.touch()
        self._preferences.change(recent_models=with_recent(self._preferences.value.recent_models, model.path))
        chip.show_model(model.name, details(model), model.device, where(model))
        self._focus.set_vocabulary(model.vocabulary)
        self._show_notices(model)

    def _show_notices(self, model: ModelFacts) -> None:
        """Show the notices about this model in place of those about the one before."""
        notice, gemma = self._window.notice, "gemma" in model.architecture
        notice.over(CHAT, SESSION, REFUSED, NO_MODEL)
        if not gemma:
            notice.over(GEMMA)
        if model.chat:
            self._show_chat_notice(model)
        elif gemma and not self._preferences.value.starter_terms_seen:
            notice.say(TERMS, tr("Read the terms"), self._show_terms, topic=GEMMA)
            self._preferences.change(starter_terms_seen=True)

    def _show_terms(self) -> None:
        open_one(self._window, "terms", lambda: TermsDialog(self._window))

    def kind_overruled(self, path: str, kind: str) -> None:
        """The user has set the kind of a model: update the notice where it is the loaded one."""
        model, notice = self._session.state.model, self._window.notice
        if model is None or Path(model.path) != Path(path):
            return
        if kind == "chat":
            self._show_chat_notice(model)
        else:
            notice.over(CHAT)

    def _show_chat_notice(self, model: ModelFacts) -> None:
        sentence = tr(
            "{name} looks like a chat model. It continues text like any other model, but it was trained to answer."
        )
        self._window.notice.say(sentence.format(name=model.name), topic=CHAT)

    def no_starter(self, why: str) -> None:
        """Say why there is no starter model."""
        self._window.status.end_work(ENGINE)
        self._window.notice.say(why, tr("Models…"), self._library.open_catalogue, topic=NO_MODEL)

    def preparing_starter(self, fraction: float) -> None:
        """Show the progress of unpacking the starter model."""
        self._window.status.show_work(ENGINE, tr("Unpacking the starter model…"), fraction, None)
