"""Measures the odds panel on the GUI thread: `python tests/performance/odds.py`. Prints milliseconds of CPU time a
change, with view and paint.

The goal: below 1 ms a change, at 60 changes a second.
"""

import math
import os
import statistics
import sys
import time
from array import array
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PySide6.QtWidgets import QApplication

from desktop.odds.panel import OddsPanel
from desktop.odds.rows import view_of_look
from models.sampling.readings import Alternatives, Reading

CHANGES = 400
WORDS = b" harbour| sea| water| old| lighthouse| ship| night|\n| wind| sailors| keeper| lamp| boat| stairs".split(b"|")


def reading_of(number: int) -> Reading:
    """A reading unlike the one before it."""
    shares = [math.exp(-0.4 * place - 0.7 - 0.01 * (number % 7)) / 3 for place in range(10)]
    texts = tuple(WORDS[(number + place) % len(WORDS)] for place in range(10))
    chosen, low = number % 10, sum(shares[: number % 10])
    logarithms = array("f", map(math.log, shares))
    return Reading(
        token=number + chosen,
        bytes=texts[chosen],
        raw=logarithms[chosen],
        rank=chosen + 1,
        entropy=3 + number % 5 / 7,
        final=logarithms[chosen],
        draw=low + shares[chosen] / 3,
        low=low,
        high=low + shares[chosen],
        alternatives=Alternatives(array("i", range(number, number + 10)), logarithms, logarithms, bytes(10), texts),
    )


def milliseconds(work: Callable[[int], object]) -> list[float]:
    """CPU time of this thread for each of CHANGES runs."""
    taken: list[float] = []
    for number in range(CHANGES):
        begun = time.thread_time()
        work(number)
        taken.append((time.thread_time() - begun) * 1000)
    return taken


def main() -> None:
    application = QApplication([])
    panel = OddsPanel()
    readings = [reading_of(number) for number in range(CHANGES)]
    views = [view_of_look(reading, 262_144) for reading in readings]

    def show(number: int) -> None:
        panel.show_view(views[number])
        application.processEvents()

    print("ms a change        median    95 %")
    for width in (240, 320, 600):
        panel.resize(width, 700)
        panel.show()
        show(0)
        line(f"shown at {width} px", milliseconds(show))
    line("view made", milliseconds(lambda number: view_of_look(readings[number], 262_144)))
    line("show_view alone", milliseconds(lambda number: panel.show_view(views[number])))
    panel.close()


def line(name: str, taken: list[float]) -> None:
    print(f"{name:18} {statistics.median(taken):6.2f}  {statistics.quantiles(taken, n=20)[-1]:6.2f}")


if __name__ == "__main__":
    main()
