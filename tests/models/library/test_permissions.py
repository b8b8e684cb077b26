"""Files in our own folders are this user's alone; others follow the umask."""

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.library import permissions
from models.library.app_dirs import under
from models.library.json_file import write_json

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there folders have access lists")


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The usual umask, and no folder that is ours yet."""
    monkeypatch.setattr(permissions, "_ours", set())
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_folder_and_all_that_is_missing_above_it(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    permissions.make_folder(tmp_path / "a" / "b" / "c")
    permissions.make_folder(tmp_path / "a" / "b" / "c")
    assert [mode(tmp_path / name) for name in ("", "a", "a/b", "a/b/c")] == [0o755, 0o700, 0o700, 0o700]
    (tmp_path / "file").touch()
    for bad in (tmp_path / "file", tmp_path / "file" / "x"):
        with pytest.raises(OSError, match="file"):
            permissions.make_folder(bad)


def test_a_small_file_of_ours(tmp_path: Path) -> None:
    write_json(tmp_path / "new" / "notes.json", {})
    with open(tmp_path / "log", "a", opener=permissions.opener) as log:
        log.write("x")
    assert [mode(tmp_path / name) for name in ("new", "new/notes.json", "log")] == [0o700, 0o600, 0o600]


def test_existing_files_are_closed(tmp_path: Path) -> None:
    home = under(tmp_path / "home")
    for folder in (home.pages, home.config, home.log, tmp_path / "elsewhere"):
        folder.mkdir(parents=True)
    home.cache.symlink_to(tmp_path / "elsewhere")
    permissions.claim(home)
    permissions.claim(home)
    assert {mode(folder) for folder in (home.data, home.config, home.log)} == {0o700}
    assert mode(tmp_path / "home") == mode(tmp_path / "elsewhere") == 0o755  # these are the user's own affair


def test_only_our_folders_are_closed(tmp_path: Path) -> None:
    home = under(tmp_path / "home")
    permissions.claim(home)
    (tmp_path / "link").symlink_to(home.data)
    assert permissions.is_ours(home.pages / "x.inkfall") and permissions.is_ours(tmp_path / "link" / "x")
    assert not permissions.is_ours(tmp_path / "home" / "x") and not permissions.is_ours(home.data / ".." / "x")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a folder away")
def test_another_users_folder_is_left_alone(tmp_path: Path) -> None:
    home = under(tmp_path)
    home.data.mkdir()
    os.chown(home.data, 12_345, 12_345)
    permissions.claim(home)
    assert mode(home.data) == 0o755
