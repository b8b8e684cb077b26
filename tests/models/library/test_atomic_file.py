"""A file appears whole or not at all, a failed write leaves nothing, and links are not followed."""

import io
import os
import secrets
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models.launch.launch_cache import LaunchCache
from models.library import atomic_file, installed, kind_overrides, starter, user_folders
from models.library.app_dirs import under
from models.library.atomic_file import part_of, replacing, temporary
from models.library.download import queue_store
from models.library.download.layout import Target
from models.library.download.sidecar import Sidecar, nothing
from models.library.downloadable import Downloadable, RemoteFile
from models.library.hub import far_header
from models.library.json_file import change_json, write_json

FULL, READ_ONLY = OSError(28, "No space left on device"), OSError(30, "Read-only file system")
Break = Callable[[pytest.MonkeyPatch], None]


def everything(folder: Path) -> dict[str, bytes]:
    """The contents of every file in the folder, except locks, which stay."""
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock"}


def refuse(error: OSError) -> Callable[..., Any]:
    def refused(*_given: object, **_named: object) -> Any:
        raise error

    return refused


class Full(io.FileIO):
    """A file on a disk that takes no more."""

    def write(self, _data: object, /) -> int:
        raise FULL


def break_write(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(atomic_file.os, "fdopen", lambda handle, mode, buffering: io.BufferedWriter(Full(handle, mode)))


def break_open(monkeypatch: pytest.MonkeyPatch) -> None:
    really = os.open

    def opened(path: Any, flags: int, *more: Any, **named: Any) -> int:
        if flags & os.O_EXCL:
            raise READ_ONLY
        return really(path, flags, *more, **named)

    monkeypatch.setattr(os, "open", opened)


BREAKS: dict[str, Break] = {
    "write": break_write,
    "fsync": lambda patch: patch.setattr(os, "fsync", refuse(FULL)),
    "replace": lambda patch: patch.setattr(os, "replace", refuse(READ_ONLY)),
    "open": break_open,
}
ITEM = Downloadable("x/y", "c" * 40, "Q4_K_M", (RemoteFile("a.gguf", 9, ""),))


def install(folder: Path, text: str) -> None:
    piece = folder.parent / f"{folder.name} {text}"
    piece.write_bytes(text.encode())
    starter.install(folder, [piece], sha256=starter.hashlib.sha256(text.encode()).hexdigest(), size=len(text))


WRITERS: dict[str, Callable[[Path, str], object]] = {
    "json": lambda folder, text: write_json(folder / "a.json", [text]),
    "changed json": lambda folder, text: change_json(folder / "a.json", lambda found: {**found, "a": text}),
    "the last model": lambda folder, text: installed.remember(text, under(folder)),
    "a header": lambda folder, text: far_header._save(folder / "h" / "a.gguf", text.encode()),
    "a sidecar": lambda folder, text: Sidecar(Target(folder / "a.gguf", ITEM.files), text, text).begin(nothing()),
    "a mark": lambda folder, text: kind_overrides.overrule(text, "base", under(folder)),
    "a folder": lambda folder, text: user_folders.add_folder(folder / text, under(folder)),
    "the queue": lambda folder, text: queue_store.write(
        folder / "q.json", [queue_store.StoredDownload(ITEM, "failed", 1, text)]
    ),
    "a note": lambda folder, text: LaunchCache(folder / "notes.json").put(text, {}),
    "the starter": install,
}


@pytest.mark.parametrize("broken", BREAKS)
@pytest.mark.parametrize("writer", WRITERS)
def test_nothing_of_a_write_that_fails_stays(
    writer: str, broken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "places"
    folder.mkdir()
    write = WRITERS[writer]
    write(folder, "before")
    before = everything(folder)
    assert before
    failed = False
    with monkeypatch.context() as patch:
        BREAKS[broken](patch)
        try:
            failed = write(folder, "afterwards") is False
        except (OSError, starter.StarterError):
            failed = True
    assert everything(folder) == before
    assert failed or writer == "the last model"  # which is done without
    write(folder, "afterwards")
    assert everything(folder) != before


def test_a_block_that_raises_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "a"
    target.write_bytes(b"before")

    def half() -> None:
        with replacing(target) as file:
            file.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        half()
    assert everything(tmp_path) == {str(target): b"before"}


def test_a_missing_folder_raises(tmp_path: Path) -> None:
    def write() -> None:
        with replacing(tmp_path / "gone" / "a") as file:
            file.write(b"x")

    with pytest.raises(FileNotFoundError):
        write()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_who_may_read_it(tmp_path: Path) -> None:
    def mode(target: Path, private: bool) -> int:
        with replacing(target, private) as file:
            assert stat.S_IMODE(os.fstat(file.fileno()).st_mode) & (0o077 if private else 0) == 0
        return stat.S_IMODE(target.stat().st_mode)

    before = os.umask(0o027)
    try:
        assert mode(tmp_path / "shared", private=False) == 0o640
        (tmp_path / "shared").chmod(0o604)
        assert mode(tmp_path / "shared", private=False) == 0o604
        assert mode(tmp_path / "shared", private=True) == 0o600
        assert mode(tmp_path / "private", private=True) == 0o600
        with replacing(tmp_path / "private") as file:  # others may not read it while it is written either
            assert stat.S_IMODE(os.fstat(file.fileno()).st_mode) == 0o600
    finally:
        os.umask(before)


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
class TestLinks:
    def test_one_at_the_temporary_name_is_never_written_through(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        victim = tmp_path / "victim"
        victim.write_bytes(b"mine")
        monkeypatch.setattr(secrets, "token_hex", lambda _size: "guessed")
        planted = part_of(tmp_path / "a", "guessed")
        for lead in (victim, tmp_path / "not there"):
            planted.symlink_to(lead)
            with pytest.raises(FileExistsError):
                write_json(tmp_path / "a", {})
            assert victim.read_bytes() == b"mine" and not (tmp_path / "not there").exists()
            assert planted.is_symlink() and not (tmp_path / "a").exists()  # it is not ours to remove
            planted.unlink()

    def test_names_cannot_be_guessed(self, tmp_path: Path) -> None:
        found: set[Path] = set()
        for _ in range(3):
            with temporary(tmp_path / "a") as (handle, part):
                os.close(handle)
                found.add(part)
        assert len(found) == 3 and all(len(path.name) > 16 for path in found) and not list(tmp_path.iterdir())

    def test_one_in_the_targets_place_is_replaced(self, tmp_path: Path) -> None:
        (tmp_path / "victim").write_bytes(b"mine")
        (tmp_path / "a.json").symlink_to(tmp_path / "victim")
        write_json(tmp_path / "a.json", {})
        assert (tmp_path / "victim").read_bytes() == b"mine" and not (tmp_path / "a.json").is_symlink()

    def test_one_at_the_lock_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "victim").write_bytes(b"mine")
        (tmp_path / ".a.json.lock").symlink_to(tmp_path / "victim")
        with pytest.raises(OSError, match="symbolic links"):
            change_json(tmp_path / "a.json", lambda _found: {"a": 1})
        assert not (tmp_path / "a.json").exists()


@pytest.mark.parametrize("name", ["x" * 255, "é" * 127, "🙂" * 63, "a\udce9" * 80])
def test_the_longest_names_have_a_temporary_one(tmp_path: Path, name: str) -> None:
    try:
        (tmp_path / name).touch()
    except OSError:
        pytest.skip("this disk has no such names")
    with replacing(tmp_path / name) as file:
        file.write(b"x")
    assert (tmp_path / name).read_bytes() == b"x"
