"""Small files changed by many threads and processes lose no change."""

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from models.launch.launch_cache import LaunchCache
from models.library import kind_overrides, user_folders
from models.library.app_dirs import under
from models.library.download import queue_store
from models.library.download.locking import held
from models.library.downloadable import Downloadable, RemoteFile
from models.library.json_file import change_json, read_json, write_json

ROOT = Path(__file__).resolve().parents[3]
PROCESSES, THREADS, EACH = 5, 3, 8
WRITER = """
import sys, threading
from pathlib import Path
from models.launch.launch_cache import LaunchCache
notes, process, threads, each = LaunchCache(Path(sys.argv[1])), *map(int, sys.argv[2:])
start = threading.Barrier(threads)
def put(thread):
    start.wait()
    for number in range(each):
        assert notes.put(f"{process} {thread} {number}", {"of": process})
running = [threading.Thread(target=put, args=(thread,)) for thread in range(threads)]
for one in running: one.start()
for one in running: one.join()
"""


def test_notes_of_many_threads_and_processes_are_all_kept(tmp_path: Path) -> None:
    file = tmp_path / "engine-notes.json"
    write_json(file, {"one from before": {}})
    command = [sys.executable, "-c", WRITER, str(file)]
    numbers = (str(THREADS), str(EACH))
    running = [subprocess.Popen([*command, str(process), *numbers], cwd=ROOT) for process in range(PROCESSES)]
    assert [process.wait(120) for process in running] == [0] * PROCESSES
    names = {f"{p} {t} {n}" for p in range(PROCESSES) for t in range(THREADS) for n in range(EACH)}
    assert set(read_json(file)) == {"one from before", *names}
    assert {path.name for path in tmp_path.iterdir()} == {file.name, f".{file.name}.lock"}


def at_once(*works: Callable[[], object]) -> None:
    """All of them in threads that begin together."""
    start = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> None:
        start.wait()
        work()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_concurrent_additions_to_our_lists_are_all_kept(tmp_path: Path) -> None:
    home, many = under(tmp_path), range(12)
    at_once(
        *(lambda number=number: kind_overrides.overrule(f"{number}", "base", home) for number in many),
        *(lambda number=number: user_folders.link(tmp_path / f"{number}.gguf", home) for number in many),
    )
    assert len(kind_overrides.read(home)) == len(user_folders.read(home).files) == len(many)


def test_two_queues_keep_each_others_downloads(tmp_path: Path) -> None:
    """Two windows: what one adds the other does not lose; what one takes away stays away."""
    file = tmp_path / "downloads.json"

    def entry(name: str) -> queue_store.StoredDownload:
        return queue_store.StoredDownload(
            Downloadable("x/y", "c" * 40, "", (RemoteFile(name, 9, ""),)), "paused", 0, ""
        )

    old, first, second = map(entry, ("old", "first", "second"))
    queue_store.write(file, [old])
    known = {old.item}
    queue_store.write(file, [old, first], known | {first.item})
    queue_store.write(file, [old, second], known | {second.item})
    assert set(queue_store.read(file)) == {old, first, second}
    queue_store.write(file, [first], known | {first.item})
    assert set(queue_store.read(file)) == {first, second}


def test_the_lock_is_waited_for_only_so_long(tmp_path: Path) -> None:
    now, waits = [0.0], list[float]()

    def wait(seconds: float) -> None:
        waits.append(seconds)
        now[0] += seconds

    def again() -> None:
        with held(tmp_path / "a", patience=1.0, clock=lambda: now[0], wait=wait):
            pytest.fail("two have it")

    with held(tmp_path / "a"), pytest.raises(TimeoutError):
        again()
    assert waits and now[0] == pytest.approx(1.0, abs=0.1)
    with held(tmp_path / "a"):
        pass  # and it is free again


def test_a_failed_write_is_not_reported_as_success(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert not LaunchCache(tmp_path / "file" / "notes.json").put("a", {})


def test_an_unreadable_file_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.json"
    write_json(file, {"a": 1})

    def locked(_path: Path, *_mode: object, **_named: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", locked)
        with pytest.raises(PermissionError):
            change_json(file, lambda found: {**found, "b": 2})
    assert read_json(file) == {"a": 1}


def test_nothing_is_written_where_nothing_changes(tmp_path: Path) -> None:
    change_json(tmp_path / "a.json", dict)
    assert not (tmp_path / "a.json").exists()
