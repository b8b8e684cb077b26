"""The paths of files, and the remains of a cancelled download."""

import sys
from pathlib import Path

import pytest

from models.library.download.layout import discard, final_path, is_complete, targets
from models.library.download.locking import lock
from models.library.download.progress import RefusedError
from models.library.downloadable import Downloadable, RemoteFile


def item(*names: str, split: str = "") -> Downloadable:
    files = tuple(RemoteFile(name, 10, "") for name in names)
    return Downloadable("owner/name", "c" * 40, "", files, split)  # pyright: ignore[reportArgumentType]


SHARDS = item("q/a-00001-of-00002.gguf", "q/a-00002-of-00002.gguf", split="shards")


def put(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / "owner--name" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(10))


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_one_folder_a_repository_and_the_first_shard_last(tmp_path: Path) -> None:
    assert final_path(item("a.gguf"), tmp_path) == tmp_path / "owner--name" / "a.gguf"
    assert final_path(item("q/a.gguf.part1of2", "q/a.gguf.part2of2", split="pieces"), tmp_path).name == "a.gguf"
    room = tmp_path / "owner--name" / "q"
    assert [target.final for target in targets(SHARDS, tmp_path)] == [
        room / "a-00002-of-00002.gguf",
        room / "a-00001-of-00002.gguf",
    ]
    assert final_path(SHARDS, tmp_path) == room / "a-00001-of-00002.gguf"


def test_it_is_here_when_every_file_has_its_size(tmp_path: Path) -> None:
    put(tmp_path, "q/a-00001-of-00002.gguf")
    assert not is_complete(SHARDS, tmp_path)
    put(tmp_path, "q/a-00002-of-00002.gguf")
    assert is_complete(SHARDS, tmp_path)
    (tmp_path / "owner--name" / "q" / "a-00002-of-00002.gguf").write_bytes(b"short")
    assert not is_complete(SHARDS, tmp_path)


def test_discarding_leaves_nothing_of_an_unfinished_item_and_all_of_a_finished_one(tmp_path: Path) -> None:
    put(
        tmp_path,
        "q/a-00002-of-00002.gguf",
        "q/a-00001-of-00002.gguf.part",
        "q/a-00001-of-00002.gguf.part.json",
        "b.gguf",
    )
    discard(SHARDS, tmp_path)
    assert left(tmp_path) == ["b.gguf"] and not (tmp_path / "owner--name" / "q").exists()
    discard(SHARDS, tmp_path)  # there is nothing to delete
    put(tmp_path, "q/a-00001-of-00002.gguf", "q/a-00002-of-00002.gguf")
    discard(SHARDS, tmp_path)
    assert len(left(tmp_path)) == 3


@pytest.mark.parametrize("repo", ["../..", "owner/..", "a\\b", "", "owner/na:me"])
def test_a_repository_cannot_name_another_folder(tmp_path: Path, repo: str) -> None:
    with pytest.raises(RefusedError):
        final_path(Downloadable(repo, "", "", (RemoteFile("a.gguf", 1, ""),)), tmp_path / "models")


def test_discarding_leaves_another_programs_download(tmp_path: Path) -> None:
    put(tmp_path, "q/a-00001-of-00002.gguf.part", "q/a-00001-of-00002.gguf.part.json", "q/a-00002-of-00002.gguf")
    with (tmp_path / "owner--name" / "q" / "a-00001-of-00002.gguf.part").open("r+b") as theirs:
        assert lock(theirs)
        discard(SHARDS, tmp_path)
        assert len(left(tmp_path)) == 3
    discard(SHARDS, tmp_path)
    assert left(tmp_path) == []


@pytest.mark.parametrize(("letters", "fits"), [(60, True), (80, False)])
def test_a_name_is_measured_as_the_disk_measures_it(tmp_path: Path, letters: int, fits: bool) -> None:
    long = item("\ud55c" * letters + ".gguf")  # three bytes each
    if fits:
        assert not is_complete(long, tmp_path)
    else:
        with pytest.raises(RefusedError):
            final_path(long, tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_discarding_deletes_links_and_nothing_that_they_lead_to(tmp_path: Path) -> None:
    names = ["q/a-00001-of-00002.gguf.part", "q/a-00001-of-00002.gguf.part.json", "q/a-00002-of-00002.gguf"]
    models = tmp_path / "models"
    put(models, *names)
    room, away = models / "owner--name" / "q", tmp_path / "away"
    room.rename(away)
    room.mkdir()
    for path in away.iterdir():
        (room / path.name).symlink_to(path)
    discard(SHARDS, models)
    assert not room.exists() and len(list(away.iterdir())) == 3
    room.symlink_to(away)
    with pytest.raises(OSError, match="lies outside the folder"):
        discard(SHARDS, models)
    assert room.is_symlink() and len(list(away.iterdir())) == 3
