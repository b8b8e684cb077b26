"""A mistake of ours: the page is put away first, the report is written, and it is told once."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from desktop.shell.crash import CrashReporter


def test_the_page_is_safe_before_anything_is_shown(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    order: list[str] = []
    monkeypatch.setattr(QMessageBox, "exec", lambda _self: order.append("told"))
    window = QWidget()
    qtbot.addWidget(window)
    reporter = CrashReporter(lambda: order.append("saved"), tmp_path / "log" / "crash.log", window)
    for number in range(2):
        try:
            raise ZeroDivisionError(f"mistake {number}")
        except ZeroDivisionError as error:
            reporter.caught(type(error), error, error.__traceback__)
    qtbot.waitUntil(lambda: "told" in order)
    qtbot.wait(20)
    assert order == ["saved", "saved", "told"]
    report = (tmp_path / "log" / "crash.log").read_text()
    assert "mistake 0" in report
    assert "mistake 1" in report
