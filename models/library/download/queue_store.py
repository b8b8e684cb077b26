"""Reads the download queue from its file, and writes it there in a thread, always the newest state."""

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
    """A download in the file; running ones are stored as paused. done: bytes. usable: see queue.Download."""

    item: Downloadable
    state: State
    done: int
    sentence: str
    usable: bool = True


def read(file: Path) -> tuple[StoredDownload, ...]:
    """The queue in that file, without entries that cannot be read. Sentences in another language than the interface's
    are left out.
    """
    return _queue(read_json(file))


def _queue(content: dict[str, object]) -> tuple[StoredDownload, ...]:
    found, same = content.get("downloads"), content.get("language", SOURCE) == SPOKEN
    entries = cast("list[object]", found) if isinstance(found, list) else []
    queue = [stored for entry in entries if (stored := _stored(entry))]
    return tuple(stored if same or not stored.sentence else _without_sentence(stored) for stored in queue)


def write(file: Path, queue: Iterable[StoredDownload], known: Collection[Downloadable] = ()) -> None:
    """Write the queue to the file. known: all items ever in this queue; other items in the file, which another process
    added, stay. Raises OSError; the old file is then unchanged.
    """
    ours = tuple(queue)

    def changed(found: dict[str, object]) -> dict[str, object]:
        others = [
            stored
            for stored in _queue(found)
            if stored.item not in known and stored.item not in {one.item for one in ours}
        ]
        return {"language": SPOKEN, "downloads": [asdict(stored) for stored in (*others, *ours)]}

    change_json(file, changed)


class QueueWriter:
    """Writes the newest queue in a thread, so that the caller does not wait for the disk."""

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
                self._thread = threading.Thread(target=self._run, name="downloads' writer", daemon=True)
                self._thread.start()
            self._changed.notify()

    def close(self) -> None:
        """Write the newest queue and end the thread."""
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
                continue  # a full disk, for example: the next change tries again

    def _due(self) -> Iterator[tuple[StoredDownload, ...]]:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closing or self._newest is not None)
                queue, self._newest = self._newest, None
            if queue is None:
                return
            self._known.update(stored.item for stored in queue)
            yield queue


def _without_sentence(stored: StoredDownload) -> StoredDownload:
    return replace(stored, sentence="" if stored.state == "done" else STOPPED)


def _stored(entry: object) -> StoredDownload | None:
    """An entry of the file, or None if it is invalid."""
    if not isinstance(entry, dict):
        return None
    fields = cast("dict[str, object]", entry)
    item, state, done, sentence = (
        _item(fields.get("item")),
        fields.get("state"),
        fields.get("done"),
        fields.get("sentence"),
    )
    if item is None or state not in get_args(State) or not isinstance(done, int) or not isinstance(sentence, str):
        return None
    return StoredDownload(
        item, cast(State, state), min(max(done, 0), item.size), sentence, fields.get("usable") is not False
    )


def _item(value: object) -> Downloadable | None:
    if not isinstance(value, dict):
        return None
    fields = cast("dict[str, object]", value)
    texts, split = [fields.get(name) for name in ("repo", "commit", "quantisation")], fields.get("split")
    listed = fields.get("files")
    files = [_file(file) for file in cast("list[object]", listed)] if isinstance(listed, list) else []
    if not all(isinstance(text, str) for text in texts) or split not in get_args(Split) or not files or None in files:
        return None
    repo, commit, quantisation = cast("list[str]", texts)
    return Downloadable(repo, commit, quantisation, cast("tuple[RemoteFile, ...]", tuple(files)), cast(Split, split))


def _file(value: object) -> RemoteFile | None:
    if not isinstance(value, dict):
        return None
    fields = cast("dict[str, object]", value)
    name, size, sha256 = fields.get("name"), fields.get("size"), fields.get("sha256")
    if not isinstance(name, str) or not name or not isinstance(size, int) or size < 0 or not isinstance(sha256, str):
        return None
    return RemoteFile(name, size, sha256)
