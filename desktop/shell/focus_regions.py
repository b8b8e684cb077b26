"""Moves the focus from region to region of the window with F6: the page takes Tab as a character."""

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget


class FocusRegions:
    """The regions, in the order in which F6 visits them."""

    def __init__(self) -> None:
        self._regions: list[QWidget] = []

    def add(self, region: QWidget) -> None:
        self._regions.append(region)

    def go(self, by: int) -> None:
        """Focus the next visible region (1) or the previous one (-1), at the widget that had the focus there last."""
        shown = [region for region in self._regions if region.isVisible() and next(_stops(region), None)]
        focus = QApplication.focusWidget()
        here = next((index for index, region in enumerate(shown) if _holds(region, focus)), 0 if by < 0 else -1)
        if shown:
            region = shown[(here + by) % len(shown)]
            last = region.focusWidget()
            stop = last if last is not None and last in list(_stops(region)) else next(_stops(region))
            stop.window().activateWindow()
            stop.setFocus(Qt.FocusReason.TabFocusReason)


def _holds(region: QWidget, widget: QWidget | None) -> bool:
    return widget is not None and (widget is region or region.isAncestorOf(widget))


def _stops(region: QWidget) -> Iterator[QWidget]:
    """The widgets of a region that Tab visits, in order."""
    widget: QWidget | None = region
    while widget is not None:
        tab = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
        if _holds(region, widget) and tab and widget.isVisible() and widget.isEnabled() and not widget.focusProxy():
            yield widget
        following = widget.nextInFocusChain()
        widget = following if following is not region else None
