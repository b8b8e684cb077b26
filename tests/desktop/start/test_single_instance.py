"""A second start sends its files to the first; a killed or hanging first does no harm. In processes."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from pytestqt.qtbot import QtBot

from desktop.start import same_user
from desktop.start.single_instance import LONGEST, SingleInstance, socket_addresses

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from desktop.start.single_instance import SingleInstance
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
        home = os.environ.get("HOME_OF_TEST", str(tmp_path / "data"))
        command = [sys.executable, "-c", PROGRAM, home, *files]
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


def test_a_killed_first_instance_does_not_block_later_starts(start: Start) -> None:
    first = start()
    assert line(first) == "first"
    first.send_signal(signal.SIGKILL)
    first.wait(10)
    assert line(start()) == "first"


def test_a_hanging_first_is_left_alone(start: Start, tmp_path: Path) -> None:
    first = start()
    assert line(first) == "first"
    first.send_signal(signal.SIGSTOP)
    assert line(start("page.inkfall")) == "on its own"  # while the first is still stopped
    first.send_signal(signal.SIGCONT)
    assert start("other.inkfall").wait(20) == 7
    assert line(first) == str([str(tmp_path / "other.inkfall")])  # what the other opened itself is not opened twice


def test_of_many_simultaneous_starts_one_is_the_first(start: Start) -> None:
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


def test_addresses_depend_on_the_user_and_the_folder(tmp_path: Path) -> None:
    session = {"XDG_RUNTIME_DIR": "/run/user/1000"}
    (first, second), (other, _) = (
        socket_addresses(tmp_path, session, "linux"),
        socket_addresses(tmp_path / "x", session, "linux"),
    )
    assert first.startswith("/run/user/1000/inkfall-") and second == str(tmp_path / "instance")
    assert first == socket_addresses(tmp_path, session, "linux")[0] != other
    assert (
        socket_addresses(tmp_path, {}, "linux")
        == socket_addresses(tmp_path, {"XDG_RUNTIME_DIR": "here"}, "linux")
        == (second,)
    )
    assert socket_addresses(tmp_path, {"TMPDIR": "/var/folders/T"}, "darwin")[0].startswith("/var/folders/T/inkfall-")
    (pipe,) = socket_addresses(tmp_path, session, "win32")
    assert "/" not in pipe


def test_starts_in_a_sandbox_use_the_folder_they_share(tmp_path: Path) -> None:
    boxed = {"XDG_RUNTIME_DIR": "/run/user/1000", "FLATPAK_ID": "org.inkfall.Inkfall"}
    place = socket_addresses(tmp_path, boxed, "linux")[0]
    assert place.startswith("/run/user/1000/app/org.inkfall.Inkfall/inkfall-") and len(place) < LONGEST


@pytest.mark.parametrize("session", ["", "/none", "/proc", "relative", "/" + "x" * 200])
def test_without_a_good_folder_of_the_session_they_meet_in_that_of_the_pages(
    start: Start, monkeypatch: pytest.MonkeyPatch, session: str
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", session)
    first = start()
    assert line(first) == "first"
    assert start("a.txt").wait(20) == 7


def test_starts_that_know_the_session_and_starts_that_do_not_meet(
    start: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    first = start()
    assert line(first) == "first"
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert start("a.txt").wait(20) == 7


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="its way round the limit is Linux's")
def test_a_folder_whose_name_is_longer_than_any_sockets(
    start: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.setenv("HOME_OF_TEST", str(tmp_path / ("é" * 90) / ("y" * 90) / "data"))
    first = start()
    assert line(first) == "first"
    assert start("a.txt").wait(20) == 7
    first.kill()
    first.wait(10)
    assert line(start()) == "first"  # in spite of what the killed one left


def test_other_users_cannot_use_the_socket(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "session"))
    (tmp_path / "session").mkdir()
    instance = SingleInstance(tmp_path / "data")
    assert instance.take_or_hand_over([]) and instance.first
    (place,) = (tmp_path / "session").iterdir()
    assert place.is_socket() and place.stat().st_mode & 0o77 == 0
    assert (tmp_path / "data").stat().st_mode & 0o77 == 0
    instance.close()
    assert not list((tmp_path / "session").iterdir())


# ------------------------------------------------------------------------------------------------ another user

AS_ANOTHER = """
import os, socket, sys, time
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
end = socket.socket(socket.AF_UNIX)
if sys.argv[1] == "pose":
    end.bind(sys.argv[2])
    os.chmod(sys.argv[2], 0o777)
    end.listen()
    print("ready", flush=True)
    other, _ = end.accept()
    print(other.recv(1000), flush=True)
else:
    end.connect(sys.argv[2])
    end.send(b'{"files": ["/etc/passwd"]}\\n')
    print(end.recv(1000), flush=True)
"""
as_root = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can be another user")


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that everybody may write into."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="shared-") as name:
        Path(name).chmod(0o1777)
        yield Path(name)


@as_root
def test_another_user_posing_as_the_first_receives_nothing(
    start: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, shared: Path
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(shared))
    place = socket_addresses(tmp_path / "data", {"XDG_RUNTIME_DIR": str(shared)})[0]
    command = [sys.executable, "-c", AS_ANOTHER, "pose", place]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as impostor:
        assert line(impostor) == "ready"
        first = start("a secret name.txt")
        assert line(first) == "first"
        assert start("another.txt").wait(20) == 7
        assert line(impostor) == "b''"


@as_root
def test_another_user_opens_nothing_in_the_window(
    start: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, shared: Path
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(shared))
    first = start()
    assert line(first) == "first"
    place = socket_addresses(tmp_path / "data", {"XDG_RUNTIME_DIR": str(shared)})[0]
    Path(place).chmod(0o777)  # as if its mode did not keep them out
    done = subprocess.run(
        [sys.executable, "-c", AS_ANOTHER, "speak", place], capture_output=True, text=True, check=False
    )
    assert "heard" not in done.stdout
    assert start("mine.txt").wait(20) == 7
    assert line(first) == str([str(tmp_path / "mine.txt")])


def test_the_user_of_a_process() -> None:
    one, other = socket.socketpair(socket.AF_UNIX)
    with one, other:
        assert same_user.user_of(one.fileno()) == os.geteuid() and same_user.is_this_user(other.fileno())
    assert same_user.user_of(one.fileno()) == -1
