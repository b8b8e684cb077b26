"""Measures a model that writes faster than a window can paint: `python -m tests.performance.flood [--tokens N …]
[--rates R …] [--seconds S] [--actions] [--profile FOLDER]`.

The whole program, in a process of its own, opens each page (ten alternatives a token), and a child process writes at
each rate through the engine's pipe, faster than any model. Prints the longest stall of the event loop, the gap from
frame to frame, the GUI thread's share of a core, the number of tokens, and how many were not on the page yet at Stop.
With --actions: actions on such a page, once each, while nothing is written: open, undo, redo, again, another branch,
find, score.
"""

import argparse
import contextlib
import cProfile
import os
import pickle
import subprocess
import sys
import tempfile
import threading
import time
from array import array
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QEventLoop, Qt, QTimer

from desktop.app import Inkfall, make_application
from desktop.generation.state import Phase
from desktop.page.page import Page
from desktop.page.sources import Source
from desktop.pagefile.store import create_page
from desktop.pagefile.tracker import Tracker
from desktop.pagefile.values import Facts, View
from models.engine.events import Ended, Loaded, ModelFacts, Sampled, Span, Started
from models.engine.requests import Generate, Load, Stop
from models.launch.child_process import ChildProcess
from models.launch.launcher import ChildLauncher
from models.library.app_dirs import under
from tests.desktop.page.writing import write_spans
from tests.performance.editor import Writer

SIZES, RATES = (100_000, 1_700_000), (200, 1_000, 5_000, 20_000)
BATCH = 2_000  # tokens between two writes of the page that is made
PARAGRAPH = 100  # tokens
TICK = 0.004  # seconds in which the child writes what is due
FACTS = ModelFacts(
    "scripted:flood", "Flood", "flood", "scripted", 0, 0, 8_001, 1, 2_048, 2_048, 1, 0, "CPU", bos=-1, batch=64
)


def make(path: Path, tokens: int) -> None:
    """A page of one long generation, in that file."""
    page, tracker, store, writer = Page(), Tracker(), create_page(path), Writer(PARAGRAPH)
    page.begin_generation(Source("flood", seed=1))
    for _ in range(0, tokens, BATCH):
        write_spans(page, writer.some(BATCH))
        delta = tracker.take(page.contents, View(), Facts(tokens=page.token_count))
        assert delta is not None
        store.write([delta])
    store.close()


# ---------------------------------------------------------------------------------------------- the child


class Flood:
    """Answers as the engine's child does, without a model."""

    def __init__(self, pipe: "Connection[bytes, bytes]", rate: float) -> None:
        self._pipe, self._rate = pipe, rate
        self._unwanted: set[int] = set()
        self._some = Writer(PARAGRAPH).some(4_000)

    def take(self) -> None:
        while (request := pickle.loads(self._pipe.recv_bytes())) is not None:
            if isinstance(request, Stop):
                self._unwanted.add(request.job)
            elif isinstance(request, Load):
                self._tell(Loaded(request.job, FACTS))
            elif isinstance(request, Generate):
                threading.Thread(target=self._write, args=(request,), daemon=True).start()

    def _tell(self, event: object) -> None:
        self._pipe.send_bytes(pickle.dumps([event], pickle.HIGHEST_PROTOCOL))

    def _write(self, job: Generate) -> None:
        self._tell(Started(job.job, array("i", [1]), 0, 0, 0, True))
        ready = [self._packed(job.job, span) for span in self._some]  # as a fast engine's would be
        began, written = time.monotonic(), 0
        while job.job not in self._unwanted and (job.length is None or written < job.length):
            due = min(round((time.monotonic() - began) * self._rate), job.length or sys.maxsize)
            for _ in range(written, due):
                if job.job in self._unwanted:
                    break
                self._pipe.send_bytes(ready[written % len(ready)])
                written += 1
            time.sleep(TICK)
        self._tell(Ended(job.job, "stopped", written, 1, 0.0, time.monotonic() - began, 1_000))

    def _packed(self, job: int, span: Span) -> bytes:
        return pickle.dumps([Sampled(job, (span,), 1_000, 0, 0)], pickle.HIGHEST_PROTOCOL)


def flood(pipe: "Connection[bytes, bytes]", rate: float) -> None:
    """The child's entry point."""
    with contextlib.suppress(EOFError, OSError):
        Flood(pipe, rate).take()
    os._exit(0)


def starting(rate: float) -> Callable[[Path], ChildProcess]:
    return lambda _log: ChildProcess(flood, rate, name="flood")


# ---------------------------------------------------------------------------------------------- the window


class Frames:
    """A timer as fine as a frame: the gaps between its turns, in milliseconds, by the clock on the wall and by what the
    window's thread computed meanwhile: a busy machine blurs the one, not the other."""

    def __init__(self) -> None:
        self.gaps: list[float] = []
        self.worked: list[float] = []
        self._last = self._cpu_last = 0.0
        self._timer = QTimer(interval=4, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._turn)

    def begin(self) -> None:
        self.gaps.clear()
        self.worked.clear()
        self._last, self._cpu = time.perf_counter(), time.thread_time()
        self._cpu_last = self._cpu
        self._began = self._last
        self._timer.start()

    def end(self) -> tuple[float, float, float, float]:
        """The longest and the 99th percentile; the longest of the thread's own work; its share of a core."""
        self._turn()
        self._timer.stop()
        share = (time.thread_time() - self._cpu) / (time.perf_counter() - self._began)
        return max(self.gaps), float(np.percentile(self.gaps, 99)), max(self.worked), share

    def _turn(self) -> None:
        now, cpu = time.perf_counter(), time.thread_time()
        self.gaps.append(1000 * (now - self._last))
        self.worked.append(1000 * (cpu - self._cpu_last))
        self._last, self._cpu_last = now, cpu


class Window:
    """The program on one page, and the flood."""

    def __init__(self, home: Path, page: Path, rate: float) -> None:
        self.program = Inkfall(under(home), make_application())
        self.program.pump.engine._launcher = ChildLauncher(home / "flood.log", start=starting(rate))
        self.program.window.resize(1600, 1000)
        self.program.window.show()
        self.program.models.open(FACTS.path)
        self.until(lambda: self.program.session.state.phase is Phase.READY)
        self.frames = Frames()
        self._page = page

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

    def open(self) -> None:
        self.program.open_page.open(self._page)
        self.until(lambda: not self.program.open_page.busy)
        self.until(lambda: not self.program.editor.filling)
        self.wait(1.5)  # words are counted

    def write(self) -> None:
        self.program.editor.follow()
        self.program.set_recipe(replace(self.program.recipe, length=None))
        self.program.session.write(self.program.recipe)

    def stop(self) -> None:
        self.program.session.stop()
        self.until(lambda: self.program.session.state.phase is Phase.READY)

    def flood(self, seconds: float) -> str:
        page = self.program.page
        self.write()
        self.wait(1.0)
        before = page.token_count
        self.frames.begin()
        self.wait(seconds)
        longest, gap, worked, share = self.frames.end()
        came = page.token_count - before
        before, asked = page.token_count, time.perf_counter()
        self.frames.begin()
        self.stop()
        took, stall = time.perf_counter() - asked, self.frames.end()[2]
        late = page.token_count - before
        figures = f"{longest:6.0f} {worked:6.0f} {gap:6.0f} {share:6.0%} {came / seconds:8.0f}"
        return f"{figures} {late:8} {1000 * took:6.0f} {stall:6.0f}"

    def action(self, name: str, work: Callable[[], object], done: Callable[[], bool] = lambda: True) -> None:
        self.frames.begin()
        began = time.perf_counter()
        work()
        self.until(done)
        took = time.perf_counter() - began
        self.wait(0.5)
        longest, gap, worked, _ = self.frames.end()
        print(f"{name:44} {1000 * took:8.0f} {longest:8.0f} {worked:8.0f} {gap:8.0f}", flush=True)

    def actions(self, rate: float) -> None:
        """Each once; what it took until it was done, the longest stall and its share of the thread's own work, the gap
        from frame to frame; milliseconds."""
        program = self.program
        session, editor = program.session, program.editor

        def ready() -> bool:
            return session.state.phase is Phase.READY and not editor.filling

        print(f"{'action':44} {'took':>8} {'stall':>8} {'work':>8} {'p99':>8}", flush=True)
        self.action("open", self.open)
        self.write()
        self.wait(2.0)
        self.action("stop", session.stop, ready)
        self.action("undo of what was just written", session.undo, ready)
        self.action("redo of it", session.redo, ready)
        self.action("undo of it", session.undo, ready)
        self.action("undo of all", session.undo, ready)
        self.action("redo of all", session.redo, ready)
        program.set_recipe(replace(program.recipe, length=round(2 * rate)))
        self.action("again, all of it (two seconds long)", lambda: session.again(program.recipe), ready)
        self.action("previous branch", session.previous, ready)
        self.action("next branch", session.next, ready)
        self.action("previous branch", session.previous, ready)
        self.action("a key in the middle", lambda: program.page.write(program.page.length // 2, 0, "x", joins=True))
        for words in ("zzzz", "the", "e"):
            self._find(words)
        bar = program.find_bar
        for words in ("the", "e"):
            self._find(words)
            bar.replacement.setText("E")
            self.action(
                f"replace all “{words}”", bar.replace_all_requested.emit, lambda: "replaced" in bar.message.text()
            )
            self.action("undo of that", session.undo, ready)
        self.action("find closed", program.finder.stop)
        self.write()
        self.wait(1.0)
        self._find("the", " while it writes")
        self.action("F3, ten times, while it writes", lambda: [program.finder.step(1) for _ in range(10)])
        bar.replacement.setText("on")
        self.action(
            "replace all while it writes", bar.replace_all_requested.emit, lambda: "replaced" in bar.message.text()
        )
        self.action("stop", session.stop, ready)
        self.action("new page", program.open_page.new, lambda: program.open_page.at_rest)

    def _find(self, words: str, when: str = "") -> None:
        program, bar = self.program, self.program.find_bar
        bar.message.clear()

        def look() -> None:
            bar.words.setText(words)
            if bar.isHidden():
                program.finder.open(0, (0, 0))

        self.action(f"find “{words}”{when}", look, lambda: bar.message.text() != "")


def measure(page: Path, rate: float, seconds: float, actions: bool, profile: Path | None) -> None:
    with tempfile.TemporaryDirectory() as home:
        window = Window(Path(home), page, rate)
        profiler = cProfile.Profile(time.thread_time)
        if actions:
            window.actions(rate)
        else:
            window.open()
            if profile:
                profiler.enable()
            print(f"{window.flood(seconds)}", flush=True)
            if profile:
                profiler.disable()
                profiler.dump_stats(profile / f"{page.stem}-{rate:.0f}.prof")
        window.program.window.close()


def run(page: Path, rate: float, wanted: Any) -> None:
    command = [sys.executable, "-m", "tests.performance.flood", "--page", str(page), "--rates", str(rate)]
    command += ["--seconds", str(wanted.seconds)]
    command += ["--actions"] if wanted.actions else []
    command += ["--profile", str(wanted.profile)] if wanted.profile else []
    subprocess.run(command, check=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="flood")
    parser.add_argument("--tokens", type=int, nargs="+", default=SIZES)
    parser.add_argument("--rates", type=float, nargs="+", default=RATES)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--actions", action="store_true")
    parser.add_argument("--profile", type=Path, help="a folder for profiles of the window's thread")
    parser.add_argument("--folder", type=Path, help="where the pages are stored for the next time")
    parser.add_argument("--page", type=Path, help="in this process, on a copy of that page")
    wanted = parser.parse_args()
    if wanted.page:
        measure(wanted.page, wanted.rates[0], wanted.seconds, wanted.actions, wanted.profile)
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = wanted.folder or Path(temporary)
        if not wanted.actions:
            columns = (
                f"{'stall':>6} {'work':>6} {'p99':>6} {'GUI':>6} {'came/s':>8} {'behind':>8} {'stop':>6} {'stall':>6}"
            )
            print(f"{'tokens':>10} {'rate':>8} {columns}", flush=True)
        for tokens in wanted.tokens:
            stored = folder / f"flood-{tokens}.inkfall"
            if not stored.exists():
                make(stored, tokens)
            for rate in wanted.rates:
                page = Path(temporary) / f"page-{tokens}.inkfall"
                page.write_bytes(stored.read_bytes())
                if not wanted.actions:
                    print(f"{tokens:10} {rate:8.0f} ", end="", flush=True)
                run(page, rate, wanted)


if __name__ == "__main__":
    main()
