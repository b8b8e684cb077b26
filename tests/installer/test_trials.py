"""The conditions under which trials of a package pass."""

import subprocess
from pathlib import Path

import pytest

from installer import apt, traps, trial
from installer.trial import (
    USER,
    Chroot,
    TrialError,
    check,
    check_no_trap_ran,
    enter_trap_folder,
    minimal,
    reporting_errors,
)
from installer.trial_graphics import CASES
from installer.trial_processors import PROCESSORS, Processor, check_output

WRITES = "backend    CPU: AVX2 (haswell)\nself-test  passed: it wrote\ndoctor ended with 0\ncomplete ended with 0"
TOO_OLD = "inkfall: This processor lacks SSE4.2: …\ndoctor ended with 1"


@pytest.mark.parametrize(("backend", "output"), [("haswell", WRITES), ("", TOO_OLD)])
def test_a_processor_that_is_as_it_has_to_be(backend: str, output: str) -> None:
    check_output(Processor("any", backend), output)


@pytest.mark.parametrize(
    ("backend", "output", "words"),
    [
        ("sandybridge", WRITES, "was not chosen"),
        ("haswell", WRITES.replace("passed", "FAILED"), "does not write"),
        ("haswell", WRITES.replace("complete ended with 0", "complete ended with 1"), "does not write"),
        ("", "Illegal instruction\ndoctor ended with 132", "too old"),
        ("", TOO_OLD.replace("with 1", "with 0"), "too old"),
    ],
)
def test_a_processor_that_is_not(backend: str, output: str, words: str) -> None:
    with pytest.raises(TrialError, match=words):
        check_output(Processor("any", backend), output)


def test_every_kind_of_processor_and_driver_is_tried_once() -> None:
    assert [one.backend for one in PROCESSORS] == ["haswell", "sandybridge", "sse42", ""]
    assert len({case.name for case in CASES}) == len({case.words for case in CASES}) == len(CASES)


@pytest.fixture
def only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of programs, the only ones there are."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(trial, "SYSTEM", "")
    return tmp_path


def put(folder: Path, *programs: str) -> None:
    for program in programs:
        (folder / program).write_text("#!/bin/false\n")
        (folder / program).chmod(0o755)


def test_missing_programs_are_named_in_one_sentence(only: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(only, "unshare", "xdotool")
    with pytest.raises(SystemExit) as ended, reporting_errors():
        check([], "Xvfb", "xdotool")
    assert ended.value.code == "This needs debootstrap, Xvfb; on Debian: apt-get install debootstrap xvfb"
    put(only, "debootstrap", "Xvfb")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(TrialError, match="as root"):
        check([only], "Xvfb")
    monkeypatch.setattr("os.geteuid", lambda: 0)
    with pytest.raises(TrialError, match="make dist"):
        check([])
    with pytest.raises(TrialError, match=r"no such file: .*none\.deb"):
        check([only / "debootstrap", only / "none.deb"])
    check([only / "debootstrap"])


def test_a_debian_that_cannot_be_fetched(only: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "WORK", only / "work")
    monkeypatch.setattr(apt, "mirror", lambda _suite: "")
    with pytest.raises(TrialError, match="name no mirror"):
        minimal()
    monkeypatch.setattr(apt, "mirror", lambda _suite: "http://none.example/debian")
    (only / "debootstrap").write_text("#!/bin/sh\necho I: first\necho 'E: no such mirror' >&2\nexit 1\n")
    (only / "debootstrap").chmod(0o755)
    with pytest.raises(TrialError, match=r"no Debian bookworm from http://none\.example/debian: E: no such mirror"):
        minimal()


def test_a_refusal_of_the_system_is_one_sentence() -> None:
    with pytest.raises(SystemExit, match="mount --bind /a ended with 32"), reporting_errors():
        raise subprocess.CalledProcessError(32, ["mount", "--bind", Path("/a")])
    with pytest.raises(SystemExit, match="Permission denied"), reporting_errors():
        raise PermissionError(13, "Permission denied")


def test_running_a_file_of_the_working_folder_ends_the_trial(tmp_path: Path) -> None:
    chroot = Chroot(tmp_path)
    enter_trap_folder(chroot)
    assert f"env -C /home/{USER}/trapped -i " in " ".join(chroot.offline_command("inkfall", "doctor"))
    folder = tmp_path / "home" / USER / "trapped"
    assert {"struct.py", "types.py", "socket.py"} <= {path.name for path in folder.iterdir()}
    check_no_trap_ran(chroot)
    (folder / traps.NOTES).write_text("module struct\n", encoding="utf-8")
    with pytest.raises(TrialError, match="working folder: module struct"):
        check_no_trap_ran(chroot)
