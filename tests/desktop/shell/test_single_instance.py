"""A second start hands its files to the first, in processes of their own; a killed or hanging first does no harm."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from pytestqt.qtbot import QtBot

from desktop.shell.single_instance import SingleInstance, socket_name

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from desktop.shell.single_instance import SingleInstance
application = QCoreApplication([])
instance = SingleInstance(Path(sys.argv[1]))
if not instance.take_or_hand_over([Path(name) for name in sys.argv[2:]]):
    sys.exit(7)
instance.files_received.connect(lambda files: print([str(file) for file in files], flush=True))
print("first" if instance.first else "on its own", flush=True)
sys.exit(application.exec())
"""

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start the program, in a folder of its own, with these files."""
    running: list[subprocess.Popen[str]] = []

    def begin(*files: str, cwd: Path = tmp_path) -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", PROGRAM, str(tmp_path / "data"), *files]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
        process = subprocess.Popen(command, cwd=cwd, env=environment, stdout=subprocess.PIPE, text=True)
        running.append(process)
        return process

    yield begin
    for process in running:
        if process.poll() is None:
            process.send_signal(signal.SIGCONT)
            process.kill()
        process.communicate()


def line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_a_second_start_hands_over_its_files_and_ends(start: Start, tmp_path: Path) -> None:
    first = start()
    assert line(first) == "first"
    elsewhere = tmp_path / "else where"
    elsewhere.mkdir()
    second = start("a page.inkfall", "/한국/🎉.txt", "scripted:story", cwd=elsewhere)
    assert second.wait(20) == 7
    assert line(first) == str([str(elsewhere / "a page.inkfall"), "/한국/🎉.txt", "scripted:story"])
    assert start().wait(20) == 7
    assert line(first) == "[]"  # to come forward is all that was wanted


def test_a_killed_first_locks_nobody_out(start: Start) -> None:
    first = start()
    assert line(first) == "first"
    first.send_signal(signal.SIGKILL)
    first.wait(10)
    assert line(start()) == "first"


def test_a_hanging_first_is_left_alone(start: Start, tmp_path: Path) -> None:
    first = start()
    assert line(first) == "first"
    first.send_signal(signal.SIGSTOP)
    began = time.monotonic()
    assert line(start("page.inkfall")) == "on its own"
    assert time.monotonic() - began < 8
    first.send_signal(signal.SIGCONT)
    assert start("other.inkfall").wait(20) == 7
    assert line(first) == str([str(tmp_path / "other.inkfall")])  # what the other opened itself is not opened twice


def test_of_many_starts_at_once_one_is_the_first(start: Start) -> None:
    processes = [start(f"{number}.txt") for number in range(4)]
    deadline = time.monotonic() + 30
    while sum(process.poll() is None for process in processes) > 1 and time.monotonic() < deadline:
        time.sleep(0.05)
    left = [process for process in processes if process.poll() is None]
    assert [process.poll() for process in processes if process not in left] == [7, 7, 7]
    lines = [line(left[0]) for _ in range(4)]
    assert lines[0] == "first" and len(set(lines[1:])) == 3


def test_folders_have_instances_of_their_own(qtbot: QtBot, tmp_path: Path) -> None:
    one, other = SingleInstance(tmp_path / "one"), SingleInstance(tmp_path / "other")
    assert one.take_or_hand_over([]) and other.take_or_hand_over([])
    assert one.first and other.first
    one.close()
    other.close()
    assert not one.first


def test_no_network_is_used(qtbot: QtBot, tmp_path: Path) -> None:
    instance = SingleInstance(tmp_path)
    assert instance.take_or_hand_over([])
    assert not [found for found in psutil.Process().net_connections("inet") if found.status == "LISTEN"]
    instance.close()


def test_the_name_is_short_and_of_the_folder(tmp_path: Path) -> None:
    assert socket_name(tmp_path) == socket_name(tmp_path) != socket_name(tmp_path / "x")
    assert len(socket_name(tmp_path / ("x" * 300))) < 40


def test_starts_in_a_sandbox_meet_in_the_folder_that_they_share(tmp_path: Path) -> None:
    plain = socket_name(tmp_path, {"XDG_RUNTIME_DIR": "/run/user/1000"})
    assert "/" not in plain
    boxed = {"XDG_RUNTIME_DIR": "/run/user/1000", "FLATPAK_ID": "org.inkfall.Inkfall"}
    assert socket_name(tmp_path, boxed) == f"/run/user/1000/app/org.inkfall.Inkfall/{plain}"
    assert len(socket_name(tmp_path, boxed)) < 100  # a socket's name has 107 bytes
