"""Exports in the background: one process at a time (export_job.py), watched off the GUI thread."""

import tempfile
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from desktop.exporting import export_job
from desktop.exporting.atomic_export import remove_remains
from desktop.page.measures import Measure
from desktop.qt.background import Background
from models.launch.child_process import ChildProcess
from models.library.permissions import make_folder
from models.library.words import size
from resources.language import tr

LANE = "export"
_INTERVAL = 0.1  # seconds between two checks whether the export was cancelled

Job = Callable[[Connection, Path, Path, Path, Measure | None], None]


class ExportFailedError(Exception):
    """The export failed. The message is one sentence for the user."""


class Exports(QObject):
    """`message` carries a sentence for the user. `progressed` carries words while an export runs, empty at its end."""

    message = Signal(str)
    progressed = Signal(str)

    def __init__(self, scratch: Path, parent: QObject | None = None, job: Job = export_job.run) -> None:
        """scratch: a folder for the copy of the page; it is created. job: what runs in the process."""
        super().__init__(parent)
        self._scratch, self._job = scratch, job
        self._busy = False
        self.succeeded = False  # whether the last export did; set before `message`
        self._background = Background((ExportFailedError, OSError), self)

    @property
    def busy(self) -> bool:
        return self._busy

    def export(self, page: Path, target: Path, measure: Measure | None = None) -> None:
        """Write the page in that file, as it is saved now, to another kind of file, by the target's suffix. measure:
        what colours the text, None: surprisal. Cancels the export that is running."""
        self._busy = True

        def work() -> Iterator[int]:
            return _watched(self._job, page, target, self._scratch, measure)

        self.progressed.emit(tr("Exporting to {name}…").format(name=target.name))
        done = tr("Exported to {path}.").format(path=target)
        self._background.stream(
            LANE, work, lambda count: self._report(target, count), lambda: self._end(done, True), self._end
        )

    def stop(self) -> None:
        """Cancel the running export; no partial file is left."""
        if self._busy:
            self._background.cancel(LANE)
            self._end("")

    def close(self) -> None:
        self._busy = False
        self._background.close()

    def _report(self, target: Path, count: int) -> None:
        if count:
            self.progressed.emit(tr("Exporting to {name}: {size}…").format(name=target.name, size=size(count)))

    def _end(self, sentence: str, succeeded: bool = False) -> None:
        self._busy, self.succeeded = False, succeeded
        self.progressed.emit("")
        if sentence:
            self.message.emit(sentence)


def _watched(job: Job, page: Path, target: Path, scratch: Path, measure: Measure | None) -> Iterator[int]:
    """Run the job in a process; yields how many bytes it has written. Closing the iterator ends the process. Raises
    ExportFailedError."""
    make_folder(scratch)
    with tempfile.TemporaryDirectory(prefix="export-", dir=scratch) as folder:
        process = ChildProcess(job, page, target, Path(folder), measure, name="inkfall export")
        try:
            yield from _progress(process.pipe)
        finally:
            process.end()
            remove_remains(target, Path(folder).name)


def _progress(pipe: "Connection[Any, Any]") -> Iterator[int]:
    """Bytes written, until the process sends its last sentence."""
    count = 0
    while True:
        if pipe.poll(_INTERVAL):
            try:
                message = pipe.recv()
            except EOFError:
                sentence = tr("The page could not be exported: the process that did it ended.")
                raise ExportFailedError(sentence) from None
            if isinstance(message, str):
                if message:
                    raise ExportFailedError(message)
                return
            count = message if isinstance(message, int) else count
        yield count
