"""Starts without streams, working folder or home, and where nothing can be written: the program works, or one sentence
says why not."""

import os
import pwd
import subprocess
import sys
from pathlib import Path

import pytest

from desktop.__main__ import wants_window
from desktop.start import process_environment
from desktop.start.single_instance import socket_addresses
from models.library.app_dirs import app_dirs
from models.library.local_models import hub_cache
from tests.desktop.terminal.conftest import PATIENCE, ROOT, command, environment
from tests.models.tiny import make

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="its processes begin otherwise")
WRITES = ("complete", "-m", "scripted:", "-n", "3", "-p", "Once")
CLOSED = "inkfall: The output cannot be written: it is closed.\n"
NO_INPUT = "inkfall: The standard input cannot be read: it is closed.\n"
FULL = "inkfall: The output cannot be written: No space left on device.\n"
OUTPUTS = [
    WRITES,
    (*WRITES, "--json"),
    ("score", "-m", "scripted:", "-"),
    ("models", "list"),
    ("models", "list", "--catalogue"),
    ("doctor", "-m", "scripted:"),
    ("doctor", "--json", "-m", "scripted:"),
    ("--help",),
    ("complete", "--help"),
    ("--version",),
]


def shell(redirection: str, *arguments: str, folder: Path = ROOT, **changes: str) -> subprocess.CompletedProcess[str]:
    """`inkfall` as a shell starts it with that redirection."""
    return subprocess.run(
        ["sh", "-c", f'exec "$@" {redirection}', "sh", *command(*arguments)],
        cwd=folder,
        env=environment(PYTHONPATH=str(ROOT), PYTHONSAFEPATH="1", **changes),
        input="Once",
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )


# ------------------------------------------------------------------------------------------------ streams


@pytest.mark.parametrize("arguments", OUTPUTS, ids=" ".join)
def test_output_that_is_closed(arguments: tuple[str, ...]) -> None:
    done = shell(">&-", *arguments)
    assert (done.returncode, done.stderr) == (1, CLOSED)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device")
@pytest.mark.parametrize("arguments", OUTPUTS, ids=" ".join)
def test_output_on_a_full_disk(arguments: tuple[str, ...]) -> None:
    done = shell(">/dev/full", *arguments)
    assert (done.returncode, done.stderr) == (1, FULL)


def test_output_that_was_opened_for_reading() -> None:
    done = shell("1</dev/null", *WRITES)
    assert (done.returncode, done.stderr) == (1, CLOSED)


@pytest.mark.parametrize("arguments", [(*WRITES[:-2], "-"), ("score", "-m", "scripted:", "-")], ids=" ".join)
def test_input_that_is_closed(arguments: tuple[str, ...]) -> None:
    done = shell("<&-", *arguments)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", NO_INPUT)


@pytest.mark.parametrize("redirection", ["<&-", "2>&-", "<&- 2>&-", "2</dev/null"])
def test_streams_that_are_not_needed_may_be_closed(redirection: str) -> None:
    done = shell(redirection, *WRITES)
    assert (done.returncode, done.stderr) == (0, "") and done.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device")
def test_a_closed_stderr_does_not_end_the_program() -> None:
    done = shell("2>/dev/full", *WRITES)
    assert done.returncode == 0 and done.stdout
    assert shell("2>/dev/full", "complete", "-m", "none", "-p", "x").returncode == 1
    assert shell("2>/dev/full", "complete", "--none").returncode == 2


def test_all_of_them_closed() -> None:
    assert shell("<&- >&- 2>&-", *WRITES).returncode == 1


def test_nothing_else_takes_the_place_of_a_closed_stream(tmp_path: Path) -> None:
    """llama.cpp writes to those numbers, into whatever file is there."""
    code = (
        "import os; from desktop.start import process_environment; process_environment.mend()\n"
        f"file = os.open({str(tmp_path / 'file')!r}, os.O_WRONLY | os.O_CREAT)\n"
        "assert file > 2, file"
    )
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", sys.executable, "-c", code],
        cwd=ROOT,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0


# ------------------------------------------------------------------------------------------------ a working folder


def test_a_working_folder_that_is_gone(tmp_path: Path) -> None:
    model, folder = str(make(tmp_path / "tiny.gguf", "llama")), tmp_path / "gone"
    for arguments in (("complete", "-m", model, "-n", "3", "-p", "x"), ("doctor", "-m", model), ("inspect", model)):
        folder.mkdir()
        done = subprocess.run(
            ["sh", "-c", 'rmdir "$PWD" && exec "$@"', "sh", *command(*arguments)],
            cwd=folder,
            env=environment(PYTHONPATH=str(ROOT)),
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=PATIENCE,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, ""), arguments


@pytest.fixture
def back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path.cwd())


@pytest.mark.usefixtures("back")
def test_a_working_folder_without_permission(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    change = os.chdir

    def refuse(folder: str) -> None:
        if folder == str(tmp_path):
            raise PermissionError
        change(folder)

    change(tmp_path)
    monkeypatch.setattr(os, "chdir", refuse)
    process_environment.find_folder()
    assert Path.cwd() == Path("/")


@pytest.mark.usefixtures("back")
def test_an_accessible_working_folder_stays(tmp_path: Path) -> None:
    os.chdir(tmp_path)
    process_environment.find_folder()
    assert Path.cwd() == tmp_path


# ------------------------------------------------------------------------------------------------ a home


@pytest.mark.parametrize("home", ["/dev/null/none", "/proc/none"])
def test_a_home_that_cannot_be(home: str, tmp_path: Path) -> None:
    model = str(make(tmp_path / "tiny.gguf", "llama"))
    for variables in ({"INKFALL_HOME": home}, {"INKFALL_HOME": "", "HOME": home}):
        for arguments in (("complete", "-m", model, "-n", "3", "-p", "x"), ("doctor", "-m", model), ("models", "list")):
            done = shell("2>&1 >/dev/null", *arguments, **variables)  # pyright: ignore[reportArgumentType]
            assert (done.returncode, done.stdout) == (0, ""), (arguments, variables)


@pytest.fixture
def unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user whom the system does not know."""

    def none(who: object) -> None:
        raise KeyError(who)

    for name in ("HOME", "LOGNAME", "USER", "LNAME", "USERNAME", "INKFALL_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", none)
    monkeypatch.setattr(pwd, "getpwnam", none)


@pytest.mark.usefixtures("unknown")
def test_a_user_whom_the_system_does_not_know() -> None:
    variables = dict[str, str]()
    process_environment.find_home(variables)
    assert variables == {"HOME": "/"}
    assert socket_addresses(Path("/home"), {}) == ("/home/instance",)


def test_an_existing_home_stays(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    process_environment.find_home(os.environ)
    assert os.environ["HOME"] == str(tmp_path)


@pytest.mark.usefixtures("unknown")
def test_folders_of_an_unknown_user_are_taken_as_they_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert app_dirs({"INKFALL_HOME": "~nobody/x"}).data == tmp_path / "~nobody/x/data"
    assert hub_cache({"HF_HUB_CACHE": "~nobody/x"}) == tmp_path / "~nobody/x"


# ------------------------------------------------------------------------------------------------ names


def test_an_argument_that_can_be_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not wants_window(["a" * 10_000])

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "stat", refuse)
    assert not wants_window(["/closed/file"])
