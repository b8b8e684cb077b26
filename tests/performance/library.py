"""Measures stalls of the window's event loop while the library works, as a table: python -m tests.performance.library
[MEGABYTES]

The whole program, offscreen; the hub is a stand-in on loopback in a process of its own, once fast and once slow.
"""

import multiprocessing
import os
import sys
import tempfile
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop, QTimer

from desktop.app import Inkfall, make_application
from desktop.library.library import Library
from desktop.window_benchmark import Stalls
from models.library.app_dirs import under
from tests.models.library.conftest import SOUND
from tests.models.library.hub_stand_in import StandIn

REPO = "someone/large-1B-GGUF"


def model(megabytes: int) -> bytes:
    """A GGUF of that size: one tensor of zeros."""
    size = megabytes * 1_000_000
    return SOUND.but(tensors={"token_embd.weight": ((250, size // 1_000), 0, size)}).encode()


def serve(pipe: Connection, megabytes: int, delay: float) -> None:
    """The hub, until the other end closes."""
    hub = StandIn()
    hub.add(REPO, {"large.Q8_0.gguf": model(megabytes)})
    for number in range(90):
        hub.add(f"someone/other-{number}B-GGUF", {"other.Q8_0.gguf": model(1)})
    hub.delay = delay
    pipe.send(hub.endpoint)
    pipe.poll(None)
    hub.close()


def until(done: Callable[[], bool], seconds: float = 120) -> None:
    loop = QEventLoop()
    timer = QTimer(interval=5)
    timer.timeout.connect(lambda: loop.quit() if done() else None)
    timer.start()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()
    timer.stop()
    if not done():
        raise TimeoutError("the library did not answer")


def measure(library: Library) -> list[tuple[str, float]]:
    """The actions, and the longest stall of each, in seconds."""
    rows: list[tuple[str, float]] = []
    stalls = Stalls()

    def step(name: str, begin: Callable[[], None], done: Callable[[], bool]) -> None:
        stalls.begin()
        begin()
        until(done)
        rows.append((name, stalls.end()))

    step("opening the library's window", library.open, lambda: library.window is not None)
    search, panel = library.search_tab, library.search_tab.panel
    search.base_only.setChecked(False)
    step("a search, three pages", search.begin, lambda: len(search.table.rows.values) >= 30)
    opened = lambda: bool(panel.table.rows.values) and panel.table.rows.values[0].fit is not None  # noqa: E731
    step("a repository and its forecasts", lambda: panel.show_repository(REPO), opened)
    found = lambda: any(one.phase == "done" for one in library._downloads.snapshot())  # noqa: E731
    step("a download, verified", panel.get.click, found)
    step(
        "the models on this machine",
        library.local_actions.refresh,
        lambda: bool(library.local_actions.tab.table.rows.values),
    )
    return rows


def main(megabytes: int) -> None:
    application = make_application()
    context = multiprocessing.get_context("spawn")
    for name, delay in (("fast", 0.0), ("slow", 1.0)):
        here, there = context.Pipe()
        hub = context.Process(target=serve, args=(there, megabytes, delay), daemon=True)
        hub.start()
        with tempfile.TemporaryDirectory() as home:
            program = Inkfall(under(Path(home)), application)
            program.preferences.change(endpoint=here.recv(), starter_terms_seen=True)
            program.window.show()
            print(
                f"\n| a {name} hub ({delay:.0f} s before each answer), {megabytes} MB | longest stall |\n| --- | --- |"
            )
            for what, stall in measure(program.library.instance):
                print(f"| {what} | {1000 * stall:.0f} ms |")
            program.close()
        here.send(None)
        hub.join()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
