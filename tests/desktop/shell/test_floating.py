"""What floats over the foot of the page moves nothing."""

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop.shell.floating import GAP, Floating, Pill


def test_widgets_float_over_the_foot_one_above_the_other(qtbot: QtBot) -> None:
    middle, page, lower, upper = QWidget(), QWidget(), QLabel("one"), Pill()
    qtbot.addWidget(middle)
    column = QVBoxLayout(middle)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(page)
    middle.resize(400, 300)
    floating = Floating(page)
    floating.add(lower)
    floating.add(upper)
    middle.show()
    lower.show()
    before = page.geometry()
    upper.show()
    assert lower.geometry().bottom() == page.geometry().bottom() - GAP
    assert upper.geometry().bottom() == lower.geometry().top() - 1 - GAP
    assert abs(lower.geometry().center().x() - page.geometry().center().x()) <= 1
    lower.hide()
    assert upper.geometry().bottom() == page.geometry().bottom() - GAP
    middle.resize(300, 200)
    assert upper.geometry().bottom() == page.geometry().bottom() - GAP
    assert page.geometry().width() == 300
    assert before.top() == page.geometry().top() == 0
    lower.setText("a line that is longer than the page is wide, at least in this window")
    lower.show()
    assert lower.geometry().left() >= page.geometry().left() + GAP - 1
