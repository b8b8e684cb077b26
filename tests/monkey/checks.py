"""The properties that must hold after each action of the monkey. Each check yields failures as sentences."""

import shutil
import sys
import threading
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
from PySide6.QtCore import QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication, QDialog

from desktop.page import utf16
from desktop.page.edit import Change
from desktop.page.page import Page
from desktop.pagefile.opening import open_page
from tests.crash.killing import misspelt, undone
from tests.monkey.program_access import ProgramAccess

IGNORED = ("This plugin does not support",)  # said by the offscreen platform
GROWTH = 12  # of one kind of object, beyond what there was at the start, until it is said to pile up
DAMAGED = "damaged"  # how the names of files begin that the monkey damages
Tell = Callable[[str, str], None]  # kind, sentence


class Shadow:
    """A copy of the page's text that is kept up to date only by the page's changes."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._units = utf16.encode(page.text())
        page.listeners.append(self._changed)

    def _changed(self, change: Change) -> None:
        if change.places is None:
            start, end = 2 * change.start, 2 * (change.start + change.removed)
            inserted = self._page.text(change.start, change.start + change.units)
            self._units = self._units[:start] + utf16.encode(inserted) + self._units[end:]
        else:  # many changes joined into one
            self._units = utf16.encode(self._page.text())

    def wrong(self) -> Iterator[str]:
        if self._units != utf16.encode(self._page.text()):
            yield "the page's text differs from the text that its listeners built"
            self._units = utf16.encode(self._page.text())


class Hooks:
    """Records uncaught errors of any thread and Qt's warnings, then passes them on."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._main, self._thread, self._lost = sys.excepthook, threading.excepthook, sys.unraisablehook
        sys.excepthook = self._caught
        threading.excepthook = self._caught_on_thread
        sys.unraisablehook = self._unraisable
        qInstallMessageHandler(self._message)

    def _caught(self, kind: type[BaseException], error: BaseException, trace: Any) -> None:
        self._tell("exception", in_words(error.with_traceback(trace)))
        self._main(kind, error, trace)

    def _caught_on_thread(self, found: threading.ExceptHookArgs) -> None:
        if found.exc_value is not None:
            self._tell("exception on a thread", in_words(found.exc_value))
        self._thread(found)

    def _unraisable(self, found: "sys.UnraisableHookArgs") -> None:
        if found.exc_value is not None:
            self._tell("exception that cannot be raised", f"{found.object!r}: {in_words(found.exc_value)}")
        self._lost(found)

    def _message(self, kind: QtMsgType, _context: object, message: str) -> None:
        if kind not in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg) and not message.startswith(IGNORED):
            self._tell("Qt warning", message)


def in_words(error: BaseException) -> str:
    """The error, and the places of its traceback, innermost last."""
    root: BaseException = error
    while str(root).startswith("Error calling Python override") and root.__context__ is not None:
        root = root.__context__
    stack = traceback.extract_tb(root.__traceback__)[-5:]
    places = " > ".join(f"{one.filename.rpartition('/')[2]}:{one.lineno} {one.name}" for one in stack)
    return f"{type(root).__name__}: {str(root)[:200]} ({places})"


# ------------------------------------------------------------------------------------------------ after each action


def quick(access: ProgramAccess) -> Iterator[str]:
    """The checks that need no disk."""
    yield from view_is_page(access)
    yield from caret_is_inside(access)
    yield from commands_are_true(access)


def view_is_page(access: ProgramAccess) -> Iterator[str]:
    if (both := access.view()) is not None and both[0] != both[1]:
        at = next((i for i, (a, b) in enumerate(zip(*both, strict=False)) if a != b), min(map(len, both)))
        view, page = (one[max(0, at - 10) : at + 20] for one in both)
        yield f"the editor does not show the page: at {at} {view!a} in place of {page!a}"


def caret_is_inside(access: ProgramAccess) -> Iterator[str]:
    start, end, caret = access.caret()
    if not 0 <= start <= caret <= end <= access.page.length:
        yield f"the caret is outside: {start} to {end}, at {caret}, of {access.page.length}"


def commands_are_true(access: ProgramAccess) -> Iterator[str]:
    page = access.page
    ready = access.has_model and not access.loading
    true = {
        "undo": page.can_undo,
        "redo": page.can_redo,
        "write": ready and (access.idle or access.paused),
        "step": ready and (access.idle or access.paused),
        "stop": not access.idle,
        "again": ready and page.length > 0,
        "score": ready and access.idle and page.length > 0,
        "select_all": page.length > 0,
        "export": page.length > 0,
    }
    for name, wanted in true.items():
        if access.command(name).isEnabled() != wanted:
            yield f"the command {name} is {'disabled' if wanted else 'enabled'}, and should not be"
    turning = [name for name in ("previous", "next") if access.command(name).isEnabled()]
    if bool(turning) != access.has_branches:
        yield f"branches can be turned to by {turning}, and there are {'some' if access.has_branches else 'none'}"


# ------------------------------------------------------------------------------------------------ now and then


def file_is_page(access: ProgramAccess, scratch: Path) -> Iterator[str]:
    """After a save: the file holds the whole page, and as many steps can be undone there.

    Of a page that the monkey damaged, readings may be lost where the reader says so: the program shows them as missing,
    and leaves the file's broken places as they are. Text and steps have to be there.
    """
    if sentence := access.open_page.save():
        yield f"the page could not be saved: {sentence}"
        return
    path = access.open_page.path
    if not path.exists():
        if access.page.length and access.open_page.has_file:
            yield f"there is no file {path.name}"
        return
    if not access.open_page.has_file:
        return  # a text, or one that cannot be written
    copy = scratch / "copy" / path.name
    shutil.rmtree(copy.parent, ignore_errors=True)
    copy.parent.mkdir(parents=True)
    for part in path.parent.glob(path.name.replace("[", "[[]") + "*"):
        shutil.copy(part, copy.parent)
    yield from _like(access, copy)
    shutil.rmtree(copy.parent, ignore_errors=True)


def _like(access: ProgramAccess, copy: Path) -> Iterator[str]:
    opened = open_page(copy)
    try:
        page = Page()
        page.put(opened.contents)
        if page.text() != access.text:
            yield f"the file holds {page.text()[-80:]!a} and the page {access.text[-80:]!a}"
        tokens = misspelt(page)  # reads all of them
        lost = opened.reader.unreported if copy.name.startswith(DAMAGED) else ""
        if not lost and page.token_count != access.page.token_count:
            yield f"the file holds {page.token_count} tokens and the page {access.page.token_count}"
        if not access.page.generating and (page.can_undo, page.can_redo) != (
            access.page.can_undo,
            access.page.can_redo,
        ):
            yield "the file knows other steps than the page"
        yield from filter(None, ("" if lost else tokens, undone(page)))
    finally:
        if opened.store:
            opened.store.close()


# ------------------------------------------------------------------------------------------------ what piles up


class Piles:
    """The numbers of objects of each kind that a program may leak."""

    def __init__(self, access: ProgramAccess, scratch: Path) -> None:
        self._doors, self._scratch = access, scratch
        self._before: Counter[str] = Counter()

    def begin(self) -> None:
        self._before = self._count()

    def grown(self) -> dict[str, str]:
        """The kinds that grew, and by how much. Call while no dialog is open and the pages are at rest."""
        now, before = self._count(), self._before
        grown = {kind: count for kind, count in now.items() if count > before[kind] + GROWTH}
        return {kind: f"{kind}: {before[kind]} at the start, {count} now" for kind, count in grown.items()}

    def _count(self) -> Counter[str]:
        found: Counter[str] = Counter()
        for one in self._doors.objects():
            if isinstance(one, QTimer):
                found[f"timer of {type(one.parent()).__name__}"] += 1
        for widget in QApplication.topLevelWidgets():
            found[f"{'dialog' if isinstance(widget, QDialog) else 'window'} {type(widget).__name__}"] += 1
        for thread in threading.enumerate():
            found[f"thread {thread.name.rstrip('0123456789_-')}"] += 1
        found["open file"] = psutil.Process().num_fds() // 4
        found["temporary file"] = sum(1 for _ in self._scratch.rglob("*"))
        return found
