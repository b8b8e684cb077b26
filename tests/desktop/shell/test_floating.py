"""Widgets that float over the page."""

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop.shell.floating import GAP, Floating, Pill


def test_widgets_float_over_the_foot_one_above_the_other(qtbot: QtBot) -> None:
    middle, page, lower, upper = QWidget(), QWidget(), QLabel("one"), Pill("two", "What it does.")
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


def test_the_widget_at_the_head_avoids_a_place(qtbot: QtBot) -> None:
    middle, page, head, foot = QWidget(), QWidget(), QLabel("find"), QLabel("notice")
    qtbot.addWidget(middle)
    column = QVBoxLayout(middle)
    column.setContentsMargins(0, 30, 0, 0)
    column.addWidget(page)
    middle.resize(400, 300)
    floating = Floating(page)
    floating.add(foot)
    floating.add_at_head(head)
    middle.show()
    foot.show()
    assert (floating.covered_above(), floating.covered()) == (0, foot.height() + GAP)
    head.show()
    assert head.y() == 30 + GAP and floating.covered_above() == head.height() + GAP
    lines = QRect(0, 0, 400, 40), QRect(0, page.height() - 40, 400, 40)
    floating.avoid(lambda: QRect(0, 100, 400, 40))
    assert floating.covered_above()
    floating.avoid(lambda: lines[0])
    assert floating.covered_above() == 0
    assert head.geometry().bottom() == page.geometry().bottom() - GAP
    assert foot.geometry().bottom() == head.y() - 1 - GAP
    assert floating.covered() == head.height() + foot.height() + 2 * GAP
    floating.avoid(lambda: lines[1])
    assert head.y() == 30 + GAP
    floating.avoid(lambda: QRect(0, 0, 400, 300))
    assert head.y() == 30 + GAP
    floating.avoid(lambda: lines[0])
    head.hide()
    floating.avoid(lambda: lines[0])
    head.show()
    assert head.y() == 30 + GAP
