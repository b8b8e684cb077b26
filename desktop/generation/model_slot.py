"""An engine with the model that it holds, the load of another, and the end of both. Runs and queries are asked of a
slot.

Handles only the events of a load."""

from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, Signal

from desktop.page.sources import Source
from models.engine.conditions import Conditions
from models.engine.engine import Engine
from models.engine.events import Ended, Event, Failed, Loaded, Loading, ModelFacts, Trying, Unloaded
from models.engine.requests import Draws
from models.library.app_dirs import repo_of
from models.library.catalogue import pinned
from models.library.load_options import LoadOptions
from models.sampling.knobs import NEUTRAL, Sampling


class ModelSlot(QObject):
    """`message` carries a sentence for the user.

    model: the one that is loaded, or None; the former one while another loads."""

    message = Signal(str)
    progressed = Signal(float)  # fraction of a load, 0 to 1
    loaded = Signal(object)  # ModelFacts, of the model that was asked for
    moved = Signal(object)  # ModelFacts, of the same model in another child, perhaps on another device
    load_ended = Signal(str)  # without a model, for that reason; empty where the load was stopped

    def __init__(self, engine: Engine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.engine = engine
        self._gone = False  # the child has freed the model, to load another
        self.model: ModelFacts | None = None
        self.job = 0  # of the load under way, 0 for none
        self.unloading = False  # the child is being ended, to free the model
        self._next: tuple[str, LoadOptions, int] | None = None  # to be loaded once it has ended

    def load(self, path: str, options: LoadOptions, mapped: int = 0) -> None:
        """Load that file in place of the model; a load under way is stopped. mapped: as in requests.Load."""
        if self.unloading:  # what is asked of a child that is being ended is lost
            self._next = path, options, mapped
            return
        if self.job:
            self.engine.stop(self.job)
        self.job = self.engine.load(path, options, mapped)

    def unload(self) -> bool:
        """Free the model, by ending the child: that alone frees all memory of a device. Returns whether a child is
        being ended, so that Died will follow; else the model is free already."""
        if self.job:
            self.engine.stop(self.job)
            self.job = 0
        self.unloading = self.engine.pid is not None
        if self.unloading:
            self.engine.kill()
        else:
            self.model = None
        return self.unloading

    def source(
        self,
        kind: Literal["generated", "read", "chosen"] = "generated",
        window: int = 0,
        sampling: Sampling = NEUTRAL,
        draws: Draws | None = None,
        n_keep: int = 0,
    ) -> Source:
        """The source of what the model writes, or reads, from now on. draws: None where nothing is drawn."""
        model = self.model
        return Source(
            fingerprint=model.fingerprint if model else "",
            kind=kind,
            window=window,
            sampling=sampling,
            seed=draws.seed if draws else None,
            take=draws.take if draws else 0,
            first=draws.first if draws else 0,
            n_keep=n_keep,
            sha256=pinned(repo_of(Path(model.path)), Path(model.path).name, model.size) if model else "",
            conditions=Conditions.of(model) if model else Conditions(),
        )

    def answer(self, event: Event) -> bool:
        """Handle an event of a load. False where it is another event."""
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
        """The child died; the next request starts another, which loads the same model, unless that was to be freed."""
        self.job, self._gone = 0, False
        if self.unloading:
            self.unloading, self.model = False, None
            following, self._next = self._next, None
            if following is not None:
                self.load(*following)

    def _take(self, event: Loaded) -> None:
        former = self.model
        if event.job == self.job:
            self.job, self._gone, self.model = 0, False, event.model
            self.loaded.emit(event.model)
        elif former and former.path == event.model.path and former != event.model:
            self.model = event.model
            self.moved.emit(event.model)

    def _end(self, sentence: str) -> None:
        """The child still has the former model, unless it has freed it."""
        self.job = 0
        if self._gone:
            self.model = None
        self.load_ended.emit(sentence)
