"""The downloads: one after the other in a thread, asked for and looked at from any other without waiting.

What is in the queue survives a restart; nothing of it goes on before the user says so. The network and the models'
disk are only touched by the thread.
"""

import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from models.library.download.conditions import Conditions
from models.library.download.fetch import fetch
from models.library.download.layout import discard, place
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
FAREWELL = 2.0  # seconds that closing waits for the thread; what is on the disk is sound at any time


@dataclass(frozen=True, slots=True)
class Download:
    """One download as it stands. path: the file that is opened in the end. done, total: bytes. speed: bytes a second.
    left: seconds, None where nothing can be said. sentence: for the user, mostly empty. page: what a
    refusal can be mended with. usable: False where it is done and cannot be opened.
    """

    item: Downloadable
    path: Path
    phase: Phase
    done: int
    total: int
    speed: float = 0.0
    left: float | None = None
    sentence: str = ""
    page: str = ""
    usable: bool = True


@dataclass
class _Entry:
    """run counts the times that it was set going or stopped: what an earlier run still says is not listened to."""

    shown: Download
    run: int = 0
    speed: DownloadRate = field(default_factory=DownloadRate)


class Downloads:
    """The queue. folder: of the models. file: where the queue is kept. connection: asked for at each start.

    No method but `close` waits for anything.
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
        """queue: what that file holds, where it was read already."""
        queue = read(file) if queue is None else queue
        self._folder = folder
        self._connection = connection
        self._conditions = conditions
        self._fetch = fetch
        self._changed = threading.Condition()
        self._entries = {kept.item: _Entry(self._revived(kept)) for kept in queue if _placed(kept.item, folder)}
        self._discarded: list[Downloadable] = []
        self._keeper = QueueWriter(file, self._entries)
        self._thread: threading.Thread | None = None
        self._closing = False

    def snapshot(self) -> tuple[Download, ...]:
        """All of them as they stand, in the order in which they were added."""
        with self._changed:
            return tuple(self._with_speed(entry) for entry in self._entries.values())

    def add(self, item: Downloadable) -> None:
        """Set it going, or going again. Raises RefusedError where its name cannot be a file's."""
        path = place(item, self._folder)
        with self._changed:
            entry = self._entries.get(item)
            if entry is None:
                self._entries[item] = entry = _Entry(Download(item, path, "queued", 0, item.size))
            elif entry.shown.phase not in AT_REST:
                return
            self._set(entry, "queued")

    def resume(self, item: Downloadable) -> None:
        """Go on with one that is paused, or try again one that failed."""
        with self._changed:
            entry = self._entries.get(item)
            if entry and entry.shown.phase in {"paused", "failed"}:
                self._set(entry, "queued")

    def pause(self, item: Downloadable, sentence: str = "") -> None:
        """Stop; what is there stays. sentence: why, where it was not the user who asked for it."""
        with self._changed:
            entry = self._entries.get(item)
            if entry and entry.shown.phase not in AT_REST:
                self._set(entry, "paused", sentence)

    def cancel(self, item: Downloadable) -> None:
        """Give an unfinished one up: it leaves the list, and what is there of it is deleted."""
        with self._changed:
            entry = self._entries.get(item)
            if entry and entry.shown.phase != "done":
                del self._entries[item]
                self._discarded.append(item)
                self._set(entry, "paused")

    def remove(self, item: Downloadable) -> None:
        """Take it off the list: a finished one's file stays; an unfinished one is cancelled."""
        with self._changed:
            entry = self._entries.get(item)
            if entry and entry.shown.phase == "done":
                del self._entries[item]
                self._set(entry, "done")
        self.cancel(item)

    def close(self) -> None:
        """Pause what is running and keep the queue. Waits for the disk, and a moment for the network."""
        with self._changed:
            self._closing = True
            for entry in self._entries.values():
                if entry.shown.phase not in AT_REST:
                    self._set(entry, "paused", CLOSED)
            self._changed.notify_all()
            thread = self._thread
        if thread:
            thread.join(FAREWELL)
        self._keeper.close()

    def _revived(self, kept: StoredDownload) -> Download:
        path = place(kept.item, self._folder)
        return Download(
            kept.item, path, kept.state, kept.done, kept.item.size, sentence=kept.sentence, usable=kept.usable
        )

    def _with_speed(self, entry: _Entry) -> Download:
        shown = entry.shown
        if shown.phase != "downloading":
            return shown
        speed = entry.speed.at(self._conditions.clock())
        return replace(shown, speed=speed, left=(shown.total - shown.done) / speed if speed > 0 else None)

    # under the lock

    def _set(self, entry: _Entry, phase: Phase, sentence: str = "", page: str = "") -> None:
        """Another state: what an earlier run says is over, the thread is told, and the queue is kept."""
        entry.run += 1
        entry.speed = DownloadRate()
        entry.shown = replace(entry.shown, phase=phase, sentence=sentence, page=page)
        self._keeper.put(tuple(_kept(entry.shown) for entry in self._entries.values()))
        self._changed.notify_all()
        self._employ()

    def _employ(self) -> None:
        """A thread, where there is work and none at it."""
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
        finally:  # a mistake of ours ends the thread, and is told as every other; the rest of the queue goes on
            with self._changed:
                self._thread = None
                self._employ()

    def _work_until_closed(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closing or self._has_work())
                discarded, self._discarded = self._discarded, []
                entry, run = self._begun()
            for item in discarded:
                self._discard(item)
            if entry:
                self._run(entry, run)
            elif self._closing:
                return

    def _begun(self) -> tuple[_Entry | None, int]:
        """The next one, as running, and the number of its run."""
        entry = None if self._closing else self._next()
        if entry is None:
            return None, 0
        self._set(entry, "checking")
        return entry, entry.run

    def _run(self, entry: _Entry, run: int) -> None:
        try:
            with closing(self._fetch(entry.shown.item, self._folder, self._connection(), self._conditions)) as values:
                for progress in values:
                    if not self._heard(entry, run, progress):
                        return
        except PausedError as error:
            self._stopped(entry, run, "paused", str(error))
        except RefusedError as error:
            self._stopped(entry, run, "failed", str(error), error.page)
        finally:
            self._stopped(entry, run, "failed", BUG)  # unless it has ended otherwise

    def _heard(self, entry: _Entry, run: int, progress: Progress) -> bool:
        """Whether the run is still wanted; if so, what it said is shown."""
        with self._changed:
            if entry.run != run:
                return False
            if progress.phase == "downloading":
                entry.speed.note(self._conditions.clock(), progress.done)
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

    def _stopped(self, entry: _Entry, run: int, phase: Phase, sentence: str, page: str = "") -> None:
        with self._changed:
            if entry.run == run:
                self._set(entry, phase, sentence, page)

    def _discard(self, item: Downloadable) -> None:
        try:
            discard(item, self._folder)
        except OSError as error:
            sentence = tr("What there is of {name} could not be deleted: {reason}.").format(
                name=item.name, reason=reason(error, str(error))
            )
            with self._changed:
                shown = Download(item, place(item, self._folder), "failed", 0, item.size)
                self._set(self._entries.setdefault(item, _Entry(shown)), "failed", sentence)


def _kept(shown: Download) -> StoredDownload:
    match shown.phase:
        case "paused" | "failed" | "done" as state:
            return StoredDownload(shown.item, state, shown.done, shown.sentence, shown.usable)
        case _:
            return StoredDownload(shown.item, "paused", shown.done, CLOSED)


def _placed(item: Downloadable, folder: Path) -> bool:
    """Whether its names can be files here; a file that was meddled with may say otherwise."""
    try:
        place(item, folder)
    except RefusedError:
        return False
    return True
