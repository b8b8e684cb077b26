"""The marks of one view (pinned and hovered token, hits, edges): moves them with the text and repaints them."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QPoint
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

from desktop.editor.ghost import GhostPainter
from desktop.editor.lines import character_at, visible_lines
from desktop.editor.painting import Marks, Painting
from desktop.editor.spacing import spacing_of
from desktop.editor.split_document import SplitDocument
from desktop.editor.tints import Tinting
from desktop.editor.token_boxes import TokenBoxes, TokenLine
from desktop.page.edit import Change
from desktop.page.measures import Measure
from desktop.page.page import Page
from desktop.page.token_split import TokenSplit
from resources.colours import LIGHT, Colours
from resources.language import tr

HINT = tr("Write the beginning of a text, then press Ctrl+Enter.")
OUT = tr("F6 moves to the panels.")
DESCRIPTION = " ".join((tr("The text that you and the model write."), HINT, OUT))
UNSEEN = tr("The model no longer sees this text.")
EDGE = tr("The model sees the text from here on.")
KEPT = tr("The model sees the text up to here.")
ENDED = tr("The model ended the text here")
BEHIND = tr("The model writes before this text and does not see it.")

Range = tuple[int, int]
Hits = Callable[[int, int], tuple[Sequence[Range], Range | None]]


class PageMarks:
    """The marks of one view. Positions in methods are the page's. on_unread: called where text in view is shown as
    tokens and its tokens are not known, with its start and end. tip_of: gives the tooltip of a token at a position, for
    the page as tokens."""

    def __init__(self, view: QPlainTextEdit, page: Page, document: SplitDocument) -> None:
        self._view = view
        self._page = page
        self._document = document
        self._painting = Painting(page, document.breaks, LIGHT)
        self._ghost = GhostPainter(page, document.breaks, LIGHT)
        self._boxes = TokenBoxes(page, document.breaks, LIGHT)
        self._as_tokens = False
        self._current = Marks()
        self._hits: Hits = lambda _start, _end: ((), None)
        self.tip_of: Callable[[int], str] = lambda _position: ""
        self.on_unread: Callable[[int, int], object] = lambda _start, _end: None
        # the whole view: the bands between lines, which are selected too, are no part of Qt's own repaint
        view.selectionChanged.connect(lambda: view.viewport().update())

    @property
    def current(self) -> Marks:
        """The current marks."""
        return self._current

    # -------------------------------------------------------------------------------------------- setting

    def pin(self, position: int | None) -> None:
        """Mark the token at this position as the chosen one, or none."""
        self._set(replace(self._current, pinned=None if position is None else self._page.span_at(position)))

    def hover(self, token: Range | None) -> None:
        """Mark this token as the one under the mouse, or none. Repaints only the lines of the two."""
        for changed in (self._current.hovered, token):
            self._repaint_lines(changed)
        self._current = replace(self._current, hovered=token)

    def set_ghost(self, ghost: tuple[int, int, str] | None) -> None:
        """Show a text over the page's [start, end), where it would stand, or none: (start, end, text)."""
        self._set(replace(self._current, ghost=ghost, ahead=""))

    def set_ahead(self, text: str) -> None:
        """Show a text behind the ghost, in a quieter ink, until the ghost is another."""
        self._set(replace(self._current, ahead=text))

    def set_measure(self, measure: Measure | None, underlined: bool = False) -> None:
        """Colour every token by this measure, or none. underlined: with bars below the letters."""
        self._set(replace(self._current, tinting=Tinting(measure, underlined)))

    def light_band(self, step: int | None) -> None:
        """Colour only the tokens of this step of the measure, or those of all."""
        self._set(replace(self._current, tinting=replace(self._current.tinting, band=step)))

    def set_hits(self, hits: Hits) -> None:
        """Mark what a search has found. hits: called at each painting with the range of the page in view; gives the
        ranges found that reach into it, and the current hit."""
        self._hits = hits
        self._view.viewport().update()

    def set_unseen(self, edge: int, kept: int = 0) -> None:
        """The model sees the page's [0, kept) and all from edge on. The text between is dimmed, and where the model
        sees the text again is marked. An edge of 0 is none."""
        self._set(replace(self._current, unseen=max(edge, kept), kept=kept))
        self._view.setAccessibleDescription(self._description())

    def set_ended(self, position: int) -> None:
        """The model ended the text there: mark the place until the page changes there."""
        self._set(replace(self._current, ended=position))

    def set_writing(self, writing: bool) -> None:
        """The model writes: dim the text behind the place, which it does not see."""
        self._set(replace(self._current, writing=writing))

    def show_tokens(self, on: bool) -> None:
        """Paint the tokens as boxes with their ids below, for which the lines have a foot (text_style.py)."""
        self._as_tokens = on
        self._view.viewport().update()

    def set_beginning(self, token: int) -> None:
        """Set the id of the token that the model puts before every text, which is shown with the tokens; -1: none."""
        self._boxes.beginning = token
        self._view.viewport().update()

    def set_split(self, split: TokenSplit) -> None:
        """Set where the tokens of text are known that no model has read."""
        self._boxes.split = split

    def set_font(self, font: QFont) -> None:
        """Set the page's font, from which that of the ids follows."""
        self._boxes.set_font(font)

    def set_colours(self, colours: Colours) -> None:
        self._painting.set_colours(colours)
        self._ghost.set_colours(colours)
        self._boxes.set_colours(colours)

    def follow(self, change: Change) -> None:
        """Move with a change of the page."""
        if change.places is not None:
            self._set(self._current.among(change.places))
        else:
            self.follow_edit(change.start, change.removed, change.units)

    def follow_edit(self, start: int, removed: int, inserted: int) -> None:
        """Move with an edit: `removed` units of the page at start became `inserted` ones."""
        self._set(self._current.after(start, removed, inserted))

    def _set(self, marks: Marks) -> None:
        if marks != self._current:
            self._current = marks
            self._view.viewport().update()

    # -------------------------------------------------------------------------------------------- in words

    def _description(self) -> str:
        """The description of the page for screen readers, with the edges of the text that the model sees."""
        kept, edge = self._current.kept, self._current.unseen
        if kept >= edge:
            return DESCRIPTION
        all_behind = tr("The model sees the text from character {edge:,} on.")
        both = tr("The model sees its first {kept:,} characters and the text from character {edge:,} on.")
        return f"{DESCRIPTION} {(both if kept else all_behind).format(kept=kept, edge=edge)}"

    def tip_at(self, point: QPoint) -> str:
        """The tooltip at a point of the viewport: the token there, whether the model sees the text, and where it ended
        that."""
        return "\n".join(filter(None, (self._token_tip(point), self._seen_tip(point), self._end_tip(point))))

    def _token_tip(self, point: QPoint) -> str:
        position = character_at(self._view, point.toPointF()) if self._as_tokens else None
        return "" if position is None else self.tip_of(self._document.breaks.page(position))

    def _end_tip(self, point: QPoint) -> str:
        return "" if self.end_at(point) is None else ENDED

    def end_at(self, point: QPoint) -> int | None:
        """The position where the model ended the text, if its mark is at a point of the viewport."""
        if self._current.ended is None:
            return None
        lines = list(visible_lines(self._view, self._view.viewport().rect()))
        return self._current.ended if self._painting.is_at_end(lines, self._current, point) else None

    def _seen_tip(self, point: QPoint) -> str:
        if self._current.kept >= self._current.unseen and not self._current.writing:
            return ""
        lines = list(visible_lines(self._view, self._view.viewport().rect()))
        return {"edge": EDGE, "kept": KEPT, "unseen": UNSEEN, "behind": BEHIND, "": ""}[
            self._painting.seen_at(lines, self._current, point)
        ]

    # -------------------------------------------------------------------------------------------- painting

    def paint(self, event: QPaintEvent) -> None:
        """Paint the marks, and between those under and those over the letters what Qt paints."""
        view, lines = self._view, list(visible_lines(self._view, event.rect()))
        if not lines:
            QPlainTextEdit.paintEvent(view, event)
            return
        cursor = view.textCursor()
        found, current_hit = self._hits(*self._painting.pages(lines))
        selection = cursor.selectionStart(), cursor.selectionEnd()
        marks = replace(self._current, selection=selection, found=found, current_hit=current_hit)
        tokens = self._boxes.on_lines(lines) if self._as_tokens else []
        painter = QPainter(view.viewport())
        filled = marks.tinting.measure is not None and not marks.tinting.underlined
        if not filled:  # its colours take the place of the boxes' own
            self._boxes.under(painter, tokens)
        self._painting.under(painter, lines, marks)
        painter.end()
        QPlainTextEdit.paintEvent(view, event)
        painter.begin(view.viewport())
        self._painting.over(painter, lines, marks)
        if tokens:
            self._boxes.over(painter, tokens, outlined=filled or selection[0] < selection[1])
            self._tell_unread(tokens)
        if marks.ghost:
            self._ghost.paint(painter, lines, marks.ghost, marks.ahead)
        elif view.document().isEmpty() and lines[0].preedit is None:
            self._painting.hint(painter, lines[0], HINT)
        painter.end()

    def _tell_unread(self, tokens: Sequence[TokenLine]) -> None:
        unread = [one.line for one in tokens if one.unread]
        if unread:
            page = self._document.breaks.page
            self.on_unread(page(unread[0].start), page(unread[-1].end))

    def _repaint_lines(self, pages: Range | None) -> None:
        """Repaint the lines of this range of the page."""
        if pages is None:
            return
        view, breaks = self._view, self._document.breaks
        cursor = QTextCursor(view.document())
        cursor.setPosition(breaks.view(pages[0]))
        rect = view.cursorRect(cursor)
        cursor.setPosition(min(breaks.view(pages[1], after=False), self._document.length))
        rect |= view.cursorRect(cursor)
        margin = round(spacing_of(view.document()).pitch)
        view.viewport().update(0, rect.top() - margin, view.viewport().width(), rect.height() + 2 * margin)
