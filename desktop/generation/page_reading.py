"""Has the second model read the page into its layer: opens it, waits until the page rests, reads, and closes it.

Where both models do not fit, they take turns: the session's model is closed meanwhile, and opened again afterwards. A
change of the page interrupts the reading, which begins again when the page rests. No widgets.
"""

from collections.abc import Callable
from enum import Enum, auto
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.generation.recipe import Recipe
from desktop.generation.second_model import SecondModel, SecondState, name_beside
from desktop.generation.session import Session
from desktop.generation.state import Phase, SessionState
from desktop.page.edit import Change
from desktop.page.page import Page
from models.engine.events import ModelFacts
from models.library.load_options import LoadOptions
from resources.language import tr

RESTS_AFTER = 1_000  # milliseconds without a change of the text


class Step(Enum):
    IDLE = auto()
    MAKING_ROOM = auto()  # the session's model is closed, as soon as it is at rest
    OPENING = auto()
    WAITING = auto()  # until the page rests
    READING = auto()
    CLOSING = auto()


class PageReading(QObject):
    """`changed`: the step, or its progress. `ended` carries a sentence, "" where a message told why.

    step: what is done now. name: of the second model, for the user."""

    changed = Signal()
    ended = Signal(str)

    def __init__(
        self,
        page: Page,
        session: Session,
        second: SecondModel,
        *,
        recipe: Callable[[], Recipe],
        options: Callable[[], LoadOptions],
        rests_after: int = RESTS_AFTER,
        parent: QObject | None = None,
    ) -> None:
        """recipe, options: asked for when they are needed. rests_after: milliseconds."""
        super().__init__(parent)
        self.step, self.name = Step.IDLE, ""
        self._session, self._second = session, second
        self._recipe, self._options = recipe, options
        self._path, self._former = "", ""  # files: of the second model; of the session's, which is to be opened again
        self._keep, self._outcome = False, ""
        self._first: ModelFacts | None = None  # the session's model when the reading began
        self._rests = QTimer(self, interval=rests_after, singleShot=True)
        self._rests.timeout.connect(self._read)
        session.state_changed.connect(self._session_changed)
        second.state_changed.connect(self._second_changed)
        page.listeners.append(self._page_changed)

    @property
    def busy(self) -> bool:
        return self.step is not Step.IDLE

    @property
    def fraction(self) -> float:
        """The progress of what is done, 0 to 1; negative where it is not known."""
        return self._second.state.fraction if self.step in (Step.OPENING, Step.READING) else -1.0

    def begin(self, path: str, *, keep: bool = False, in_turns: bool = False) -> None:
        """Have the model of that file read the page; does nothing while another one does. keep: the model stays open
        afterwards. in_turns: the session's model is closed meanwhile."""
        if self.busy:
            return
        self._path, self.name, self._keep = path, Path(path).name, keep
        self._first = self._session.state.model
        if in_turns and self._session.state.model is not None:
            self._go(Step.MAKING_ROOM)
            self._make_room(self._session.state)
        else:
            self._open()

    def stop(self) -> None:
        """Stop reading; readings that came stay. Ends as a reading does."""
        self._give_up(tr("You stopped the reading"))

    def leave_page(self) -> None:
        """Another page comes: the same."""
        self._give_up(tr("Another page was opened: the reading was stopped"))

    # -------------------------------------------------------------------------------------------- the steps

    def _open(self) -> None:
        held = self._second.state
        self._go(Step.OPENING)
        if held.phase is Phase.READY and self._is_wanted(held):
            self._second_changed(held)
        else:
            beside = None if self._former else self._session.state.model
            self._second.open_model(self._path, self._options(), beside)

    def _make_room(self, state: SessionState) -> None:
        """Close the session's model when it is at rest, and go on once its memory is free."""
        if state.phase is Phase.READY and state.model is not None:
            self._former = state.model.path
            self._session.unload()
        elif state.phase is Phase.EMPTY:
            self._open()

    def _wait(self) -> None:
        self._go(Step.WAITING)
        if not self._session.state.writing:
            self._read()

    def _read(self) -> None:
        if self.step is Step.WAITING and not self._session.state.writing:
            self._go(Step.READING)
            self._second.score(self._recipe(), self._first)

    def _give_up(self, outcome: str) -> None:
        if self.step not in (Step.IDLE, Step.CLOSING):
            self._close(outcome)

    def _close(self, outcome: str) -> None:
        self._rests.stop()
        self._outcome = outcome
        self._go(Step.CLOSING)
        if self._keep and self._second.state.model is not None:
            self._second.give_up()
            self._end()
            return
        self._second.close_model()
        if self._second.state.phase is Phase.EMPTY:
            self._end()

    def _end(self) -> None:
        if self.step is not Step.CLOSING:
            return
        former, self._former = self._former, ""
        self._go(Step.IDLE)
        if former:
            self._session.open_model(former, self._options())
        self.ended.emit(self._outcome)

    def _go(self, step: Step) -> None:
        self.step = step
        self.changed.emit()

    # -------------------------------------------------------------------------------------------- what happens

    def _session_changed(self, state: SessionState) -> None:
        if self._former and state.phase is Phase.LOADING:
            self._former = ""  # the user opens another model, which needs the room now
            self._give_up(tr("Another model was opened: the reading was stopped"))
        elif self.step is Step.MAKING_ROOM:
            self._make_room(state)
        elif self.step is Step.WAITING and not state.writing and not self._rests.isActive():
            self._rests.start()

    def _second_changed(self, state: SecondState) -> None:
        at_rest = state.phase in (Phase.READY, Phase.EMPTY)
        match self.step:
            case Step.OPENING if at_rest and self._is_wanted(state):
                self.name = name_beside(state.model, self._first) if state.model else self.name
                self._wait()
            case Step.OPENING | Step.READING if at_rest:
                self._close(state.outcome)
            case Step.OPENING | Step.READING:
                self.changed.emit()
            case Step.CLOSING if state.phase is Phase.EMPTY:
                self._end()
            case _:
                pass

    def _is_wanted(self, state: SecondState) -> bool:
        return state.model is not None and Path(state.model.path) == Path(self._path)

    def _page_changed(self, change: Change) -> None:
        if self.step not in (Step.WAITING, Step.READING) or not (change.units or change.removed):
            return
        if self.step is Step.READING:
            self._go(Step.WAITING)
            self._second.give_up()
        self._rests.start()
