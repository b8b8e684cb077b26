"""The parts of a window, and the way from one to the next by a key: the page takes Tab as a character, so Tab alone
does not lead out of it."""

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget


class FocusRegions:
    """In the order in which they are gone round."""

    def __init__(self) -> None:
        self._parts: list[QWidget] = []

    def add(self, part: QWidget) -> None:
        self._parts.append(part)

    def go(self, by: int) -> None:
        """Give the keys to the next part that is shown (1), or to the one before (-1): to what had them there last."""
        shown = [part for part in self._parts if part.isVisible() and next(_stops(part), None)]
        focus = QApplication.focusWidget()
        here = next((place for place, part in enumerate(shown) if _holds(part, focus)), 0 if by < 0 else -1)
        if shown:
            part = shown[(here + by) % len(shown)]
            last = part.focusWidget()
            stop = last if last is not None and last in list(_stops(part)) else next(_stops(part))
            stop.window().activateWindow()
            stop.setFocus(Qt.FocusReason.TabFocusReason)


def _holds(part: QWidget, widget: QWidget | None) -> bool:
    return widget is not None and (widget is part or part.isAncestorOf(widget))


def _stops(part: QWidget) -> Iterator[QWidget]:
    """Where Tab stops in a part, in its order."""
    widget: QWidget | None = part
    while widget is not None:
        tab = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
        if _holds(part, widget) and tab and widget.isVisible() and widget.isEnabled() and not widget.focusProxy():
            yield widget
        following = widget.nextInFocusChain()
        widget = following if following is not part else None
