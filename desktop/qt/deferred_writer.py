"""Writes something to disk a while after it changed, on a thread of its own.

What is written and where is up to a function passed in: it takes a snapshot and returns a function that writes it.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from PySide6.QtCore import QObject, QTimer, Signal


class DeferredWriter(QObject):
    """`touch` after every change: at most `delay` milliseconds later a snapshot is taken on the GUI thread and
    written on another.

    `failed` carries the OSError of a write. It is emitted when the next write begins, or at `flush` and `close`.
    """

    failed = Signal(object)

    def __init__(
        self,
        snapshot: Callable[[], Callable[[], None]],
        name: str,
        delay: int = 1_000,
        parent: QObject | None = None,
    ) -> None:
        """snapshot: called on the GUI thread; the function it returns is called on the writing thread. name: of that
        thread. delay: in milliseconds."""
        super().__init__(parent)
        self._snapshot = snapshot
        self._writer = ThreadPoolExecutor(1, name)
        self._written: Future[None] | None = None
        self._timer = QTimer(self, interval=delay, singleShot=True)
        self._timer.timeout.connect(self._write)

    def touch(self) -> None:
        """Note a change: it is written `delay` milliseconds after the first one since the last write."""
        if not self._timer.isActive():
            self._timer.start()

    def flush(self) -> None:
        """Write pending changes now, and wait until they are on disk."""
        if self._timer.isActive():
            self._timer.stop()
            self._write()
        written, self._written = self._written, None
        if written is not None:
            self._report(written)

    def close(self) -> None:
        self.flush()
        self._writer.shutdown()

    def _write(self) -> None:
        if self._written is not None and self._written.done():
            self._report(self._written)
        self._written = self._writer.submit(self._snapshot())

    def _report(self, written: "Future[None]") -> None:
        if isinstance(error := written.exception(), OSError):
            self.failed.emit(error)
        elif error is not None:
            raise error
