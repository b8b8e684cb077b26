"""The real program in a process of its own, with a script: `python -m tests.window.driving SCRIPT [MODEL]`.

Starts as `python -m desktop` does, with that model in place of the usual one. A script is a generator: its next step
runs every 20 ms, and the window closes when it ends; each dict that it yields is printed as a line of JSON.
"""

import json
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest

from desktop import app
from desktop.__main__ import main
from desktop.generation.state import Phase
from desktop.settings.dialog import SettingsDialog

PACE = 20  # milliseconds
TOKENS = 8
Script = Iterator[dict[str, Any] | None]


def falls(program: app.Inkfall, number: int) -> Script:
    """Types, waits until that is on the disk, and ends by a signal."""
    QTest.keyClicks(program.editor, "kept before the fall")
    program.open_page.save()
    while not (program.home.log / "fatal.log").stat().st_size:  # the version is there
        yield None
    os.kill(os.getpid(), number)


def tells(program: app.Inkfall) -> Script:
    """Yield the report of the last run."""
    for _ in range(50):
        if (dialog := program.crash.dialog) is not None and dialog.isVisible():
            words, report = dialog.words.text(), dialog.report.toPlainText()
            yield {"page": program.page.text(), "words": words, "report": report}
            return
        yield None
    yield {"page": program.page.text(), "words": "", "report": ""}


def uses(program: app.Inkfall) -> Script:
    """Writes, opens every room that a user opens, and closes."""
    while program.session.state.phase is not Phase.READY:
        yield None
    program.set_recipe(replace(program.recipe, length=TOKENS))
    QTest.keyClicks(program.editor, "Once upon a time")
    QTest.keyClick(program.editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    while program.session.state.phase is Phase.READY:
        yield None
    while program.session.state.phase is not Phase.READY:
        yield None
    for command in ("library", "settings", "keys", "about", "welcome"):
        program.window.actions_[command].trigger()
        for _ in range(15):
            yield None
    library = program.library.instance._ensure_window()
    for page in range(library.tabs.count()):
        library.tabs.setCurrentIndex(page)
        for _ in range(10):
            yield None
    library.close()
    for dialog in program.window.findChildren(SettingsDialog):
        dialog.reject()
    yield {"page": program.page.text()}


def types(program: app.Inkfall) -> Script:
    """Type a little; yield every sentence that the notice showed meanwhile."""
    QTest.keyClicks(program.editor, "some words")
    sentences: list[str] = []
    for _ in range(60):
        if (sentence := program.window.notice.sentence) and sentence not in sentences:
            sentences.append(sentence)
        yield None
    program.window.may_close = lambda: True  # it would ask what is to become of a page that cannot be saved
    yield {"page": program.page.text(), "sentences": sentences, "mistakes": program.crash.count}


SCRIPTS = {
    "types": types,
    "segv": lambda program: falls(program, signal.SIGSEGV),
    "abrt": lambda program: falls(program, signal.SIGABRT),
    "tells": tells,
    "uses": uses,
}


class Driven(app.Inkfall):
    """The program, and a timer that runs the next step of the script."""

    def begin(self, paths: Any) -> None:
        if len(sys.argv) > 2:
            self.models.open_usual = lambda: self.models.open(sys.argv[2])
        super().begin(paths)
        self.steps: Script | None = None
        self.pace = QTimer(self, interval=PACE)
        self.pace.timeout.connect(self.step)
        self.pace.start()

    def step(self) -> None:
        if not self.open_page.at_rest:
            return
        self.steps = self.steps or SCRIPTS[sys.argv[1]](self)
        try:
            result = next(self.steps)
        except StopIteration:
            self.pace.stop()
            self.window.close()
            return
        if result is not None:
            print(json.dumps(result), flush=True)  # noqa: T201


if __name__ == "__main__":
    app.Inkfall = Driven
    sys.exit(main([]))
