"""The real program with a simulated writer, to be killed: `python -m tests.crash.program HOME JOURNAL SEED STREAMS`.

Streams from the scripted engine, and types, undoes and writes again at random. With STREAMS above 0 that many
generations write at once instead, each on a branch of its own. Writes every change of the page to the journal at once,
with the time.
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
from desktop.page.edit import BranchGrowth, Change
from desktop.page.sources import Source
from models.engine.events import Span
from models.library.app_dirs import under
from tests.crash.journal import branches_of
from tests.desktop.page.conftest import reading

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


class Streams:
    """Writes on many branches at once every few milliseconds; now and then shows another one, undoes or types."""

    def __init__(self, program: Inkfall, journal: TextIO, chance: random.Random, count: int) -> None:
        self._page, self._journal, self._chance, self._count = program.page, journal, chance, count
        self._rounds = 0
        self._timer = QTimer(program, interval=15)
        self._timer.timeout.connect(self._act)

    def begin(self) -> None:
        self._tell()
        self._page.listeners.append(self._tell)
        self._page.growth_listeners.append(self._tell)
        self._timer.start()

    def _tell(self, _change: Change | BranchGrowth | None = None) -> None:
        """The whole page: its text, and each branch beside it."""
        record = {"time": time.monotonic(), "text": self._page.text(), "branches": branches_of(self._page)}
        self._journal.write(json.dumps(record) + "\n")
        self._journal.flush()

    def _act(self) -> None:
        page, chance = self._page, self._chance
        if len(page.generations) < self._count // 2:
            self._rounds += 1
            page.begin_generations([Source("a model", take=self._rounds)] * self._count)
        for generation in chance.sample(page.generations, chance.randint(1, len(page.generations))):
            generation.append([word(chance.randrange(len(WORDS)))])
        match chance.randrange(60):
            case 0 | 1:
                _ = page.next_branch() if chance.random() < 0.5 else page.previous_branch()
            case 2:
                page.undo()
            case 3:
                page.redo()
            case 4 | 5:
                page.write(page.length, 0, "typed ", joins=True)
            case 6:
                page.write(0, 0, "before ")
            case 7 if page.generations:
                page.generations[0].close()
            case _:
                pass


def word(number: int) -> Span:
    """One of the words, as one token."""
    return Span(WORDS[number], (reading(number, WORDS[number].encode()),))


def main(home: str, journal: str, seed: int, streams: int = 0) -> int:
    application = make_application()
    program = Inkfall(under(Path(home)), application)
    program.window.show()
    program.open_last_page()
    program.models.open(MODEL)
    with Path(journal).open("a", encoding="utf-8") as stream:
        chance = random.Random(seed)
        hand = Streams(program, stream, chance, streams) if streams else Hand(program, stream, chance)
        program.session.model_changed.connect(lambda _model: program.open_page.when_ready(hand.begin))
        return application.exec()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
