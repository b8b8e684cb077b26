"""Editors in windows, for the tests of this room."""

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.editor.document_sync import SLICE
from desktop.editor.editor import Editor
from desktop.page.chunks import Limits
from desktop.page.page import Page
from tests.desktop.editor.harness import EditorHarness


@pytest.fixture
def new_harness(qtbot: QtBot) -> Callable[..., EditorHarness]:
    """A factory of harnesses: new_harness(text, limit=…)."""

    def make(
        text: str = "",
        limit: int = 1_500,
        limits: Limits = Limits(),  # noqa: B008
        size: tuple[int, int] = (700, 500),
        slice_: int = SLICE,
    ) -> EditorHarness:
        page = Page(clock=lambda: 0.0, limits=limits)
        if text:
            page.write(0, 0, text)
        editor = Editor(page, limit=limit, slice_=slice_)
        qtbot.addWidget(editor)
        editor.undo_requested.connect(page.undo)
        editor.redo_requested.connect(page.redo)
        editor.resize(*size)
        editor.show()
        editor.setFocus()
        QApplication.processEvents()
        return EditorHarness(editor, page)

    return make


@pytest.fixture
def harness(new_harness: Callable[..., EditorHarness]) -> EditorHarness:
    """An empty page in a window."""
    return new_harness()
