"""Keeps something on disk without the GUI thread waiting for it: a while after the last change, and on closing.

Knows neither what is kept nor where: it is given a function that takes a snapshot and one that writes it.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from PySide6.QtCore import QObject, QTimer, Signal


class DeferredWriter(QObject):
    """`touch` after every change: at most `delay` milliseconds later a snapshot is taken on the GUI thread and
    written on another.

    `failed` carries the OSError of a write, told when the next one begins or at the end.
    """

    failed = Signal(object)

    def __init__(
        self,
        snapshot: Callable[[], Callable[[], None]],
        name: str,
        delay: int = 1_000,
        parent: QObject | None = None,
    ) -> None:
        """snapshot: called on the GUI thread; what it returns is called on the writing thread."""
        super().__init__(parent)
        self._snapshot = snapshot
        self._writer = ThreadPoolExecutor(1, name)
        self._written: Future[None] | None = None
        self._timer = QTimer(self, interval=delay, singleShot=True)
        self._timer.timeout.connect(self._write)

    def touch(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def flush(self) -> None:
        """Write now and wait for the disk: what was touched is safe when this returns."""
        if self._timer.isActive():
            self._timer.stop()
            self._write()
        written, self._written = self._written, None
        if written is not None:
            self._tell(written)

    def close(self) -> None:
        self.flush()
        self._writer.shutdown()

    def _write(self) -> None:
        if self._written is not None and self._written.done():
            self._tell(self._written)
        self._written = self._writer.submit(self._snapshot())

    def _tell(self, written: "Future[None]") -> None:
        if isinstance(error := written.exception(), OSError):
            self.failed.emit(error)
        elif error is not None:
            raise error
