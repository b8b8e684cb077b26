"""Asks the loaded model which tokens the entries of the logit bias mean, so that the panel can tell which it cannot
take."""

from PySide6.QtCore import QObject, Signal

from models.engine.engine import Engine
from models.engine.events import BiasRead, Event, ModelFacts
from models.sampling import bias
from models.sampling.knobs import Sampling


class BiasCheck(QObject):
    """`checked` carries a dict of BiasToken by the id or the text of an entry; empty where no model is loaded."""

    checked = Signal(object)

    def __init__(self, engine: Engine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._entries: tuple[str, ...] = ()
        self._has_model = False
        self._job = 0  # of the question under way

    def show_model(self, model: ModelFacts | None) -> None:
        """Another model is loaded, or none."""
        self._has_model = model is not None
        self._ask()

    def show_sampling(self, sampling: Sampling) -> None:
        """These are the settings now."""
        if sampling.bias != self._entries:
            self._entries = sampling.bias
            self._ask()

    def take(self, events: tuple[Event, ...]) -> None:
        """Take the answer, if it is among the events."""
        for event in events:
            if isinstance(event, BiasRead) and event.job == self._job:
                wanted = (bias.parse(entry)[0] for entry in self._entries)
                self.checked.emit(dict(zip(wanted, event.tokens, strict=True)))

    def _ask(self) -> None:
        if self._has_model and self._entries:
            self._job = self._engine.read_bias(self._entries)
        else:
            self._job = 0
            self.checked.emit({})
