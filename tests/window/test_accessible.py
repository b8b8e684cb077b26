"""A screen reader's view of the whole program: every widget of every window has a name, a role and, where it is
painted, a value."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QComboBox,
    QDialog,
    QFormLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QProgressBar,
    QScrollBar,
    QSplitterHandle,
    QTabBar,
    QTabWidget,
    QWidget,
)

from tests.models.library.hub_stand_in import StandIn
from tests.window.windows import every_window

USED = (QAbstractButton, QAbstractItemView, QLineEdit, QAbstractSpinBox, QComboBox, QProgressBar, QTabBar)
PARTS = (QScrollBar, QSplitterHandle, QHeaderView, QTabWidget)  # of other widgets, which speak for them
NO_ROLES = {QAccessible.Role.NoRole, QAccessible.Role.Client, QAccessible.Role.Pane}
Text = QAccessible.Text


@pytest.fixture
def listening() -> Iterator[None]:
    """A screen reader listens."""
    QAccessible.setActive(True)
    yield
    QAccessible.setActive(False)


def test_every_widget_says_itself(hand: Any, hub: StandIn, listening: None) -> None:
    seen: set[str] = set()
    complaints: list[str] = []
    for name, window in every_window(hand, hub):
        seen.add(type(window).__name__)
        complaints += [f"{name}: {line}" for line in _complaints(window)]
    assert not complaints, "\n".join(complaints)
    assert not _own_dialogs() - seen, "a dialog that tests/window/windows.py does not show"


def _own_dialogs() -> set[str]:
    return {kind.__name__ for kind in QDialog.__subclasses__() if kind.__module__.startswith("desktop.")}


def _complaints(window: QWidget) -> Iterator[str]:
    widgets = [widget for widget in window.findChildren(QWidget) if _is_of(window, widget)]
    for widget in widgets:
        if _is_used(widget) or _is_painted(widget):
            yield from _of_widget(widget)
        if isinstance(widget, QAbstractButton):
            yield from _of_button(widget)
    yield from _of_labels(window)
    buttons = [one for one in widgets if isinstance(one, QAbstractButton) and one.isVisibleTo(window)]
    for name, count in Counter(map(_name, buttons)).items():
        if count > 1:
            yield f"{count} buttons are called {name!r}"


def _is_of(window: QWidget, widget: QWidget) -> bool:
    """Whether the widget belongs to that window, and no other widget speaks for it."""
    part = isinstance(widget, PARTS) or widget.objectName().startswith(("qt_spinbox", "qt_scrollarea", "qt_tableview"))
    area = widget.parentWidget()
    viewport = isinstance(area, QAbstractScrollArea) and area.viewport() is widget
    return widget.window() is window and not part and not viewport and not isinstance(widget, QLabel)


def _is_used(widget: QWidget) -> bool:
    shown = widget.isVisibleTo(widget.window())
    return isinstance(widget, USED) or (widget.focusPolicy() is not Qt.FocusPolicy.NoFocus and shown)


def _is_painted(widget: QWidget) -> bool:
    """Whether it paints itself, whole."""
    if not widget.isVisibleTo(widget.window()):
        return False
    return type(widget).__module__.startswith("desktop.") and "paintEvent" in vars(type(widget))


def _of_widget(widget: QWidget) -> Iterator[str]:
    interface = QAccessible.queryAccessibleInterface(widget)
    about, name = f"{type(widget).__name__} {widget.objectName()}", _name(widget)
    if isinstance(widget, QAbstractButton) and not widget.text() and widget.isHidden() and not widget.objectName():
        return  # it has its words when it is shown
    if not any(map(str.isalpha, name)) or name in {type(widget).__name__, widget.objectName()}:
        yield f"{about} in {_path(widget)} is called {name!r}"
    if interface.role() in NO_ROLES:
        yield f"{about} {name!r} has the role {interface.role().name}"
    if _is_painted(widget) and not interface.text(Text.Value) and not interface.text(Text.Description):
        yield f"{about} {name!r} has neither value nor description"


def _of_button(button: QAbstractButton) -> Iterator[str]:
    signs_only = not any(map(str.isalpha, button.text()))
    if signs_only and button.isVisibleTo(button.window()) and not button.toolTip():
        yield f"the button {_name(button)!r} shows {button.text()!r} and has no tooltip"


def _of_labels(window: QWidget) -> Iterator[str]:
    """Labels are read as they stand; those of fields lead to them."""
    for label in window.findChildren(QLabel):
        rich = label.text().startswith("<")
        if not rich and label.isVisibleTo(window) and _plain(label.text()) not in _plain(_name(label)):
            yield f"the label {label.text()!r} is read as {_name(label)!r}"
    for form in window.findChildren(QFormLayout):
        for row in range(form.rowCount()):
            head, field = (
                form.itemAt(row, QFormLayout.ItemRole.LabelRole),
                form.itemAt(row, QFormLayout.ItemRole.FieldRole),
            )
            label = head.widget() if head else None
            if isinstance(label, QLabel) and label.text() and field and not isinstance(field.widget(), QLabel):
                buddy = label.buddy()
                if buddy is None or buddy.focusPolicy() is Qt.FocusPolicy.NoFocus:
                    yield f"the label {label.text()!r} leads to nothing"


def _name(widget: QWidget) -> str:
    """The spoken name: its own, else its label's (as for combo boxes)."""
    interface = QAccessible.queryAccessibleInterface(widget)
    labels = [one.text(Text.Name) for one in _labels(interface)]
    own = "" if isinstance(widget, QComboBox) else interface.text(Text.Name)
    return own or " ".join(labels)


def _labels(interface: QAccessibleInterface) -> list[QAccessibleInterface]:
    return [other for other, _ in interface.relations(QAccessible.RelationFlag.Label)]


def _plain(text: str) -> str:
    return text.replace("&", "").strip().removesuffix("…")  # of a label that is too long for its place


def _path(widget: QWidget) -> str:
    names: list[str] = []
    above = widget.parentWidget()
    while above is not None:
        names.append(above.accessibleName() or type(above).__name__)
        above = above.parentWidget()
    return " / ".join(names[:4])
