"""Measures the window on a real model with real key presses; prints one line of JSON.

`inkfall bench` runs it in a process of its own (python -m desktop.window_benchmark MODEL). It measures seconds from the
process's start to a shown window and to a loaded model, from a key press to the first token on the page, from Esc to
stopped; tokens per second while the window paints; and the longest stall of the event loop, in seconds, while the model
is loaded and while it writes.
"""

import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil
from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop.app import Inkfall, make_application
from desktop.generation.recipe import Recipe
from desktop.generation.state import Phase
from models.library.app_dirs import AppDirs, app_dirs, under
from models.library.permissions import make_folder
from models.sampling.knobs import Sampling

PROMPT = "The lighthouse keeper had not spoken to anyone for a year when the boat came. "
TOKENS = 200
ROUNDS = 5
SIZE = 1280, 800  # pixels of the window
PATIENCE = 60.0  # seconds
RECIPE = Recipe(Sampling(ignore_eos=True))  # neutral, and never ends by itself


class Stalls:
    """Measures the event loop with a timer of one millisecond. longest: the longest stall, in seconds."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._timer = QTimer(interval=1, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._turn)
        self.begin()

    def begin(self) -> None:
        """Reset and start."""
        self.longest, self._last = 0.0, time.perf_counter()
        self._timer.start()

    def end(self) -> float:
        self._timer.stop()
        return self.longest

    def _turn(self) -> None:
        now = time.perf_counter()
        self.longest, self._last = max(self.longest, now - self._last), now


class Measurement:
    """One program in this process, driven by its keys."""

    def __init__(self, model: Path, home: Path, application: QApplication) -> None:
        self._born = psutil.Process().create_time()
        self._model = model
        self.program = Inkfall(under(home), application)
        self.program.window.resize(*SIZE)  # wide enough for the panels, whatever screen there is
        self.program.window.show()

    def run(self) -> dict[str, float]:
        """All numbers, in seconds and tokens per second; medians of a few rounds."""
        program = self.program
        self._until(lambda: program.window.isVisible() and program.window.windowHandle().isExposed())
        shown = time.time() - self._born
        stalls = Stalls()
        program.open_files([self._model])
        self.until_ready()
        usable = time.time() - self._born
        loading = stalls.end()
        program.page.write(0, 0, PROMPT)
        first, stopped = zip(*(self._write_and_stop() for _ in range(ROUNDS)), strict=True)
        speeds = [self._write_anew() for _ in range(ROUNDS)]
        stalls.begin()  # only now: its timer would take time from the model
        self.write(TOKENS)
        writing = stalls.end()
        program.close()
        return {
            "window_shown": shown,
            "window_usable": usable,
            "key_to_first_token": statistics.median(first),
            "stop_to_stopped": statistics.median(stopped),
            "tokens_per_second": statistics.median(speeds),
            "stall_loading": loading,
            "stall_writing": writing,
        }

    def until_ready(self) -> None:
        """Wait until a model is loaded and does nothing."""
        self._until(lambda: self.program.session.state.phase is Phase.READY)

    def write(self, tokens: int) -> float:
        """Return the tokens per second of one generation of that many tokens, from the first to the last."""
        arrivals: list[float] = []
        counts: list[int] = []

        def arrived(_position: int) -> None:
            arrivals.append(time.perf_counter())
            counts.append(self.program.session.tokens)

        self.program.set_recipe(replace(RECIPE, length=tokens, seed=len(PROMPT)))
        self.program.session.token_appended.connect(arrived)
        self._press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        self._until(lambda: bool(arrivals) and self.program.session.state.phase is Phase.READY, interval=50)
        self.program.session.token_appended.disconnect(arrived)
        return (counts[-1] - counts[0]) / (arrivals[-1] - arrivals[0])

    def _write_anew(self) -> float:
        """As `write`, behind the prompt alone: tokens behind a longer text take longer."""
        self.program.page.write(0, self.program.page.length, PROMPT)
        return self.write(TOKENS)

    def _write_and_stop(self) -> tuple[float, float]:
        """Return the seconds from the key press to the first token, and from Esc to stopped."""
        session = self.program.session
        arrived: list[float] = []

        def note(_position: int) -> None:
            arrived.append(time.perf_counter())

        self.program.set_recipe(replace(RECIPE, length=None, seed=1))
        session.token_appended.connect(note)
        started = time.perf_counter()
        self._press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        self._until(lambda: len(arrived) > 20)
        asked = time.perf_counter()
        self._press(Qt.Key.Key_Escape)
        self._until(lambda: session.state.phase is Phase.READY)
        session.token_appended.disconnect(note)
        return arrived[0] - started, time.perf_counter() - asked

    def _press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.program.editor, key, modifier)

    def _until(self, done: Callable[[], bool], interval: int = 1) -> None:
        """Run the event loop until `done` returns True, asked every `interval` milliseconds. Raises TimeoutError."""
        loop = QEventLoop()
        timer = QTimer(interval=interval)
        deadline = time.monotonic() + PATIENCE
        timer.timeout.connect(lambda: loop.quit() if done() or time.monotonic() > deadline else None)
        timer.start()
        loop.exec()
        timer.stop()
        if not done():
            raise TimeoutError(f"nothing happened for {PATIENCE:.0f} seconds: {self.program.session.state}")


def _copy_launch_cache(home: AppDirs) -> None:
    """Copy what was learnt when the model was first loaded, so that an everyday start is measured."""
    if app_dirs().engine_notes.exists():
        make_folder(home.engine_notes.parent)
        shutil.copy(app_dirs().engine_notes, home.engine_notes)


def main(model: str) -> int:
    application = make_application()
    with tempfile.TemporaryDirectory() as home:
        _copy_launch_cache(under(Path(home)))
        print(json.dumps(Measurement(Path(model), Path(home), application).run()))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
