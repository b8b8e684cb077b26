"""Shows the second model: in the chip, beside the first; in the status bar, while it loads or reads; in the commands.

app.py connects the wishes that call its methods.
"""

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from desktop.generation.page_reading import PageReading, Step
from desktop.generation.second_model import SecondModel, SecondState, name_beside
from desktop.generation.session import Session
from desktop.generation.state import Phase, details
from desktop.presenters.status_presenter import StatusPresenter
from desktop.shell.window import Window
from models.engine.events import ModelFacts
from models.library.load_options import LoadOptions
from resources.language import tr

SECOND = "second model"  # the topic of its progress and of its notices


class Comparing(QObject):
    """`compared` carries the ModelFacts of the model that is compared with the first, or None.

    A model is compared from the moment it is loaded for that until it is closed, dies in its load, or gives way to
    another that reads the page."""

    compared = Signal(object)

    def __init__(
        self,
        window: Window,
        session: Session,
        second: SecondModel,
        reading: PageReading,
        status: StatusPresenter,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._window, self._session, self._second, self._reading = window, session, second, reading
        self._status = status
        self._wanted = False  # the second model is there to be compared
        self._shown: ModelFacts | None = None
        self._outcome = ""  # of a reading in turns, told when the first model is back
        second.state_changed.connect(self._state_changed)
        second.message.connect(status.say(SECOND))
        reading.changed.connect(self._update)
        reading.ended.connect(self._reading_ended)
        session.model_changed.connect(lambda _model: self._tell())

    @property
    def model(self) -> ModelFacts | None:
        """The model that is compared with the first."""
        state = self._second.state
        return state.model if self._wanted and state.phase in (Phase.READY, Phase.READING) else None

    # -------------------------------------------------------------------------------------------- asked by the user

    def compare(self, path: str, options: LoadOptions) -> None:
        """Open that model beside the first."""
        if self._reading.busy or self._is_compared(path):
            return
        self._window.notice.over(SECOND)
        self._wanted = True
        self._second.open_model(path, options, self._session.state.model)

    def read(self, path: str, in_turns: bool) -> None:
        """Have that model read the page. The compared one stays open where it is the same, else it is closed."""
        if self._reading.busy:
            return
        self._window.notice.over(SECOND)
        self._wanted = self._is_compared(path) and not in_turns
        self._reading.begin(path, keep=self._wanted, in_turns=in_turns)

    def stop(self) -> None:
        """Close the second model, whatever it does."""
        self._wanted = False
        self._reading.stop()
        if not self._reading.busy:
            self._second.close_model()
        self._update()

    def _is_compared(self, path: str) -> bool:
        return self.model is not None and Path(self.model.path) == Path(path)

    # -------------------------------------------------------------------------------------------- what happens

    def _state_changed(self, state: SecondState) -> None:
        if state.phase is Phase.EMPTY:
            self._wanted = False
        self._update()

    def _reading_ended(self, outcome: str) -> None:
        if outcome:
            self._outcome = tr("{name}: {outcome}").format(name=self._reading.name, outcome=outcome)
        if self._session.state.phase is not Phase.LOADING:  # whose state would take the place of the sentence
            self._tell()
        self._update()

    def _tell(self) -> None:
        if self._outcome:
            self._window.status.say(self._outcome)
            self._outcome = ""

    def _update(self) -> None:
        self._show_work()
        phase = self._second.state.phase
        self._status.set_second(self._reading.busy, phase not in (Phase.EMPTY, Phase.STOPPING) or self._reading.busy)
        model = self.model
        if model != self._shown:
            self._shown = model
            self._window.chip.show_second(
                *((name_beside(model, self._session.state.model), details(model)) if model else ("",))
            )
            self.compared.emit(model)

    def _show_work(self) -> None:
        """Show what the second model does in the status bar."""
        status, state = self._window.status, self._second.state
        if self._reading.busy:
            words, fraction, stop = self._reading_words(), self._reading.fraction, self._reading.stop
            status.show_work(SECOND, words, fraction, None if self._reading.step is Step.CLOSING else stop)
        elif state.phase is Phase.LOADING:
            words = tr("Loading {name}…").format(name=Path(state.loading).name)
            status.show_work(SECOND, words, state.fraction, self.stop)
        else:
            status.end_work(SECOND)

    def _reading_words(self) -> str:
        words = {
            Step.MAKING_ROOM: tr("Closing the model to make room for {name}…"),
            Step.OPENING: tr("Loading {name}…"),
            Step.WAITING: tr("{name} waits until the page rests…"),
            Step.READING: tr("{name} reads the page…"),
        }
        return words.get(self._reading.step, tr("Closing {name}…")).format(name=self._reading.name)
