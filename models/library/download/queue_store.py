"""The queue on the disk: what is in it survives a restart. Written by a thread of its own: the newest state wins."""

import threading
from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal, cast, get_args

from models.library.downloadable import Downloadable, RemoteFile, Split
from models.library.json_file import change_json, read_json
from resources.language import SOURCE, SPOKEN, tr

State = Literal["paused", "failed", "done"]
STOPPED = tr("It stopped before Inkfall was started anew; resuming goes on from here.")


@dataclass(frozen=True, slots=True)
class StoredDownload:
    """A download as it is kept: whatever was running is paused. done: bytes. usable: see Download."""

    item: Downloadable
    state: State
    done: int
    sentence: str
    usable: bool = True


def read(file: Path) -> tuple[StoredDownload, ...]:
    """The queue in that file; what cannot be read of it is left out. A sentence in another language than the one
    spoken now is not shown.
    """
    return _queue(read_json(file))


def _queue(whole: dict[str, object]) -> tuple[StoredDownload, ...]:
    found, same = whole.get("downloads"), whole.get("language", SOURCE) == SPOKEN
    entries = cast("list[object]", found) if isinstance(found, list) else []
    queue = [kept for entry in entries if (kept := _kept(entry))]
    return tuple(kept if same or not kept.sentence else _silent(kept) for kept in queue)


def write(file: Path, queue: Iterable[StoredDownload], known: Collection[Downloadable] = ()) -> None:
    """Put the queue into the file. known: items that were ever in it; what another process has put there besides stays.
    Raises OSError; the old file is then as it was.
    """
    ours = tuple(queue)

    def changed(found: dict[str, object]) -> dict[str, object]:
        others = [
            kept for kept in _queue(found) if kept.item not in known and kept.item not in {one.item for one in ours}
        ]
        return {"language": SPOKEN, "downloads": [asdict(kept) for kept in (*others, *ours)]}

    change_json(file, changed)


class QueueWriter:
    """Writes the newest queue that it was given, soon, without the giver waiting for the disk."""

    def __init__(self, file: Path, known: Iterable[Downloadable] = ()) -> None:
        """known: the items of the queue as it was read."""
        self._file = file
        self._changed = threading.Condition()
        self._newest: tuple[StoredDownload, ...] | None = None
        self._known = set(known)  # all that were ever in it
        self._closing = False
        self._thread: threading.Thread | None = None

    def put(self, queue: tuple[StoredDownload, ...]) -> None:
        with self._changed:
            self._newest = queue
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="downloads' keeper", daemon=True)
                self._thread.start()
            self._changed.notify()

    def close(self) -> None:
        """Returns when the newest is written."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        if self._thread:
            self._thread.join()

    def _run(self) -> None:
        for queue in self._due():
            try:
                write(self._file, queue, self._known)
            except OSError:
                continue  # a full disk, most of all: the queue is shown all the same, and the next change tries again

    def _due(self) -> Iterator[tuple[StoredDownload, ...]]:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closing or self._newest is not None)
                queue, self._newest = self._newest, None
            if queue is None:
                return
            self._known.update(kept.item for kept in queue)
            yield queue


def _silent(kept: StoredDownload) -> StoredDownload:
    return replace(kept, sentence="" if kept.state == "done" else STOPPED)


def _kept(entry: object) -> StoredDownload | None:
    """An entry of the file, or None where it is none."""
    if not isinstance(entry, dict):
        return None
    told = cast("dict[str, object]", entry)
    item, state, done, sentence = _item(told.get("item")), told.get("state"), told.get("done"), told.get("sentence")
    if item is None or state not in get_args(State) or not isinstance(done, int) or not isinstance(sentence, str):
        return None
    return StoredDownload(
        item, cast(State, state), min(max(done, 0), item.size), sentence, told.get("usable") is not False
    )


def _item(value: object) -> Downloadable | None:
    if not isinstance(value, dict):
        return None
    told = cast("dict[str, object]", value)
    texts, split = [told.get(name) for name in ("repo", "commit", "quantisation")], told.get("split")
    listed = told.get("files")
    files = [_file(file) for file in cast("list[object]", listed)] if isinstance(listed, list) else []
    if not all(isinstance(text, str) for text in texts) or split not in get_args(Split) or not files or None in files:
        return None
    repo, commit, quantisation = cast("list[str]", texts)
    return Downloadable(repo, commit, quantisation, cast("tuple[RemoteFile, ...]", tuple(files)), cast(Split, split))


def _file(value: object) -> RemoteFile | None:
    if not isinstance(value, dict):
        return None
    told = cast("dict[str, object]", value)
    name, size, sha256 = told.get("name"), told.get("size"), told.get("sha256")
    if not isinstance(name, str) or not name or not isinstance(size, int) or size < 0 or not isinstance(sha256, str):
        return None
    return RemoteFile(name, size, sha256)
