"""Measures the whole window on a long page: `python -m tests.performance.whole [tokens] [--layers N] [--file
PAGE.inkfall]`.

Makes a page of that many tokens (a million by default) with ten random alternatives each, which N other models have
read (two by default), unless one is given. Then the
program, in a process of its own, opens it, scrolls through it, writes with the scripted engine at 200 tokens a second,
and types in the middle meanwhile. Prints resident memory above the empty window's, the time to open, and the longest
stall of the event loop, phase by phase.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import psutil
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtTest import QTest

from desktop.app import Inkfall, make_application
from desktop.generation.state import Phase
from desktop.page.measures import MEASURES
from desktop.page.page import Page
from desktop.page.sources import Source
from desktop.pagefile.store import create_page
from desktop.pagefile.tracker import Tracker
from desktop.pagefile.values import Facts, View
from desktop.window_benchmark import Stalls
from models.library.app_dirs import under
from tests.desktop.page.writing import write_spans
from tests.performance.pagefile import random_spans, read_by_others

MODEL = "scripted:?rate=200"
BATCH = 2_000  # tokens between two writes of the page that is made
SECONDS = 10.0  # that the model writes


def make(path: Path, tokens: int, layers: int) -> None:
    """A page of one long generation, in that file, which as many models have read as there are layers."""
    page, tracker, store = Page(), Tracker(), create_page(path)
    page.begin_generation(Source("model", seed=1))
    spans = random_spans(1)
    for _ in range(0, tokens, BATCH):
        some, start = list(islice(spans, BATCH)), page.length
        write_spans(page, some)
        read_by_others(page, start, some, layers)
        delta = tracker.take(page.contents, View(), Facts(tokens=page.token_count))
        assert delta is not None
        store.write([delta])
    store.close()


class Whole:
    """The program, and what it costs."""

    def __init__(self, home: Path) -> None:
        self.program = Inkfall(under(home), make_application())
        self.program.window.resize(1200, 900)
        self.program.window.show()
        self.program.models.open(MODEL)
        self.until(lambda: self.program.session.state.phase is Phase.READY)
        self.wait(2.0)
        self._empty = self.memory()
        self._stalls = Stalls()

    def memory(self) -> float:
        """Resident, in MB."""
        return psutil.Process().memory_info().rss / 1e6

    def wait(self, seconds: float) -> None:
        loop = QEventLoop()
        QTimer.singleShot(round(1000 * seconds), loop.quit)
        loop.exec()

    def until(self, done: Callable[[], bool], patience: float = 120.0) -> None:
        end = time.monotonic() + patience
        while not done():
            if time.monotonic() > end:
                raise TimeoutError
            self.wait(0.005)

    def phase(self, name: str, work: Callable[[], object]) -> None:
        """Do it, and print what it took."""
        self._stalls.begin()
        start = time.perf_counter()
        work()
        took = time.perf_counter() - start
        stall = 1000 * self._stalls.end()
        print(f"{name:38} {took:8.2f} s {stall:8.0f} ms {self.memory() - self._empty:8.0f} MB", flush=True)

    def open(self, page: Path) -> None:
        self.program.open_page.open(page)
        self.until(lambda: not self.program.open_page.busy)
        self.until(lambda: not self.program.editor.filling)

    def scroll(self) -> None:
        bar = self.program.editor.verticalScrollBar()
        for step in range(100):
            bar.setValue(bar.maximum() * step // 99)
            self.wait(0.02)

    def read_layers(self) -> None:
        """Look at the readings of each layer, at 100 places."""
        page = self.program.page
        for step in range(100):
            start = page.length * step // 100
            for layer in page.layers:
                page.layers.rows(layer.fingerprint, start, start + 5_000)
            self.wait(0.02)

    def write(self) -> None:
        program = self.program
        program.editor.follow()
        program.set_recipe(replace(program.recipe, length=None))
        program.session.write(program.recipe)
        self.wait(SECONDS)

    def type(self) -> None:
        editor, middle = self.program.editor, self.program.page.length // 2
        editor.set_caret(middle)
        for key in "typed in the middle":
            QTest.keyClicks(editor, key)
            self.wait(0.1)

    def colour(self, measure: str, plot: bool = False) -> None:
        """Colour the text; the first time, wait for the sums along the page."""
        program = self.program
        program.preferences.change(heat=True, measure=measure, plot_shown=plot)
        self.until(lambda: not program.page.overview.missing() or program.session.state.phase is not Phase.READY)
        self.wait(0.5)

    def type_coloured(self, measure: str, plot: bool = False) -> None:
        """Type in the middle while it writes."""
        self.colour(measure, plot)
        self.type()

    def count(self) -> None:
        """Count the statistics of the whole page."""
        program = self.program
        program.side_dock.show("selection")
        panel = program.selection.panel
        self.until(lambda: panel.copy_csv.isEnabled())
        program.side_dock.show("odds")

    def stop(self) -> None:
        self.program.session.stop()
        self.until(lambda: self.program.session.state.phase is Phase.READY)

    def close(self) -> None:
        self.program.window.close()


def measure(page: Path) -> None:
    with tempfile.TemporaryDirectory() as home:
        whole = Whole(Path(home))
        print(f"{'':38} {'took':>10} {'stood still':>11} {'memory':>11}")
        whole.phase("open", lambda: whole.open(page))
        whole.phase("scroll through, 100 places", whole.scroll)
        whole.phase("look at the layers, 100 places", whole.read_layers)
        whole.phase("colours on, until all is summed", lambda: whole.colour("surprisal", plot=True))
        whole.phase("scroll through, with plot and map", whole.scroll)
        whole.phase("statistics of the whole page", whole.count)
        whole.program.preferences.change(heat=False, plot_shown=False)
        whole.phase("write on at 200 tokens/s", whole.write)
        whole.phase("the same, typing in the middle", whole.type)
        for name in MEASURES:
            whole.phase(f"… coloured by {name}", lambda name=name: whole.type_coloured(name))
        whole.phase("… with the plot", lambda: whole.type_coloured("surprisal", plot=True))
        whole.phase("stop", whole.stop)
        whole.phase("undo all the model wrote now", lambda: (whole.program.session.undo(), whole.wait(0.5)))
        whole.phase("select all", lambda: (whole.program.editor.selectAll(), whole.wait(0.5)))
        whole.phase("close", whole.close)


def main() -> None:
    parser = argparse.ArgumentParser(prog="whole")
    parser.add_argument("tokens", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--file", type=Path)
    parser.add_argument("--measure", action="store_true", help="in this process")
    wanted = parser.parse_args()
    if wanted.measure:
        measure(wanted.file)
        return
    with tempfile.TemporaryDirectory() as folder:
        page = wanted.file or Path(folder) / "long.inkfall"
        if not page.exists():
            make(page, wanted.tokens, wanted.layers)
        print(f"{page.stat().st_size / 1e6:.0f} MB on disk, {page.stat().st_size / wanted.tokens:.0f} bytes a token")
        command = [sys.executable, "-m", "tests.performance.whole", "--measure", "--file", str(page)]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
