"""How long the list of all tokens takes to open: `python -m tests.performance.all_tokens MODEL.gguf` prints a table.

Writes with the model and opens the list with its key at ten places, twice at each. Milliseconds from the key press to
the end of the first frame of the window with rows: where the odds are asked first, and where they are there from
before, so that only the window works. Then to the frame in which the rows are no longer grey: they were asked again.
The first time of all, which also asks for the bytes of every token, stands alone.

The goal, at 262,144 tokens and without the query: below 100 ms.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest

from desktop.app import Inkfall, make_application
from desktop.generation.state import Phase
from desktop.odds.all_tokens import AllTokens
from models.library.app_dirs import under
from models.sampling.knobs import Sampling

START = "Once upon a time, in a small town by the sea, there was"
TIMES = 10
KEY = Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


class Frames(QObject):
    """Notes that the table painted rows, and that it painted them as those of the place that is shown."""

    def __init__(self, shown: AllTokens) -> None:
        super().__init__()
        self._shown = shown
        self.rows = self.current = False
        shown.table.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and self._shown.rows.rowCount():
            self.rows = True
            self.current = self.current or self._shown.table.isEnabled()
        return super().eventFilter(watched, event)


def until(done: Callable[[], bool]) -> None:
    while not done():
        QTest.qWait(1)


def opened(program: Inkfall, frames: Frames) -> tuple[float, float]:
    """Open the list, wait for its rows, and close it: milliseconds to the first frame with rows, and to the first one
    with those of the place."""
    frames.rows = frames.current = False
    begun = time.perf_counter()
    QTest.keyClick(program.editor, *KEY)
    until(lambda: frames.rows)
    first = time.perf_counter()
    until(lambda: frames.current)
    last = time.perf_counter()
    QTest.keyClick(program.odds.all_tokens.filter, *KEY)
    program.editor.setFocus()
    QTest.qWait(50)
    return 1_000 * (first - begun), 1_000 * (last - begun)


def main(model: str, home: Path) -> None:
    program = Inkfall(under(home), make_application(), lambda _below: 1)
    program.preferences.change(asides=False)  # nothing else is asked meanwhile
    program.window.resize(1200, 800)
    program.window.show()
    program.models.open(model)
    until(lambda: program.session.state.phase is Phase.READY)
    program.set_recipe(replace(program.recipe, length=2 * TIMES + 2, seed=7, sampling=Sampling(ignore_eos=True)))
    QTest.keyClicks(program.editor, START)
    QTest.keyClick(program.editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    until(lambda: program.session.state.phase is not Phase.READY)
    until(lambda: program.session.state.phase is Phase.READY)
    frames = Frames(program.odds.all_tokens)
    starts = sorted({program.page.readings_at(place)[0].start for place in range(len(START), program.page.length)})
    asked, there, current = list[float](), list[float](), list[float]()
    for start in starts[: TIMES + 1]:
        program.editor.set_caret(start + 1)
        QTest.qWait(200)  # the panel shows the token there
        program.odds.all_tokens.show_listing(None)
        asked.append(opened(program, frames)[1])
        first, last = opened(program, frames)
        there.append(first)
        current.append(last)
    rows = program.odds.all_tokens.rows.rowCount()
    print(f"{rows:,} rows; the first time, with the tokens' bytes: {asked[0]:.1f} ms")
    lines = (("asked first", asked[1:]), ("there from before", there[1:]), ("asked again", current[1:]))
    print(f"{'ms to the frame':20} {'times':>5} {'median':>7} {'most':>7}")
    for what, values in lines:
        print(f"{what:20} {len(values):5} {statistics.median(values):7.1f} {max(values):7.1f}")
    program.window.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        main(sys.argv[1], Path(folder))
