"""Errors before there is a window are shown in a box."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from desktop.start import startup_errors

SENTENCE = "Something is amiss: “a” & <b>."
DISPLAY = {"DISPLAY": ":77"}
posix = pytest.mark.skipif(sys.platform == "win32", reason="forks")


class Stderr:
    def __init__(self, terminal: bool) -> None:
        self.terminal, self.text = terminal, ""

    def isatty(self) -> bool:
        return self.terminal

    def write(self, text: str) -> None:
        self.text += text


@pytest.mark.parametrize(
    ("terminal", "window", "seen"),
    [(False, True, True), (True, True, False), (False, False, False), (True, False, False)],
)
def test_a_box_only_if_stderr_is_no_terminal(
    terminal: bool, window: bool, seen: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    stderr, shown = Stderr(terminal), []
    monkeypatch.setattr(sys, "stderr", stderr)
    startup_errors.say(SENTENCE, window, lambda sentence: shown.append(sentence) or True)
    assert stderr.text == f"inkfall: {SENTENCE}\n"
    assert shown == [SENTENCE] * seen


def test_a_program_without_a_console(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr(sys, "stderr", None)
    startup_errors.say(SENTENCE, True, lambda sentence: shown.append(sentence) or True)
    assert shown == [SENTENCE]


@pytest.mark.parametrize(
    ("environment", "there"),
    [
        ({}, False),
        (DISPLAY, True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, True),
        ({**DISPLAY, "QT_QPA_PLATFORM": "offscreen"}, False),
        ({**DISPLAY, "QT_QPA_PLATFORM": "wayland:xcb"}, True),
    ],
)
def test_displays(environment: dict[str, str], there: bool) -> None:
    assert startup_errors.has_display(environment) is there
    if not there:
        assert not startup_errors.show_box(SENTENCE, environment, "linux")


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is the whole PATH; Qt does not work."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(startup_errors, "by_qt", lambda _sentence: False)
    return tmp_path


def program(folder: Path, name: str, status: int = 0, error: str = "") -> Path:
    """A program that writes down what it was given."""
    shown = folder / f"{name}.shown"
    file = folder / name
    keeps = f"""for one; do printf '%s\\n' "$one"; done > '{shown}'"""
    file.write_text(f"#!/bin/sh\n{keeps}\necho '{error}' >&2\nexit {status}\n")
    file.chmod(0o755)
    return shown


@posix
@pytest.mark.parametrize("name", ["zenity", "kdialog", "xmessage", "notify-send"])
def test_the_desktops_own_programs(programs: Path, name: str) -> None:
    assert not startup_errors.show_box(SENTENCE, DISPLAY, "linux")
    shown = program(programs, name)
    assert startup_errors.show_box(SENTENCE, DISPLAY, "linux")
    assert shown.read_text().splitlines()[-1] == SENTENCE


@posix
def test_the_next_program_if_one_fails(programs: Path) -> None:
    program(programs, "zenity", 255)
    program(programs, "kdialog", 1, "cannot open display: :77")
    shown = program(programs, "xmessage", 1)  # closed by the window's own button
    assert startup_errors.show_box(SENTENCE, DISPLAY, "linux")
    assert SENTENCE in shown.read_text()


@posix
def test_macos(programs: Path) -> None:
    shown = program(programs, "osascript")
    assert startup_errors.show_box('a "b" \\c', {}, "darwin")
    assert shown.read_text().splitlines()[-1] == 'display alert "Inkfall" message "a \\"b\\" \\\\c" as critical'


@posix
def test_qt_may_end_its_process() -> None:
    assert startup_errors.by_qt(SENTENCE, lambda _sentence: None)
    assert not startup_errors.by_qt(SENTENCE, lambda _sentence: os.kill(os.getpid(), signal.SIGKILL))

    def lacking(_sentence: str) -> None:
        raise ImportError("libEGL.so.1: cannot open shared object file")

    assert not startup_errors.by_qt(SENTENCE, lacking)


def started(code: str, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A start of the program in a process of its own, with that done before."""
    given = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    given.pop("QT_QPA_PLATFORM", None)
    command = f"import sys; sys.argv = ['inkfall']; {code}; from desktop.__main__ import main; sys.exit(main())"
    return subprocess.run(
        [sys.executable, "-c", command],
        env={**given, "INKFALL_HOME": str(home), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@posix
def test_the_program_says_why_it_does_not_start(tmp_path: Path) -> None:
    shown = program(tmp_path, "zenity")
    shows = "from desktop.start import startup_errors; startup_errors.by_qt = lambda _sentence: False"
    path = {"PATH": f"{tmp_path}:{os.environ['PATH']}", **DISPLAY}
    old = "from models.llamacpp import processor; processor.lacking = lambda: 'This processor is too old.'"
    done = started(f"{shows}; {old}", tmp_path / "home", **path)
    assert (done.returncode, done.stderr) == (1, "inkfall: This processor is too old.\n")
    assert shown.read_text().splitlines()[-1] == "This processor is too old."
    lacks = "from desktop.terminal import libraries; libraries.packages = lambda _lacking: ('libegl1',)"
    done = started(f"{shows}; {lacks}", tmp_path / "home", **path)
    assert done.returncode == 1
    assert shown.read_text().splitlines()[-1].endswith("apt-get install libegl1")
    done = started("pass", tmp_path / "home")
    assert done.returncode == 1
    assert "no display" in done.stderr


@posix
def test_a_bug_before_the_window(tmp_path: Path) -> None:
    shown = program(tmp_path, "zenity")
    breaks = (
        "from desktop import app; from desktop.start import startup_errors\n"
        "startup_errors.by_qt = lambda _sentence: False\n"
        "def run(paths): raise LookupError('no page: \"my diary\"')\n"
        "app.run = run\n"
    )
    code = f"exec({breaks!r})"
    home = tmp_path / "home"
    done = started(code, home, PATH=f"{tmp_path}:{os.environ['PATH']}", **DISPLAY)
    assert done.returncode == 1
    assert "LookupError" in done.stderr
    assert "could not start" in shown.read_text()
    report = (home / "log" / "crash.log").read_text()
    assert "LookupError: no page: '…'" in report
    (home / "log" / "crash.log").unlink()
    (home / "log").rmdir()
    (home / "log").write_text("a file where the folder should be")
    started(code, home, PATH=f"{tmp_path}:{os.environ['PATH']}", **DISPLAY)
    assert shown.read_text().strip().endswith("a mistake of its own: LookupError.")
