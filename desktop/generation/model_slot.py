"""A slot that holds a model: the engine's load, what comes of it, and which model is there meanwhile.

Knows neither pages nor what is asked of the model."""

from PySide6.QtCore import QObject, Signal

from models.engine.engine import Engine
from models.engine.events import Ended, Event, Failed, Loaded, Loading, ModelFacts, Trying, Unloaded
from models.library.load_options import LoadOptions


class ModelSlot(QObject):
    """Signals are facts. `message` carries a sentence for the user."""

    message = Signal(str)
    progressed = Signal(float)  # of a load, 0 to 1
    loaded = Signal(object)  # ModelFacts, of the model that was asked for
    moved = Signal(object)  # ModelFacts, of the same model in another child, perhaps on another device
    load_ended = Signal(str)  # it came to nothing, for that reason; none where it was stopped

    def __init__(self, engine: Engine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.engine = engine
        self._gone = False  # the child has given back the model that is here, to load another
        self.model: ModelFacts | None = None
        self.job = 0  # of the load under way, 0 for none

    def load(self, path: str, options: LoadOptions) -> None:
        """Load that file in place of whatever is here; a load under way is stopped."""
        if self.job:
            self.engine.stop(self.job)
        self.job = self.engine.load(path, options)

    def answer(self, event: Event) -> bool:
        """Take what the engine says of loading. False where it speaks of something else."""
        match event:
            case Trying():
                if event.sentence:
                    self.message.emit(event.sentence)
            case Unloaded():
                self._gone = True
            case Loading():
                if event.job == self.job:
                    self.progressed.emit(event.fraction)
            case Loaded():
                self._take(event)
            case Failed() if event.job == self.job:
                self._end(event.sentence)
            case Ended() if event.job == self.job:
                self._end("")
            case _:
                return False
        return True

    def child_died(self) -> None:
        """The next request starts another child, which loads the model that was here."""
        self.job, self._gone = 0, False

    def _take(self, event: Loaded) -> None:
        former = self.model
        if event.job == self.job:
            self.job, self._gone, self.model = 0, False, event.model
            self.loaded.emit(event.model)
        elif former and former.path == event.model.path and former != event.model:
            self.model = event.model
            self.moved.emit(event.model)

    def _end(self, sentence: str) -> None:
        """The child still has the model before, unless it said otherwise."""
        self.job = 0
        if self._gone:
            self.model = None
        self.load_ended.emit(sentence)
