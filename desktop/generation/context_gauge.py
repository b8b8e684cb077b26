"""Reports how much of the page is in the context of a slot's model, and where the context's edge is on the page.

While the model writes in mid-page it is about the page up to there.
"""

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from desktop.generation.context_use import ContextUse, ContextUses
from desktop.generation.model_slot import ModelSlot
from desktop.generation.sent_prefix import SentPrefix, Version, version_of
from desktop.generation.state import bos_tokens
from desktop.page.edit import Change
from desktop.page.page import Page
from models.engine.events import Ended, Sampled, Started


class ContextGauge(QObject):
    """`counted` carries the ContextUse of the page as it is now. `edge_moved` carries edge and kept, positions on the
    page: the model sees nothing between kept and edge.

    n_keep: how many of the page's first tokens are to stay in the context.
    """

    counted = Signal(object)
    edge_moved = Signal(int, int)

    def __init__(self, page: Page, slot: ModelSlot, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.n_keep = 0
        self._page, self._slot = page, slot
        self._uses = ContextUses(page)
        self._last = ContextUse()  # the engine's last count
        self._edge: tuple[int, int] | None = None  # as emitted last; None where the page has changed since

    def forget(self) -> None:
        """Forget the engine's counts: the model has another context now."""
        self._uses.forget()

    def model_loaded(self) -> None:
        """Another model is loaded: it counts otherwise, and has not read the page."""
        self._uses.forget()
        self._move_edge(0, 0)

    def count(self) -> ContextUse:
        """Count the page as it is now, up to where the model writes, and emit that."""
        model = self._slot.model
        end = None if self._page.awaiting else self._page.generation_end
        use = self._uses.now(model.context if model else 0, bos_tokens(model), self.n_keep, end)
        self.counted.emit(use)
        if use.exact:
            self._move_edge(use.edge, use.kept)
        return use

    def page_changed(self, change: Change) -> None:
        """Count again. A page from a file that the model has not read has no edge."""
        if change.cause != "read":
            self._edge = None
        self.count()
        if change.cause == "file" and self._edge is None:
            self._move_edge(0, 0)

    def started(self, prefix: SentPrefix, event: Started) -> None:
        """The engine has counted the prefix of a request."""
        edge = self._edge_on_page(prefix, event)
        use = self._note(prefix.version, ContextUse(len(event.prompt), event.dropped, *edge))
        if use.exact:
            self._uses.learn(max(0, use.dropped + use.used - bos_tokens(self._slot.model)))
        self._move_edge(*edge)

    def written(self, prefix: SentPrefix, event: Sampled, version: Version) -> None:
        """The model has written on behind the prefix; `event` is the last one whose text is on the page, version the
        page's up to there."""
        moved = event.dropped != self._last.dropped
        edge = self._edge_on_page(prefix, event) if moved else (self._last.edge, self._last.kept)
        self._last = ContextUse(event.used, event.dropped, *edge)
        self._uses.note(version, self._last, growing=True)
        self.counted.emit(self._last)
        self._move_edge(*edge)

    def ended(self, event: Ended) -> None:
        """Take the engine's last count of a generation. It is not the page's where the text was cut at a stop string,
        which the engine has read, or where the window is full or slid behind the last token: by how much is unknown."""
        context = self._slot.model.context if self._slot.model else 0
        if event.reason == "stop string" or event.used < self._last.used or event.used >= context:
            self._uses.drop_growing()
            self.count()
        else:
            self._note(version_of(self._page, self._page.generation_end), replace(self._last, used=event.used))

    def closed(self) -> None:
        """The model does not write any more; the last count holds for the page up to where it wrote."""
        self._uses.keep_growing()

    def _note(self, version: Version, use: ContextUse) -> ContextUse:
        self._last = use
        self._uses.note(version, use)
        return self.count()

    def _move_edge(self, edge: int, kept: int) -> None:
        if (edge, kept) != self._edge:
            self._edge = edge, kept
            self.edge_moved.emit(edge, kept)

    def _edge_on_page(self, prefix: SentPrefix, window: Started | Sampled) -> tuple[int, int]:
        return (prefix.position(window.unseen), prefix.position(window.kept)) if window.dropped else (0, 0)
