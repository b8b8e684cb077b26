"""The download queue: one download at a time in a thread, controlled and read from any thread without waiting.

The queue survives a restart; its downloads then stay paused until the user resumes them. Only the thread uses the
network and the models' disk.
"""

import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from models.library.download.conditions import Conditions
from models.library.download.fetch import fetch
from models.library.download.layout import discard, final_path
from models.library.download.progress import PausedError, Progress, RefusedError
from models.library.download.queue_store import QueueWriter, StoredDownload, read
from models.library.download.rate import DownloadRate
from models.library.downloadable import Downloadable
from models.library.hub.connection import Connection
from resources.language import tr
from resources.reasons import reason

Phase = Literal["queued", "checking", "downloading", "waiting", "verifying", "paused", "failed", "done"]
Fetch = Callable[[Downloadable, Path, Connection, Conditions], Generator[Progress, None, Path]]
AT_REST: tuple[Phase, ...] = ("paused", "failed", "done")
CLOSED = tr("Inkfall was closed; resuming goes on from here.")
BUG = tr("The download stopped because of a mistake in Inkfall; resuming goes on from here.")
FAREWELL = 2.0  # seconds that closing waits for the thread; the files are consistent at any time


@dataclass(frozen=True, slots=True)
class Download:
    """The state of one download. path: the file to open in the end. done, total: bytes. speed: bytes a second. left:
    seconds, None if unknown. sentence: for the user, usually "". url: where the terms can be accepted, or "". usable:
    False if it is done and cannot be opened.
    """

    item: Downloadable
    path: Path
    phase: Phase
    done: int
    total: int
    speed: float = 0.0
    left: float | None = None
    sentence: str = ""
    url: str = ""
    usable: bool = True


@dataclass
class _Entry:
    """A download in the queue. run: how often it was started or stopped; progress of earlier runs is ignored."""

    shown: Download
    run: int = 0
    rate: DownloadRate = field(default_factory=DownloadRate)


class Downloads:
    """The queue. folder: of the models. file: the queue's file. connection: called at each start of a download.

    No method but `close` waits.
    """

    def __init__(
        self,
        folder: Path,
        file: Path,
        connection: Callable[[], Connection],
        conditions: Conditions = Conditions(),  # noqa: B008
        fetch: Fetch = fetch,
        queue: Iterable[StoredDownload] | None = None,
    ) -> None:
        """queue: the content of `file` if it was read already, else None."""
        queue = read(file) if queue is None else queue
        self._folder = folder
        self._connection = connection
        self._conditions = conditions
        self._fetch = fetch
        self._changed = threading.Condition()
        self._entries = {
            stored.item: _Entry(self._revived(stored)) for stored in queue if _has_sound_names(stored.item, folder)
        }
        self._discarded: list[Downloadable] = []
        self._writer = QueueWriter(file, self._entries)
        self._thread: threading.Thread | None = None
        self._closing = False

    def snapshot(self) -> tuple[Download, ...]:
        """All downloads, in the order they were added."""
        with self._changed:
            return tuple(self._with_speed(entry) for entry in self._entries.values())

    def add(self, item: Downloadable) -> None:
        """Queue the item, or queue it again. Raises RefusedError if its name is not valid."""
        path = final_path(item, self._folder)
        with self._changed:
            entry = self._entries.get(item)
            if entry is None:
                self._entries[item] = entry = _Entry(Download(item, path, "queued", 0, item.size))
            elif entry.shown.phase not in AT_REST:
                return
            self._set(entry, "queued")

    def resume(self, item: Downloadable) -> None:
        """Resume a paused or failed download."""
        with self._changed:
            entry = self._entries.get(item)
            if entry and entry.shown.phase in {"paused", "failed"}:
                self._set(entry, "queued")

    def pause(self, item: Downloadable, sentence: str = "") -> None:
        """Pause a download, keeping its bytes. sentence: the reason, if the user did not ask for it."""
        with self._changed:
            entry = self._entries.get(item)
            if entry and entry.shown.phase not in AT_REST:
                self._set(entry, "paused", sentence)

    def cancel(self, item: Downloadable) -> None:
        """Cancel an unfinished download: take it off the list and delete its bytes."""
        with self._changed:
            entry = self._entries.get(item)
            if entry and entry.shown.phase != "done":
                del self._entries[item]
                self._discarded.append(item)
                self._set(entry, "paused")

    def remove(self, item: Downloadable) -> None:
        """Take a download off the list: the file of a finished one stays; an unfinished one is cancelled."""
        with self._changed:
            entry = self._entries.get(item)
            if entry and entry.shown.phase == "done":
                del self._entries[item]
                self._set(entry, "done")
        self.cancel(item)

    def close(self) -> None:
        """Pause the running download and store the queue. Waits for the disk, and up to FAREWELL for the thread."""
        with self._changed:
            self._closing = True
            for entry in self._entries.values():
                if entry.shown.phase not in AT_REST:
                    self._set(entry, "paused", CLOSED)
            self._changed.notify_all()
            thread = self._thread
        if thread:
            thread.join(FAREWELL)
        self._writer.close()

    def _revived(self, stored: StoredDownload) -> Download:
        path = final_path(stored.item, self._folder)
        return Download(
            stored.item,
            path,
            stored.state,
            stored.done,
            stored.item.size,
            sentence=stored.sentence,
            usable=stored.usable,
        )

    def _with_speed(self, entry: _Entry) -> Download:
        shown = entry.shown
        if shown.phase != "downloading":
            return shown
        speed = entry.rate.at(self._conditions.clock())
        return replace(shown, speed=speed, left=(shown.total - shown.done) / speed if speed > 0 else None)

    # under the lock

    def _set(self, entry: _Entry, phase: Phase, sentence: str = "", url: str = "") -> None:
        """Change the state: start another run, wake the thread, and store the queue."""
        entry.run += 1
        entry.rate = DownloadRate()
        entry.shown = replace(entry.shown, phase=phase, sentence=sentence, url=url)
        self._writer.put(tuple(_stored(entry.shown) for entry in self._entries.values()))
        self._changed.notify_all()
        self._employ()

    def _employ(self) -> None:
        """Start the thread if there is work and no thread."""
        if self._thread is None and self._has_work():
            self._thread = threading.Thread(target=self._work, name="downloads", daemon=True)
            self._thread.start()

    def _has_work(self) -> bool:
        return not self._closing and (bool(self._discarded) or self._next() is not None)

    def _next(self) -> _Entry | None:
        return next((entry for entry in self._entries.values() if entry.shown.phase == "queued"), None)

    # in the thread

    def _work(self) -> None:
        try:
            self._work_until_closed()
        finally:  # after a bug the thread ends with the exception; another one goes on with the queue
            with self._changed:
                self._thread = None
                self._employ()

    def _work_until_closed(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closing or self._has_work())
                discarded, self._discarded = self._discarded, []
                entry, run = self._start_next()
            for item in discarded:
                self._discard(item)
            if entry:
                self._run(entry, run)
            elif self._closing:
                return

    def _start_next(self) -> tuple[_Entry | None, int]:
        """Mark the next queued entry as running. Returns it, or None, and its run's number."""
        entry = None if self._closing else self._next()
        if entry is None:
            return None, 0
        self._set(entry, "checking")
        return entry, entry.run

    def _run(self, entry: _Entry, run: int) -> None:
        try:
            with closing(self._fetch(entry.shown.item, self._folder, self._connection(), self._conditions)) as values:
                for progress in values:
                    if not self._apply(entry, run, progress):
                        return
        except PausedError as error:
            self._stopped(entry, run, "paused", str(error))
        except RefusedError as error:
            self._stopped(entry, run, "failed", str(error), error.url)
        finally:
            self._stopped(entry, run, "failed", BUG)  # no effect if the run has ended

    def _apply(self, entry: _Entry, run: int, progress: Progress) -> bool:
        """Apply a Progress to the entry. Returns false if the run was stopped."""
        with self._changed:
            if entry.run != run:
                return False
            if progress.phase == "downloading":
                entry.rate.note(self._conditions.clock(), progress.done)
            entry.shown = replace(
                entry.shown,
                phase=progress.phase,
                done=progress.done,
                sentence=progress.sentence,
                usable=progress.usable,
            )
            if progress.phase == "done":
                self._set(entry, "done", progress.sentence)
            return True

    def _stopped(self, entry: _Entry, run: int, phase: Phase, sentence: str, url: str = "") -> None:
        with self._changed:
            if entry.run == run:
                self._set(entry, phase, sentence, url)

    def _discard(self, item: Downloadable) -> None:
        try:
            discard(item, self._folder)
        except OSError as error:
            sentence = tr("What there is of {name} could not be deleted: {reason}.").format(
                name=item.name, reason=reason(error, str(error))
            )
            with self._changed:
                shown = Download(item, final_path(item, self._folder), "failed", 0, item.size)
                self._set(self._entries.setdefault(item, _Entry(shown)), "failed", sentence)


def _stored(shown: Download) -> StoredDownload:
    match shown.phase:
        case "paused" | "failed" | "done" as state:
            return StoredDownload(shown.item, state, shown.done, shown.sentence, shown.usable)
        case _:
            return StoredDownload(shown.item, "paused", shown.done, CLOSED)


def _has_sound_names(item: Downloadable, folder: Path) -> bool:
    """Whether all its names are valid; in an edited queue file they may not be."""
    try:
        final_path(item, folder)
    except RefusedError:
        return False
    return True
