"""Writes a trace to a file when a fatal signal (SIGSEGV, SIGABRT, …) ends the process; the next start reads it.

No Qt. Nothing can be saved at that moment: the page was saved a moment before, as always.
"""

import faulthandler
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TextIO

from models.library.permissions import make_folder, opener

FILE = "fatal.log"
LARGEST = 40_000  # characters of a trace
BEGINNINGS = ("Fatal Python error", "Windows fatal exception", "Current thread", "Thread 0x")  # of a trace


@dataclass(frozen=True, slots=True)
class Remains:
    """The trace that the last run left. program: its version; when: the time of its end."""

    program: str
    when: datetime
    trace: str

    @property
    def signal(self) -> str:
        """The signal that ended the run, as the first line of the trace names it."""
        return self.trace.partition("\n")[0].partition(": ")[2] or "unknown"


def remains(folder: Path) -> Remains | None:
    """Read the trace of the last run from the folder of logs; None if the run ended normally or was killed."""
    file = folder / FILE
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
        when = datetime.fromtimestamp(file.stat().st_mtime)
    except OSError:
        return None
    program, _, trace = ("", "", text) if text.startswith(BEGINNINGS) else text.partition("\n")
    trace = trace.strip()[:LARGEST]
    return Remains(program or "unknown", when, trace) if trace.startswith(BEGINNINGS) else None


class Watch:
    """Has a fatal signal write the stacks of all threads to the file, from now on. Does nothing if the file cannot be
    opened."""

    def __init__(self, folder: Path) -> None:
        self._file: TextIO | None = None
        try:
            make_folder(folder)
            self._file = open(folder / FILE, "w", encoding="utf-8", opener=opener)  # noqa: SIM115 (closed by `close`)
        except OSError:
            return
        faulthandler.enable(self._file)

    def name(self, program: str) -> None:
        """Write the program's version before the trace: the next start may be of another version."""
        if self._file is not None:
            with suppress(OSError):
                self._file.write(f"{program}\n")
                self._file.flush()

    def close(self) -> None:
        """Stop: the program ends normally."""
        if self._file is not None:
            faulthandler.disable()
            with suppress(OSError):
                self._file.close()
