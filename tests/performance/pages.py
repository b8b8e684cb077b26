"""Measures a long list of pages, the search in them, and the window's stalls during an export of a long page: `python
-m tests.performance.pages [pages] [tokens]`.

Gaps: the longest time that the GUI thread was away from a timer of 1 ms. docs/export.md has its output.
"""

import os
import sys
import tempfile
import time
from array import array
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication

from desktop.exporting.exports import Exports
from desktop.exporting.printing import PrintedText, Printing
from desktop.page.page import Page
from desktop.page.sources import Source
from desktop.page_list.page_store import Entry, PageFiles, PageStore
from desktop.page_list.pages import Pages
from desktop.pagefile.store import create_page
from desktop.pagefile.tracker import Tracker
from desktop.pagefile.unopened import copy_page, peek, set_title, text_of
from desktop.pagefile.values import Facts, View
from desktop.shell.theme import ThemeController
from models.engine.events import Span
from models.sampling.readings import Alternatives, Reading
from tests.desktop.page.writing import write_spans

WORDS = b" the keeper had counted ships for thirty years and never once been wrong , that night lamp went out .".split()
TOP = 10


class Beat:
    """A timer of 1 ms, and how long it had to wait."""

    def __init__(self) -> None:
        self._last = time.perf_counter()
        self.worst = 0.0
        self._timer = QTimer(interval=1)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._count)
        self._timer.start()

    def _count(self) -> None:
        now = time.perf_counter()
        self.worst, self._last = max(self.worst, now - self._last), now

    def start(self) -> None:
        self.worst, self._last = 0.0, time.perf_counter()


def report(name: str, work: Callable[[], object], done: Callable[[], bool], beat: Beat) -> None:
    """Do it, let the window go on until it is done, and print."""
    application = QApplication.instance()
    assert application is not None
    beat.start()
    began = time.perf_counter()
    work()
    while not done():
        application.processEvents()
    application.processEvents()
    beat._count()
    print(f"{name:44} {1e3 * (time.perf_counter() - began):9.0f} ms   longest gap {1e3 * beat.worst:6.1f} ms")


def spans(count: int, chance: np.random.Generator) -> list[Span]:
    """Tokens with ten alternatives each."""
    picked = chance.integers(0, len(WORDS), (count, TOP))
    raws = -np.sort(chance.exponential(2.0, (count, TOP)).astype(np.float32), axis=1)
    made: list[Span] = []
    for words, raw in zip(picked.tolist(), raws.tolist(), strict=True):
        others = Alternatives(
            array("i", words), array("f", raw), array("f", raw), bytes(TOP), tuple(b" " + WORDS[word] for word in words)
        )
        spelt = b" " + WORDS[words[0]]
        made.append(Span(spelt.decode(), (Reading(words[0], spelt, raw[0], 1, 2.5, raw[0], 0.5, 0.4, 0.6, others),)))
    return made


def page_of(tokens: int) -> Page:
    page, chance = Page(), np.random.default_rng(1)
    page.write(0, 0, "It was late in the year.\n\n")
    page.begin_generation(Source("fingerprint", seed=1))
    for start in range(0, tokens, 1_000):
        write_spans(page, spans(min(1_000, tokens - start), chance))
    page.end_generation()
    return page


def stored(path: Path, page: Page, title: str) -> None:
    store = create_page(path)
    facts = Facts(title, page.text(0, 80), 200, page.length, page.token_count, "gemma-3-270m", 1e9, time.time())
    delta = Tracker().take(page.contents, View(), facts)
    assert delta is not None
    store.write([delta])
    store.close()


def measure_list(store: PageStore, count: int, beat: Beat) -> None:
    first = store.folder / "0.inkfall"
    stored(first, page_of(300), "Page 0")
    for number in range(1, count):
        (store.folder / f"{number}.inkfall").write_bytes(first.read_bytes())
    pages = Pages(store)
    rows = pages.panel.list.rows
    pages.panel.resize(264, 900)
    report(f"{count:,} pages: shown, files read", pages.panel.show, lambda: rows.rowCount() == count, beat)
    entries = [entry for entry in rows.values if isinstance(entry, Entry)]

    def put() -> None:
        pages.panel.set_entries(entries)
        pages.panel.grab()

    report("  the same once their facts are there", put, lambda: True, beat)
    report("  looked for anew, nothing new", pages.refresh, lambda: not pages._reading, beat)
    found = pages.panel.list
    for words in ("keeper", "nowhere"):
        pages.panel.field.setText(words)
        report(f"  searched for “{words}”", pages.panel._search, lambda: found.placeholder != "Searching…", beat)
    pages.close()


def measure_export(folder: Path, tokens: int, beat: Beat) -> None:
    page, path = page_of(tokens), folder / "long.inkfall"
    stored(path, page, "A long page")
    text = page.text()
    exports = Exports(folder / "scratch")
    for suffix in (".txt", ".html", ".jsonl"):
        target = folder / f"out{suffix}"
        begin = partial(exports.export, path, target)
        report(f"{tokens:,} tokens to {suffix}", begin, lambda: not exports.busy, beat)
        print(f"{'':44} {target.stat().st_size / 1e6:9.1f} MB")
    exports.close()
    printing, font = Printing(), QFont("DejaVu Serif", 11)
    begin = partial(printing.write_pdf, PrintedText(text, font), folder / "out.pdf")
    report(f"{tokens:,} tokens to .pdf", begin, lambda: not printing.busy, beat)


def main(arguments: list[str]) -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QApplication(arguments[:1])
    ThemeController(application, "light")
    count, tokens = (int(one) for one in (*arguments[1:], "1000", "1000000")[:2])
    with tempfile.TemporaryDirectory() as name:
        store = PageStore(
            Path(name) / "pages", Path(name) / "list.json", PageFiles(peek, text_of, set_title, copy_page)
        )
        store.folder.mkdir()
        beat = Beat()
        measure_list(store, count, beat)
        measure_export(Path(name), tokens, beat)


if __name__ == "__main__":
    main(sys.argv)
