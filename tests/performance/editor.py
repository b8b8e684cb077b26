"""What the editor costs the window's thread, as a table: python tests/performance/editor.py [--tokens N]

CPU time of this thread (`time.thread_time`), so that a busy machine does not blur it; median and 99th percentile in
milliseconds, beside what is aimed at.
"""

import argparse
import os
import random
import sys
import time
from array import array
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import psutil
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from desktop.editor.editor import Editor
from desktop.page.page import Page
from desktop.page.sources import Source
from models.engine.messages import Alternatives, Reading, Span

FRAME = 8  # tokens
WORDS = 8_000
Row = tuple[str, float, float, float | None]


def vocabulary(chance: random.Random) -> list[Span]:
    """Tokens of 1 to 7 letters, most with a blank before, each with ten alternatives."""
    spans: list[Span] = []
    for number in range(WORDS):
        word = "".join(chance.choices("etaoinshrdlcumwfgypbvk", k=chance.randint(1, 7)))
        text = " " * (chance.random() < 0.75) + word
        spans.append(span(number, text, -chance.gammavariate(1.2, 1.0)))
    return spans


def span(number: int, text: str, raw: float) -> Span:
    ids = array("i", range(number, number + 10))
    odds = array("f", [raw - step for step in range(10)])
    texts = tuple(b"%d" % token if token != number else text.encode() for token in ids)
    alternatives = Alternatives(ids, odds, odds, bytes(10), texts)
    return Span(text, (Reading(number, text.encode(), raw, 1, 2.0, raw, 0.5, 0.0, 1.0, alternatives),))


class Bench:
    """A page of so many tokens in a window, and what can be measured on it."""

    def __init__(self, tokens: int, paragraph: int, size: tuple[int, int]) -> None:
        self._chance = random.Random(1)
        self._spans = vocabulary(self._chance)
        self._line_feed = span(WORDS, "\n", -1.0)
        self._paragraph = paragraph
        self.page = Page()
        self.fill(tokens)
        start = time.thread_time()
        self.editor = Editor(self.page)
        self.editor.resize(*size)
        self.editor.show()
        QApplication.processEvents()
        self.load = time.thread_time() - start

    def fill(self, tokens: int) -> None:
        self.page.begin_generation(Source("a model"))
        for _ in range(tokens // 2_000):
            self.page.append(self.some(2_000))

    def some(self, count: int) -> list[Span]:
        spans = self._chance.choices(self._spans, k=count)
        if self._paragraph:
            for at in range(count):
                if self._chance.random() < 1 / self._paragraph:
                    spans[at] = self._line_feed
        return spans

    def frame(self) -> None:
        self.page.append(self.batch)

    def prepare(self) -> None:
        self.batch = self.some(FRAME)

    def key(self) -> None:
        QApplication.sendEvent(
            self.editor, QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_X, Qt.KeyboardModifier.NoModifier, "x")
        )

    def painted(self, call: Callable[[], None]) -> Callable[[], None]:
        """The call, and all that the window does about it."""

        def both() -> None:
            call()
            QApplication.processEvents()

        return both

    def undo_all(self) -> None:
        while self.page.can_undo:
            self.page.undo()

    def redo_all(self) -> None:
        while self.page.can_redo:
            self.page.redo()

    def paint(self) -> None:
        self.editor.viewport().repaint()

    def hover(self) -> None:
        x, y = self._chance.randint(60, 500), self._chance.randint(20, 500)
        self.editor.pointing.move(QPointF(x, y))


def measured(name: str, goal: float | None, times: int, call: Callable[[], None], before: Callable[[], None]) -> Row:
    """Median and 99th percentile of a call, with events handled (not counted) between."""
    spent: list[float] = []
    for _ in range(times):
        before()
        QApplication.processEvents()
        start = time.thread_time()
        call()
        spent.append((time.thread_time() - start) * 1e3)
    return name, float(np.median(spent)), float(np.percentile(spent, 99)), goal


def nothing() -> None:
    pass


def rows(tokens: int, paragraph: int, size: tuple[int, int]) -> list[Row]:
    bench = Bench(tokens, paragraph, size)
    editor = bench.editor
    loaded = bench.load * 1e3
    editor.follow()
    found: list[Row] = [
        ("load and first picture", loaded, loaded, 500.0),
        measured("frame of 8 tokens, following the end", 2.0, 300, bench.frame, bench.prepare),
        measured("the same, and painted", 16.0, 100, bench.painted(bench.frame), bench.prepare),
    ]
    bench.page.end_generation()
    editor.set_caret(bench.page.length // 2)
    found += [
        measured("key press in the middle, no paint", 2.0, 200, bench.key, nothing),
        measured("key press in the middle, and painted", 16.0, 60, bench.painted(bench.key), nothing),
        measured("full page", 12.0, 60, bench.paint, nothing),
        measured("hover: from a point to its token", 0.5, 300, bench.hover, nothing),
    ]
    editor.set_heat(True)
    found += [
        measured("full page with heat", 12.0, 60, bench.paint, nothing),
        measured("undo of all there is", 600.0, 1, bench.undo_all, nothing),
        measured("redo of all there is", 600.0, 1, bench.redo_all, nothing),
    ]
    editor.close()
    editor.deleteLater()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokens", type=int, default=100_000)
    parser.add_argument("--width", type=int, default=1900)
    parser.add_argument("--height", type=int, default=1000)
    chosen = parser.parse_args()
    application = QApplication([])
    before = psutil.Process().memory_info().rss
    lines = [f"{chosen.tokens:,} tokens, {chosen.width} × {chosen.height}; CPU milliseconds of the window's thread"]
    for title, paragraph in (("paragraphs of about 100 tokens", 100), ("one endless paragraph", 0)):
        lines += ["", title, f"{'':44}{'median':>9}{'p99':>9}{'goal':>9}"]
        for name, median, worst, goal in rows(chosen.tokens, paragraph, (chosen.width, chosen.height)):
            lines.append(f"{name:44}{median:9.2f}{worst:9.2f}{goal or float('nan'):9.1f}")
        application.processEvents()
    lines += [
        "",
        f"memory of both pages and their windows: {(psutil.Process().memory_info().rss - before) / 2**20:.0f} MB",
    ]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
