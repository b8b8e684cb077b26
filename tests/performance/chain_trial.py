"""What a sampler's move costs the window at 262,144 entries: `python -m tests.performance.chain_trial MODEL.gguf`.

Writes with the model, moves samplers one after the other with a token in view, and prints milliseconds: of the first
look, from a move to the new bars, and of the window's own part of it (view, panel, painting).
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

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop.app import Inkfall, make_application
from desktop.generation.state import Phase
from models.library.app_dirs import under
from models.sampling.knobs import Sampling

START = "Once upon a time, in a small town by the sea, there was"
MOVES: list[Sampling] = [
    *(Sampling(top_k=40 - step) for step in range(20)),
    *(Sampling(min_p=0.005 * step) for step in range(1, 20)),
    *(Sampling(typical=0.99 - 0.02 * step) for step in range(20)),
    *(Sampling(temperature=0.5 + 0.04 * step, repeat_penalty=1.1, dry_multiplier=0.8) for step in range(20)),
]


def until(done: Callable[[], bool]) -> None:
    while not done():
        QTest.qWait(1)


def main(model: str, home: Path) -> None:
    make_application()
    program = Inkfall(under(home), make_application(), lambda _below: 1)
    program.window.resize(1200, 800)
    program.window.show()
    program.models.open(model)
    until(lambda: program.session.state.phase is Phase.READY)
    program.set_recipe(replace(program.recipe, length=16, seed=7))
    QTest.keyClicks(program.editor, START)
    QTest.keyClick(program.editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    until(lambda: program.session.state.phase is not Phase.READY)
    until(lambda: program.session.state.phase is Phase.READY)
    program.editor.set_caret(len(START) + 3)
    QTest.qWait(500)
    times, own = list[float](), list[float]()
    for sampling in MOVES:
        begun, before = time.perf_counter(), program.odds.view
        program.set_recipe(replace(program.recipe, sampling=sampling))
        until(lambda before=before: program.odds.view is not before and not program.session.beside.chains.busy)
        times.append(1_000 * (time.perf_counter() - begun))
        begun = time.perf_counter()
        program.odds.show_view(program.focus.current())
        program.odds.repaint()
        own.append(1_000 * (time.perf_counter() - begun))
    print(f"first look {times[0]:.1f} ms")
    for what, values in (("a move", times[1:]), ("the window's part", own)):
        print(f"{what:20} median {statistics.median(values):6.1f} ms, most {max(values):6.1f}")
    program.window.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        main(sys.argv[1], Path(folder))
