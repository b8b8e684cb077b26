"""A backend has a marker while it is loaded, and none afterwards, however that ends."""

import sys
import threading
from pathlib import Path

import pytest

from models.llamacpp import crash_markers


def markers_in(folder: Path) -> tuple[list[str], int]:
    """The files under suspicion, and how many threads wait for a standstill."""
    threads = [thread for thread in threading.enumerate() if thread.name == "standstill"]
    for thread in threads:
        thread.join(1)
    return [one.file for one in crash_markers.all_markers(folder)], sum(thread.is_alive() for thread in threads)


def test_one_that_raises_is_not_left_under_suspicion(tmp_path: Path) -> None:
    def load() -> None:
        with crash_markers.mark("libggml-x.so", tmp_path):
            assert [one.file for one in crash_markers.all_markers(tmp_path)] == ["libggml-x.so"]
            raise MemoryError

    with pytest.raises(MemoryError):
        load()
    assert markers_in(tmp_path) == ([], 0)


def test_nor_one_for_which_no_thread_can_be_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(RuntimeError), crash_markers.mark("libggml-x.so", tmp_path):
        pytest.fail("it was not begun")
    monkeypatch.undo()
    assert markers_in(tmp_path) == ([], 0)


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_the_target_of_a_link_in_its_place_stays(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    folder = tmp_path / "loading"
    folder.mkdir()
    note = folder / f"{crash_markers.PREFIX}{crash_markers.os.getpid()}-libggml-x.so"
    note.symlink_to(victim)
    with crash_markers.mark("libggml-x.so", folder):
        assert note.exists() and not note.is_symlink()
    assert not victim.exists()
