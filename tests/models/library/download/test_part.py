"""The part file by itself: the bytes that are left after a kill, a power failure or a damaged disk."""

import errno
import os
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from models.library.download.flushing import EVERY, Flushing
from models.library.download.layout import Target
from models.library.download.locking import lock
from models.library.download.part import BusyError, DamagedError, Part, UselessError
from models.library.downloadable import RemoteFile
from tests.models.library.hub_stand_in import sha256

NOTED = 10_000  # bytes between two notes in these tests
BLOCK = 1_000


@pytest.fixture
def content(make_model: Callable[[int], bytes]) -> bytes:
    return make_model(100_000)


@pytest.fixture
def target(tmp_path: Path, content: bytes) -> Target:
    return Target(tmp_path / "room" / "a.gguf", (RemoteFile("a.gguf", len(content), sha256(content)),))


@pytest.fixture
def open_part(target: Target) -> Iterator[Callable[[], Part]]:
    """Opens the part and checks it, after closing the one opened before."""
    opened: list[Part] = []

    def again() -> Part:
        for part in opened:
            part.close()
        opened.append(Part(target, "owner/name", "c" * 40, noted=NOTED))
        list(opened[-1].check())
        return opened[-1]

    yield again
    for part in opened:
        part.close()


def fill(part: Part, content: bytes, until: int) -> None:
    for start in range(part.length, until, BLOCK):
        part.write(content[start : min(start + BLOCK, until)])


def damage(path: Path, position: int) -> None:
    data = bytearray(path.read_bytes())
    data[position] ^= 1
    path.write_bytes(data)


def test_written_bytes_are_kept_and_continued(open_part: Callable[[], Part], target: Target, content: bytes) -> None:
    fill(open_part(), content, 55_500)
    part = open_part()
    assert part.length == 55_500
    fill(part, content, len(content))
    assert part.is_complete and part.finish(first=True) == target.final
    assert target.final.read_bytes() == content and not target.part.exists() and not target.sidecar.exists()


@pytest.mark.parametrize(("flipped", "kept"), [(45_000, 40_000), (9_999, 0), (10_000, 10_000), (39_999, 30_000)])
def test_a_damaged_block_costs_the_bytes_after_the_last_checksum(
    open_part: Callable[[], Part], target: Target, content: bytes, flipped: int, kept: int
) -> None:
    fill(open_part(), content, 55_500)
    damage(target.part, flipped)
    part = open_part()
    assert part.length == kept == target.part.stat().st_size
    fill(part, content, len(content))
    part.finish(first=True)
    assert target.final.read_bytes() == content


def test_damage_behind_the_last_note_is_found_in_the_end(
    open_part: Callable[[], Part], target: Target, content: bytes
) -> None:
    fill(open_part(), content, 55_500)
    damage(target.part, 52_000)
    part = open_part()
    with pytest.raises(DamagedError):
        fill(part, content, len(content))
    assert part.length == 0 and not target.final.exists()


def test_lost_bytes_and_foreign_bytes_at_the_end(open_part: Callable[[], Part], target: Target, content: bytes) -> None:
    fill(open_part(), content, 55_500)
    with target.part.open("r+b") as file:
        file.truncate(41_234)
    part = open_part()
    assert part.length == 41_234
    part.close()
    with target.part.open("ab") as file:
        file.write(bytes(500_000))
    part = open_part()
    assert part.length == 40_000  # zeros, as a power cut leaves them, contradict the next note


def test_a_torn_line_at_the_end_of_the_sidecar_costs_nothing(
    open_part: Callable[[], Part], target: Target, content: bytes
) -> None:
    fill(open_part(), content, 55_500)
    with target.sidecar.open("ab") as file:
        file.write(b'\n{"position": 55')
    part = open_part()
    assert part.length == 55_500
    fill(part, content, 75_000)
    damage(target.part, 68_000)
    part = open_part()
    assert part.length == 60_500  # the notes behind the torn line are read


@pytest.mark.parametrize("seed", range(20))
def test_any_garbage_in_the_sidecar_ends_in_the_right_file(
    open_part: Callable[[], Part], target: Target, content: bytes, seed: int
) -> None:
    chance = random.Random(seed)
    fill(open_part(), content, chance.randrange(0, len(content)))
    sidecar = bytearray(target.sidecar.read_bytes())
    for _ in range(chance.randrange(1, 30)):
        sidecar[chance.randrange(len(sidecar))] = chance.randrange(256)
    target.sidecar.write_bytes(sidecar)
    fill(open_part(), content, len(content))
    open_part().close()


def test_restarting_forgets_the_old_checksums(open_part: Callable[[], Part], target: Target, content: bytes) -> None:
    part = open_part()
    fill(part, bytes(len(content)), 35_000)
    part.name_content('"old"')
    part.restart()
    assert (part.length, part.etag) == (0, "")
    fill(part, content, 55_500)
    part = open_part()
    assert part.length == 55_500 and part.etag == ""


def test_the_etag_is_stored(open_part: Callable[[], Part], content: bytes) -> None:
    part = open_part()
    fill(part, content, 1_000)
    part.name_content('"abc"')
    assert open_part().etag == '"abc"'


def test_only_one_has_it(open_part: Callable[[], Part], target: Target) -> None:
    part = open_part()
    with pytest.raises(BusyError):
        Part(target, "owner/name", "c" * 40)
    part.close()
    Part(target, "owner/name", "c" * 40).close()


@pytest.mark.parametrize("hashed", [True, False])
def test_a_later_shard_need_only_look_like_a_gguf(tmp_path: Path, hashed: bool) -> None:
    for beginning, first, fine in ((b"GGUF\3", False, True), (b"GGUF\3", True, False), (b"<htm", False, False)):
        data = beginning + bytes(100)
        file = RemoteFile("a", len(data), sha256(data) if hashed else "")
        target = Target(tmp_path / f"{fine}{first}.gguf", (file,))
        part = Part(target, "owner/name", "")
        part.write(data)
        try:
            part.finish(first)
        except UselessError:
            part.remove()
        part.close()
        assert target.final.exists() == (fine or hashed) and bool(part.problem) == (hashed and not fine)


def test_a_part_that_another_program_put_in_its_place_gets_no_final_name(
    open_part: Callable[[], Part], target: Target, content: bytes
) -> None:
    part = open_part()
    fill(part, content, len(content))
    target.part.unlink()
    target.part.write_bytes(content[:50_000])
    with pytest.raises(BusyError):
        part.finish(first=False)
    assert not target.final.exists() and target.part.stat().st_size == 50_000


def test_a_failed_flush_is_raised_before_the_file_is_renamed() -> None:
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb"), os.fdopen(writer, "wb") as pipe:  # what cannot be flushed to a disk
        flushing = Flushing(pipe)
        flushing.wrote(EVERY)
        with pytest.raises(OSError, match="Invalid argument"):
            flushing.settle()
        flushing.close()


@pytest.mark.skipif(sys.platform == "win32", reason="locks are not asked for in this way there")
def test_a_file_system_without_locks_is_written_all_the_same(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import fcntl

    def refuse(*_: object) -> None:
        raise OSError(number, "")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with (tmp_path / "a").open("wb") as file:
        number = errno.ENOTSUP
        assert lock(file)
        number = errno.EIO
        with pytest.raises(OSError, match=r"\[Errno"):
            lock(file)


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
@pytest.mark.parametrize("link", ["symbolic", "to nothing", "hard"])
@pytest.mark.parametrize("which", ["part", "sidecar"])
def test_a_link_is_not_written_through(
    open_part: Callable[[], Part], target: Target, content: bytes, tmp_path: Path, which: str, link: str
) -> None:
    victim = tmp_path / "victim"
    name = target.part if which == "part" else target.sidecar
    name.parent.mkdir(parents=True)
    if link != "to nothing":
        victim.write_bytes(b"mine")
    if link == "hard":
        os.link(victim, name)
    else:
        name.symlink_to(victim)
    part = open_part()
    fill(part, content, len(content))
    part.finish(first=True)
    assert target.final.read_bytes() == content
    assert victim.exists() == (link != "to nothing") and (link == "to nothing" or victim.read_bytes() == b"mine")


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_link_that_is_put_there_while_it_grows(
    open_part: Callable[[], Part], target: Target, content: bytes, tmp_path: Path
) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"mine")
    part = open_part()
    fill(part, content, 55_500)
    for name in (target.part, target.sidecar):
        name.unlink()
        name.symlink_to(victim)
    fill(part, content, len(content))
    with pytest.raises(BusyError):
        part.finish(first=True)
    assert victim.read_bytes() == b"mine" and not target.final.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="there are none")
def test_a_pipe_in_its_place_does_not_block(open_part: Callable[[], Part], target: Target, content: bytes) -> None:
    target.part.parent.mkdir(parents=True)
    os.mkfifo(target.part)
    fill(open_part(), content, len(content))
    assert target.part.read_bytes() == content
