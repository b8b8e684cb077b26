"""Fixtures of every test: an offscreen Qt, its own folders, the starter model, a check for leftovers."""

import gc
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from weakref import WeakSet

import hypothesis
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6.Shiboken import isValid

from models.library import starter as starter_model
from models.library.app_dirs import OVERRIDE, app_dirs, of_the_system
from resources.language import CHOICE, SOURCE
from tests.fonts import DEJAVU, FAMILIES, configuration
from tests.isolation import GRACE
from tests.isolation import nothing_left_behind as nothing_left_behind
from tests.isolation import own_home as own_home

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault(CHOICE, SOURCE)  # whatever the system speaks
hypothesis.settings.register_profile("patient", deadline=None)  # speed is never asserted in a test
hypothesis.settings.load_profile("patient")
ROOT = Path(__file__).resolve().parents[1]
SYSTEM_MODELS = (app_dirs() if os.environ.get(OVERRIDE) else of_the_system()).models


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--mirrored", action="store_true", help="windows are laid out from right to left")
    parser.addoption("--fonts", choices=FAMILIES, default=DEJAVU, help="the only fonts that windows have")


def pytest_configure(config: pytest.Config) -> None:
    """Before there is a window, here or in a child process: the fonts."""
    if sys.platform.startswith("linux"):
        folder = Path(tempfile.mkdtemp(prefix="inkfall-fonts-"))
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
        try:
            os.environ["FONTCONFIG_FILE"] = str(configuration(str(config.getoption("--fonts")), folder))
        except LookupError as error:
            raise pytest.UsageError(str(error)) from None


def pytest_collection_finish(session: pytest.Session) -> None:
    """What is there before the first test is no news: the search for timers that a test left goes over the rest."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def side(request: pytest.FixtureRequest) -> None:
    """Lays windows out from the side that --mirrored chooses; a test of a program in its own process chooses itself."""
    if request.config.getoption("--mirrored") and {"qapp", "qtbot"} & set(request.fixturenames):
        request.getfixturevalue("qapp").setLayoutDirection(Qt.LayoutDirection.RightToLeft)


@pytest.fixture(scope="session")
def starter() -> Path:
    """The starter model's file: the user's own, or one joined from the installed packages once per checkout."""
    here = ROOT / ".data" / "models"
    found = starter_model.installed(SYSTEM_MODELS) or starter_model.installed(here)
    return found or starter_model.install(here)


@pytest.fixture(autouse=True)
def no_window_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test fails when a window or a dialog that came with it is there after it, or a timer of it runs. Comes before
    all other fixtures of a test, so that it looks when they have ended."""
    if not {"qapp", "qtbot"} & set(request.fixturenames):
        yield
        return
    request.getfixturevalue("qapp")
    before, failed = set(QApplication.topLevelWidgets()), request.session.testsfailed
    yield
    end = time.monotonic() + GRACE
    while (left := _left() - before) and time.monotonic() < end:
        gc.collect()
        QTest.qWait(20)  # a timer of a single shot that is due soon ends by itself
    _told_before.update(left)
    if request.session.testsfailed == failed:  # what a failed test still holds is no news
        assert not left, f"left behind: {', '.join(map(_name, left))}"


_told_before: WeakSet[QObject] = WeakSet()  # by the test that left it


def _left() -> set[QObject]:
    """Windows that are there, and timers that run, once what is to be deleted is gone."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    timers = [thing for thing in gc.get_objects() if type(thing) is QTimer]  # isinstance takes ten times as long
    running = {timer for timer in timers if isValid(timer) and timer.isActive()}
    return {*QApplication.topLevelWidgets(), *running} - set(_told_before)


def _name(thing: QObject) -> str:
    title = thing.windowTitle() if isinstance(thing, QWidget) else f"of {thing.parent()!r}"
    return f"{type(thing).__name__} {thing.objectName()} {title}"
