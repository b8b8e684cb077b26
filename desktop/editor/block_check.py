"""Keeps the blocks of a view in order, soon after a change or a scroll."""

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QPlainTextEdit

from desktop.editor.document_sync import DocumentSync
from desktop.editor.page_caret import PageCaret
from desktop.editor.rewrap import rewrap
from desktop.editor.scrolling import Following, TopLine


class BlockCheck(QObject):
    """Splits blocks that grew too long and moves soft breaks in view to where lines end. A check costs a layout, so the
    next turn of the event loop does it, once for many changes."""

    def __init__(self, view: QPlainTextEdit, sync: DocumentSync, caret: PageCaret, following: Following) -> None:
        super().__init__(view)
        self._view = view
        self._sync = sync
        self._caret = caret
        self._following = following
        self._edited: tuple[int, int] | None = None  # the range of the view that may hold a block too long
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self._check)
        view.verticalScrollBar().valueChanged.connect(self._on_scrolled)

    def start(self) -> None:
        """Check in the next turn of the event loop."""
        self._timer.start()

    def start_if_split(self) -> None:
        """Check in the next turn of the event loop, if there are soft breaks."""
        if len(self._sync.breaks):
            self._timer.start()

    def note_edit(self, start: int, end: int) -> None:
        """The user changed the view's [start, end]: check there, too."""
        if self._edited is not None:
            start, end = min(self._edited[0], start), max(self._edited[1], end)
        self._edited = start, end

    def finish(self) -> None:
        """Check now, if a check is due."""
        if self._timer.isActive():
            self._timer.stop()
            self._check()

    def _on_scrolled(self) -> None:
        if not self._sync.document.changing:
            self.start_if_split()

    def _check(self) -> None:
        sync, following = self._sync, self._following
        if sync.behind:
            return
        start, end = self._edited or (0, -1)
        self._edited = None
        if start > end and not len(sync.breaks):
            return
        top = TopLine(self._view)
        with self._caret.changing(), following.suspended():
            caret = self._caret.current()
            if start <= end and sync.mend_characters(start, min(end, sync.document.length)):
                self._caret.put(caret)
            sync.document.split_long(start, min(end, sync.document.length))
            rewrap(self._view, sync.document)
            if following.active:
                following.scroll_to_end()
            elif len(sync.breaks):
                top.restore()
        following.update()
