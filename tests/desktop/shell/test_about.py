"""The About window: versions at once, devices when llama.cpp has answered; its text can be copied."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QLabel, QPushButton, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from desktop.shell import about, versions
from desktop.shell.dialogs import LicencesDialog
from desktop.shell.licences import Licence
from models.engine.requests import BackendStatus
from models.launch.device_probe import Probe, ProbeError, SeenDevice
from models.llamacpp.ggml_backends import status_words
from tests.window.clipping import clipped

FOUND = (("Devices", 'Vulkan0: A card <fast> & "new"'),)


class Asked:
    """Answers when it is let."""

    def __init__(self) -> None:
        self.may = threading.Event()

    def __call__(self) -> tuple[tuple[str, str], ...]:
        self.may.wait(10)
        return FOUND


@pytest.fixture
def asked(qtbot: QtBot) -> Iterator[tuple[about.About, Asked]]:
    window, ask = QWidget(), Asked()
    qtbot.addWidget(window)
    room = about.About(window, ask)
    yield room, ask
    ask.may.set()
    room.close()


def shown(dialog: about.AboutDialog) -> list[str]:
    return [label.text() for label in dialog.findChildren(QLabel) if not label.isHidden()]


def test_every_line_is_fully_visible(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    found = tuple((f"gypsy {number}", "a graphics device, jumping\n" * number) for number in range(1, 9))
    room = about.About(window, lambda: found)
    room.open()
    assert room.dialog is not None
    dialog = room.dialog
    qtbot.waitUntil(lambda: "gypsy 8" in shown(dialog))
    qtbot.waitUntil(lambda: not list(clipped(dialog)))
    assert dialog.height() < dialog.screen().availableGeometry().height()
    room.close()
    dialog.reject()


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (640, 480), (400, 320)])
def test_it_fits_its_screen_and_scrolls(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, width: int, height: int) -> None:
    monkeypatch.setattr(QScreen, "availableGeometry", lambda _screen: QRect(0, 0, width, height))
    dialog = about.AboutDialog(versions.facts())
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    before = dialog.height()
    dialog.add(tuple((f"device {number}", "a graphics device") for number in range(40)))
    qtbot.waitUntil(lambda: not list(clipped(dialog)))
    assert before <= dialog.height() < height and dialog.width() < width
    last = next(label for label in dialog.findChildren(QLabel) if "MIT" in label.text())
    (area,) = dialog.findChildren(QScrollArea)
    area.ensureWidgetVisible(last)
    assert not last.visibleRegion().isEmpty()
    (buttons,) = dialog.findChildren(QDialogButtonBox)
    assert buttons.visibleRegion().boundingRect().size() == buttons.size()


def test_versions_at_once_and_devices_later(qtbot: QtBot, asked: tuple[about.About, Asked]) -> None:
    room, ask = asked
    room.open()
    room.open()  # twice is once
    dialog = room.dialog
    assert dialog is not None
    assert versions.program() in shown(dialog)
    assert any("Asking" in words for words in shown(dialog))
    ask.may.set()
    qtbot.waitUntil(lambda: FOUND[0][1] in shown(dialog))
    assert not any("Asking" in words for words in shown(dialog))
    dialog.copy.click()
    copied = QGuiApplication.clipboard().text()
    assert f"Inkfall: {versions.program()}\n" in copied
    assert copied.endswith(f"Devices: {FOUND[0][1]}")


def test_an_answer_after_the_window_was_closed(qtbot: QtBot, asked: tuple[about.About, Asked]) -> None:
    room, ask = asked
    room.open()
    assert room.dialog is not None
    room.dialog.reject()
    ask.may.set()
    qtbot.wait(50)
    assert room.dialog is None


@pytest.mark.parametrize("closed", [False, True])
def test_licences_are_read_off_the_gui_thread(
    qtbot: QtBot, asked: tuple[about.About, Asked], monkeypatch: pytest.MonkeyPatch, closed: bool
) -> None:
    may, reads = threading.Event(), list[threading.Thread]()

    def read() -> list[Licence]:
        reads.append(threading.current_thread())
        may.wait(10)
        return [Licence("inkfall", "ours")]

    monkeypatch.setattr(about, "read_licences", read)
    room, _ask = asked
    room.open()
    dialog = room.dialog
    assert dialog is not None
    (button,) = (one for one in dialog.findChildren(QPushButton) if "Licences" in one.text())
    button.click()
    qtbot.waitUntil(lambda: len(reads) == 1)
    assert not dialog.findChildren(LicencesDialog)
    if closed:
        dialog.reject()
    may.set()
    reads[0].join(10)
    assert reads[0] is not threading.current_thread()
    if closed:
        QApplication.processEvents()
        assert room.dialog is None
    else:
        qtbot.waitUntil(lambda: bool(dialog.findChildren(LicencesDialog)))
        (shown,) = dialog.findChildren(LicencesDialog)
        assert shown.text.toPlainText() == "ours"


def test_facts_from_llama_cpp(monkeypatch: pytest.MonkeyPatch) -> None:
    card = SeenDevice("Vulkan0", "Vulkan", "A card", True, False, 3_000_000_000, 8_000_000_000)
    found = Probe("b1234", (), 4, (card,), (BackendStatus("cpu", "libggml-cpu-zen4.so", "zen4"),))
    monkeypatch.setattr("models.launch.device_probe.probe", lambda: found)
    assert about.devices() == (
        ("llama.cpp", "b1234"),
        ("Devices", "Vulkan0: A card, 8.0 GB"),
        ("Backends", status_words(found.backends[0])),
    )

    def fails() -> Probe:
        raise ProbeError("llama.cpp could not be loaded.")

    monkeypatch.setattr("models.launch.device_probe.probe", fails)
    assert about.devices() == (("Devices", "llama.cpp could not be loaded."),)


def test_the_commit(tmp_path: Path) -> None:
    nothing, git = tmp_path / "none", tmp_path / ".git"
    assert versions.commit(nothing, tmp_path) == ""
    (git / "refs" / "heads").mkdir(parents=True)
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    assert versions.commit(nothing, tmp_path) == ""
    (git / "packed-refs").write_text("# pack-refs\n1234567890abcdef refs/heads/main\n")
    assert versions.commit(nothing, tmp_path) == "1234567890"
    (git / "refs" / "heads" / "main").write_text("fedcba0987654321\n")
    assert versions.commit(nothing, tmp_path) == "fedcba0987"
    (git / "HEAD").write_text("aaaabbbbccccdddd\n")
    assert versions.commit(nothing, tmp_path) == "aaaabbbbcc"
    (tmp_path / "build.txt").write_text("0011223344556677\n")
    assert versions.commit(tmp_path / "build.txt", tmp_path) == "0011223344"
