"""Measures the editor's cost on the GUI thread, as tables: python tests/performance/editor.py [--tokens N …] [--seconds
S]

Pages of the given numbers of tokens (ten alternatives each), in paragraphs and as one endless paragraph: frames of a
model that writes in a real event loop, key presses, opening, undo, and the memory of a fresh process above its empty
window. CPU time of the GUI thread (`time.thread_time`) in milliseconds, median / 99th percentile, so that a busy
machine does not blur it; gaps between frames are wall time.
"""

import argparse
import os
import random
import subprocess
import sys
import time
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import psutil
from PySide6.QtCore import QEvent, QEventLoop, QPointF, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from desktop.editor.editor import Editor
from desktop.page.measures import MEASURES
from desktop.page.page import Page
from desktop.page.sources import Source
from desktop.pagefile.values import View
from models.engine.events import Span
from models.sampling.readings import Alternatives, Reading
from tests.desktop.page.writing import write_spans

FRAME = 16  # milliseconds
WORDS = 8_000
SIZES = (1_000, 10_000, 100_000, 1_000_000)
PARAGRAPHS, ENDLESS = 100, 0  # tokens in a paragraph


@dataclass(frozen=True, slots=True)
class TableRow:
    """One line of a table: what was measured, how it came out, and what is aimed at."""

    name: str
    found: str
    goal: str = ""


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


class Writer:
    """Writes random words, with the end of a paragraph now and then."""

    def __init__(self, paragraph: int) -> None:
        self.chance = random.Random(1)
        self._spans = vocabulary(self.chance)
        self._line_feed = span(WORDS, "\n", -1.0)
        self._paragraph = paragraph

    def some(self, count: int) -> list[Span]:
        spans = self.chance.choices(self._spans, k=count)
        if self._paragraph:
            for at in range(count):
                if self.chance.random() < 1 / self._paragraph:
                    spans[at] = self._line_feed
        return spans

    def fill(self, page: Page, tokens: int) -> None:
        page.begin_generation(Source("a model"))
        for done in range(0, tokens, 2_000):
            write_spans(page, self.some(min(2_000, tokens - done)))
        page.end_generation()


class Bench:
    """A page of a given number of tokens in a window, and the measurements of it."""

    def __init__(self, tokens: int, paragraph: int, size: tuple[int, int], seconds: float) -> None:
        self._writer = Writer(paragraph)
        self._seconds = seconds
        self.page = Page()
        self._writer.fill(self.page, tokens)
        self.editor = Editor(self.page)
        self.editor.resize(*size)
        self.editor.show()
        self.editor.fill()
        QApplication.processEvents()
        self._length = self.page.length

    def close(self) -> None:
        self.page.listeners.clear()
        self.editor.close()
        self.editor.deleteLater()
        QApplication.processEvents()

    # ----------------------------------------------------------------------------------------- one after the other

    def rows(self) -> list[TableRow]:
        found = self.opening()
        found += self.streaming(200, "2 / 4") + self.streaming(500, "2 / 4")
        self.editor.set_caret(self.page.length)
        found += self.keys("at the end")
        self.editor.set_caret(self.page.length // 2)
        found += self.keys("in the middle")
        found += [
            measured("full page", 40, self.paint, "12"),
            measured("hover: from a point to its token", 200, self.hover, "0.5"),
            measured("select all, painted", 1, painted(self.editor.selectAll), "50"),
        ]
        found += self.coloured()
        self.editor.text_style.show_tokens(True)
        found.append(measured("full page as tokens", 40, self.paint, "12"))
        found += [replace(row, name=f"{row.name}, as tokens") for row in self.streaming(200, "2 / 4")]
        self.editor.text_style.show_tokens(False)
        found.append(measured("undo of all there is", 1, self.undo_all, "600"))
        found.append(measured("redo of all there is", 1, self.redo_all, "600"))
        return found

    def opening(self) -> list[TableRow]:
        """The page put on anew, as when it is opened: at its start, and where its end was followed."""
        found: list[TableRow] = []
        self.page.prefix_hash(self.page.length)  # what a page's file keeps of its chunks
        for name, view in (("its start", View(following=False)), ("its end", View(following=True))):
            turns: list[float] = []

            def put(view: View = view) -> None:
                self.page.put(self.page.contents)
                self.editor.restore_view(view)

            turns.append(spent(put))
            while self.editor.filling or len(turns) < 4:
                turns.append(spent(QApplication.processEvents))
            found.append(TableRow(f"opening at {name}: first picture", f"{sum(turns[:2]):.1f}", "500"))
            found.append(TableRow("    longest turn of the event loop", f"{max(turns):.1f}", "50"))
            found.append(TableRow("    until all of it is there", f"{sum(turns):.0f}"))
        return found

    def streaming(self, rate: int, goal: str) -> list[TableRow]:
        """Stream at a number of tokens a second, in a real event loop, to a view that follows."""
        self.editor.follow()
        self.page.begin_generation(Source("a model"))
        loop, timer = QEventLoop(), QTimer(timerType=Qt.TimerType.PreciseTimer, interval=FRAME)
        begun = last = time.perf_counter()
        batches: list[float] = []
        gaps: list[float] = []
        written = 0

        def tick() -> None:
            nonlocal last, written
            now = time.perf_counter()
            gaps.append((now - last) * 1e3)
            last = now
            due = int((now - begun) * rate) - written
            written += due
            batch = self._writer.some(due)
            batches.append(spent(lambda: write_spans(self.page, batch)))
            if now - begun > self._seconds:
                loop.quit()

        timer.timeout.connect(tick)
        cpu = time.thread_time()
        timer.start()
        loop.exec()
        timer.stop()
        share = (time.thread_time() - cpu) / (time.perf_counter() - begun)
        self.page.end_generation()
        return [
            TableRow(f"a frame's batch at {rate} tokens/s", both(batches), goal),
            TableRow("    from frame to frame, wall", both(gaps), "16 / 25"),
            TableRow("    share of the thread", f"{share:.0%}", "35–50%" if rate == 500 else ""),
        ]

    def coloured(self) -> list[TableRow]:
        """Each measure in turn, as fills, and one as bars; with readings that are not stale, and stale ones."""
        found: list[TableRow] = []
        for measure, underlined in [*((one, False) for one in MEASURES.values()), (MEASURES["surprisal"], True)]:
            name = f"{measure.name}{', bars' if underlined else ''}"
            self.editor.marks.set_measure(measure, underlined)
            found.append(measured(f"full page, {name}", 40, self.paint, "12"))
            batch, gaps, _ = self.streaming(200, "2 / 4")
            found += [replace(batch, name=f"… {name}: {batch.name}"), gaps]
            self.editor.set_caret(self.page.length // 2)  # a key there makes all behind it stale
            found.append(replace(self.keys("in the middle")[1], name=f"… {name}: key in the middle, all repainted"))
            self.undo_typing()
        self.editor.marks.set_measure(None)
        return found

    def undo_typing(self) -> None:
        """Undo what the keys did, and what was written before."""
        while self.page.can_undo and self.page.length > self._length:
            self.page.undo()

    def keys(self, where: str) -> list[TableRow]:
        return [
            measured(f"key press {where}, no paint", 100, self.key, "2"),
            measured(f"key press {where}, all repainted", 40, painted(self.key_and_all), "16"),
        ]

    # ----------------------------------------------------------------------------------------- what is measured

    def key(self) -> None:
        QApplication.sendEvent(
            self.editor, QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_X, Qt.KeyboardModifier.NoModifier, "x")
        )

    def key_and_all(self) -> None:
        self.key()
        self.editor.viewport().update()

    def paint(self) -> None:
        self.editor.viewport().repaint()

    def hover(self) -> None:
        chance = self._writer.chance
        self.editor.mouse.pointing.move(QPointF(chance.randint(60, 500), chance.randint(20, 500)))

    def undo_all(self) -> None:
        while self.page.can_undo:
            self.page.undo()

    def redo_all(self) -> None:
        while self.page.can_redo:
            self.page.redo()


def spent(call: Callable[[], object]) -> float:
    """CPU milliseconds of this thread that a call takes."""
    start = time.thread_time()
    call()
    return (time.thread_time() - start) * 1e3


def painted(call: Callable[[], None]) -> Callable[[], None]:
    """The call, and all that the window does about it."""

    def with_events() -> None:
        call()
        QApplication.processEvents()

    return with_events


def both(found: Sequence[float]) -> str:
    return f"{np.median(found):.2f} / {np.percentile(found, 99):.2f}"


def measured(name: str, times: int, call: Callable[[], None], goal: str) -> TableRow:
    """Call a function a number of times, with events handled (not counted) between."""
    found: list[float] = []
    for _ in range(times):
        QApplication.processEvents()
        found.append(spent(call))
    return TableRow(name, both(found) if times > 1 else f"{found[0]:.1f}", goal)


# ----------------------------------------------------------------------------------------------------- memory


def memory(tokens: int, paragraph: int, size: tuple[int, int]) -> float:
    """Megabytes that a page in a window takes above an empty window, of this process, which should be a fresh one."""
    writer = Writer(paragraph)
    page = Page()
    editor = Editor(page)
    editor.resize(*size)
    editor.show()
    QApplication.processEvents()
    before = psutil.Process().memory_info().rss
    writer.fill(page, tokens)
    editor.fill()
    QApplication.processEvents()
    return (psutil.Process().memory_info().rss - before) / 1e6


def memory_of_its_own(tokens: int, paragraph: int) -> str:
    """The same, in a process of its own."""
    command = [sys.executable, __file__, "--memory", str(tokens), "--paragraph", str(paragraph)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


# ----------------------------------------------------------------------------------------------------- tables


def table(title: str, columns: dict[int, list[TableRow]]) -> str:
    first = next(iter(columns.values()))
    lines = [
        "",
        f"| {title} | " + " | ".join(f"{tokens:,}" for tokens in columns) + " | aimed at |",
        "| --- |" + " --- |" * (len(columns) + 1),
    ]
    for at, row in enumerate(first):
        cells = " | ".join(rows[at].found for rows in columns.values())
        lines.append(f"| {row.name.replace('    ', '… ')} | {cells} | {row.goal} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokens", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--seconds", type=float, default=4.0, help="of each stream")
    parser.add_argument("--width", type=int, default=1900)
    parser.add_argument("--height", type=int, default=1000)
    parser.add_argument("--paragraph", type=int, help="tokens in a paragraph, 0 for an endless one; default: both")
    parser.add_argument("--colours", action="store_true", help="measure only the page in its colours")
    parser.add_argument("--memory", type=int, help="print only the memory of a page of that many tokens, in MB")
    chosen = parser.parse_args()
    QApplication([])
    size = (chosen.width, chosen.height)
    if chosen.memory is not None:
        sys.stdout.write(f"{memory(chosen.memory, chosen.paragraph or 0, size):.0f}\n")
        return
    for paragraph in (PARAGRAPHS, ENDLESS) if chosen.paragraph is None else (chosen.paragraph,):
        columns: dict[int, list[TableRow]] = {}
        for tokens in chosen.tokens:
            bench = Bench(tokens, paragraph, size, chosen.seconds)
            columns[tokens] = bench.coloured() if chosen.colours else bench.rows()
            bench.close()
            if not chosen.colours:
                memory_row = TableRow("memory above the empty window, MB", memory_of_its_own(tokens, paragraph), "300")
                columns[tokens].append(memory_row)
        title = f"paragraphs of {paragraph} tokens" if paragraph else "one endless paragraph"
        sys.stdout.write(table(title, columns) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
