"""A second model beside the session's, in a child process of its own: reads the page and never writes on it.

Its scores are a layer of the page. Neither model's requests depend on the other's child. No child runs, and no engine
exists, before a model is opened. No widgets.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from desktop.generation.event_pump import EventPump
from desktop.generation.model_slot import ModelSlot
from desktop.generation.queries import Queries
from desktop.generation.query import LayerScore, Look, Query
from desktop.generation.recipe import Recipe
from desktop.generation.state import Phase
from desktop.page.page import Page
from models.engine.events import Died, Evaluated, Event, ModelFacts, Scored
from models.library.load_options import LoadOptions
from models.library.short_names import labels
from resources.language import tr


@dataclass(frozen=True, slots=True)
class SecondState:
    """phase: EMPTY, LOADING, READY, READING, or STOPPING while the model is closed. fraction: of a load or of what is
    read, 0 to 1. loading: the file that is being opened. outcome: why the last request ended, in a sentence."""

    phase: Phase = Phase.EMPTY
    model: ModelFacts | None = None
    fraction: float = 0.0
    loading: str = ""
    outcome: str = ""


class SecondModel(QObject):
    """`state_changed` carries the SecondState, `message` a sentence for the user, `looked` a Reading. `distributed`,
    `spelt`, `ended`, `failed`: of what is asked with `ask`, as those of Queries. `died` carries a sentence: the child
    did; the next request starts another."""

    state_changed = Signal(object)
    message = Signal(str)
    looked = Signal(object)
    distributed = Signal(object, object)
    spelt = Signal(object)
    ended = Signal(str)
    failed = Signal(str)
    died = Signal(str)

    def __init__(self, page: Page, make_pump: Callable[[], EventPump], parent: QObject | None = None) -> None:
        """make_pump: makes the pump of an engine of its own, when the first model is opened."""
        super().__init__(parent)
        self.state = SecondState()
        self._page, self._make_pump = page, make_pump
        self._pump: EventPump | None = None
        self._slot: ModelSlot | None = None
        self._queries: Queries | None = None
        self._beside: Queries | None = None  # asked beside the others; no state shows it
        self._closed = False

    # -------------------------------------------------------------------------------------------- asked by the user

    def open_model(self, path: str, options: LoadOptions, beside: ModelFacts | None = None) -> None:
        """Load that file in place of whatever is loaded here. beside: the first model, whose weights take memory."""
        if self._closed:
            return
        slot, queries = self._parts()
        queries.give_up()
        self.stop_asking()
        slot.load(path, options, mapped_weights(beside) if beside else 0)
        self._set(phase=Phase.LOADING, fraction=0.0, loading=path, outcome="")

    def close_model(self) -> None:
        """Close the model, which frees its memory: the phase is EMPTY once it is free. Another can be opened then."""
        if self._slot is not None and self._queries is not None:
            self._queries.give_up()
            self.stop_asking()
            if self._slot.unload():
                self._set(phase=Phase.STOPPING)
            else:
                self._show_held()

    def score(self, recipe: Recipe, first: ModelFacts | None = None) -> None:
        """Ask for the odds of every token on the page, whoever wrote it: of as many at its end as the context holds.
        They become the layer of this model. first: the model beside it, from whose its name is to differ. What is under
        way is given up."""
        model = self.state.model
        name = name_beside(model, first) if model else ""
        self._ask(lambda slot: LayerScore(self._page, slot, recipe, name))

    def look(self, recipe: Recipe, at: int | None = None) -> None:
        """Ask for the odds of the next token at a position of the page, by default its end. What is under way is given
        up."""
        self._ask(lambda slot: Look(self._page, slot, recipe, at))

    def ask(self, query: Callable[[ModelSlot], Query]) -> bool:
        """Ask beside a score or a look. What was asked so before is given up. False where no model is open."""
        ready = self.state.phase in (Phase.READY, Phase.READING) and not self._closed
        if self._slot is None or self._beside is None or not ready:
            return False
        self._beside.begin(query(self._slot))
        self._pace()
        return True

    @property
    def asking(self) -> bool:
        """Whether something that was asked with `ask` is under way."""
        return self._beside is not None and self._beside.job != 0

    def stop_asking(self) -> None:
        """Give up what is being asked with `ask`."""
        if self._beside is not None:
            self._beside.give_up()
            self._pace()

    def stop(self) -> None:
        """Give up what runs: a load, or a query."""
        if self._slot is not None and self._slot.job:
            self._slot.engine.stop(self._slot.job)
        self.give_up()

    def give_up(self) -> None:
        """Give up the query under way, as where another page comes; readings that came stay."""
        if self._queries is not None and self._queries.job:
            self._queries.give_up()
            self._set(phase=Phase.READY)

    def close(self) -> None:
        """End the child; nothing can be asked afterwards."""
        self._closed = True
        if self._pump is not None:
            self._pump.close()

    # -------------------------------------------------------------------------------------------- its parts

    def _parts(self) -> tuple[ModelSlot, Queries]:
        """Slot and queries; the first call makes them, and the engine."""
        if self._slot is None or self._queries is None:
            self._pump = self._make_pump()
            self._slot = self._make_slot(self._pump)
            self._queries = self._make_queries(self._slot)
            self._beside = self._make_beside(self._slot)
            self._pump.arrived.connect(self._receive)
        return self._slot, self._queries

    def _make_slot(self, pump: EventPump) -> ModelSlot:
        slot = ModelSlot(pump.engine, self)
        slot.message.connect(self.message)
        slot.progressed.connect(lambda fraction: self._set(fraction=fraction))
        slot.loaded.connect(lambda model: self._set(phase=Phase.READY, model=model, loading=""))
        slot.moved.connect(lambda model: self._set(model=model))
        slot.load_ended.connect(self._load_ended)
        return slot

    def _make_queries(self, slot: ModelSlot) -> Queries:
        queries = Queries(slot, self)
        queries.looked.connect(lambda _query, reading: self.looked.emit(reading))
        queries.evaluated.connect(self._evaluated)
        queries.ended.connect(lambda outcome: self._set(phase=Phase.READY, outcome=outcome))
        queries.failed.connect(self._failed)
        return queries

    def _make_beside(self, slot: ModelSlot) -> Queries:
        beside = Queries(slot, self)
        beside.distributed.connect(self.distributed)
        beside.spelt.connect(self.spelt)
        for over in (beside.ended, beside.failed):
            over.connect(lambda _words: self._pace())
        beside.ended.connect(self.ended)
        beside.failed.connect(self.failed)
        return beside

    def _ask(self, query: Callable[[ModelSlot], Query]) -> None:
        if self._closed or self._slot is None or self._queries is None or self._slot.model is None:
            self.message.emit(tr("Open a second model first."))
        elif self.state.phase not in (Phase.LOADING, Phase.STOPPING):
            self._queries.begin(query(self._slot))
            self._set(phase=Phase.READING, fraction=0.0, outcome="")

    # -------------------------------------------------------------------------------------------- answers

    def _receive(self, events: tuple[Event, ...]) -> None:
        slot, queries = self._parts()
        beside = self._beside
        assert beside is not None
        for kind, group in groupby(events, type):
            if kind is Scored:
                scored = [event for event in group if isinstance(event, Scored)]
                queries.scored(scored)
                beside.scored(scored)
                continue
            for event in group:
                if isinstance(event, Died):
                    self._died(event.sentence)
                else:
                    any(part.answer(event) for part in (slot, queries, beside))

    def _evaluated(self, event: Evaluated) -> None:
        self._set(fraction=event.done / max(event.total, 1))

    def _failed(self, sentence: str) -> None:
        self._set(phase=Phase.READY)
        self.message.emit(sentence)

    def _load_ended(self, sentence: str) -> None:
        """The file was refused, or the load given up (no sentence)."""
        self._show_held()
        if sentence:
            self.message.emit(sentence)

    def _died(self, sentence: str) -> None:
        """The next request starts a new child with the same model."""
        slot, queries = self._parts()
        unloading = slot.unloading
        queries.child_died()
        if self._beside is not None:
            self._beside.child_died()
        slot.child_died()
        if not slot.job:
            self._show_held()
        if not unloading:
            self.died.emit(sentence)
            self.message.emit(tr("Second model: {sentence}").format(sentence=sentence))

    def _show_held(self) -> None:
        model = self._slot.model if self._slot else None
        self._set(phase=Phase.EMPTY if model is None else Phase.READY, model=model, loading="")

    def _set(self, **changes: object) -> None:
        state = replace(self.state, **changes)  # pyright: ignore[reportArgumentType]
        if state != self.state:
            self.state = state
            self._pace()
            self.state_changed.emit(state)

    def _pace(self) -> None:
        """Take events once a frame while something is under way."""
        if self._pump is not None:
            self._pump.set_busy(self.asking or self.state.phase in (Phase.LOADING, Phase.READING, Phase.STOPPING))


def mapped_weights(model: ModelFacts) -> int:
    """Bytes of its weights in the computer's memory that are a mapped file, about: the system counts them as free."""
    if not model.mapped:
        return 0
    return model.size * max(0, model.layers + 1 - model.offloaded) // (model.layers + 1)


def name_beside(model: ModelFacts, first: ModelFacts | None) -> str:
    """The name of a model; where the first one has the same, as another quantisation of it does, that of its file."""
    if first is None or first.name != model.name or first.path == model.path:
        return model.name
    files = labels([Path(one.path).as_posix() for one in (first, model)])
    return files[1].removesuffix(".gguf")
