"""A read-only view of one page: the text widget, made of its parts.

The view holds no state of the page. It listens to the page, hands each change to its parts, and gives Qt's events to
the part they are for. Keys, mouse and drops that change the page are the editor's (editor.py).
"""

from PySide6.QtCore import QEvent, QMimeData, QRect, Signal
from PySide6.QtGui import QHelpEvent, QInputMethodEvent, QPaintEvent, QResizeEvent, QShowEvent, QTextOption
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QWidget

from desktop.editor import transfer
from desktop.editor.below_view import BelowView
from desktop.editor.block_check import BlockCheck
from desktop.editor.caret import Caret
from desktop.editor.composing import Composition
from desktop.editor.document_sync import SLICE, DocumentSync
from desktop.editor.lines import line_at
from desktop.editor.long_paragraphs import LIMIT
from desktop.editor.page_caret import PageCaret
from desktop.editor.page_display import PageDisplay
from desktop.editor.page_marks import DESCRIPTION, PageMarks
from desktop.editor.rewrap import rewrap
from desktop.editor.scroll_anchor import ScrollAnchor
from desktop.editor.scrolling import Covered, Following, FootRoom, PageBar
from desktop.editor.spacing import SpacedLayout
from desktop.editor.text_style import TextStyle
from desktop.editor.typography import INSET
from desktop.editor.writing_place import WritingPlace
from desktop.page.edit import Change
from desktop.page.page import Page
from desktop.pagefile.values import View
from desktop.qt.plain_text import show_tip
from resources.language import tr


class PageView(QPlainTextEdit):
    """Shows one page. Positions in signals and methods are the page's: UTF-16 units.

    caret_moved carries the position of the caret, and caret_placed where the user has put it; following_changed whether
    the view follows the end of the page; below_changed a `Below`: what the model does or did out of view.

    covered: pixels of the view that something floats over. marks: what is pointed out. text_style: how the text looks.
    sync, caret, composition: the document, the caret and the preedit, for the parts of an editor."""

    caret_moved = Signal(int)
    caret_placed = Signal(int)
    following_changed = Signal(bool)
    below_changed = Signal(object)

    _ready = False  # events come before __init__ ends

    def __init__(self, page: Page, parent: QWidget | None = None, limit: int = LIMIT, slice_: int = SLICE) -> None:
        super().__init__(parent)
        self._page = page
        self._own_change = False  # the page changes by this widget, whose document has the change already
        self._to_restore: View | None = None  # until the view has a size
        spacing = self._set_up_document()
        scroll_bar = self.verticalScrollBar()
        self.sync = DocumentSync(self.document(), page, limit, slice_)
        self.covered = Covered()
        self.marks = PageMarks(self, page, self.sync.document)
        bar = PageBar(self)
        self._following = Following(scroll_bar)
        self._foot = FootRoom(spacing, scroll_bar, self._following)
        self._anchor = ScrollAnchor(self, self.sync.document, self._following)
        self.composition = Composition(self, self.sync.document)
        self.caret = PageCaret(self, self.sync, self.composition, self.covered)
        self._blocks = BlockCheck(self, self.sync, self.caret, self._following)
        self.text_style = TextStyle(self, self.sync.document, self.marks, bar, self._anchor, self._blocks)
        self._display = PageDisplay(self, page, self.sync, self.caret, self._following, self._foot, self._anchor)
        self.caret.moved.connect(self.caret_moved)
        self.caret.placed.connect(self.caret_placed)
        self._following.changed.connect(self.following_changed)
        self._place = WritingPlace(self, page, self.sync.document, self._display, self._following, self.covered)
        self._below = BelowView(scroll_bar, self._following, self._place)
        self._below.changed.connect(self.below_changed)
        self._ready = True
        page.listeners.append(self._on_page_change)
        if page.length:
            self._following.stop()  # it is read from its start
            self._display.open_at(0)

    def detach(self) -> None:
        """Show no more changes of the page: to be called before the view is deleted while the page lives on."""
        if self._on_page_change in self._page.listeners:
            self._page.listeners.remove(self._on_page_change)

    def _set_up_document(self) -> SpacedLayout:
        document = self.document()
        spacing = SpacedLayout(document)
        document.setDocumentLayout(spacing)
        document.setUndoRedoEnabled(False)
        document.setDocumentMargin(INSET)
        self.setReadOnly(True)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAutoFillBackground(True)  # paper beside the column, too
        self.viewport().setMouseTracking(True)
        self.setAccessibleName(tr("Page"))
        self.setAccessibleDescription(DESCRIPTION)
        return spacing

    # -------------------------------------------------------------------------------------------- the document

    @property
    def filling(self) -> bool:
        """Whether the document does not hold all of the page yet."""
        return self._display.filling

    @property
    def behind(self) -> bool:
        """Whether the page has changes that are shown only when the event loop turns."""
        return self.sync.behind

    def fill(self) -> None:
        """Hold all of the page now, rather than in the next turns of the event loop."""
        self._display.fill()

    # -------------------------------------------------------------------------------------------- caret and selection

    def page_position(self) -> int:
        """The caret's position and anchor."""
        return self.caret.current().position

    def page_selection(self) -> tuple[int, int]:
        """Start and end of the selection; the same twice if nothing is selected."""
        return self.caret.current().selection

    def set_caret(self, position: int) -> None:
        """Put the caret there and make it visible."""
        self.composition.finish()
        self._display.reach(position)
        cursor = self.textCursor()
        cursor.setPosition(self.sync.breaks.view(position))
        self.setTextCursor(cursor)
        self.caret.ensure_visible()

    def select(self, start: int, end: int) -> None:
        """Select [start, end) of the page, with the caret at its end, and make it visible."""
        self.composition.finish()
        self._display.reach(end)
        with self.caret.changing():
            self.caret.put(Caret(start, end), after=False)
        self.caret.ensure_visible()

    def selectAll(self) -> None:
        """Select all of the page, also while the document does not hold all of it."""
        self.composition.finish()
        if self.filling:
            with self.caret.changing():
                self.caret.put(Caret(0, self._page.length))
        else:
            super().selectAll()

    def caret_place(self) -> QRect:
        """The rectangle of the caret, in pixels of this widget."""
        return self.caret.rect()

    def selected_place(self) -> QRect:
        """The rectangle around both ends of the selection, in pixels of this widget."""
        return self.caret.selection_rect()

    def createMimeDataFromSelection(self) -> QMimeData:
        return transfer.copied(self._page, *self.page_selection())

    # -------------------------------------------------------------------------------------------- scrolling

    @property
    def following(self) -> bool:
        """Whether the view follows the end of the page."""
        return self._following.active

    def follow(self) -> None:
        """Go to the end of the page and stay there while it grows."""
        self._display.reach(self._page.length)
        self._following.start()

    def follow_new_writing(self) -> None:
        """Go to where the model begins to write, and stay there while it does."""
        at = self._page.generation_end
        self._place.begin(None if at is None or at >= self._page.length else at)
        self.follow_writing()

    def follow_writing(self) -> None:
        """Go to where the model writes, or wrote last, and stay there while it does."""
        if self._place.position is None:
            self.follow()
        else:
            self._place.follow()

    def in_view(self) -> tuple[int, int]:
        """The range of the page that is in view."""
        line = line_at(self, self.viewport().rect().bottom())
        last = self.sync.document.length if line is None else line.end  # a preedit is in the layout only
        return self._anchor.top, self.sync.breaks.page(last)

    def turn_away(self) -> None:
        """Stop following the end of the page or the writing, because the reader scrolls up."""
        self._following.turn_away()
        self._place.turn_away()

    def show_position(self, position: int) -> None:
        """Scroll, if need be, so that this position is in view. The caret stays where it is."""
        self._display.reveal(position)

    def make_room(self, pixels: int) -> None:
        """Set how many pixels at the foot are covered: the end of the page can be scrolled above them. No text moves by
        that."""
        self._foot.set_needed(pixels)

    def show_writing(self, writing: bool, busy: bool = False) -> None:
        """Whether the model writes on the page: the text behind is dimmed then. busy: it does that, or something
        else, for `below_changed`."""
        self.marks.set_writing(writing)
        self._below.set_writing(writing, busy)

    # -------------------------------------------------------------------------------------------- where a page was left

    def view_state(self) -> View:
        """Where the page is left now."""
        if self._to_restore is not None:
            return self._to_restore
        self._display.catch_up()
        self._blocks.finish()
        caret = self.caret.current()
        return View(caret.position, caret.anchor, self._anchor.top, self._following.active)

    def restore_view(self, view: View) -> None:
        """Scroll and put the caret to where the page was left; before the widget has a size, as soon as it has one."""
        self.composition.finish()
        self._to_restore = None if self.isVisible() else view
        length = self._page.length
        position, anchor, top = (min(max(0, place), length) for place in (view.caret, view.anchor, view.top))
        with self.caret.changing(), self._following.suspended():
            self._display.reopen_at(length if view.following else top)
            self.caret.put(Caret(anchor, position))
            if view.following:
                self._display.note_end()
                self._following.start()
            else:
                self._following.stop()
                self._anchor.begin_line_at(top)
                self._anchor.scroll_to(top)
                rewrap(self, self.sync.document)
                self._anchor.scroll_to(top)
        self._display.fill_later()

    # -------------------------------------------------------------------------------------------- the page changed

    def _on_page_change(self, change: Change) -> None:
        if change.cause not in ("generation", "read"):
            self._below.forget_ended()
        if self._own_change:
            return
        if change.cause in ("undo", "redo", "file", "switch"):
            self.composition.cancel()
        at_end = change.start + change.units == self._page.length
        caret = self._caret_after(change)
        if change.cause == "generation" and at_end and not self._following.active and self._following.near_end:
            self._following.start()
        self.marks.follow(change)
        if change.removed or change.units:
            self._display.show(change, caret)
        self._following.update()
        self._place.show(change)
        if change.cause != "generation" or not at_end:
            self._blocks.start()
            self.viewport().update()  # readings behind the change may hold no more, or hold again

    def _caret_after(self, change: Change) -> Caret:
        """Where the caret is after a change of the page."""
        if change.cause in ("undo", "redo", "file") and (change.removed or change.units):
            position = 0 if change.cause == "file" else change.start + change.units
            return Caret(position, position)
        caret = self.caret.current()
        if change.places is not None:
            return caret.among(change.places)
        composing = self.composition.active  # the caret stays where the preedit is
        along = change.cause in ("generation", "switch") and not composing
        return caret.after(change.start, change.removed, change.units, along=along)

    # -------------------------------------------------------------------------------------------- Qt's events

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        event.ignore()  # Qt's own handler removes the selection, even where nothing may be written

    def paintEvent(self, event: QPaintEvent) -> None:
        self.marks.paint(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.text_style.resize(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        view, self._to_restore = self._to_restore, None
        if view is not None:
            self.restore_view(view)

    def event(self, event: QEvent) -> bool:
        if self._ready:
            self._display.catch_up()
        return super().event(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if self._ready and event.type() != QEvent.Type.Paint:
            self._display.catch_up()
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            show_tip(event.globalPos(), self.marks.tip_at(event.pos()), self.viewport())
            return True
        return super().viewportEvent(event)
