"""Unwritable folders, a full disk, unreadable settings: the window opens, takes text, and says so."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.window]
PATIENCE = 60.0  # seconds
UNSHARE = shutil.which("unshare")


def types(home: Path, *before: str) -> tuple[str, int]:
    """Start the program there, type; returns the sentences of the notice and the number of uncaught errors."""
    environment = {**os.environ, "INKFALL_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    command = [*before, sys.executable, "-m", "tests.window.driving", "types", "scripted:"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["page"] == "some words"
    return " ".join(result["sentences"]), result["mistakes"]


def test_files_in_place_of_the_folders(tmp_path: Path) -> None:
    for name in ("data", "config", "log", "cache"):
        (tmp_path / name).write_text("in the way")
    sentences, mistakes = types(tmp_path)
    assert "settings.json could not be read" in sentences
    assert ".inkfall” could not be written" in sentences
    assert mistakes == 0


def test_settings_that_cannot_be_read(tmp_path: Path) -> None:
    file = tmp_path / "config" / "settings.json"
    file.parent.mkdir()
    file.write_text('{"theme": ')
    sentences, mistakes = types(tmp_path)
    assert "the defaults are used" in sentences
    assert mistakes == 0


def can_mount() -> bool:
    """Whether a file system of our own can be put somewhere, which takes root."""
    if not sys.platform.startswith("linux") or UNSHARE is None:
        return False
    tried = subprocess.run([UNSHARE, "-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False)
    return tried.returncode == 0


@pytest.mark.skipif(not can_mount(), reason="mounting a small disk takes root")
def test_a_full_disk(tmp_path: Path) -> None:
    script = f"mount -t tmpfs -o size=16k tmpfs '{tmp_path}'; head -c 16k /dev/zero > '{tmp_path}/all'; exec \"$@\""
    sentences, mistakes = types(tmp_path, str(UNSHARE), "-m", "sh", "-c", script, "sh")
    assert "no room on the disk" in sentences
    assert mistakes == 0


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="another user is played by root")
def test_a_folder_that_is_locked(tmp_path: Path) -> None:
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("there is no setpriv")
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o700)
    sentences, mistakes = types(locked / "home", setpriv, "--reuid=65534", "--regid=65534", "--clear-groups")
    assert "permission denied" in sentences
    assert mistakes == 0
