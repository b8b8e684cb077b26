"""What is repainted while the model writes: little, and enough."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QImage, QPaintEvent
from PySide6.QtWidgets import QApplication

from tests.desktop.editor.harness import EditorHarness

NewHarness = Callable[..., EditorHarness]
LATIN = tuple(f" word{'s' * (at % 7)}" for at in range(120))


class Repainted(QObject):
    """Notes how high the repainted areas of a viewport are, in pixels."""

    def __init__(self, harness: EditorHarness) -> None:
        super().__init__()
        self.heights: list[int] = []
        harness.editor.viewport().installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QPaintEvent):
            self.heights.append(event.rect().height())
        return False


def on_screen(harness: EditorHarness) -> QImage:
    """The window as it was painted bit by bit."""
    editor = harness.editor
    QApplication.processEvents()
    return editor.screen().grabWindow(editor.winId()).toImage()


def painted_anew(harness: EditorHarness) -> QImage:
    harness.editor.viewport().update()
    return on_screen(harness)


@pytest.mark.parametrize(
    "texts",
    [
        LATIN,
        tuple(text + "\n" * (at % 9 == 8) for at, text in enumerate(LATIN)),
        tuple("바다는 물었다 " for _ in range(60)),
        ("a " * 300, *LATIN[:20]),
        ("... " * 60, "שלום ", "... " * 30, "abc ", "שלום ") * 3,
        ("سلام دنیا " * 30, "... " * 40, "abc ", "دنیا "),
        tuple("🙂 w" for _ in range(60)),
        ("x" * 400, *LATIN[:20], "y" * 400, *LATIN[:20]),
    ],
    ids=["Latin", "paragraphs", "Korean", "a long beginning", "neutral", "Arabic", "emoji", "long words"],
)
def test_the_screen_is_what_painting_everything_gives(new_harness: NewHarness, texts: tuple[str, ...]) -> None:
    harness = new_harness("Once. " * 20, limit=700)
    harness.editor.clearFocus()
    harness.editor.marks.set_writing(True)
    on_screen(harness)
    for at, text in enumerate(texts):
        harness.stream(text)
        seen = on_screen(harness)
        assert seen == painted_anew(harness), (at, text)


def test_a_token_repaints_the_last_lines_alone(new_harness: NewHarness) -> None:
    harness = new_harness("Once upon a time. " * 45)
    harness.stream(" more")
    on_screen(harness)
    repainted, lines = Repainted(harness), [harness.editor.document().lineCount()]
    for text in LATIN[:30]:
        harness.stream(text)
        on_screen(harness)
        lines.append(harness.editor.document().lineCount())
    assert lines[-1] > lines[0]  # in new lines, too
    assert max(repainted.heights) < harness.editor.viewport().height() / 2


def test_a_hidden_or_scrolled_away_end_is_painted_when_it_comes_into_view(new_harness: NewHarness) -> None:
    harness = new_harness("Once upon a time. " * 300)
    harness.editor.turn_away()
    harness.editor.verticalScrollBar().setValue(0)
    on_screen(harness)
    for text in LATIN[:10]:
        harness.stream(text)
        assert on_screen(harness) == painted_anew(harness)
    harness.editor.follow()
    assert on_screen(harness) == painted_anew(harness)
