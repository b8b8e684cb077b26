"""A file appears whole or not at all."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.exporting.atomic_export import ExportError, remove_remains, write_whole
from models.library.atomic_file import part_of


def test_the_parts_are_the_file(tmp_path: Path) -> None:
    write_whole(tmp_path / "a.txt", iter([b"one", b"", b" two"]))
    assert (tmp_path / "a.txt").read_bytes() == b"one two"
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_a_failed_export_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_bytes(b"before")

    def parts() -> Iterator[bytes]:
        yield b"half"
        raise OSError(28, "No space left on device")

    with pytest.raises(ExportError, match=r"“a\.txt” could not be written: no space left on device\."):
        write_whole(target, parts())
    assert target.read_bytes() == b"before" and len(list(tmp_path.iterdir())) == 1


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="no such file"):
        write_whole(tmp_path / "nowhere" / "a.txt", [b"x"])


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions, and no links without a privilege")
def test_permissions_and_links_stay(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_bytes(b"before")
    target.chmod(0o640)
    (tmp_path / "link.txt").symlink_to(target)
    write_whole(tmp_path / "link.txt", [b"after"])
    assert target.read_bytes() == b"after" and (tmp_path / "link.txt").is_symlink()
    assert target.stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_a_link_that_is_planted_at_the_temporary_name_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "victim").write_bytes(b"mine")
    part_of(tmp_path / "a.txt", "token").symlink_to(tmp_path / "victim")
    with pytest.raises(ExportError, match="file exists"):
        write_whole(tmp_path / "a.txt", [b"x"], "token")
    write_whole(tmp_path / "a.txt", [b"x"])
    assert (tmp_path / "victim").read_bytes() == b"mine" and (tmp_path / "a.txt").read_bytes() == b"x"


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_a_link_that_leads_nowhere_or_in_a_circle(tmp_path: Path) -> None:
    (tmp_path / "nowhere.txt").symlink_to(tmp_path / "new.txt")
    write_whole(tmp_path / "nowhere.txt", [b"x"])
    assert (tmp_path / "new.txt").read_bytes() == b"x"
    (tmp_path / "circle.txt").symlink_to(tmp_path / "circle.txt")
    write_whole(tmp_path / "circle.txt", [b"y"])
    assert (tmp_path / "circle.txt").read_bytes() == b"y"


def test_temporary_files_of_a_killed_process_are_removed(tmp_path: Path) -> None:
    part_of(tmp_path / "a.txt", "token").write_bytes(b"half")
    remove_remains(tmp_path / "a.txt", "token")
    assert not list(tmp_path.iterdir())
    remove_remains(tmp_path / "a.txt", "token")
