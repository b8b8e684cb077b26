"""The status bar: what the engine does, what goes on and what came of it, how full the context is, how fast it
writes."""

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

LEAST = 96  # pixels for what goes on
ROOMY = 260  # pixels from which on it has a bar
RESULT = 10_000  # milliseconds for which it is said what came of something


@dataclass(frozen=True, slots=True)
class _Work:
    words: str
    fraction: float
    cancel: Callable[[], object] | None


class _Words(FactLabel):
    """A line that is cut where it has not the room; its tooltip has all of it. cut: where."""

    cut = Qt.TextElideMode.ElideRight

    def natural_width(self) -> int:
        """Of the whole line."""
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
    """Shows words and numbers it is given; derives nothing. Its height is the same whatever it shows."""

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
        self._forget.timeout.connect(self._forget_result)
        self._counts = self._label(tr("Words on the page"))
        self._speed = self._label(tr("Speed"))
        self._words = self._label(tr("Context"))
        self._gauge = QProgressBar(maximum=1000, textVisible=False)
        self._gauge.setAccessibleName(tr("Tokens used of the context"))
        self._gauge.setFixedSize(72, 6)
        self.addWidget(self._left(), 1)
        for widget in (self._counts, self._speed, self._words, self._gauge):
            self.addPermanentWidget(widget)
        self._measure()
        self._show_left()

    def _left(self) -> QWidget:
        """What is there beside the numbers: it takes the room that they leave, and never widens the window."""
        left = self._beside = QWidget()
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
        """What goes on, or why it ended, comes before numbers that can be looked up elsewhere: where there is too
        little room for all, they are left out."""
        gap = 6  # pixels that the layout puts between two
        needed = LEAST if not self._state.text() else self._state.natural_width()
        needed += 160 if self._works else 0
        room = self.width() - 48 - needed
        for widget in (self._words, self._counts, self._speed):
            width = widget.sizeHint().width() + gap
            width += self._gauge.width() + gap if widget is self._words else 0
            shown = bool(widget.text()) and width <= room
            widget.setVisible(shown)
            room -= width if widget.text() else 0  # where one is left out, what matters less is, too
        self._gauge.setVisible(not self._words.isHidden())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._show_bar()
        return super().eventFilter(watched, event)

    def _show_bar(self) -> None:
        work = next(reversed(self._works.values()), None)
        self._bar.setVisible(work is not None and work.fraction >= 0 and self._beside.width() >= ROOMY)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._measure()

    def _label(self, name: str) -> Label:
        return FactLabel(name)

    def show_state(self, words: str) -> None:
        """What the engine does, or what came of what it did last."""
        if words != self._engine:
            self._engine, self._result = words, ""
            self._show_left()

    def say(self, result: str) -> None:
        """What came of something, for a while or until the engine's state is another."""
        self._result = result
        accessible.announce(self._state, result)
        self._forget.start()
        self._show_left()

    def work(self, key: str, words: str, fraction: float, cancel: Callable[[], object] | None) -> None:
        """Something goes on: show it before anything else, with a bar (fraction from 0 to 1, less where it is not
        known) and a button that ends it. key: for `work_ended`."""
        self._works[key] = _Work(words, fraction, cancel)
        self._show_left()

    def work_ended(self, key: str) -> None:
        if self._works.pop(key, None):
            self._show_left()

    def _cancelled(self) -> None:
        work = next(reversed(self._works.values()), None)
        if work and work.cancel:
            work.cancel()

    def _forget_result(self) -> None:
        self._result = ""
        self._show_left()

    def _show_left(self) -> None:
        work = next(reversed(self._works.values()), None)
        named = work is not None or bool(self._result)  # with the name of a file, perhaps, whose end is telling
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
        """tokens: their number, in words; empty where it is not known."""
        self._set(self._counts, tr_count("{count:,} word", "{count:,} words", words).format(count=words))
        said = tr_count(
            "{count:,} character, including spaces and line breaks",
            "{count:,} characters, including spaces and line breaks",
            characters,
        )
        self._counts.setToolTip(tip(lines(said.format(count=characters), tokens), several=True))

    def show_no_counts(self) -> None:
        """Another page is there, which is being counted."""
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
        """used and context in tokens; dropped: tokens of the page that the model no longer sees, of `page` in all.
        slide: when the window slides next, and what that costs. about: the numbers are estimated, since the model has
        not read the page as it is now."""
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
        self._gauge.setValue(min(1000, round(1000 * used / context)))

    def words(self) -> dict[str, str]:
        """What each label says, by its name (for tests and for screen readers' order)."""
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
