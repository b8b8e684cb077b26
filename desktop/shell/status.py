"""The status bar: state, running work with its progress, results, word counts, speed, use of the context."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QStatusBar, QToolButton, QWidget

from desktop.qt import accessible
from desktop.qt.accessible import FactLabel
from desktop.qt.plain_text import Label, tip
from desktop.qt.visible import lines, visible
from resources.language import tr, tr_count

LEAST = 96  # least pixels of the left part
ROOMY = 260  # pixels of the left part from which on it has a progress bar
GAUGE = 72  # pixels
RESULT = 10_000  # milliseconds for which a result is shown


@dataclass(frozen=True, slots=True)
class _Work:
    words: str
    fraction: float
    cancel: Callable[[], object] | None


class _Words(FactLabel):
    """A label in one line that is elided if it lacks room. cut: at which end."""

    cut = Qt.TextElideMode.ElideRight

    def natural_width(self) -> int:
        """The pixels that the whole line takes."""
        return self.fontMetrics().horizontalAdvance(self.text()) + 2

    def sizeHint(self) -> QSize:
        return QSize(self.natural_width(), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(12 * self.fontMetrics().averageCharWidth(), super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter, place = QPainter(self), self.contentsRect()
        words = self.fontMetrics().elidedText(self.text(), self.cut, place.width())
        side = Qt.AlignmentFlag.AlignRight if self.isRightToLeft() else Qt.AlignmentFlag.AlignLeft
        flags = (side | Qt.AlignmentFlag.AlignVCenter).value
        self.style().drawItemText(painter, place, flags, self.palette(), True, words, self.foregroundRole())
        painter.end()


class StatusBar(QStatusBar):
    """Shows the texts and numbers it is given. Its height never changes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self.setContentsMargins(8, 0, 8, 0)
        self._state = _Words(tr("State"))
        self._bar = QProgressBar(maximum=1000, textVisible=False)
        self._bar.setFixedSize(96, 6)
        self._cancel = QToolButton()
        self._cancel.setText(tr("Cancel"))
        self._cancel.setObjectName("small")
        self._cancel.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._cancel.clicked.connect(self._cancelled)
        self._engine, self._result = "", ""
        self._works: dict[str, _Work] = {}
        self._forget = QTimer(self, interval=RESULT, singleShot=True)
        self._forget.timeout.connect(self.forget_result)
        self._counts = self._label(tr("Words on the page"))
        self._speed = self._label(tr("Speed"))
        self._words = self._label(tr("Context"))
        self._gauge = QProgressBar(maximum=GAUGE, textVisible=False)  # it paints at once whenever its value changes
        self._gauge.setAccessibleName(tr("Tokens used of the context"))
        self._gauge.setFixedSize(GAUGE, 6)
        self.addWidget(self._left(), 1)
        for widget in (self._counts, self._speed, self._words, self._gauge):
            self.addPermanentWidget(widget)
        self._measure()
        self._show_left()

    def _left(self) -> QWidget:
        """Make the left part: it takes the width that the numbers leave, and never widens the window."""
        left = self._left_part = QWidget()
        left.setMinimumWidth(LEAST)
        left.installEventFilter(self)
        row = QHBoxLayout(left)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for widget in (self._state, self._bar, self._cancel):
            row.addWidget(widget)
        row.addStretch(1)
        return left

    def _measure(self) -> None:
        height = self.fontMetrics().height()
        self.setFixedHeight(height + 12)
        self._cancel.setFixedHeight(height + 4)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """Hide numbers, the least important first, if they would leave too little room for the left part."""
        gap = 6  # pixels between two widgets of the layout
        needed = LEAST if not self._state.text() else self._state.natural_width()
        needed += 160 if self._works else 0
        room = self.width() - 48 - needed
        for widget in (self._words, self._counts, self._speed):
            width = widget.sizeHint().width() + gap
            width += self._gauge.width() + gap if widget is self._words else 0
            shown = bool(widget.text()) and width <= room
            widget.setVisible(shown)
            room -= width if widget.text() else 0  # if one is hidden, the less important ones are, too
        self._gauge.setVisible(not self._words.isHidden())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._show_bar()
        return super().eventFilter(watched, event)

    def _show_bar(self) -> None:
        work = next(reversed(self._works.values()), None)
        self._bar.setVisible(work is not None and work.fraction >= 0 and self._left_part.width() >= ROOMY)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._measure()

    def _label(self, name: str) -> Label:
        return FactLabel(name)

    def show_state(self, words: str) -> None:
        """Show the engine's state, or the result of its last work."""
        if words != self._engine:
            self._engine, self._result = words, ""
            self._show_left()

    def say(self, result: str) -> None:
        """Show a result for 10 seconds, or until the engine's state changes."""
        self._result = result
        accessible.announce(self._state, result)
        self._forget.start()
        self._show_left()

    def show_work(self, key: str, words: str, fraction: float, cancel: Callable[[], object] | None) -> None:
        """Show running work in place of state and result. fraction: its progress from 0 to 1, negative if not known.
        cancel: what the Cancel button calls; None for no button. key: for `end_work`."""
        self._works[key] = _Work(words, fraction, cancel)
        self._show_left()

    def end_work(self, key: str) -> None:
        if self._works.pop(key, None):
            self._show_left()

    def _cancelled(self) -> None:
        work = next(reversed(self._works.values()), None)
        if work and work.cancel:
            work.cancel()

    @property
    def result(self) -> str:
        """The result that is shown; empty for none."""
        return self._result

    def forget_result(self) -> None:
        """Show the engine's state again."""
        self._result = ""
        self._show_left()

    def _show_left(self) -> None:
        work = next(reversed(self._works.values()), None)
        named = work is not None or bool(self._result)  # perhaps with a file's name, whose end matters
        self._state.cut = Qt.TextElideMode.ElideMiddle if named else Qt.TextElideMode.ElideRight
        self._set(self._state, work.words if work else self._result or self._engine)
        self._state.setToolTip(tip(self._state.text()))
        self._make_room()
        self._show_bar()
        self._cancel.setVisible(work is not None and work.cancel is not None)
        if work:
            self._bar.setAccessibleName(visible(work.words))
            self._bar.setValue(round(1000 * max(0.0, work.fraction)))
            self._cancel.setAccessibleName(visible(tr("Cancel: {work}").format(work=work.words)))

    def show_counts(self, words: int, characters: int, tokens: str = "") -> None:
        """Show the counts. tokens: the number of tokens in words, for the tooltip; empty if it is not known."""
        self._set(self._counts, tr_count("{count:,} word", "{count:,} words", words).format(count=words))
        template = tr_count(
            "{count:,} character, including spaces and line breaks",
            "{count:,} characters, including spaces and line breaks",
            characters,
        )
        self._counts.setToolTip(tip(lines(template.format(count=characters), tokens), several=True))

    def show_no_counts(self) -> None:
        """Clear the counts while another page is being counted."""
        self._set(self._counts, "")
        self._counts.setToolTip("")

    def show_speed(self, tokens_per_second: float) -> None:
        self._set(
            self._speed,
            tr("{tokens_per_second:.1f} tokens/s").format(tokens_per_second=tokens_per_second)
            if tokens_per_second
            else "",
        )

    def show_context(
        self, used: int, context: int, dropped: int, page: int = 0, slide: str = "", about: bool = False
    ) -> None:
        """Show the use of the context. used, context: in tokens. dropped: tokens of the page that are outside the
        context, out of `page`. slide: a sentence on when the window slides next and what that costs. about: the
        numbers are estimates, because the model has not read the page as it is now."""
        if not context:
            self._set(self._words, "")
            return
        words = tr("about {used:,} of {context:,} tokens") if about else tr("{used:,} of {context:,} tokens")
        self._set(self._words, words.format(used=used, context=context))
        seen = _unread(context, page) if about else _seen(used, context, dropped, page)
        more = " ".join(filter(None, (seen, slide)))
        self._words.setToolTip(tip(more))
        self._gauge.setToolTip(tip(more))
        self._gauge.setAccessibleDescription(visible(more))
        self._gauge.setValue(min(GAUGE, round(GAUGE * used / context)))

    def words(self) -> dict[str, str]:
        """The texts of state, speed and context by the accessible names of their labels, for tests."""
        labels = (self._state, self._speed, self._words)
        return {label.accessibleName(): label.text() for label in labels}

    def _set(self, label: Label, words: str) -> None:
        if label.text() != words:
            longer = len(label.text()) != len(words)
            label.setText(words)
            if longer:
                self._make_room()


def _unread(context: int, page: int) -> str:
    sentence = tr_count(
        "The model has not read the page as it is now: it has about {count:,} token. The context holds {context:,}.",
        "The model has not read the page as it is now: it has about {count:,} tokens. The context holds {context:,}.",
        page,
    )
    return sentence.format(count=page, context=context)


def _seen(used: int, context: int, dropped: int, page: int) -> str:
    seen = tr("The model sees {used:,} tokens; its context holds {context:,}.").format(used=used, context=context)
    of_page = tr("The page has {count:,}.").format(count=page) if page else ""
    unseen = tr("{count:,} of them are outside the context.").format(count=dropped) if dropped else ""
    return " ".join(filter(None, (seen, of_page, unseen)))
