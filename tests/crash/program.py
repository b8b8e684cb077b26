"""The real program with a simulated writer, to be killed: `python -m tests.crash.program HOME JOURNAL SEED`.

Streams from the scripted engine, and types, undoes and writes again at random. Writes every change of the page to the
journal at once, with the time.
"""

import json
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from PySide6.QtCore import QTimer
from PySide6.QtTest import QTest

from desktop.app import Inkfall, make_application
from desktop.generation.state import Phase
from desktop.page.edit import Change
from models.library.app_dirs import under

MODEL = "scripted:?rate=600"  # a page of ten thousand units is read in half a second
WORDS = ("the sea ", "is patient, ", "등대지기 ", "wrote, 🌊", " and then nothing;\n", "a" * 300)


class Hand:
    """Does something to the program every few milliseconds."""

    def __init__(self, program: Inkfall, journal: TextIO, chance: random.Random) -> None:
        self._program = program
        self._journal = journal
        self._chance = chance
        self._rest = 30  # turns in which the model writes undisturbed
        self._timer = QTimer(program, interval=15)
        self._timer.timeout.connect(self._act)

    def begin(self) -> None:
        page = self._program.page
        self._tell({"text": page.text()})
        page.listeners.append(self._changed)
        self._program.session.write(self._program.recipe)
        self._timer.start()

    def _changed(self, change: Change) -> None:
        if change.removed or change.units:
            text = self._program.page.text(change.start, change.start + change.units)
            self._tell({"start": change.start, "removed": change.removed, "inserted": text})

    def _tell(self, record: dict[str, object]) -> None:
        self._journal.write(json.dumps({"time": time.monotonic(), **record}) + "\n")
        self._journal.flush()

    def _act(self) -> None:
        """One action of the hand, the more common ones first."""
        chance, session = self._chance, self._program.session
        if self._rest:
            self._rest -= 1
            return
        actions: tuple[tuple[float, Callable[[], object]], ...] = (
            (0.40, lambda: QTest.keyClicks(self._program.editor, chance.choice("abc "))),
            (0.30, lambda: self._program.editor.insertPlainText(chance.choice(WORDS))),
            (0.10, lambda: self._program.editor.set_caret(chance.randrange(self._program.page.length + 1))),
            (0.06, self._let_it_write),
            (0.02, lambda: session.again(self._program.recipe)),
            (0.01, session.undo),
            (0.01, session.redo),
            (0.01, session.previous),
        )
        weights = [weight for weight, _action in actions]
        chance.choices(actions, weights)[0][1]()

    def _let_it_write(self) -> None:
        self._rest = 60
        if self._program.session.state.phase is Phase.READY:
            self._program.session.write(self._program.recipe)


def main(home: str, journal: str, seed: int) -> int:
    application = make_application()
    program = Inkfall(under(Path(home)), application)
    program.window.show()
    program.open_last_page()
    program.open_model(MODEL)
    with Path(journal).open("a", encoding="utf-8") as stream:
        hand = Hand(program, stream, random.Random(seed))
        program.session.model_changed.connect(lambda _model: program.open_page.when_ready(hand.begin))
        return application.exec()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
