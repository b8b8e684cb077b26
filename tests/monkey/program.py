"""The real program with a monkey: `python -m tests.monkey.program HOME SEED FIRST LAST [ONLY]`.

run.py starts it and makes its home. Does the actions FIRST to LAST; if ONLY is given (as in `3,7-9`), only those of
them. Writes actions and findings to HOME/journal at once, as lines of JSON. The window is closed at the end, or by an
action that ends this life of the program; run.py starts the next one there.
"""

import json
import os
import socket
import sys
import time
from pathlib import Path
from random import Random
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, QUrl, Slot, qInstallMessageHandler
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QMessageBox

from desktop import app
from desktop.__main__ import main
from tests.monkey import outside_actions, rooms  # noqa: F401  (they fill the table of actions)
from tests.monkey.actions import ACTIONS, Turns
from tests.monkey.checks import Hooks, Piles, Shadow, file_is_page, in_words, misspelt, quick
from tests.monkey.hand import Hand
from tests.monkey.ledger import Ledger
from tests.monkey.program_access import ProgramAccess
from tests.monkey.stalls import FAILS, Stalls
from tests.monkey.words import numbers

SELDOM = 8  # actions between two checks of what takes longer
ENDS = 0.006  # chance that an action ends this life
MOST = 6  # findings of one life; then it ends
REST = 400  # turns of 25 ms in which pages, engine and dialogs may come to rest


class Journal:
    """Writes what is done and found, line by line."""

    def __init__(self, file: Path) -> None:
        self._file = file.open("a", encoding="utf-8")
        self.found = 0
        self._told: set[str] = set()
        self.at = -1

    def write(self, **record: Any) -> None:
        self._file.write(json.dumps({"time": round(time.monotonic(), 2), **record}) + "\n")
        self._file.flush()

    def find(self, kind: str, sentence: str) -> None:
        """Record that something is wrong, once for each sentence."""
        if sentence not in self._told:
            self._told.add(sentence)
            self.found += 1
            self.write(found=kind, says=sentence, at=self.at)


class Monkey(QObject):
    """Does one action after another, and runs the checks after each."""

    def __init__(self, program: app.Inkfall, home: Path, seed: int, first: int, last: int, only: set[int]) -> None:
        super().__init__(program)
        self._home, self._seed, self._only = home, seed, only
        self._first = self._next = first
        self._last = last
        self._scratch = home / "scratch"
        self.journal = Journal(home / "journal")
        Hooks(self.journal.find)
        self.access = ProgramAccess(program)
        self.stalls = Stalls()
        self.hand = Hand(self.access, self.stalls, self._word, lambda what: self.journal.write(now=what))
        self.ledger = Ledger(lambda: self.access.text, lambda: self.access.open_page.path)
        self._shadow = Shadow(self.access.page)
        self._piles = Piles(self.access, home / "tmp")
        self._words = 0
        self._doing: Turns | None = None
        self._ending = False
        self._guard = QTimer(self, interval=30)  # strikes only within a loop of an action's own
        self._guard.timeout.connect(self._within)
        self._clock = QTimer(self, singleShot=True)
        self._clock.timeout.connect(self._turn)
        self._connect()

    def _word(self) -> str:
        self._words += 1
        return f"m{self.journal.at}w{self._words}"

    def _connect(self) -> None:
        ledger, open_page = self.ledger, self.access.open_page
        ledger.read(self._home / "ledger")
        open_page.leaving.connect(ledger.leaving)
        self.access.page.listeners.append(lambda change: ledger.changed(change.cause))
        open_page.page_opened.connect(ledger.opened)
        self.access.command("trash_page").triggered.connect(ledger.trashed_open)
        panel = self.access.program.pages.panel
        panel.trash_requested.connect(ledger.trashed)
        panel.delete_requested.connect(lambda _path: ledger.deleted())
        QDesktopServices.setUrlHandler("file", self, "noted")  # pyright: ignore[reportArgumentType]
        QDesktopServices.setUrlHandler("https", self, "noted")  # pyright: ignore[reportArgumentType]

    @Slot(QUrl)
    def noted(self, url: QUrl) -> None:
        """Record that a folder or an address was to be opened by another program; none is started."""
        self.hand.did.append(f"would show {url.toString()!a}")

    def begin(self) -> None:
        self.stalls.begin()
        self._clock.start(500)

    # ------------------------------------------------------------------------------------------------ turns

    def _turn(self) -> None:
        """Do one part of an action."""
        with self.stalls.ours():
            self._guard.start()
            try:
                wait = self._part()
            except Exception as error:  # noqa: BLE001  (a mistake of the monkey's own ends it)
                self.journal.find("monkey", in_words(error))
                os._exit(3)
            finally:
                self._guard.stop()
        if wait is not None:
            self._clock.start(wait)

    def _within(self) -> None:
        """End a nested event loop that an action waits in: a drag, or one of Qt's own dialogs."""
        box, popup = QApplication.activeModalWidget(), QApplication.activePopupWidget()
        if popup is not None:
            popup.close()
        elif isinstance(box, QMessageBox):
            yes = box.button(QMessageBox.StandardButton.Yes)
            agreed = yes is not None and Random(f"{self._seed}/{self._next}/within").random() < 0.6
            box.done(QMessageBox.StandardButton.Yes if agreed else QMessageBox.StandardButton.No)
        elif isinstance(box, QDialog):
            box.reject()
        else:
            QTest.mouseRelease(self.access.editor.viewport(), Qt.MouseButton.LeftButton)
            QTest.keyClick(self.access.window, Qt.Key.Key_Escape)

    def _part(self) -> int | None:
        if self._doing is None:
            if self._ending:
                self._close()
                return None
            if self._next >= self._last or self.journal.found >= MOST:
                self._ending = True
                self._doing = self._ended()
            elif self._only and self._next not in self._only:
                self._next += 1
                return 0
            else:
                self._doing = self._begun()
        try:
            return next(self._doing)
        except StopIteration:
            self._doing = None
            return self._after()
        except Exception as error:  # noqa: BLE001  (whatever an action came upon is a finding)
            self._doing = None
            if "already deleted" not in str(error):  # a dialog that was closed while the hand was at it
                self.journal.find("action", in_words(error))
            return self._after()

    def _begun(self) -> Turns:
        """Begin the action in turn, with random numbers of its own."""
        chance = Random(f"{self._seed}/{self._next}")
        self.journal.at = self.ledger.action = self._next
        if self._next == self._first:
            self._piles.begin()
        if chance.random() < ENDS:
            self._last = self._next + 1
        action = chance.choices(ACTIONS, [one.weight for one in ACTIONS])[0]
        if self.access.dialogs() and not action.anywhere:
            action = next(one for one in ACTIONS if one.name == "in_a_dialog")
        self.stalls.what = action.name
        self.hand.did.clear()
        self._name = action.name
        self.journal.write(at=self._next, begins=action.name)
        return self._with_disk(action.does(self.hand, chance))

    def _with_disk(self, doing: Turns) -> Turns:
        """Repair a disk that has failed long enough, ahead of the action."""
        if self.hand.actions_with_fault == 1:
            yield from outside_actions.the_disk_is_well(self.hand)
        yield from doing

    def _after(self) -> int | None:
        """Run the checks after an action."""
        if self._ending:
            return 0
        at = self._next
        self.journal.write(at=at, action=self._name, did=list(self.hand.did))
        self._next += 1
        self.hand.actions_with_fault = max(0, self.hand.actions_with_fault - 1)
        for sentence in (*quick(self.access), *self._shadow.wrong(), *self.ledger.wrong):
            self.journal.find("check", sentence)
        self.ledger.wrong.clear()
        chance = Random(f"{self._seed}/{at}/after")
        if chance.randrange(SELDOM) == 0:
            self._look_closely()
        return chance.choice((0, 0, 0, 3, 10, 30))

    def _look_closely(self) -> None:
        if outside_actions.is_failing() or not self.access.open_page.safe:
            return
        for sentence in file_is_page(self.access, self._scratch):
            self.journal.find("file", sentence)
        if wrong := misspelt(self.access.page):
            self.journal.find("page", wrong)
        if self.access.open_page.at_rest:
            for sentence in self.ledger.missing(self._home, self._scratch):
                self.journal.find("lost", sentence)

    # ------------------------------------------------------------------------------------------------ the end

    def _ended(self) -> Turns:
        """Wait until everything is at rest, close the window, and write what should be there."""
        self._name, self.journal.at = "end", self._next
        Path(os.environ[outside_actions.FAULT]).unlink(missing_ok=True)
        yield 50
        for _ in range(REST):
            if (
                self.hand.close_all()
                and self.access.idle
                and self.access.open_page.at_rest
                and self.access.open_page.safe
            ):
                break
            self.hand.command("stop")
            yield 25
        else:
            self.journal.find("rest", f"no rest: {self.access.phase}, at rest {self.access.open_page.at_rest}")
        yield 700
        self._look_closely()
        for _ in range(REST):  # a search that was given up ends in its own time
            if not self._piles.grown():
                break
            yield 25
        for sentence in self._piles.grown().values():
            self.journal.find("piles", sentence)
        self.ledger.leaving()
        self.ledger.write(self._home / "ledger")

    def _close(self) -> None:
        self._tell_stalls()
        self.journal.write(ended=self._next)
        self.access.window.close()

    def _tell_stalls(self) -> None:
        self.stalls.end()
        for one in self.stalls.found:
            self.journal.write(stall=round(one.seconds, 3), what=one.what, where=one.where)
            if one.seconds >= FAILS and one.quiet:
                self.journal.find("stall", f"{one.seconds:.2f} s of processor time: {one.where or one.what}")


class Driven(app.Inkfall):
    """The program, and the monkey that starts with it."""

    def __init__(self, home: Any, application: QApplication) -> None:
        if os.environ.get("MONKEY_MIRRORED"):
            application.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        super().__init__(home, application)

    def begin(self, paths: Any) -> None:
        model = Random(f"{sys.argv[2]}/model").choice(outside_actions.MODELS[:4])
        self.models.open_usual = lambda: self.models.open(model)
        super().begin(paths)
        home, seed, first, last, *only = sys.argv[1:]
        self.monkey = Monkey(self, Path(home), int(seed), int(first), int(last), set(numbers(*only)))
        self.monkey.begin()


def keep_to_this_machine() -> None:
    """Let no request leave this machine, whatever address the monkey types."""

    def heard(event: str, about: tuple[Any, ...]) -> None:
        if event == "socket.connect" and isinstance(about[0], socket.socket) and about[0].family != socket.AF_UNIX:
            raise ConnectionRefusedError("the monkey stays on this machine")
        if event == "socket.getaddrinfo" and about[0] not in (None, "", "localhost", "127.0.0.1"):
            raise socket.gaierror("the monkey stays on this machine")

    sys.addaudithook(heard)


if __name__ == "__main__":
    keep_to_this_machine()
    app.Inkfall = Driven
    status = main([])
    QApplication.clipboard().clear()  # what was made in Python must not be there when there is no Python any more
    qInstallMessageHandler(None)
    for scheme in ("file", "https"):
        QDesktopServices.unsetUrlHandler(scheme)
    sys.exit(status)
