"""The whole program, offscreen, on fixed odds in a real child process, driven by real key presses."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication
from pytestqt import exceptions
from pytestqt.qtbot import QtBot

from desktop.app import Inkfall, make_application
from desktop.generation.state import Phase
from models.library.app_dirs import under
from tests.models.library.hub_stand_in import StandIn

CHANCE = 1  # with which the fixed odds do not end a text at its first tokens


class Hand:
    """Drives one program as a user's hand would."""

    def __init__(self, program: Inkfall, qtbot: QtBot) -> None:
        self.program = program
        self.qtbot = qtbot
        self.messages: list[str] = []
        for said in (program.session.message, program.session.refused):
            said.connect(self.messages.append)

    @property
    def text(self) -> str:
        return self.program.page.text()

    @property
    def phase(self) -> Phase:
        return self.program.session.state.phase

    def types(self, text: str) -> None:
        self.qtbot.keyClicks(self.program.editor, text)

    def press(self, key: Qt.Key, *modifiers: Qt.KeyboardModifier) -> None:
        whole = Qt.KeyboardModifier.NoModifier
        for modifier in modifiers:
            whole |= modifier
        self.qtbot.keyClick(self.program.editor, key, whole)

    def ctrl(self, key: Qt.Key) -> None:
        self.press(key, Qt.KeyboardModifier.ControlModifier)

    def alt(self, key: Qt.Key) -> None:
        self.press(key, Qt.KeyboardModifier.AltModifier)

    def until(self, done: Callable[[], bool], seconds: float = 20) -> None:
        try:
            self.qtbot.waitUntil(done, timeout=round(1000 * seconds))
        except exceptions.TimeoutError as error:
            raise AssertionError(f"not after {seconds} s: {self._state()}") from error

    def _state(self) -> str:
        """The program's state, for the message of a failed test."""
        log = self.program.home.log / "engine.log"
        end = log.read_text(errors="replace")[-1_000:] if log.exists() else ""
        return (
            f"{self.program.session.state}, {len(self.text)} units, messages {self.messages}, the engine's log: {end}"
        )

    def until_ready(self) -> None:
        self.until(lambda: self.phase is Phase.READY)

    def opens(self, model: str) -> None:
        self.program.open_files([Path(model)])
        self.until_ready()

    def sets(self, **recipe: object) -> None:
        self.program.set_recipe(replace(self.program.recipe, **recipe))  # pyright: ignore[reportArgumentType]

    def writes_on(self, rate: int, units: int) -> None:
        """Type a word, let the model write endlessly at that many tokens a second, and wait for that much text."""
        self.opens(f"scripted:?rate={rate}")
        self.sets(length=None)
        self.types("Once")
        self.ctrl(Qt.Key.Key_Return)
        self.until(lambda: len(self.text) > units)

    @contextmanager
    def work(self) -> Iterator[None]:
        """Wait at the end until the model has worked on what was asked inside and is at rest again: it may have been so
        quick that nobody who only looks now and then saw it work."""
        phases: list[Phase] = []
        changed = self.program.session.state_changed
        connection = changed.connect(lambda state: phases.append(state.phase))
        try:
            yield
            self.until(lambda: self.phase is Phase.READY and any(phase is not Phase.READY for phase in phases))
        finally:
            changed.disconnect(connection)

    def writes(self, key: Qt.Key = Qt.Key.Key_Return) -> str:
        """Press the key with Ctrl, wait for the generation's end; what came."""
        before = len(self.text)
        with self.work():
            self.ctrl(key)
        return self.text[before:]


@pytest.fixture
def start(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[Callable[..., Hand]]:
    """Starts the program; the second time with what the first has kept."""
    programs: list[Inkfall] = []
    chance = Random(CHANCE)

    def begin(wide: bool = True, reads: bool = False) -> Hand:
        """wide: the first window has room for its panels, which the screen offscreen has not. reads: the writer's text
        is read by itself, which only tests of that want."""
        for program in programs:
            program.window.close()
        program = Inkfall(under(tmp_path / "ünï cødé"), make_application(), chance.randrange)
        programs.append(program)
        program.preferences.change(asides=reads)
        QCursor.setPos(qapp.primaryScreen().geometry().bottomLeft())  # no test before leaves the mouse over the page
        qtbot.addWidget(program.window)
        if wide and not program.preferences.value.geometry:
            program.window.resize(1180, 760)
        with qtbot.waitActive(program.window):
            program.window.show()
            program.window.activateWindow()
        program.editor.setFocus()
        program.open_last_page()
        qtbot.waitUntil(lambda: not program.open_page.busy, timeout=10_000)
        return Hand(program, qtbot)

    yield begin
    for program in programs:
        program.window.close()


@pytest.fixture
def hand(start: Callable[[], Hand]) -> Hand:
    """A started program with a fast model of fixed odds."""
    hand = start()
    hand.opens("scripted:?rate=2000")
    return hand


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """A hub on loopback; no keyring holds a token for it."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    hub = StandIn()
    yield hub
    hub.close()
