"""The queue: the effect of each request, that none waits, and that a restart loses nothing."""

import threading
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from models.library.download.conditions import Conditions
from models.library.download.progress import PausedError, Progress, RefusedError
from models.library.download.queue import CLOSED, Download, Downloads
from models.library.download.queue_store import StoredDownload, read, write
from models.library.download.rate import DownloadRate
from models.library.downloadable import Downloadable, RemoteFile
from models.library.hub.connection import Connection
from tests.models.library.download.conftest import MEGABYTE, Shop

PATIENCE = 20.0  # seconds until something that should have happened has not


def item_named(name: str, size: int = 100) -> Downloadable:
    return Downloadable("owner/name", "c" * 40, "Q4_K_M", (RemoteFile(f"{name}.gguf", size, "0" * 64),))


@dataclass
class Script:
    """A stand-in for `fetch`: takes a step for each permit, and ends when `over` is set. begun: names in the order of
    their start."""

    begun: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    ends: dict[str, Exception] = field(default_factory=dict)
    permits: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    over: threading.Event = field(default_factory=threading.Event)

    def fetch(
        self, item: Downloadable, folder: Path, connection: Connection, conditions: Conditions
    ) -> Generator[Progress, None, Path]:
        self.begun.append(item.name)
        try:
            for done in range(0, item.size + 1, 10):
                while not self.over.is_set() and not self.permits.acquire(timeout=0.01):
                    yield Progress("downloading", done, item.size)
                if item.name in self.ends:
                    raise self.ends.pop(item.name)
            yield Progress("done", item.size, item.size, "said at the end")
        finally:
            self.closed.append(item.name)
        return folder / item.name


@dataclass
class Queues:
    """Queues of one folder, closed after the test."""

    folder: Path
    script: Script
    made: list[Downloads] = field(default_factory=list)

    def open(self) -> Downloads:
        queue = Downloads(
            self.folder / "models",
            self.folder / "queue.json",
            lambda: Connection(offline=True),
            fetch=self.script.fetch,
        )
        self.made.append(queue)
        return queue


@pytest.fixture
def queues(tmp_path: Path) -> Iterator[Queues]:
    queues = Queues(tmp_path, Script())
    yield queues
    queues.script.over.set()
    for queue in queues.made:
        queue.close()


def until(holds: Callable[[], bool]) -> None:
    """Wait for another thread to come to that."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.005)


def phases(queue: Downloads) -> list[str]:
    return [download.phase for download in queue.snapshot()]


def reach(queue: Downloads, *wanted: str) -> tuple[Download, ...]:
    """The snapshot when it has come to these phases."""
    until(lambda: phases(queue) == list(wanted))
    return queue.snapshot()


def test_one_after_the_other_in_the_order_of_adding(queues: Queues) -> None:
    queue = queues.open()
    for name in "abc":
        queue.add(item_named(name))
    assert phases(queue)[1:] == ["queued", "queued"]
    queues.script.over.set()
    shown = reach(queue, "done", "done", "done")
    assert queues.script.begun == ["a.gguf", "b.gguf", "c.gguf"]
    assert (shown[0].done, shown[0].total, shown[0].sentence) == (100, 100, "said at the end")
    assert shown[0].path == queues.folder / "models" / "owner--name" / "a.gguf"


def test_pausing_stops_it_and_the_next_begins(queues: Queues) -> None:
    queue = queues.open()
    a, b = item_named("a"), item_named("b")
    queue.add(a)
    queue.add(b)
    reach(queue, "downloading", "queued")
    queue.pause(a)
    assert phases(queue)[0] == "paused"  # at once, whatever the network does
    reach(queue, "paused", "downloading")
    assert queues.script.closed == ["a.gguf"]
    queue.pause(b)
    queue.resume(a)
    reach(queue, "downloading", "paused")
    assert queues.script.begun == ["a.gguf", "b.gguf", "a.gguf"]


def test_pausing_and_resuming_in_one_breath_begins_a_second_run(queues: Queues) -> None:
    queue = queues.open()
    queue.add(item_named("a"))
    reach(queue, "downloading")
    queue.pause(item_named("a"))
    queue.resume(item_named("a"))
    until(lambda: queues.script.begun == ["a.gguf", "a.gguf"])
    reach(queue, "downloading")


def test_one_that_waits_in_the_queue_can_be_paused_too(queues: Queues) -> None:
    queue = queues.open()
    queue.add(item_named("a"))
    queue.add(item_named("b"))
    queue.pause(item_named("b"))
    queues.script.over.set()
    reach(queue, "done", "paused")
    assert queues.script.begun == ["a.gguf"]


def test_cancelling_removes_the_entry_and_deletes_its_files(queues: Queues) -> None:
    queue, room = queues.open(), queues.folder / "models" / "owner--name"
    room.mkdir(parents=True)
    for name in ("a.gguf.part", "a.gguf.part.json", "b.gguf"):
        (room / name).write_bytes(b"x")
    queue.add(item_named("a"))
    reach(queue, "downloading")
    queue.cancel(item_named("a"))
    assert queue.snapshot() == ()
    until(lambda: [path.name for path in room.iterdir()] == ["b.gguf"])
    assert queues.script.closed == ["a.gguf"]


def test_removing_leaves_the_file_of_a_finished_one(queues: Queues) -> None:
    queue, room = queues.open(), queues.folder / "models" / "owner--name"
    room.mkdir(parents=True)
    (room / "a.gguf").write_bytes(bytes(100))
    queue.add(item_named("a"))
    queues.script.over.set()
    reach(queue, "done")
    queue.cancel(item_named("a"))
    assert phases(queue) == ["done"]  # there is nothing to give up
    queue.remove(item_named("a"))
    assert queue.snapshot() == () and (room / "a.gguf").exists()


def test_a_stopped_download_has_a_sentence_and_can_be_tried_again(queues: Queues) -> None:
    queue = queues.open()
    queues.script.ends["a.gguf"] = PausedError("The disk is full.")
    queues.script.ends["b.gguf"] = RefusedError("It is gated.", url="https://hub/b")
    queues.script.over.set()
    queue.add(item_named("a"))
    queue.add(item_named("b"))
    a, b = reach(queue, "paused", "failed")
    assert (a.sentence, b.sentence, b.url) == ("The disk is full.", "It is gated.", "https://hub/b")
    queue.resume(b.item)
    queue.add(a.item)
    reach(queue, "done", "done")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_mistake_of_ours_stops_one_download_only(queues: Queues) -> None:
    queue = queues.open()
    queues.script.ends["a.gguf"] = KeyError("a mistake")
    queues.script.over.set()
    queue.add(item_named("a"))
    queue.add(item_named("b"))
    assert "mistake" in reach(queue, "failed", "done")[0].sentence


def test_a_restart_brings_all_of_it_back_and_contacts_nothing(queues: Queues) -> None:
    queue = queues.open()
    queues.script.permits.release(3)
    for name in "ab":
        queue.add(item_named(name))
    until(lambda: queue.snapshot()[0].done == 30)
    queue.close()
    assert [download.sentence for download in queue.snapshot()] == [CLOSED, CLOSED]
    again = queues.open()
    assert [(shown.item, shown.phase, shown.done) for shown in again.snapshot()] == [
        (item_named("a"), "paused", 30),
        (item_named("b"), "paused", 0),
    ]
    assert queues.script.begun == ["a.gguf"]
    queues.script.over.set()
    again.resume(item_named("b"))
    reach(again, "paused", "done")


def test_additions_are_saved_at_once(queues: Queues) -> None:
    queues.open().add(item_named("a"))
    until(lambda: [stored.item for stored in read(queues.folder / "queue.json")] == [item_named("a")])
    assert read(queues.folder / "queue.json")[0].state == "paused"


def test_no_wish_waits_for_a_network_that_is_silent(queues: Queues) -> None:
    started, released = threading.Event(), threading.Event()

    def silent(*_: object) -> Generator[Progress, None, Path]:
        started.set()
        released.wait(PATIENCE)
        yield Progress("done", 1, 1)
        return Path()

    queue = Downloads(queues.folder, queues.folder / "queue.json", Connection, fetch=silent)
    queue.add(item_named("a"))
    assert started.wait(PATIENCE)
    began = time.perf_counter()
    queue.add(item_named("b"))
    queue.pause(item_named("a"))
    queue.resume(item_named("a"))
    queue.cancel(item_named("b"))
    queue.snapshot()
    assert time.perf_counter() - began < 0.5  # no wait for a network is as short
    released.set()
    queue.close()


def test_adding_what_is_under_way_or_unfit(queues: Queues) -> None:
    queue = queues.open()
    queue.add(item_named("a"))
    queue.add(item_named("a"))
    assert len(queue.snapshot()) == 1
    with pytest.raises(RefusedError):
        queue.add(item_named("../a"))


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"downloads": 3}', '{"downloads": [3, {}, {"item": {}}, {"item": 1}]}']
)
def test_a_damaged_file_is_an_empty_queue(queues: Queues, content: str) -> None:
    (queues.folder / "queue.json").write_text(content)
    assert queues.open().snapshot() == ()


def test_the_queue_is_read_back_without_hostile_names(queues: Queues) -> None:
    pieces = replace(item_named("a"), split="pieces", files=(RemoteFile("a.gguf.part1of1", 5, ""),))
    queue = (StoredDownload(pieces, "failed", 3, "Why: é."), StoredDownload(item_named("../b"), "paused", 0, ""))
    write(queues.folder / "queue.json", queue)
    assert read(queues.folder / "queue.json") == queue
    assert [download.item for download in queues.open().snapshot()] == [pieces]


def test_the_real_thing_in_the_queue(shop: Shop, tmp_path: Path) -> None:
    item = shop.offer()
    queue = Downloads(shop.folder, tmp_path / "queue.json", shop.connection, shop.conditions)
    shop.hub.speed = 10 * MEGABYTE
    queue.add(item)
    until(lambda: queue.snapshot()[0].done > 500_000)
    queue.pause(item)
    until(lambda: shop.left() == ["a-Q4_K_M.gguf.part", "a-Q4_K_M.gguf.part.json"])
    queue.resume(item)
    reach(queue, "done")
    queue.close()
    assert shop.left() == ["a-Q4_K_M.gguf"] and shop.hub.ranges()[-1] != ""


def test_speed_is_that_of_the_last_seconds() -> None:
    speed = DownloadRate()
    assert speed.at(0.0) == 0.0
    for second in range(11):
        speed.note(float(second), second * 100)
    assert speed.at(10.0) == pytest.approx(100.0)
    for second in range(11, 17):
        speed.note(float(second), 1_000 + (second - 10) * 500)
    assert speed.at(16.0) == pytest.approx(500.0, rel=0.1)
    assert speed.at(18.5) == pytest.approx(250.0, rel=0.2)  # silence counts
    assert speed.at(30.0) == 0.0
